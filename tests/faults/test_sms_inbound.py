"""A gateway that repeats what was not acknowledged, while the web process, the database or the
queue dies under it: every text is there once.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from tests.fixtures.served import TOKEN, Server, served
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database

PATH = f"/sms/africastalking/{TOKEN}/inbound"


def form(number: int) -> bytes:
    fields = {"from": f"+22030{number % 7:05d}", "to": "2200", "text": f"onion {number}"}
    return urlencode(fields | {"id": f"ATXid_{number}", "date": "2026-11-22 09:00:00"}).encode()


def stored(world: World) -> dict[str, int]:
    sql = "SELECT provider_id, count(*) FROM inbound_texts GROUP BY provider_id"
    with world.db.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(text(sql))}


class RepeatingGateway:
    """Sends each text until it is acknowledged, as Africa's Talking does, only without a minute
    between. ``refused`` counts what was asked for again.
    """

    def __init__(self, server: Callable[[], Server]) -> None:
        self._server = server
        self._numbers = itertools.count()
        self._over = threading.Event()
        self._gave_up = threading.Event()
        self.acknowledged: set[int] = set()
        self.refused = 0

    def send(self) -> None:
        """The next text, until it is acknowledged or the test has failed."""
        number = next(self._numbers)
        while not self._gave_up.is_set():
            status, _ = self._server().request(PATH, form(number))
            if status == 200:
                self.acknowledged.add(number)
                return
            assert status in {0, 503}, status
            self.refused += 1
            time.sleep(0.02)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Eight senders that always have a text under way, however fast the server is; at the
        end each of them gets its last one acknowledged.
        """
        with ThreadPoolExecutor(8) as pool:
            senders = [pool.submit(self._send_on) for _ in range(8)]
            try:
                yield
            except BaseException:
                self._gave_up.set()
                raise
            finally:
                self._over.set()
        for sender in senders:
            sender.result()

    def _send_on(self) -> None:
        while not self._over.is_set():
            self.send()

    def wait_for(self, more: int) -> None:
        """Until so many more texts were acknowledged than now."""
        enough = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= enough, "texts arrive")


def once_each(world: World, gateway: RepeatingGateway) -> None:
    texts = range(len(gateway.acknowledged))
    assert gateway.acknowledged == set(texts), "a text was given up"
    assert stored(world) == {f"ATXid_{number}": 1 for number in texts}


def test_a_web_process_killed_while_texts_arrive_loses_none(world: World, tmp_path: Path) -> None:
    now: list[Server] = []
    gateway = RepeatingGateway(lambda: now[-1])
    with ExitStack() as sending:
        for life in range(3):
            with served(world, tmp_path) as server:
                now.append(server)
                if life == 0:
                    sending.enter_context(gateway.sending())
                gateway.wait_for(30)
                server.kill()
                for number in list(gateway.acknowledged):
                    assert f"ATXid_{number}" in stored(world), "acknowledged and lost"
        with served(world, tmp_path) as server:
            now.append(server)
            sending.close()
    assert gateway.refused > 0
    once_each(world, gateway)


def cut_all_others(world: World) -> None:
    with world.db.reading() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )


@contextmanager
def locked(world: World) -> Iterator[None]:
    """On SQLite another process writes, for longer than anybody waits."""
    other = Database(world.url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    with other.write.begin():
        yield
    other.dispose()


def test_a_database_that_goes_away_and_comes_back(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path) as server:
        gateway = RepeatingGateway(lambda: server)
        gateway.send()  # its connection is open from now on
        if not world.db.is_sqlite:
            cut_all_others(world)
        with gateway.sending():
            gateway.wait_for(20)
            before = gateway.refused

            def is_asked_again() -> bool:
                if not world.db.is_sqlite:
                    cut_all_others(world)
                return gateway.refused > before

            with locked(world) if world.db.is_sqlite else nullcontext():
                wait_until(is_asked_again, "a text is asked for again")
            gateway.wait_for(20)
    once_each(world, gateway)


@pytest.mark.parametrize("where", ["unix:///nowhere/valkey.sock", "redis://127.0.0.1:9/0"])
def test_without_a_queue_server_texts_are_taken_all_the_same(
    world: World, tmp_path: Path, where: str
) -> None:
    with served(world, tmp_path, REDIS_URL=where) as server:
        began = time.monotonic()
        gateway = RepeatingGateway(lambda: server)
        with gateway.sending():
            gateway.wait_for(120)
        assert gateway.refused == 0
        assert time.monotonic() - began < 15
    once_each(world, gateway)
