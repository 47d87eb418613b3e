"""A year's licence: raised once for who holds a stall on its first day, and paid by tickets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from tests.db.test_charges import rows
from tests.db.test_fee_jobs import Clock, raise_at, switch
from tests.fixtures.fees import (
    DUTY,
    Council,
    add_tariff,
    assert_whole,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.fees.models_charges import Charge, FeeAccount
from trader_platform.fees.queries_duty import Owed, account_of_trader, month_of, owed
from trader_platform.jobs import fees as job
from trader_platform.ledger.models import Entry
from trader_platform.ledger.queries_check import trial_balance
from trader_platform.market.models import MarketChange
from trader_platform.market.models_stalls import Occupancy

LICENCE, RENT = 200_000, 65_000  # made up for the tests
FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PERIOD = ("licence", FIRST, LAST)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "datetime", Clock)


def licensing(world: World, *, stalls: int = 1, duty: int = DUTY, since: date = FIRST) -> Council:
    """A council that charges since a day: a licence, a rent, and a duty of who holds a stall."""
    council = make_council(world, stalls=stalls, accrues="held")
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM tariffs WHERE fee IN ('canteen_rent', 'licence')"))
        add_tariff(session, council, "held", amount_minor=duty)
        # Accrues as a pack without a word on it says: a year's fee hangs on no day of trade.
        more = {"per": "year", "amount_minor": LICENCE, "rank": 20}
        add_tariff(session, council, "traded", fee="licence", **more)
    switch(world, council, datetime.combine(since, NOON.timetz()))
    return council


def licences(world: World) -> list[tuple[int | None, date]]:
    """Who owes a licence of which year."""
    with world.db.reading() as connection:
        query = (
            select(FeeAccount.trader_id, Charge.period_from)
            .join(Charge, Charge.account_id == FeeAccount.id)
            .where(Charge.fee == "licence")
            .order_by(Charge.period_from, FeeAccount.trader_id)
        )
        return [tuple(row) for row in connection.execute(query)]


def owed_by(world: World, trader: int, day: date = FIRST) -> Owed:
    with world.db.reading() as connection:
        account = account_of_trader(connection, trader)
        assert account is not None
        return owed(connection, account, day)


def lines(seen: Owed) -> list[tuple[str, date, int]]:
    return [(x.fee, x.period_from, x.outstanding_minor) for x in seen.lines]


def balance(world: World, council: Council) -> dict[str, int]:
    with world.db.reading() as connection:
        return trial_balance(connection, council.id, LAST)


def test_a_licence_is_raised_once_a_year_for_each_stall(world: World) -> None:
    council = licensing(world, stalls=2, duty=0)
    assert raise_at(world, NOON) == 2
    period = rows(world, Charge.fee, Charge.period_from, Charge.period_to, Charge.amount_minor)
    assert period == [(*PERIOD, LICENCE)] * 2
    for later in (NOON, NOON + DAY, NOON + 40 * DAY, datetime(2027, 12, 31, 12, tzinfo=UTC)):
        assert raise_at(world, later) == 0
    assert raise_at(world, datetime(2028, 1, 1, 12, tzinfo=UTC)) == 2
    both = council.traders
    years = [(trader, day) for day in (FIRST, date(2028, 1, 1)) for trader in both]
    assert licences(world) == years
    assert_whole(world)


@pytest.mark.parametrize(("since", "count"), [(FIRST, 1), (FIRST + DAY, 0)])
def test_a_licence_is_raised_after_a_long_stop_but_not_of_before_charging(
    world: World, since: date, count: int
) -> None:
    licensing(world, duty=0, since=since)
    assert raise_at(world, NOON + 100 * DAY) == count
    assert len(licences(world)) == count


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "count"),
    [
        (FIRST - DAY, FIRST, 1),
        (FIRST, None, 1),
        (FIRST + DAY, None, 0),
        (FIRST - DAY, FIRST - DAY, 0),
    ],
)
def test_a_licence_is_of_who_holds_the_stall_on_the_first_day(
    world: World, starts_on: date, ends_on: date | None, count: int
) -> None:
    council = licensing(world, duty=0)
    with world.db.transaction() as session:
        session.execute(update(Occupancy).values(starts_on=starts_on, ends_on=ends_on))
    raise_at(world, NOON + 5 * DAY)
    assert licences(world) == [(council.traders[0], FIRST)] * count


def test_a_licence_hangs_on_no_market_day(world: World) -> None:
    council = licensing(world)
    with world.db.transaction() as session:
        days = {"starts_on": FIRST, "ends_on": FIRST + 9 * DAY}
        session.add(MarketChange(market_id=council.market, kind="closure", **days))
    assert raise_at(world, NOON) == 1
    raise_at(world, NOON + DAY)  # closed days are credited
    assert rows(world, Charge.fee, Charge.outstanding_minor) == [("licence", LICENCE)]
    assert_whole(world)


def test_a_licence_is_booked_as_income_of_licences(world: World) -> None:
    council = licensing(world, stalls=2, duty=0)
    raise_at(world, NOON)
    books = balance(world, council)
    assert {code: minor for code, minor in books.items() if minor} == {
        "1100": LICENCE * 2,
        "4300": -LICENCE * 2,
    }
    assert rows(world, Entry.kind, Entry.effective_date) == [("charge", FIRST)]
    take(world, council, "t1", LICENCE, day=FIRST, now=NOON, today=False)
    books = balance(world, council)
    assert (books["1100"], books["4300"]) == (LICENCE, -LICENCE * 2)
    assert books[f"1200:{council.collector.badge}"] == LICENCE
    assert_whole(world)


def test_a_trader_sees_her_licence_and_it_is_no_day_of_duty(world: World) -> None:
    council = licensing(world)
    (trader,) = council.traders
    raise_at(world, NOON)
    seen = owed_by(world, trader)
    assert lines(seen) == [("daily_duty", FIRST, DUTY), ("licence", FIRST, LICENCE)]
    assert [x.period_to for x in seen.lines] == [FIRST, LAST]
    assert seen.total_minor == LICENCE + DUTY
    raise_at(world, NOON + DAY)
    seen = owed_by(world, trader, FIRST + DAY)
    assert (seen.today_minor, seen.old_minor) == (DUTY, LICENCE + DUTY)
    with world.db.reading() as connection:
        month = month_of(connection, trader, FIRST, date(2027, 1, 31))
    assert (month.open_days, month.paid_days) == (2, 0)


def test_a_ticket_pays_the_oldest_first_and_of_one_day_by_rank(world: World) -> None:
    council = licensing(world)
    with world.db.transaction() as session:
        more = {"per": "month", "amount_minor": RENT, "rank": 30}
        add_tariff(session, council, "held", fee="canteen_rent", **more)
        session.execute(text("UPDATE stalls SET kind = 'canteen', space_class = 'canteen'"))
    (trader,) = council.traders
    raise_at(world, NOON)
    raise_at(world, NOON + DAY)
    second = FIRST + DAY

    def pay(key: str, amount: int) -> list[tuple[str, date, int]]:
        at = {"day": second, "now": NOON + DAY, "today": False}
        take(world, council, key, amount, **at)
        assert_whole(world)
        return lines(owed_by(world, trader, second))

    # The rent is raised before the licence, and ranks after it.
    rent, later = ("canteen_rent", FIRST, RENT), ("daily_duty", second, DUTY)
    assert pay("t1", DUTY + 100) == [("licence", FIRST, LICENCE - 100), rent, later]
    assert pay("t2", LICENCE + 100) == [("canteen_rent", FIRST, RENT - 200), later]
    assert pay("t3", RENT - 200 + 1) == [("daily_duty", second, DUTY - 1)]


def test_todays_duty_comes_before_the_licence_where_a_ticket_is_for_today(world: World) -> None:
    council = licensing(world)
    raise_at(world, NOON)
    raise_at(world, NOON + DAY)
    second = FIRST + DAY
    paid = take(world, council, "t1", DUTY + LICENCE // 2, day=second, now=NOON + DAY)
    assert paid["days"] == [FIRST.isoformat(), second.isoformat()]
    left = lines(owed_by(world, council.traders[0], second))
    assert left == [("licence", FIRST, LICENCE // 2 + DUTY)]
    raise_at(world, NOON + 2 * DAY)
    assert licences(world) == [(council.traders[0], FIRST)]
    assert_whole(world)
