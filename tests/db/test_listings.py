"""Goods on sale: the whole outcome of each act, once, and nothing where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fixtures.sellers import Seller, by, seller
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.errors import DomainError
from trader_platform.core.once import Act, By, Result
from trader_platform.market import service_listings as service
from trader_platform.market import types as t
from trader_platform.market.models import Market, MarketChange
from trader_platform.market.models_trade import Listing, PriceReport, Transaction
from trader_platform.market.queries_listings import goods_of, goods_on_sale
from trader_platform.traders.models import Trader

BINTA = "+2207012345"
Call = Callable[[Session, By], Result]


def counts(world: World) -> tuple[int, ...]:
    tables = (Listing, Transaction, Act, AuditRow)
    with world.db.transaction() as session:
        return tuple(session.scalar(select(func.count()).select_from(x)) or 0 for x in tables)


def of(awa: Seller, listing: int) -> t.ListingOf:
    return t.ListingOf(awa.trader, listing, awa.catalog.zone)


def test_posting_writes_one_listing_one_act_one_audit_row(world: World) -> None:
    awa = seller(world)
    before = counts(world)
    for _ in range(2):  # the second is the same request again
        with world.db.transaction() as session:
            result = service.post_listing(session, awa.command(), by=by(world, "post:1"))
    assert [b - a for a, b in zip(before, counts(world), strict=True)] == [1, 0, 1, 1]
    assert result == {
        "language": "en",
        "listing": result["listing"],
        "product": awa.product("onion"),
        "unit": awa.unit("bag"),
        "market": awa.market,
        "quantity": 20,
        "price": 150_000,
        "expires_on": "2026-11-23",
    }
    with world.db.transaction() as session:
        made = session.get_one(Listing, result["listing"])
        assert made.trader_id == awa.trader
        assert made.council_id == session.get_one(Market, awa.market).council_id
        assert made.posted_at == world.clock.now()
        assert made.expires_at == datetime(2026, 11, 24, tzinfo=UTC)
        assert session.scalar(select(func.count()).select_from(PriceReport)) == 0
        row = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
        assert row is not None
        assert (row.action, row.subject_id) == ("listing.post", str(made.id))
        assert row.council_id == made.council_id


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"market": 10**6}, t.UnknownMarket),
        ({"product": 10**6}, t.UnknownGoods),
        ({"unit": "piece"}, t.UnknownGoods),
        ({"trader": 10**6}, t.NotATrader),
        ({"quantity": 0}, t.OverLimit),
        ({"quantity": 10_000}, t.OverLimit),
        ({"price_minor": 0}, t.OverLimit),
        ({"price_minor": 10_000_000}, t.OverLimit),
        ({"quantity": 9_999, "price_minor": 9_999_900}, t.OverLimit),
    ],
)
def test_a_refused_listing_leaves_nothing(
    world: World, change: dict[str, int | str], error: type[DomainError]
) -> None:
    awa = seller(world)
    before = counts(world)
    named = {k: awa.unit(v) if isinstance(v, str) else v for k, v in change.items()}
    command = replace(awa.command(), **named)  # type: ignore[arg-type]
    with pytest.raises(error), world.db.transaction() as session:
        service.post_listing(session, command, by=by(world))
    assert counts(world) == before


def test_who_has_left_posts_nothing(world: World) -> None:
    awa = seller(world)
    with world.db.transaction() as session:
        session.get_one(Trader, awa.trader).status = "left"
    with pytest.raises(t.NotATrader):
        awa.post()


def test_the_twenty_first_is_refused_until_one_is_over(world: World) -> None:
    awa = seller(world)
    for _ in range(20):
        awa.post()
    with pytest.raises(t.TooManyListings):
        awa.post()
    world.clock.move(days=2)
    awa.post()


def changed(world: World, market: int, kind: str, *days: date) -> None:
    starts, ends, moved = days
    with world.db.transaction() as session:
        row = MarketChange(market_id=market, kind=kind, starts_on=starts, ends_on=ends)
        row.moved_to = moved if kind == "move" else None
        session.add(row)


def expiry(awa: Seller, product: str = "onion", unit: str = "bag") -> str:
    return str(awa.post(product, unit)["expires_on"])


def test_goods_stay_until_the_next_market_day(world: World) -> None:
    daily = seller(world)
    lumo = seller(world, BINTA, market="farafenni")  # Sundays; today is one
    assert expiry(daily) == "2026-11-23"
    assert expiry(lumo) == "2026-11-29"
    assert expiry(daily, "tomato", "kg") == expiry(lumo, "tomato", "kg") == "2026-11-22"


def test_closures_and_moves_are_honoured(world: World) -> None:
    daily = seller(world)
    lumo = seller(world, BINTA, market="farafenni")
    assert daily.market is not None
    assert lumo.market is not None
    tuesday, saturday, sunday = date(2026, 11, 24), date(2026, 11, 28), date(2026, 11, 29)
    changed(world, daily.market, "closure", date(2026, 11, 23), tuesday, tuesday)
    changed(world, lumo.market, "move", sunday, sunday, saturday)
    assert expiry(daily) == "2026-11-25"
    assert expiry(lumo) == "2026-11-28"


def test_where_no_day_is_known_goods_stay_a_week(world: World) -> None:
    awa = seller(world)
    place = next(p for p in awa.catalog.markets.values() if p.kind == "lumo" and p.days)
    with world.db.transaction() as session:
        market = session.get_one(Market, place.id)
        changed_days = service.DAY_UNKNOWN.days
        for day in session.scalars(select(service.MarketDay).filter_by(market_id=market.id)):
            session.delete(day)
    with world.db.transaction() as session:
        result = service.post_listing(session, awa.command(market=place.id), by=by(world))
    assert result["expires_on"] == f"2026-11-{22 + changed_days}"


def test_a_market_day_ends_in_the_zone_of_the_country() -> None:
    end = service.end_of_day(date(2026, 11, 22), "Asia/Kolkata")
    assert end == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def test_selling_out_twice_with_one_key_is_one_sale(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    results = []
    for _ in range(2):
        with world.db.transaction() as session:
            results.append(service.sell_out(session, of(awa, listing), by=by(world, "sold:1")))
    assert results[0] == results[1]
    with world.db.transaction() as session:
        (sale,) = session.scalars(select(Transaction)).all()
        assert (sale.amount_minor, sale.quantity, sale.sold_on) == (
            3_000_000,
            20,
            date(2026, 11, 22),
        )
        assert (sale.listing_id, sale.trader_id, sale.market_id) == (
            listing,
            awa.trader,
            awa.market,
        )
        actions = session.scalars(select(AuditRow.action).where(AuditRow.action.like("%s%")))
        assert {"sale.record", "listing.sold"} <= set(actions)


def acts(awa: Seller, listing: int, sale: int = 0) -> list[Call]:
    """Everything one can do to a listing."""
    named = of(awa, listing)
    gmd = awa.catalog.currency
    return [
        lambda s, b: service.sell_out(s, named, by=b),
        lambda s, b: service.sell_some(s, named, 2, by=b),
        lambda s, b: service.change_price(s, named, 5_000, gmd, by=b),
        lambda s, b: service.stop(s, named, by=b),
        lambda s, b: service.put_back(s, named, sale, by=b),
    ]


def refused(world: World, calls: list[Call]) -> None:
    before = counts(world)
    for call in calls:
        with pytest.raises(t.ListingGone), world.db.transaction() as session:
            call(session, by(world))
    assert counts(world) == before


def test_nobody_touches_the_goods_of_another(world: World) -> None:
    listing = seller(world).post()["listing"]
    binta = seller(world, BINTA, name="Binta")
    refused(world, acts(binta, listing))
    assert goods_of_is_none(world, binta, listing)


def goods_of_is_none(world: World, who: Seller, listing: int) -> bool:
    with world.db.reading() as connection:
        return goods_of(connection, who.trader, listing, world.clock.now()) is None


def test_nothing_is_done_to_goods_whose_day_is_over(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    world.clock.move(days=2)
    refused(world, acts(awa, listing))
    with world.db.reading() as connection:
        assert goods_on_sale(connection, awa.trader, world.clock.now()) == ()


def test_stopped_goods_stay_stopped(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    with world.db.transaction() as session:
        service.stop(session, of(awa, listing), by=by(world))
    refused(world, acts(awa, listing))


def test_more_than_is_left_cannot_be_sold(world: World) -> None:
    awa = seller(world)
    listing = awa.post(quantity=3)["listing"]
    before = counts(world)
    for quantity in (0, 4):
        with pytest.raises(t.OverLimit), world.db.transaction() as session:
            service.sell_some(session, of(awa, listing), quantity, by=by(world))
    assert counts(world) == before


def test_putting_back_restores_what_that_sale_took(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    with world.db.transaction() as session:
        service.sell_some(session, of(awa, listing), 8, by=by(world))
    with world.db.transaction() as session:
        sale = service.sell_out(session, of(awa, listing), by=by(world))["sale"]
    for _ in range(2):
        with world.db.transaction() as session:
            service.put_back(session, of(awa, listing), sale, by=by(world, "back:1"))
    with world.db.transaction() as session:
        row = session.get_one(Listing, listing)
        assert (row.status, row.quantity_left) == ("open", 12)
        found = session.scalars(select(Transaction).order_by(Transaction.id))
        assert [(x.quantity, x.status) for x in found] == [(8, "counted"), (12, "out")]


def test_a_sale_of_other_goods_puts_nothing_back(world: World) -> None:
    awa = seller(world)
    one, two = awa.post()["listing"], awa.post()["listing"]
    with world.db.transaction() as session:
        service.sell_out(session, of(awa, one), by=by(world))
        sale = service.sell_out(session, of(awa, two), by=by(world))["sale"]
    before = counts(world)
    with pytest.raises(t.SaleGone), world.db.transaction() as session:
        service.put_back(session, of(awa, one), sale, by=by(world))
    assert counts(world) == before


def test_a_price_that_is_too_high_for_what_is_left_is_refused(world: World) -> None:
    awa = seller(world)
    listing = awa.post(quantity=9_999, price=100)["listing"]
    currency = awa.catalog.currency
    for price in (0, 9_999_900, 10_000_000):
        with pytest.raises(t.OverLimit), world.db.transaction() as session:
            service.change_price(session, of(awa, listing), price, currency, by=by(world))
    with world.db.transaction() as session:
        assert session.get_one(Listing, listing).price_minor == 100
