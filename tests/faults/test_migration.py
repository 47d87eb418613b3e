"""A migration that is killed half way is taken up again, and callers get an END meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.fixtures.served import ROOT
from tests.fixtures.servers import Postgres
from tests.fixtures.world import SUNDAY, World
from trader_platform.core import migrate
from trader_platform.core.clock import MovableClock
from trader_platform.core.db import Database

KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from trader_platform.core import migrate
url, point = sys.argv[1], int(sys.argv[2])
seen = [0]
def die(conn, cursor, statement, *_):
    if statement.lstrip().upper().startswith(("CREATE", "INSERT", "UPDATE")):
        seen[0] += 1
        if seen[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "after_cursor_execute", die)
migrate.upgrade(url)
"""
POINTS = (1, 2, 9, 20, 45)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'market.db'}"
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.url(cluster.create("template0"))


@pytest.mark.parametrize("point", POINTS)
def test_killed_half_way_and_started_again(empty_url: str, point: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, empty_url, str(point)], cwd=ROOT, capture_output=True
    )
    assert ran.returncode == -9, ran.stderr
    migrate.upgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    engine.dispose()


def test_a_dial_during_a_half_done_migration_is_an_end(empty_url: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED, empty_url, "20"], cwd=ROOT, capture_output=True)
    db = Database(empty_url)
    world = World(empty_url, db, MovableClock(SUNDAY))
    world.phone().dial().sees("END ")
    world.hops.store.close()
    db.dispose()
