"""What the bench needs beyond the project's own lock: wrk, the npm peer, the peer in a venv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

PEERS = Path(__file__).with_name("peers")
ANYSD_VENV = PEERS.parents[1] / ".venv-anysd"


class Missing(Exception):
    """Something that only the owner of the machine can install; the message says how."""


def load_generator() -> None:
    """See that wrk is there: from Debian, installed here where we may."""
    if shutil.which("wrk"):
        return
    if os.getuid() == 0 and shutil.which("apt-get"):
        _quietly(["apt-get", "update"], check=False)
        _quietly(["apt-get", "install", "-y", "--no-install-recommends", "wrk"], check=False)
    if not shutil.which("wrk"):
        raise Missing("wrk is missing: apt-get install wrk")


def node_peer() -> None:
    """ussd-menu-builder with Express and better-sqlite3, at the versions of package.json."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("Node is missing: apt-get install nodejs npm")
    stamp, wanted = PEERS / "node_modules/.stamp", (PEERS / "package-lock.json").read_text()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Installing the npm peer (its SQLite is compiled: up to two minutes) ...", flush=True)
    _quietly(["npm", "ci", "--no-audit", "--no-fund"], cwd=PEERS)
    stamp.write_text(wanted)


def anysd_peer() -> None:
    """anysd in a virtual environment of its own, from its hashed lock."""
    stamp, wanted = ANYSD_VENV / ".stamp", (PEERS / "anysd.txt").read_text()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Installing the anysd peer ...", flush=True)
    venv.create(ANYSD_VENV, clear=True, with_pip=True)
    pip = [str(ANYSD_VENV / "bin/python"), "-m", "pip", "install", "--quiet"]
    _quietly(
        [*pip, "--disable-pip-version-check", "--require-hashes", "-r", "anysd.txt"], cwd=PEERS
    )
    stamp.write_text(wanted)


def _quietly(argv: Sequence[str], *, cwd: Path | None = None, check: bool = True) -> None:
    run = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    if check and run.returncode:
        print(run.stdout + run.stderr, file=sys.stderr)
        raise Missing(f"this failed: {' '.join(argv)}")
