"""A ticket and a duty screen seek rows by key: what they cost does not grow with the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Engine

from tests.fixtures.fees import DUTY, TODAY, make_council, take
from tests.fixtures.servers import Postgres
from tests.fixtures.statements import before_each
from tests.fixtures.world import WORLD, World
from trader_platform.core.db import Database
from trader_platform.fees.accounts import Who
from trader_platform.fees.queries_duty import owed

# They grow with traders, days and texts; others are of a country and small.
GROW = {
    *("charges", "fee_accounts", "allocations", "advances", "adjustments", "payments", "receipts"),
    *("ledger_entries", "postings", "ledger_accounts", "guarded_balances", "acts", "audit"),
    *("messages", "contacts", "people", "traders", "stalls", "occupancies", "plans"),
}


@contextmanager
def scans(world: World) -> Iterator[set[str]]:
    """Growing tables that a statement of this block has to read whole.

    Not of INSERT: its plan names scans of children that only a broken reference would bring about.
    """
    found: set[str] = set()
    before, read = ("QUERY PLAN ", "SCAN") if world.db.is_sqlite else ("", "Seq Scan on")

    def explain(connection: Any, sql: str, values: Any, many: bool) -> None:
        if many or not re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", sql):
            return
        own = connection.connection.dbapi_connection.cursor()
        for row in own.execute(f"EXPLAIN {before}{sql}", values).fetchall():
            scan = re.search(rf"{read} (\w+)", str(row[-1]))
            if scan and scan[1] in GROW:
                found.add(f"{scan[1]}: {sql}")

    with before_each(Engine, explain):
        yield found


def test_no_ticket_reads_a_table_that_grows(world: World) -> None:
    council = make_council(world)
    with scans(world) as found:
        take(world, council, "first", DUTY // 2)
        take(world, council, "ahead", DUTY * 3)
        take(world, council, "walk", DUTY, who=Who(goods_class_id=council.goods))
    assert found == set()


def test_no_duty_screen_does(world: World) -> None:
    council = make_council(world)
    take(world, council, "first", DUTY // 2)
    with scans(world) as found, world.db.transaction() as session:
        assert owed(session.connection(), 1, TODAY).total_minor > 0
    assert found == set()


def test_acts_are_planned_by_key_and_reports_are_not(postgres_world: Postgres) -> None:
    """A plan outlives the empty table that it was made for, also that of a foreign key's check."""
    db = Database(postgres_world.url(WORLD))
    asked = text("SHOW enable_seqscan")
    with db.transaction() as session:
        assert session.execute(asked).scalar_one() == "off"
    with db.reading() as connection:
        assert connection.execute(asked).scalar_one() == "on"
    db.dispose()
