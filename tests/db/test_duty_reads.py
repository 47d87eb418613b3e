"""The duty screen reads little, by index: a million charges of others cost it nothing."""

from __future__ import annotations

from sqlalchemy import text

from tests.fixtures.fees import TODAY, charge_here, make_council, phone_of, raise_day
from tests.fixtures.statements import before_each
from tests.fixtures.texting import Line
from tests.fixtures.world import World
from trader_platform.fees.queries_now import _LINES
from trader_platform.fees.types import DAILY_DUTY


def test_few_statements_whether_she_owes_or_not(world: World) -> None:
    council = make_council(world, accrues="held")
    charge_here(world, council)
    phone_of(world).dial("1")
    before: list[str] = []
    after: list[str] = []
    with before_each(world.db.read, lambda _connection, sql, *_: before.append(sql)):
        phone_of(world).dial("1").sees("You owe D10")
    raise_day(world, council, TODAY)
    with before_each(world.db.read, lambda _connection, sql, *_: after.append(sql)):
        phone_of(world).dial("1").sees("You owe D10")
    # Stall, lines, closures of the market; the tariff only until today's duty is raised.
    assert (len(before), len(after)) == (4, 3)


def test_her_lines_are_found_by_index(world: World) -> None:
    asked = {"trader": 1, "fee": DAILY_DUTY, "today": TODAY}
    query = _LINES.params(asked).compile(world.db.read, compile_kwargs={"literal_binds": True})
    sqlite = world.db.read.dialect.name == "sqlite"
    with world.db.read.connect() as connection:
        if not sqlite:  # a table of no rows is read whole, whatever indices it has
            connection.execute(text("SET enable_seqscan TO off"))
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        plan = "\n".join(str(row) for row in connection.execute(text(f"{explain} {query}")))
        connection.invalidate()
    assert "ix_charges_open" in plan, plan
    assert "SCAN charges" not in plan, plan


def test_duty_by_text_says_what_the_screen_says(world: World) -> None:
    council = make_council(world, accrues="held")
    charge_here(world, council)
    raise_day(world, council, TODAY)
    phone = phone_of(world).dial("1").sees("today D10, old D0", "You owe D10")
    texting = Line(world).phone(phone.number).texts("DUTY")
    texting.sees("Sun 22 Nov", "today D10, old D0", "You owe D10")
    with world.db.transaction() as session:
        session.execute(text("UPDATE occupancies SET ends_on = '2026-11-21'"))
    world.clock.move(minutes=11)
    phone_of(world).dial("1").sees("You owe D10")
    texting.texts("DUTY").sees("You owe D10")
