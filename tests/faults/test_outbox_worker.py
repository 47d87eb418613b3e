"""Real worker processes and the outbox: rings, a lost queue server, kills, a database that goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import redis

from tests.fixtures.outbox_service import OutboxService
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.core import valkey


def is_ready(service: OutboxService) -> None:
    """Its first sweep is over, and it listens for rings."""
    first = service.ask("in:first")
    service.becomes(first, "accepted")
    client = redis.Redis.from_url(valkey.url_of(service.socket))
    wait_until(lambda: client.scard("rq:workers") > 0, "the worker listens")
    client.close()


def test_a_ring_brings_a_text_out_at_once(service: OutboxService) -> None:
    service.queue_server()
    service.worker()
    is_ready(service)
    for at in range(3):
        service.becomes(service.ask(f"in:{at}"), "accepted")


def test_without_a_queue_server_the_clock_brings_it_out(service: OutboxService) -> None:
    service.worker(every_seconds=0.3)
    began = time.monotonic()
    id_ = service.ask()
    assert time.monotonic() - began < 5, "queueing waited for Redis"
    service.becomes(id_, "accepted")


def test_a_flushed_queue_loses_no_text_and_later_rings_count_again(service: OutboxService) -> None:
    service.queue_server()
    client = redis.Redis.from_url(valkey.url_of(service.socket))
    first = service.ask()
    wait_until(lambda: client.exists("due:sms.deliver") == 1, "the ring lies there")
    client.flushall()
    service.worker()  # its first sweep finds what the flushed ring was for
    service.becomes(first, "accepted")
    wait_until(lambda: client.scard("rq:workers") > 0, "the worker listens")
    client.delete("due:sms.deliver", "rq:queue:market")
    client.close()
    service.becomes(service.ask("in:2"), "accepted")


def test_killed_in_a_call_it_is_unknown_and_killed_before_it_goes_out(
    service: OutboxService,
) -> None:
    service.outbox.fake.mode, service.outbox.fake.late_seconds = "late", 30
    worker = service.worker(every_seconds=0.3)
    first = service.ask()
    service.becomes(first, "sending")
    wait_until(lambda: bool(service.outbox.fake.taken), "the gateway has it")
    second = service.ask("in:2")  # waits for the first
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    service.outbox.fake.mode = "ok"
    service.outbox.change(
        "UPDATE messages SET lease_until = 1, sent_at = 1 WHERE id = :id", id=first
    )
    service.worker(every_seconds=0.3)
    service.becomes(first, "unknown")
    service.becomes(second, "accepted")
    assert len(service.outbox.fake.taken) == 2


def test_told_to_stop_in_a_call_it_records_the_answer_first(service: OutboxService) -> None:
    service.outbox.fake.mode, service.outbox.fake.late_seconds = "late", 1.5
    worker = service.worker(every_seconds=0.3)
    id_ = service.ask()
    wait_until(lambda: bool(service.outbox.fake.taken), "the gateway has it")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert service.state(id_) == "accepted"


def test_a_database_that_goes_in_mid_call_loses_no_answer(service: OutboxService) -> None:
    service.outbox.fake.mode, service.outbox.fake.late_seconds = "late", 1.0
    service.worker(every_seconds=0.3)
    id_ = service.ask()
    wait_until(lambda: bool(service.outbox.fake.taken), "the gateway has it")
    with away(service.outbox.world):
        time.sleep(2.0)  # the answer of the call comes meanwhile, and cannot be recorded
    service.becomes(id_, "accepted")
    assert len(service.outbox.fake.taken) == 1


@contextmanager
def away(world: World) -> Iterator[None]:
    """A database that nobody reaches: restarting, or locked by somebody for good."""
    world.db.dispose()
    if world.db.is_sqlite:
        import sqlite3

        connection = sqlite3.connect(world.url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
        return
    url = urlsplit(world.url.replace("+psycopg", ""))
    name, folder = url.path.lstrip("/"), url.query.removeprefix("host=")
    others = f"host={folder} user={url.username} dbname=postgres"
    with psycopg.connect(others, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(kill, (name,))
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
