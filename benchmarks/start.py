"""How long the one command takes until it is ready, and until its demo month has been played."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.servers import ROOT, free_port, wait_until
from trader_platform.core.supervisor import DieWithParent
from trader_platform.demo_month import DAYS
from trader_platform.demo_places import PLACES

MONTH: Final = DAYS * len(PLACES)


@dataclass(frozen=True)
class Start:
    """Seconds until ``Ready:``, from there until the demo month is played, and to end on Ctrl-C."""

    first: float
    second: float
    month: float
    stopping: float


def measure() -> Start:
    """Two starts on one DATA_DIR, as `make run` makes them; the first one's data are young."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        first, month, _ = _once(Path(folder), play=True)
        second, _, stopping = _once(Path(folder))
        return Start(first, second, month, stopping)


def _once(folder: Path, *, play: bool = False) -> tuple[float, float, float]:
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", "from trader_platform.cli import main; main()", "run"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "PORT": str(free_port()),
            "DEMO": "1",
        },
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=DieWithParent(),
    )
    assert process.stdout is not None
    ready = next((line for line in process.stdout if line.startswith("Ready:")), None)
    took = time.monotonic() - begun
    if play and ready:
        wait_until(lambda: _days(folder) == MONTH, "the month is played", within_seconds=300)
    played = time.monotonic() - begun - took
    process.send_signal(signal.SIGINT)
    stopped_from = time.monotonic()
    process.wait(20)
    if ready is None:
        raise RuntimeError("`trader-platform run` did not become ready")
    return took, played, time.monotonic() - stopped_from


def _days(folder: Path) -> int:
    """How many days of its markets the demo has played."""
    with closing(sqlite3.connect(f"file:{folder / 'market.db'}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT count(*) FROM acts WHERE kind = 'demo.day'")
        return int(found.fetchone()[0])
