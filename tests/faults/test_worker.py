"""The worker as a process: rings are answered, the clock goes on without a queue server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures.servers import wait_until
from trader_platform.core import valkey
from trader_platform.core.config import Settings
from trader_platform.core.db import Database
from trader_platform.core.queues import Doorbell, queue_url
from trader_platform.core.supervisor import DieWithParent
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.schedule import JOBS, Job, resolve
from trader_platform.jobs.sweeper import Runner, Sweeper

SERVE = """
import os, sys
from trader_platform.core.config import Settings
from trader_platform.jobs.schedule import Job
from trader_platform.worker import serve
job = Job(sys.argv[1], "tests.fixtures.jobs." + sys.argv[1], float(sys.argv[2]))
serve(Settings.from_env(os.environ), jobs=[job])
"""


class Place:
    """A DATA_DIR with a queue server and a worker that may be started and killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings.from_env({"DATA_DIR": str(folder)})
        self.bell = Doorbell(lambda: queue_url(self.settings))
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *argv: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "DATA_DIR": str(self.folder)}
        process = subprocess.Popen(argv, env=env, preexec_fn=DieWithParent(), process_group=0)
        self.running.append(process)
        return process

    def queue(self) -> subprocess.Popen[bytes]:
        path = valkey.prepare_socket(self.folder)
        server = self.start(*valkey.command(path, log=self.folder / "valkey.log"))
        wait_until(lambda: valkey.listens(path), "the queue server listens")
        return server

    def worker(self, job: str = "note", *, every_seconds: float) -> subprocess.Popen[bytes]:
        return self.start(sys.executable, "-c", SERVE, job, str(every_seconds))

    def runs(self) -> int:
        notes = self.folder / "notes"
        return len(notes.read_text().splitlines()) if notes.exists() else 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_ring_is_answered_and_a_stop_is_prompt(place: Place) -> None:
    place.queue()
    worker = place.worker(every_seconds=3600)
    wait_until(lambda: place.runs() == 1, "the first sweep")
    for count in (2, 3):
        assert place.bell.ring("note")
        wait_until(lambda count=count: place.runs() == count, "the ring is answered")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(5) == 0


def test_without_a_queue_server_the_clock_goes_on_and_rings_come_back(place: Place) -> None:
    worker = place.worker(every_seconds=0.2)
    wait_until(lambda: place.runs() >= 3, "sweeps without a queue server")
    server = place.queue()
    wait_until(lambda: place.bell.answers(), "the queue answers")
    server.kill()
    server.wait()
    before = place.runs()
    wait_until(lambda: place.runs() >= before + 3, "sweeps after the queue server died")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(5) == 0


def test_a_worker_finds_the_queue_server_again(place: Place) -> None:
    server = place.queue()
    place.worker(every_seconds=3600)
    wait_until(lambda: place.runs() == 1, "the first sweep")
    assert place.bell.ring("note")
    wait_until(lambda: place.runs() == 2, "the ring is answered")
    server.kill()
    server.wait()
    place.queue()
    fresh_bell = Doorbell(lambda: queue_url(place.settings))
    assert fresh_bell.ring("note")
    wait_until(lambda: place.runs() == 3, "the ring after the loss is answered")


def test_no_collection_looks_at_what_was_loaded_at_the_start(place: Place) -> None:
    """It would stop a drain that holds SQLite's lock for as long as a hop waits."""
    place.worker("frozen", every_seconds=3600)
    said = place.folder / "frozen"
    wait_until(lambda: said.exists() and said.read_text() != "", "the first sweep")
    assert said.read_text() == "yes"


def test_a_lost_ring_is_told_and_costs_the_caller_no_time(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not place.bell.ring("note")
    began = time.monotonic()
    assert [place.bell.ring("note") for _ in range(100)] == [False] * 100
    assert time.monotonic() - began < 1
    told = capsys.readouterr()
    assert (told.out + told.err).count("queue.ring_lost") == 1


def test_a_failing_job_stops_no_other(
    job_context: Callable[[], JobContext], tmp_path: Path
) -> None:
    jobs = [Job(name, f"tests.fixtures.jobs.{name}", 60) for name in ("fail", "note")]
    moment = [0.0]
    sweeper = Sweeper(Runner(jobs, job_context()), now=lambda: moment[0])
    assert sweeper.sweep() == ["fail", "note"]
    assert sweeper.sweep() == []
    moment[0] = 60.0
    assert sweeper.sweep() == ["fail", "note"]
    assert (tmp_path / "notes").read_text() == "ran\n" * 4


def test_a_ring_waits_for_a_running_job_and_a_sweep_does_not(
    job_context: Callable[[], JobContext], tmp_path: Path
) -> None:
    runner = Runner([Job("linger", "tests.fixtures.jobs.linger", 60)], job_context())
    first = threading.Thread(target=lambda: runner.run("linger", wait=True))
    first.start()
    notes = tmp_path / "notes"
    wait_until(lambda: notes.exists() and notes.read_text() == "ran\n", "the first run began")
    runner.run("linger", wait=False)
    second = threading.Thread(target=lambda: runner.run("linger", wait=True))
    second.start()
    assert notes.read_text() == "ran\n"
    (tmp_path / "go").touch()
    first.join()
    second.join()
    assert notes.read_text() == "ran\nran\n"


def test_every_job_of_the_table_is_there() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    for job in JOBS:
        assert callable(resolve(job)), job.name
        assert job.every_seconds > 0


def test_a_long_data_dir_gets_a_short_private_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    path = valkey.prepare_socket(deep)
    assert len(os.fsencode(path)) < 108
    assert path.parent.stat().st_mode & 0o077 == 0
    assert valkey.noted_socket(deep) == path
    assert valkey.prepare_socket(deep) == path  # after kill -9: the same place again
    valkey.forget_socket(deep)
    assert not path.parent.exists()
    assert valkey.noted_socket(deep) is None


@pytest.fixture
def job_context(tmp_path: Path) -> Iterator[Callable[[], JobContext]]:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    database = Database(settings.database_url)
    yield lambda: JobContext(settings, database)
    database.dispose()
