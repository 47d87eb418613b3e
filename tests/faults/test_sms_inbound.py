"""A gateway that repeats what was not acknowledged, while the web process, the database or the
queue dies under it: every text is there once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from tests.fixtures.served import TOKEN, Server, served
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World

PATH = f"/sms/africastalking/{TOKEN}/inbound"
TEXTS = 120


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
        self.acknowledged: set[int] = set()
        self.refused = 0
        self.gave_up = threading.Event()

    def send(self, number: int) -> None:
        while not self.gave_up.is_set():
            status, _ = self._server().request(PATH, form(number))
            if status == 200:
                self.acknowledged.add(number)
                return
            assert status in {0, 503}, status
            self.refused += 1
            time.sleep(0.02)

    def send_all(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self.send, range(TEXTS)))


def once_each(world: World, gateway: RepeatingGateway) -> None:
    assert gateway.acknowledged == set(range(TEXTS))
    assert stored(world) == {f"ATXid_{number}": 1 for number in range(TEXTS)}


def test_a_web_process_killed_while_texts_arrive_loses_none(world: World, tmp_path: Path) -> None:
    now: list[Server] = []
    gateway = RepeatingGateway(lambda: now[-1])
    sending = threading.Thread(target=gateway.send_all)
    for life in range(3):
        with served(world, tmp_path) as server:
            now.append(server)
            if life == 0:
                sending.start()
            share = TEXTS * (life + 1) // 4
            wait_until(lambda share=share: len(gateway.acknowledged) >= share, "texts arrive")
            server.kill()
            for number in list(gateway.acknowledged):
                assert f"ATXid_{number}" in stored(world), "acknowledged and lost"
    with served(world, tmp_path) as server:
        now.append(server)
        sending.join(60)
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


def test_a_database_that_goes_away_and_comes_back(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path) as server:
        gateway = RepeatingGateway(lambda: server)
        sending = threading.Thread(target=gateway.send_all)
        gateway.send(0)  # its connection is open from now on
        if not world.db.is_sqlite:
            cut_all_others(world)
        sending.start()
        wait_until(lambda: len(gateway.acknowledged) >= 20, "texts arrive")
        if world.db.is_sqlite:
            with world.db.write.begin():  # another process writes for longer than anybody waits
                wait_until(lambda: gateway.refused >= 1, "a text is asked for again")
        else:
            cut_all_others(world)
        sending.join(60)
    assert gateway.refused > 0
    once_each(world, gateway)


@pytest.mark.parametrize("where", ["unix:///nowhere/valkey.sock", "redis://127.0.0.1:9/0"])
def test_without_a_queue_server_texts_are_taken_all_the_same(
    world: World, tmp_path: Path, where: str
) -> None:
    with served(world, tmp_path, REDIS_URL=where) as server:
        began = time.monotonic()
        gateway = RepeatingGateway(lambda: server)
        gateway.send_all()
        assert gateway.refused == 0
        assert time.monotonic() - began < 15
    once_each(world, gateway)
