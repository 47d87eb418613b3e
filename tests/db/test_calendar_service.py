"""Telling a day, closing and moving a market: rows, acts and the trail."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.fixtures.commands import runner
from tests.fixtures.stalls import market_id
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.commands.market import market
from trader_platform.core.errors import NotFound
from trader_platform.core.once import Act, By
from trader_platform.fees.calendar import day_of
from trader_platform.fees.types import Day
from trader_platform.market.calendar import Change, coming_changes
from trader_platform.market.models import DayTold, MarketChange
from trader_platform.market.queries_calendar import changes_of_market, changes_of_pack
from trader_platform.market.service_calendar import (
    BadChange,
    DaySaid,
    announce_change,
    closure,
    festival,
    move,
    tell_day,
)

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def by(world: World, key: str = "k1") -> By:
    return By(key, "en", world.clock.now(), "person", "1", "ussd")


def announce(world: World, change: Change, key: str = "k1") -> None:
    with world.db.transaction() as session:
        announce_change(session, change, by(world, key))


def rows(world: World) -> list[tuple[object, ...]]:
    r = MarketChange
    with world.db.reading() as connection:
        found = connection.execute(select(r.market_id, r.kind, r.starts_on, r.ends_on, r.moved_to))
        return [tuple(row) for row in found]


def trail(world: World, action: str) -> list[AuditRow]:
    with world.db.transaction() as session:
        return list(session.scalars(select(AuditRow).filter_by(action=action)))


def test_a_closure_is_kept_with_its_trail(world: World) -> None:
    where = market_id(world, "farafenni")
    announce(world, closure(where, SUNDAY, MONDAY))
    announce(world, closure(where, SUNDAY, MONDAY))
    announce(world, closure(where, SUNDAY, MONDAY), "another key, the same days")
    assert rows(world) == [(where, "closure", SUNDAY, MONDAY, None)]
    (audited,) = trail(world, "market.closure")
    assert audited.subject_id == str(where)
    assert audited.council_id is not None
    assert json.loads(audited.after or "")["ends_on"] == "2026-11-23"


def test_a_later_word_on_the_same_days_replaces_the_first(world: World) -> None:
    where = market_id(world, "farafenni")
    announce(world, move(where, SUNDAY, MONDAY))
    announce(world, move(where, SUNDAY, date(2026, 11, 25)), "k2")
    assert rows(world) == [(where, "move", SUNDAY, SUNDAY, date(2026, 11, 25))]
    assert json.loads(trail(world, "market.move")[-1].before or "")["moved_to"] == "2026-11-23"


@pytest.mark.parametrize(
    "change",
    [
        closure(1, MONDAY, SUNDAY),
        move(1, SUNDAY, SUNDAY),
        Change(1, "move", SUNDAY, SUNDAY, None),
        Change(1, "closure", SUNDAY, SUNDAY, MONDAY),
        Change(1, "festival", SUNDAY, SUNDAY),
        festival(1, "x" * 21, SUNDAY, SUNDAY),
        Change(1, "closure", SUNDAY, SUNDAY, None, "koriteh"),
    ],
)
def test_days_that_do_not_fit_change_nothing(world: World, change: Change) -> None:
    with pytest.raises(BadChange):
        announce(world, change)
    assert rows(world) == []
    assert trail(world, f"market.{change.kind}") == []


def test_a_festival_is_moved_when_the_moon_is_seen_and_comes_again_next_year(world: World) -> None:
    where, next_year = market_id(world, "farafenni"), date(2027, 11, 11)
    announce(world, festival(where, "tobaski", SUNDAY, MONDAY), "k1")
    announce(world, festival(where, "tobaski", MONDAY, date(2026, 11, 24)), "k2")
    announce(world, festival(where, "tobaski", next_year, next_year), "k3")
    assert rows(world) == [
        (where, "festival", MONDAY, date(2026, 11, 24), None),
        (where, "festival", next_year, next_year, None),
    ]
    assert json.loads(trail(world, "market.festival")[1].before or "")["starts_on"] == "2026-11-22"


def test_two_festivals_may_begin_on_one_day(world: World) -> None:
    where = market_id(world, "farafenni")
    for name in ("tobaski", "gamo"):
        announce(world, festival(where, name, SUNDAY, SUNDAY), name)
    assert len(rows(world)) == 2


def test_a_festival_is_no_news_of_a_closed_market_and_has_its_own_duty(world: World) -> None:
    where = market_id(world, "farafenni")
    announce(world, festival(where, "tobaski", MONDAY, MONDAY))
    with world.db.reading() as connection:
        kept = changes_of_market(connection, where, SUNDAY)
        assert [day_of(connection, where, day) for day in (SUNDAY, MONDAY)] == [
            Day(SUNDAY, "lumo"),
            Day(MONDAY, "lumo", "tobaski"),
        ]
    assert coming_changes(kept, SUNDAY) == []


def test_an_unknown_market_changes_nothing(world: World) -> None:
    with pytest.raises(NotFound):
        announce(world, closure(987654, SUNDAY, SUNDAY))
    assert rows(world) == []
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Act)).scalar_one() == 0


def test_reads_give_what_still_matters(world: World) -> None:
    here, there = market_id(world, "farafenni"), market_id(world, "wassu")
    announce(world, closure(here, date(2026, 10, 1), date(2026, 11, 21)), "over")
    announce(world, move(here, date(2026, 11, 15), date(2026, 11, 25)), "moving")
    announce(world, closure(there, MONDAY, MONDAY), "elsewhere")
    with world.db.reading() as connection:
        of_one = changes_of_market(connection, here, SUNDAY)
        of_all = changes_of_pack(connection, 1, SUNDAY)
    assert of_one == (move(here, date(2026, 11, 15), date(2026, 11, 25)),)
    assert of_all == (*of_one, closure(there, MONDAY, MONDAY))


def test_a_told_day_is_one_row_for_one_key(world: World) -> None:
    world.phone().dial().press("1", "2")
    said = DaySaid(1, market_id(world, "bansang"), 4)
    for _ in range(2):
        with world.db.transaction() as session:
            tell_day(session, said, by(world))
    with world.db.reading() as connection:
        told = connection.execute(select(DayTold.person_id, DayTold.market_id, DayTold.weekday))
        assert [tuple(row) for row in told] == [(1, said.market_id, 4)]
    assert len(trail(world, "market.day_told")) == 1


def test_the_command_closes_and_moves(world: World, tmp_path: Path) -> None:
    run = runner(market, world, tmp_path)
    assert run("close", "wassu", "2026-11-23", "2026-11-30")[0] == 0
    assert run("move", "kaur", "2026-11-26", "2026-11-27")[0] == 0
    assert run("festival", "wassu", "koriteh", "2027-03-10", "2027-03-11")[0] == 0
    where = {row[1]: row[0] for row in rows(world)}
    wassu, kaur = market_id(world, "wassu"), market_id(world, "kaur")
    assert where == {"closure": wassu, "move": kaur, "festival": wassu}
    code, told = run("close", "wasu", "2026-11-23")
    assert code == 2
    assert "No market 'wasu'" in told
    assert "wassu" in told
    code, told = run("close", "wassu", "2026-11-30", "2026-11-23")
    assert code == 2
    assert "does not fit" in told


def test_the_command_takes_a_closure_back(world: World, tmp_path: Path) -> None:
    run = runner(market, world, tmp_path)
    run("close", "wassu", "2026-11-23", "2026-11-30")
    refused = (2, "No closure of wassu begins on this day\n")
    assert run("reopen", "wassu", "2026-11-24") == refused
    told = "The closure of wassu from 2026-11-23 on is taken back.\n"
    assert run("reopen", "wassu", "2026-11-23") == (0, told)
    assert rows(world) == []
    (audited,) = trail(world, "market.reopen")
    assert json.loads(audited.before or "")["ends_on"] == "2026-11-30"
    assert run("reopen", "wassu", "2026-11-23") == refused
