"""The doorbell: a hundred rings make one run, one in mid-run one more, none holds anybody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from tests.fixtures.servers import wait_until
from trader_platform.core.config import Settings
from trader_platform.core.db import Database
from trader_platform.core.queues import (
    QUEUE_NAME,
    BackgroundBell,
    Doorbell,
    ring_after_commit,
)
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.schedule import Job
from trader_platform.jobs.sweeper import Runner
from trader_platform.worker import _served, run_job


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    """An empty queue."""
    found = redis.Redis.from_url(valkey_url)
    found.flushall()
    yield found
    found.flushall()
    found.close()


def lying(client: redis.Redis) -> int:
    return len(Queue(QUEUE_NAME, connection=client, serializer=JSONSerializer))


def test_rings_of_one_name_lie_in_the_queue_once(client: redis.Redis, valkey_url: str) -> None:
    bells = [Doorbell(lambda: valkey_url) for _ in range(3)]
    assert all(bell.ring("sms.deliver") for bell in bells for _ in range(40))
    assert lying(client) == 1
    assert bells[0].ring("sms.answer")
    assert lying(client) == 2
    assert 0 < client.ttl("due:sms.deliver") <= 300


def test_a_ring_in_mid_run_lies_there_once_more(
    client: redis.Redis, valkey_url: str, tmp_path: Path
) -> None:
    bell = Doorbell(lambda: valkey_url)
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    database = Database(settings.database_url)
    context = JobContext(settings, database)
    _served.append((Runner([Job("linger", "tests.fixtures.jobs.linger", 60)], context), bell))
    try:
        bell.ring("linger")
        client.delete(f"rq:queue:{QUEUE_NAME}")  # a worker took it
        run = threading.Thread(target=lambda: run_job("linger"))
        run.start()
        wait_until(lambda: (tmp_path / "notes").exists(), "the job runs")
        for _ in range(5):
            bell.ring("linger")
        assert lying(client) == 1
        (tmp_path / "go").touch()
        run.join()
    finally:
        _served.pop()
        database.dispose()


def test_a_ring_that_could_not_be_enqueued_does_not_silence_the_next(
    client: redis.Redis, valkey_url: str
) -> None:
    bell = Doorbell(lambda: valkey_url)
    client.set(f"rq:queue:{QUEUE_NAME}", "of another type")
    assert not bell.ring("sms.deliver")
    client.delete(f"rq:queue:{QUEUE_NAME}")
    assert Doorbell(lambda: valkey_url).ring("sms.deliver")
    assert lying(client) == 1


def test_the_background_bell_holds_nobody_up(client: redis.Redis, valkey_url: str) -> None:
    asked: list[str] = []
    released = threading.Event()

    def find_url() -> str:
        asked.append(threading.current_thread().name)
        released.wait(10)
        return valkey_url

    bell = BackgroundBell(Doorbell(find_url))
    began = time.monotonic()
    for _ in range(1000):
        bell.ring("sms.deliver")
        bell.ring("sms.answer")
    assert time.monotonic() - began < 1
    released.set()
    wait_until(lambda: lying(client) == 2, "both names lie there")
    assert asked == ["bell"]


def test_a_ring_follows_the_commit_and_falls_with_the_transaction(database: Database) -> None:
    rung: list[str] = []
    database.ring = rung.append
    with database.transaction() as session:
        ring_after_commit(session, "sms.deliver")
        ring_after_commit(session, "sms.deliver")
        assert rung == []
    assert rung == ["sms.deliver"]
    with pytest.raises(ZeroDivisionError):
        _fail_after_asking(database)
    assert rung == ["sms.deliver"]


def _fail_after_asking(database: Database) -> None:
    with database.transaction() as session:
        ring_after_commit(session, "sms.deliver")
        raise ZeroDivisionError


def test_a_job_that_runs_apart_holds_up_nobody_and_runs_once_more(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    database = Database(settings.database_url)
    job = Job("linger", "tests.fixtures.jobs.linger", 60, apart=True)
    runner = Runner([job], JobContext(settings, database))
    notes = tmp_path / "notes"
    runner.run("linger", wait=True)
    wait_until(lambda: notes.exists() and notes.read_text() != "", "the first run began")
    for _ in range(5):
        runner.run("linger", wait=True)
    runner.run("linger", wait=False)
    assert notes.read_text() == "ran\n", "a ring waited for a run"
    (tmp_path / "go").touch()
    wait_until(lambda: notes.read_text() == "ran\nran\n", "once more")
    runner.stop(within_seconds=10)
    assert notes.read_text() == "ran\nran\n"
    database.dispose()


def test_a_job_that_runs_apart_comes_again_when_it_says_so(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    database = Database(settings.database_url)
    job = Job("again", "tests.fixtures.jobs.again", 60, apart=True)
    runner = Runner([job], JobContext(settings, database))
    runner.run("again", wait=False)
    wait_until(lambda: _count(tmp_path) >= 3, "it came again by itself")
    runner.stop(within_seconds=10)
    ran = _count(tmp_path)
    time.sleep(0.1)
    assert _count(tmp_path) == ran
    database.dispose()


def _count(folder: Path) -> int:
    notes = folder / "notes"
    return len(notes.read_text().splitlines()) if notes.exists() else 0
