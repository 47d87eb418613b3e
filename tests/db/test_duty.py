"""Which tariff holds: the most specific one, then the latest that was valid on the day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, insert, select

from tests.fixtures.world import World
from trader_platform.fees.models import Tariff
from trader_platform.fees.queries import duty_for
from trader_platform.market.models import Council, GoodsClass, Market

TODAY = date(2026, 11, 22)
BOTH, MARKET, GOODS, COUNCIL = (True, True), (True, False), (False, True), (False, False)
# (for the market alone, for the goods alone), valid from, amount
Row = tuple[tuple[bool, bool], date, int]


def year(number: int) -> date:
    return date(number, 1, 1)


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([], None),
        ([(COUNCIL, year(2020), 10)], 10),
        ([(COUNCIL, year(2020), 10), (COUNCIL, year(2024), 15)], 15),
        ([(COUNCIL, year(2020), 10), (COUNCIL, year(2027), 15)], 10),
        ([(COUNCIL, year(2027), 15)], None),
        ([(COUNCIL, TODAY, 15)], 15),
        ([(COUNCIL, year(2024), 15), (GOODS, year(2020), 20)], 20),
        ([(GOODS, year(2024), 20), (MARKET, year(2020), 30)], 30),
        ([(MARKET, year(2024), 30), (BOTH, year(2020), 40)], 40),
        ([(MARKET, year(2020), 30), (BOTH, year(2027), 40)], 30),
        ([(BOTH, year(2020), 40), (BOTH, year(2022), 45), (MARKET, year(2024), 30)], 45),
    ],
)
def test_duty_for(world: World, rows: list[Row], amount: int | None) -> None:
    council, market, goods = _given(world, rows)
    with world.db.reading() as connection:
        duty = duty_for(connection, council, market, goods, TODAY)
    assert (duty.amount_minor if duty else None) == amount


def test_other_markets_goods_councils_and_fees_do_not_matter(world: World) -> None:
    council, market, goods = _given(world, [(BOTH, year(2020), 40), (COUNCIL, year(2020), 10)])
    with world.db.reading() as connection:
        others = (
            duty_for(connection, council, market + 1, goods, TODAY),
            duty_for(connection, council, market, goods + 1, TODAY),
        )
        assert [duty.amount_minor for duty in others if duty] == [10, 10]
        assert duty_for(connection, council + 1, market, goods, TODAY) is None
    with world.db.transaction() as session:
        for row in session.scalars(select(Tariff)):
            row.fee = "canteen_rent"
    with world.db.reading() as connection:
        assert duty_for(connection, council, market, goods, TODAY) is None


def test_what_we_know_it_from_comes_with_it(world: World) -> None:
    with world.db.reading() as connection:
        council = connection.execute(select(Council.id).filter_by(slug="kanifing")).scalar_one()
        market = connection.execute(select(Market.id).filter_by(slug="latrikunda")).scalar_one()
        goods = connection.execute(select(GoodsClass.id).filter_by(slug="fish")).scalar_one()
        duty = duty_for(connection, council, market, goods, TODAY)
    assert duty is not None
    assert (duty.amount_minor, duty.currency, duty.certainty) == (2000, "GMD", "sourced")
    assert (duty.date_precision, duty.source_date) == ("year", date(2020, 3, 3))
    assert duty.source.startswith("https://")


def _given(world: World, rows: list[Row]) -> tuple[int, int, int]:
    with world.db.transaction() as session:
        session.execute(delete(Tariff))
        market = session.execute(select(Market).filter_by(slug="bakoteh")).scalar_one()
        goods = session.execute(select(GoodsClass).filter_by(slug="fish")).scalar_one()
        assert market.council_id is not None
        for (of_market, of_goods), valid_from, amount in rows:
            session.execute(
                insert(Tariff).values(
                    council_id=market.council_id,
                    market_id=market.id if of_market else None,
                    goods_class_id=goods.id if of_goods else None,
                    fee="daily_duty",
                    per="day",
                    amount_minor=amount,
                    currency="GMD",
                    valid_from=valid_from,
                    date_precision="year",
                    certainty="sourced",
                    source="the test",
                )
            )
        return market.council_id, market.id, goods.id
