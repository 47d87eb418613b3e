"""Which charges a payment fills, as tables and as laws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.fees.apportion import apportion
from trader_platform.fees.service_advance import Left, Owed, draw, meet
from trader_platform.fees.service_undo import way_back
from trader_platform.fees.types import OpenCharge

DAY = date(2026, 11, 22)


def charge(
    id: int, owed: int = 10, *, ago: int = 0, rank: int = 0, fee: str = "daily_duty"
) -> OpenCharge:
    day = DAY - timedelta(days=ago)
    return OpenCharge(id, fee, day, day, rank, owed)


TODAY, YESTERDAY, OLD = charge(1), charge(2, ago=1), charge(3, ago=9)
RENT = charge(4, 50, ago=1, rank=-1)


@pytest.mark.parametrize(
    ("amount", "charges", "named", "filled", "rest"),
    [
        (10, [TODAY], (), [(1, 10)], 0),
        (4, [TODAY], (), [(1, 4)], 0),
        (15, [TODAY], (), [(1, 10)], 5),
        (7, [], (), [], 7),
        (10, [TODAY, YESTERDAY, OLD], (), [(3, 10)], 0),
        (10, [TODAY, YESTERDAY, OLD], (1,), [(1, 10)], 0),
        (25, [TODAY, YESTERDAY, OLD], (1,), [(1, 10), (3, 10), (2, 5)], 0),
        (25, [OLD, TODAY, YESTERDAY], (2, 1), [(2, 10), (1, 10), (3, 5)], 0),
        (60, [YESTERDAY, RENT], (), [(4, 50), (2, 10)], 0),
        (60, [RENT, YESTERDAY], (2,), [(2, 10), (4, 50)], 0),
        (10, [TODAY], (99,), [(1, 10)], 0),
        (10, [charge(1, 0), OLD], (1,), [(3, 10)], 0),
        (31, [TODAY, YESTERDAY, OLD], (), [(3, 10), (2, 10), (1, 10)], 1),
    ],
)
def test_what_a_payment_fills(
    amount: int,
    charges: list[OpenCharge],
    named: tuple[int, ...],
    filled: list[tuple[int, int]],
    rest: int,
) -> None:
    done = apportion(amount, charges, named=named)
    assert [(each.charge.id, each.amount_minor) for each in done.filled] == filled
    assert done.rest_minor == rest


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_payment(amount: int) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        apportion(amount, [TODAY])


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(-2, 2)), max_size=8),
)
def test_no_butut_is_lost_or_made(amount: int, owed: list[tuple[int, int, int]]) -> None:
    charges = [charge(at, x, ago=ago, rank=rank) for at, (x, ago, rank) in enumerate(owed)]
    done = apportion(amount, charges, named=(0,))
    assert sum(each.amount_minor for each in done.filled) + done.rest_minor == amount
    assert all(0 < x.amount_minor <= x.charge.outstanding_minor for x in done.filled)
    left = sum(x.outstanding_minor for x in charges) - (amount - done.rest_minor)
    assert left == 0 or done.rest_minor == 0


# Outstanding of a charge, its price and what was added to it; price, what is left and days of an
# advance; taken, rebate.
DRAWS = {
    "the same price": ((1000, 1000, 0), (1000, 2000, 2), (1000, 0)),
    "it rose: booked as a rebate": ((1300, 1300, 0), (1000, 2000, 2), (1000, 300)),
    "it fell: the difference stays": ((800, 800, 0), (1000, 2000, 2), (800, 0)),
    "a penalty was never bought": ((1500, 1000, 500), (1000, 2000, 2), (1000, 0)),
    "part of the day is paid": ((400, 1000, 0), (1000, 2000, 2), (400, 0)),
    "plain credit": ((1300, 1300, 0), (0, 500, 0), (500, 0)),
    "plain credit pays a penalty": ((100, 1000, 100), (0, 500, 0), (100, 0)),
}


@pytest.mark.parametrize(("charged", "advanced", "drawn"), DRAWS.values(), ids=DRAWS)
def test_what_a_charge_draws(
    charged: tuple[int, int, int], advanced: tuple[int, int, int], drawn: tuple[int, int]
) -> None:
    outstanding, price, on_top = charged
    bought, left, days = advanced
    fee = "daily_duty" if days else ""
    owed = Owed(1, "daily_duty", outstanding, price, DAY, on_top)
    made = draw(owed, Left(2, 3, left, fee, bought, days, DAY))
    assert made is not None
    assert (made.taken_minor, made.rebate_minor) == drawn
    assert made.one_day == (days > 0)


NOT_DRAWN = {
    "of a day before the purchase": (1000, 0, DAY + timedelta(days=1)),
    "only a penalty is open": (100, 100, DAY),
}


@pytest.mark.parametrize(("outstanding", "on_top", "paid_on"), NOT_DRAWN.values(), ids=NOT_DRAWN)
def test_a_bought_day_is_for_days_that_come_and_for_no_penalty(
    outstanding: int, on_top: int, paid_on: date
) -> None:
    owed = Owed(1, "daily_duty", outstanding, 1000, DAY, on_top)
    assert draw(owed, Left(2, 3, 2000, "daily_duty", 1000, 2, paid_on)) is None


def test_what_is_more_than_its_days_cost_pays_any_fee() -> None:
    """As where a ticket that had bought days is taken back, and its cash had gone on."""
    advance = Left(2, 3, 2500, "daily_duty", 1000, 2, DAY)
    (made,) = meet(Owed(1, "canteen_rent", 5000, 5000, DAY), [advance])
    assert (made.taken_minor, made.one_day, advance.left, advance.days_left) == (
        500,
        False,
        2000,
        2,
    )


def test_bought_days_are_used_before_credit() -> None:
    credit = Left(1, 1, 400, "", 0, 0, DAY)
    bought = Left(2, 2, 2000, "daily_duty", 1000, 2, DAY)
    (made,) = meet(Owed(1, "daily_duty", 1300, 1300, DAY), [credit, bought])
    assert (made.advance_id, made.taken_minor, made.rebate_minor) == (2, 1000, 300)
    assert (credit.left, bought.left, bought.days_left) == (400, 1000, 1)


def test_days_bought_are_for_their_fee_only() -> None:
    owed = Owed(1, "canteen_rent", 10, 10, DAY)
    assert draw(owed, Left(2, 3, 10, "daily_duty", 10, 1, DAY)) is None


@pytest.mark.parametrize(
    ("owed_again", "giver", "walk_up", "lines"),
    [
        (1000, "1200:1", False, {"1200:1": -1000, "1100": 1000}),
        (400, "1200:1", False, {"1200:1": -1000, "1100": 400, "2100": 600}),
        (1000, None, False, {"1100": 1000, "2100": -1000}),
        (400, None, False, {"1100": 400, "2100": -400}),
        (0, None, False, {"2100": 0}),
        (1000, None, True, {"1100": 1000, "2300": -1000}),
        (0, None, True, {"2100": 1000, "2300": -1000}),
    ],
)
def test_the_way_back_of_a_payment(
    owed_again: int, giver: str | None, walk_up: bool, lines: dict[str, int]
) -> None:
    back = way_back(1000, owed_again, giver, walk_up=walk_up)
    assert len(back) >= 2
    assert all(minor for _, minor in back)
    sums: dict[str, int] = {}
    for code, minor in back:
        sums[code] = sums.get(code, 0) + minor
    assert sums == lines
