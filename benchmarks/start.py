"""How long the one command takes until it is ready: from nothing, and with its data there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import ROOT, free_port
from trader_platform.core.supervisor import DieWithParent


@dataclass(frozen=True)
class Start:
    """Seconds until ``Ready:``, and from Ctrl-C until the process is gone."""

    first: float
    second: float
    stopping: float


def measure() -> Start:
    """Two starts on one DATA_DIR, as `make run` makes them."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        first, _ = _once(Path(folder))
        second, stopping = _once(Path(folder))
        return Start(first, second, stopping)


def _once(folder: Path) -> tuple[float, float]:
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
    process.send_signal(signal.SIGINT)
    stopped_from = time.monotonic()
    process.wait(20)
    if ready is None:
        raise RuntimeError("`trader-platform run` did not become ready")
    return took, time.monotonic() - stopped_from
