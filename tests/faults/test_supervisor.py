"""The supervisor with real processes: nothing outlives it, what crashes comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.servers import wait_until

# A parent with a child of its own, as web servers have; each writes its pid. The mode says how it
# takes a TERM: "ends" as it should, "deaf" ignores it, "dies" at the start.
FAMILY = """
import os, signal, sys, time
folder, name, mode = sys.argv[1:4]
if mode == "dies":
    sys.exit(3)
if mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
pid = os.fork()
who = "child" if pid == 0 else "parent"
path = os.path.join(folder, f"{name}.{who}.{os.getpid()}")
open(path, "w").close()
time.sleep(600)
"""
SUPERVISE = """
import sys
from trader_platform.core.supervisor import Child, Supervisor
folder, *modes = sys.argv[1:]
family = open(folder + "/family.py").read()
children = [
    Child(name=f"c{number}", argv=[sys.executable, "-c", family, folder, f"c{number}", mode],
          env={}, vital=mode == "dies", stops_last=number == 0,
          ready=(lambda: False) if mode == "dies" else None)
    for number, mode in enumerate(modes)
]
say = lambda line: print(line, flush=True)
sys.exit(Supervisor(children=children, say=say, on_ready=lambda: say("all ready")).run())
"""


class Family:
    """A supervisor in a process of its own, and every process that it led to."""

    def __init__(self, folder: Path, *modes: str) -> None:
        self.folder = folder
        (folder / "family.py").write_text(FAMILY)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, str(folder), *modes],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.seen: set[psutil.Process] = set()

    def pids(self, name: str) -> list[int]:
        return sorted(int(path.suffix[1:]) for path in self.folder.glob(f"{name}.*.*"))

    def wait_for(self, name: str, count: int) -> list[int]:
        wait_until(lambda: len(self.pids(name)) == count, f"{count} processes of {name}")
        self.seen.update(psutil.Process(self.process.pid).children(recursive=True))
        return self.pids(name)

    def left(self) -> list[psutil.Process]:
        alive = [each for each in self.seen if each.is_running()]
        return [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]

    def end(self) -> None:
        for each in self.left():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Family]]:
    families: list[Family] = []
    yield families
    for family in families:
        family.end()


def two_of(started: list[Family], tmp_path: Path, *modes: str) -> Family:
    family = Family(tmp_path, *modes)
    started.append(family)
    family.wait_for("c0", 2)
    family.wait_for("c1", 2)
    return family


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_nothing(
    started: list[Family], tmp_path: Path, number: signal.Signals
) -> None:
    family = two_of(started, tmp_path, "ends", "ends")
    assert len(family.seen) == 5  # two families and the guard
    family.process.send_signal(number)
    assert family.process.wait(5) == 0
    assert family.left() == []


def test_a_child_that_ignores_term_is_killed_within_five_seconds(
    started: list[Family], tmp_path: Path
) -> None:
    family = two_of(started, tmp_path, "deaf", "deaf")
    began = time.monotonic()
    os.killpg(family.process.pid, signal.SIGINT)  # as a terminal does
    assert family.process.wait(8) == 0
    assert time.monotonic() - began < 5
    assert family.left() == []


def test_a_killed_supervisor_leaves_nothing(started: list[Family], tmp_path: Path) -> None:
    family = two_of(started, tmp_path, "deaf", "deaf")
    family.process.kill()
    wait_until(lambda: family.left() == [], "every process ends", within_seconds=5)


def test_a_crashed_child_starts_again_and_its_own_child_is_swept(
    started: list[Family], tmp_path: Path
) -> None:
    family = two_of(started, tmp_path, "ends", "ends")
    parent, child = (psutil.Process(pid) for pid in family.pids("c1"))
    if parent.parent() is not None and parent.ppid() != family.process.pid:
        parent, child = child, parent
    parent.kill()
    family.wait_for("c1", 4)
    wait_until(lambda: child not in family.left(), "the orphan ends")
    family.process.send_signal(signal.SIGTERM)
    output, _ = family.process.communicate(timeout=5)
    assert "c1 was ended by signal 9; starting it again in 0.5 s" in output.splitlines()
    assert family.left() == []


def test_all_ends_when_a_vital_child_cannot_start(started: list[Family], tmp_path: Path) -> None:
    family = Family(tmp_path, "ends", "dies")
    started.append(family)
    output, _ = family.process.communicate(timeout=10)
    assert family.process.returncode == 1
    assert output.splitlines() == ["c1 could not start; ending"]
    family.seen.update(psutil.Process(p) for p in family.pids("c0") if psutil.pid_exists(p))
    assert family.left() == []
