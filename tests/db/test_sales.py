"""Recorded sales: adding, correcting, taking out; once, and nothing where it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.fixtures.sellers import Seller, by, seller
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.errors import DomainError, IdempotencyConflict
from trader_platform.core.once import Act
from trader_platform.market import service_sales as service
from trader_platform.market import types as t
from trader_platform.market.models_trade import Transaction
from trader_platform.market.queries_sales import Taken, last_sales, sale_of, taken_since

BINTA = "+2207012345"
MONDAY = date(2026, 11, 16)


def command(awa: Seller, amount: int = 75_000, product: str = "tomato") -> t.RecordSale:
    return t.RecordSale(
        trader=awa.trader,
        market=awa.market,
        product=awa.product(product),
        amount_minor=amount,
        zone=awa.catalog.zone,
        currency=awa.catalog.currency,
    )


def recorded(world: World, awa: Seller, amount: int = 75_000) -> int:
    with world.db.transaction() as session:
        return int(service.record_sale(session, command(awa, amount), by=by(world))["sale"])


def counts(world: World) -> tuple[int, ...]:
    with world.db.transaction() as session:
        tables = (Transaction, Act, AuditRow)
        return tuple(session.scalar(select(func.count()).select_from(x)) or 0 for x in tables)


def test_one_key_records_one_sale(world: World) -> None:
    awa = seller(world)
    before = counts(world)
    for _ in range(2):
        with world.db.transaction() as session:
            result = service.record_sale(session, command(awa), by=by(world, "sale:1"))
    assert [b - a for a, b in zip(before, counts(world), strict=True)] == [1, 1, 1]
    with world.db.transaction() as session:
        sale = session.get_one(Transaction, result["sale"])
        assert (sale.amount_minor, sale.currency, sale.status) == (75_000, "GMD", "counted")
        assert (sale.unit_id, sale.quantity, sale.listing_id) == (None, None, None)
        assert sale.council_id is not None
    with pytest.raises(IdempotencyConflict), world.db.transaction() as session:
        service.record_sale(session, command(awa, 1), by=by(world, "sale:1"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"trader": 10**6}, t.NotATrader),
        ({"market": 10**6}, t.UnknownMarket),
        ({"product": 10**6}, t.UnknownGoods),
        ({"amount_minor": 0}, t.OverLimit),
        ({"amount_minor": 10**9}, t.OverLimit),
    ],
)
def test_a_refused_sale_leaves_nothing(
    world: World, change: dict[str, int], error: type[DomainError]
) -> None:
    awa = seller(world)
    before = counts(world)
    with pytest.raises(error), world.db.transaction() as session:
        service.record_sale(session, replace(command(awa), **change), by=by(world))  # type: ignore[arg-type]
    assert counts(world) == before


def test_correcting_keeps_what_stood_before_in_the_trail(world: World) -> None:
    awa = seller(world)
    sale = t.SaleOf(awa.trader, recorded(world, awa))
    for _ in range(2):
        with world.db.transaction() as session:
            service.correct_amount(session, sale, 70_000, by=by(world, "fix:1"))
    with world.db.transaction() as session:
        rows = session.scalars(select(AuditRow).filter_by(action="sale.correct")).all()
        assert [row.before for row in rows] == ['{"amount": 75000}']
        assert session.get_one(Transaction, sale.sale).amount_minor == 70_000


def test_what_is_out_is_out_and_others_cannot_touch_it(world: World) -> None:
    awa, binta = seller(world), seller(world, BINTA, name="Binta")
    sale = recorded(world, awa)
    not_hers = t.SaleOf(binta.trader, sale)
    for call in (service.take_out, lambda s, x, by: service.correct_amount(s, x, 5, by=by)):
        with pytest.raises(t.SaleGone), world.db.transaction() as session:
            call(session, not_hers, by=by(world))
    with world.db.transaction() as session:
        service.take_out(session, t.SaleOf(awa.trader, sale), by=by(world))
    before = counts(world)
    for call in (service.take_out, lambda s, x, by: service.correct_amount(s, x, 5, by=by)):
        with pytest.raises(t.SaleGone), world.db.transaction() as session:
            call(session, t.SaleOf(awa.trader, sale), by=by(world))
    assert counts(world) == before


def test_reads_count_only_what_counts(world: World) -> None:
    awa = seller(world)
    first, second = recorded(world, awa, 999_999_999), recorded(world, awa, 999_999_999)
    out = recorded(world, awa, 5)
    recorded(world, seller(world, BINTA, name="Binta"), 7)
    with world.db.transaction() as session:
        service.take_out(session, t.SaleOf(awa.trader, out), by=by(world))
    with world.db.reading() as connection:
        assert taken_since(connection, awa.trader, MONDAY) == Taken(2, 1_999_999_998)
        assert taken_since(connection, awa.trader, date(2026, 11, 23)) == Taken(0, 0)
        assert [x.id for x in last_sales(connection, awa.trader)] == [second, first]
        assert sale_of(connection, awa.trader, out) is None
