"""Which tariff holds: one answer for a fee at a place on a day, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.fixtures.fees import Council, make_council
from tests.fixtures.world import World
from trader_platform.fees.models import Tariff
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.types import Day, Place

FEE = "toilet"  # the pack has no tariff of it
DAY = date(2026, 11, 22)
PLAIN = Day(DAY)


def tariffs(world: World, council: Council, *rows: dict[str, Any]) -> None:
    with world.db.transaction() as session:
        for row in rows:
            values: dict[str, Any] = {
                "council_id": council.id,
                "fee": FEE,
                "per": "day",
                "currency": "GMD",
                "valid_from": date(2026, 1, 1),
                "date_precision": "day",
                "certainty": "sourced",
                "source": "made up",
            }
            session.add(Tariff(**values | row))


def asked(world: World, council: Council, day: Day = PLAIN, **place: Any) -> int | None:
    where = {"market_id": council.market, "goods_class_id": council.goods} | place
    with world.db.reading() as connection:
        found = tariff_for(connection, FEE, Place(council.id, **where), day)
    return None if found is None else found.amount_minor


def test_the_most_specific_wins_in_its_order(world: World) -> None:
    """Each row is more specific than all before it, so each takes over where it applies."""
    council = make_council(world, stalls=0)
    market, goods = {"market_id": council.market}, {"goods_class_id": council.goods}
    steps = [
        {},
        {"space_class": "canteen"},
        goods,
        {"day_type": "lumo"},
        {"festival": "gamo"},
        market,
        market | {"space_class": "canteen"},
        market | goods,
        market | {"day_type": "lumo"},
        market | {"festival": "gamo"},
        market | goods | {"festival": "gamo", "day_type": "lumo", "space_class": "canteen"},
    ]
    day = Day(DAY, "lumo", "gamo")
    assert asked(world, council, day, space_class="canteen") is None
    for amount, step in enumerate(steps, 1):
        tariffs(world, council, step | {"amount_minor": amount})
        assert asked(world, council, day, space_class="canteen") == amount, step
    assert asked(world, council) == 8  # a plain day, no space class: market and goods
    assert asked(world, council, goods_class_id=council.goods + 1) == 6
    assert asked(world, council, market_id=council.other_market) == 3
    assert asked(world, council, Day(DAY, "lumo"), market_id=council.other_market) == 4


def test_a_tariff_of_any_festival_holds_on_each(world: World) -> None:
    council = make_council(world, stalls=0)
    tariffs(world, council, {"amount_minor": 10}, {"amount_minor": 20, "day_type": "festival"})
    tariffs(world, council, {"amount_minor": 30, "festival": "tobaski"})
    days = (PLAIN, Day(DAY, "lumo"), Day(DAY, "", "koriteh"), Day(DAY, "lumo", "tobaski"))
    assert [asked(world, council, day) for day in days] == [10, 10, 20, 30]


@pytest.mark.parametrize(
    ("day", "amount"),
    [(DAY - timedelta(days=1), None), (DAY, 10), (DAY + timedelta(days=1), 12)],
)
def test_a_tariff_holds_from_its_midnight_on(world: World, day: date, amount: int | None) -> None:
    council = make_council(world, stalls=0)
    tomorrow = DAY + timedelta(days=1)
    tariffs(world, council, {"valid_from": DAY, "amount_minor": 10})
    tariffs(world, council, {"valid_from": tomorrow, "amount_minor": 12})
    assert asked(world, council, Day(day)) == amount


def test_a_later_row_at_large_does_not_undo_a_market_own(world: World) -> None:
    council = make_council(world, stalls=0)
    tariffs(world, council, {"market_id": council.market, "amount_minor": 10})
    tariffs(world, council, {"valid_from": DAY, "amount_minor": 12})
    assert asked(world, council) == 10
    assert asked(world, council, market_id=council.other_market) == 12


def test_of_two_rows_of_one_day_the_later_entered_holds(world: World) -> None:
    council = make_council(world, stalls=0)
    tariffs(world, council, {"amount_minor": 10}, {"amount_minor": 11})
    assert asked(world, council) == 11
