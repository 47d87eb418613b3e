"""The test servers are real, and nothing reaches beyond this machine."""

from __future__ import annotations

import socket

import pytest
import redis
from sqlalchemy import inspect, text

from tests.conftest import NetworkRefused
from trader_platform.core.db import Database


def test_each_kind_of_database_is_migrated(database: Database, db_url: str) -> None:
    assert "alembic_version" in inspect(database.read).get_table_names()
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert connection.dialect.name == db_url.partition(":")[0].partition("+")[0]


@pytest.mark.parametrize("synced", [True, False])
def test_a_commit_waits_for_the_disk_but_where_it_can_be_played_again(
    db_url: str, synced: bool
) -> None:
    db = Database(db_url, synced=synced)
    asked = "PRAGMA synchronous" if db.is_sqlite else "SHOW synchronous_commit"
    with db.transaction() as session:
        waits = session.execute(text(asked)).scalar_one()
    db.dispose()
    assert (waits in (2, "on")) is synced


def test_the_queue_server_is_a_real_one(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.eval("return 41 + ARGV[1]", 0, 1) == 42


def test_other_machines_are_refused() -> None:
    with socket.socket() as client, pytest.raises(NetworkRefused):
        client.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("example.com", 80)
