"""The place at a festival: who owes it, when, how often, and that a ticket pays it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text, update

from tests.db.test_charges import balance, hold, rows
from tests.db.test_fee_jobs import Clock, raise_at, switch
from tests.fixtures.fees import (
    DUTY,
    TODAY,
    Council,
    add_tariff,
    assert_whole,
    by,
    make_council,
    phone_of,
    raise_chunk,
    take,
)
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.fees.accounts import Who
from trader_platform.fees.models import Tariff
from trader_platform.fees.models_charges import Advance, Charge, FeeAccount
from trader_platform.fees.queries_duty import account_of_trader, owed
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.types import WANTERR, Day, NoTariff
from trader_platform.jobs import fees as job
from trader_platform.market.models import Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_calendar import announce_change, closure, festival

PLACE = 2500  # made up for the tests
SPACE = "feast"
FIRST, SECOND, LAST = (date(2026, 11, day) for day in (20, 21, 22))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "datetime", Clock)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def keep(world: World, market: int, first: date, last: date, name: str = "tobaski") -> None:
    with world.db.transaction() as session:
        change = festival(market, name, first, last)
        announce_change(session, change, by(f"{market}:{name}:{first}:{last}"))


def keeping(world: World, *, stalls: int = 2, since: int = 1, **tariff: Any) -> Council:
    """A council whose market keeps Tobaski for three days, and asks for a place at it."""
    council = make_council(world, stalls=stalls)
    asked = {"fee": WANTERR, "per": "table", "amount_minor": PLACE, "space_class": SPACE}
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM tariffs WHERE fee = 'wanterr'"))
        add_tariff(session, council, "traded", **asked | tariff)
        session.execute(update(Stall).values(space_class=SPACE))
    keep(world, council.market, FIRST, LAST)
    switch(world, council, at(since))
    world.hops.catalogs.forget()
    return council


def charged(world: World) -> list[tuple[Any, ...]]:
    return rows(world, Charge.fee, Charge.period_from, Charge.period_to, Charge.amount_minor)


def test_it_is_raised_once_from_the_first_day_on_and_booked_as_festival_space(world: World) -> None:
    council = keeping(world)
    assert raise_at(world, at(20, 0, 4)) == 0
    assert raise_at(world, at(20, 0, 5)) == 2
    assert [raise_at(world, at(day)) for day in (20, 21, 22, 23)] == [0, 0, 0, 0]
    assert charged(world) == [(WANTERR, FIRST, LAST, PLACE)] * 2
    assert balance(world, council) == {"1100": 2 * PLACE, "4600": -2 * PLACE}
    assert_whole(world)


def test_where_no_festival_is_kept_nobody_owes_it(world: World) -> None:
    council = keeping(world)
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM market_changes"))
    keep(world, council.other_market, FIRST, LAST)
    assert raise_at(world, at(20)) == 0


def test_who_comes_on_a_later_day_owes_it_from_that_day_on(world: World) -> None:
    council = keeping(world)
    hold(world, council, 0, 1, share=2, starts_on=SECOND)
    hold(world, council, 1, 0, share=2, starts_on=date(2026, 11, 23))
    assert [raise_at(world, at(day)) for day in (20, 21, 22, 23, 24)] == [2, 1, 0, 0, 0]
    assert charged(world) == [(WANTERR, FIRST, LAST, PLACE)] * 3
    assert_whole(world)


def test_who_left_before_owes_nothing_and_who_came_back_owes_it_once(world: World) -> None:
    council = keeping(world)
    with world.db.transaction() as session:
        for stall, day in zip(council.stalls, (FIRST, date(2026, 11, 19)), strict=True):
            of_stall = update(Occupancy).where(Occupancy.stall_id == stall)
            session.execute(of_stall.values(ends_on=day))
    hold(world, council, 0, 0, starts_on=LAST)
    assert raise_at(world, at(22)) == 1
    assert rows(world, FeeAccount.stall_id) == [(council.stalls[0],)]
    assert_whole(world)


def test_only_the_space_that_a_tariff_is_for_owes_it(world: World) -> None:
    council = keeping(world, space_class="canteen")
    assert raise_at(world, at(20)) == 0
    with world.db.transaction() as session:
        of_one = update(Stall).where(Stall.id == council.stalls[0])
        session.execute(of_one.values(space_class="canteen"))
    assert raise_at(world, at(20)) == 1


def test_a_tariff_that_names_no_space_asks_nobody(world: World) -> None:
    keeping(world, space_class="")
    assert raise_at(world, at(22)) == 0


def test_only_the_goods_that_a_tariff_is_for_owe_it(world: World) -> None:
    council = keeping(world)
    with world.db.transaction() as session:
        other = session.execute(
            text("SELECT min(id) FROM goods_classes WHERE id > :id"), {"id": council.goods}
        ).scalar_one()
        session.execute(
            update(Stall).where(Stall.id == council.stalls[0]).values(goods_class_id=other)
        )
    assert raise_at(world, at(20)) == 1


@pytest.mark.parametrize(
    ("tariff", "charges"),
    [
        ({"festival": "koriteh"}, 0),
        ({"festival": "tobaski"}, 2),
        ({"day_type": "festival"}, 2),
        ({"valid_from": SECOND}, 0),
    ],
)
def test_the_tariff_is_that_of_the_festival_on_its_first_day(
    world: World, tariff: dict[str, Any], charges: int
) -> None:
    keeping(world, **tariff)
    assert raise_at(world, at(22)) == charges


def test_without_a_tariff_nothing_is_raised(world: World) -> None:
    keeping(world)
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM tariffs WHERE fee = 'wanterr'"))
    assert raise_at(world, at(20)) == 0


@pytest.mark.parametrize(
    ("said", "moved"),
    [
        ((FIRST, LAST), (SECOND, date(2026, 11, 23))),
        ((FIRST, LAST), (date(2026, 11, 19), FIRST)),
        ((FIRST, FIRST), (SECOND, SECOND)),
        ((FIRST, FIRST), (date(2026, 11, 23), date(2026, 11, 23))),
    ],
)
def test_a_festival_that_is_moved_is_not_asked_for_twice(
    world: World, said: tuple[date, date], moved: tuple[date, date]
) -> None:
    council = keeping(world)
    keep(world, council.market, *said)
    assert raise_at(world, at(20)) == 2
    keep(world, council.market, *moved)
    assert [raise_at(world, at(day)) for day in (20, 21, 23)] == [0, 0, 0]
    keep(world, council.market, date(2026, 11, 27), date(2026, 11, 27), "gamo")
    assert raise_at(world, at(27)) == 2, "another festival is asked for"
    assert_whole(world)


def test_two_festivals_near_each_other_are_two(world: World) -> None:
    council = keeping(world)
    keep(world, council.market, date(2026, 11, 23), date(2026, 11, 23), "gamo")
    assert [raise_at(world, at(day)) for day in (20, 22, 23, 24)] == [2, 0, 2, 0]


@pytest.mark.parametrize(("last", "charges"), [(LAST, 0), (SECOND, 2)])
def test_a_market_that_is_closed_for_all_of_it_asks_nobody(
    world: World, last: date, charges: int
) -> None:
    council = keeping(world)
    with world.db.transaction() as session:
        announce_change(session, closure(council.market, FIRST, last), by("close"))
    assert raise_at(world, at(22)) == charges


@pytest.mark.parametrize(("since", "charges"), [(20, 2), (21, 0)])
def test_a_council_that_began_to_charge_later_asks_for_none(
    world: World, since: int, charges: int
) -> None:
    keeping(world, since=since)
    assert raise_at(world, at(22)) == charges


@pytest.mark.parametrize(("day", "charges"), [(29, 2), (30, 0)])
def test_a_stopped_worker_raises_it_a_week_later_at_most(
    world: World, day: int, charges: int
) -> None:
    keeping(world)
    assert raise_at(world, at(day)) == charges


def test_she_sees_it_and_one_ticket_pays_it_with_the_days_duty(world: World) -> None:
    council = keeping(world)
    raise_at(world, at(20))
    with world.db.reading() as connection:
        account = account_of_trader(connection, council.traders[0])
        assert account is not None
        (line,) = owed(connection, account, TODAY).lines
    assert (line.fee, line.period_from, line.outstanding_minor) == (WANTERR, FIRST, PLACE)
    phone_of(world).dial("1*1*4").sees("1 Festival place Fri 20 Nov D25")
    paid = take(world, council, "t1", PLACE + DUTY)
    assert (paid["days"], paid["left"], paid["ahead"]) == (["2026-11-20", "2026-11-22"], 0, 0)
    with world.db.reading() as connection:
        assert owed(connection, account, TODAY).lines == ()
    assert balance(world, council)["1100"] == PLACE, "the other stall's"
    assert_whole(world)


def test_a_ticket_pays_it_where_no_duty_is_asked(world: World) -> None:
    council = keeping(world)
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM tariffs WHERE fee = 'daily_duty'"))
    with pytest.raises(NoTariff):
        take(world, council, "t1", PLACE)
    raise_at(world, at(20))
    assert take(world, council, "t2", PLACE)["left"] == 0
    assert_whole(world)


def moved_on(world: World) -> Council:
    """She left her stall on the first day and holds another since, where she paid ahead."""
    council = keeping(world)
    with world.db.transaction() as session:
        of_stall = update(Occupancy).where(Occupancy.stall_id == council.stalls[0])
        session.execute(of_stall.values(ends_on=FIRST))
        session.execute(update(Tariff).where(Tariff.fee == "daily_duty").values(accrues="held"))
    hold(world, council, 1, 0, share=2, starts_on=SECOND)
    take(world, council, "t1", DUTY * 3, who=Who(trader_id=council.traders[0]))
    return council


def test_what_she_paid_ahead_does_not_go_back_to_the_stall_she_left(world: World) -> None:
    council = moved_on(world)
    before = rows(world, Advance.account_id)
    period = Period(council.id, WANTERR, FIRST, LAST, until=LAST)
    markets = {council.market: Day(FIRST, "", "tobaski")}
    with world.db.transaction() as session:
        assert raise_chunk(session, period, open_markets=markets, by=by("places"))[0] == 3
    assert rows(world, Advance.account_id) == before
    assert_whole(world)


def test_the_job_that_looks_a_week_back_moves_nothing_to_and_fro(world: World) -> None:
    moved_on(world)
    before = rows(world, Advance.account_id)
    for _ in range(2):
        raise_at(world, at(22))
        assert rows(world, Advance.account_id) == before
        assert [x for x in rows(world, AuditRow.action) if x[0] == "advance.move"] == []
    assert_whole(world)
