"""Reads about goods on sale: a trader's own, what others ask for the same, and who sells what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from trader_platform.market.models import Market, Product
from trader_platform.market.models_trade import Listing, PriceWeek
from trader_platform.traders.models import Person, Trader

# Written as text: a bound value would keep SQLite from its partial index.
IS_OPEN: Final[ColumnElement[bool]] = Listing.status == literal_column("'open'")
LATEST: Final = 40
COMPARED: Final = 100
FAR: Final = 10
STILL_USUAL: Final = timedelta(weeks=8)
# At most so many markets are asked in one statement, each by one seek in the index.
TOGETHER: Final = 8

_Offers: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Goods:
    """One listing of a trader as she sees it; ``quantity`` is what is left of ``posted``."""

    id: int
    product: int
    unit: int
    market: int
    posted: int
    quantity: int
    price_minor: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What others ask, or were paid, for one unit at a market, in minor units."""

    low: int
    usual: int
    high: int


_OWN: Final = (
    Listing.id,
    Listing.product_id,
    Listing.unit_id,
    Listing.market_id,
    Listing.quantity,
    Listing.quantity_left,
    Listing.price_minor,
    Listing.expires_on,
)


def goods_on_sale(connection: Connection, trader_id: int, now: datetime) -> tuple[Goods, ...]:
    """What a trader has on sale, the newest first."""
    rows = connection.execute(
        select(*_OWN)
        .where(Listing.trader_id == trader_id, IS_OPEN, Listing.expires_at > now)
        .order_by(Listing.id.desc())
    )
    return tuple(Goods(*row) for row in rows)


def goods_of(
    connection: Connection, trader_id: int, listing_id: int, now: datetime
) -> Goods | None:
    """One listing, where it is hers and still on sale."""
    row = connection.execute(
        select(*_OWN).where(
            Listing.id == listing_id,
            Listing.trader_id == trader_id,
            IS_OPEN,
            Listing.expires_at > now,
        )
    ).first()
    return Goods(*row) if row else None


def count_on_sale(connection: Connection, trader_id: int, now: datetime) -> int:
    """How many listings a trader has open."""
    return connection.execute(
        select(func.count())
        .select_from(Listing)
        .where(Listing.trader_id == trader_id, IS_OPEN, Listing.expires_at > now)
    ).scalar_one()


def posted_before(connection: Connection, trader_id: int) -> tuple[Goods, ...]:
    """Her last listings in whatever state, the newest first."""
    rows = connection.execute(
        select(*_OWN)
        .where(Listing.trader_id == trader_id)
        .order_by(Listing.id.desc())
        .limit(LATEST)
    )
    return tuple(Goods(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class SameGoods:
    """One product by one unit at one market, and the trader who asks about it."""

    market: int
    product: int
    unit: int
    trader: int


def others_ask(connection: Connection, same: SameGoods, now: datetime) -> Asked | None:
    """What others ask now; else the prices reported last, within eight weeks; else None."""
    offers = connection.scalars(
        select(Listing.price_minor)
        .where(
            Listing.product_id == same.product,
            Listing.market_id == same.market,
            Listing.unit_id == same.unit,
            Listing.trader_id != same.trader,
            IS_OPEN,
            Listing.expires_at > now,
        )
        .order_by(Listing.expires_at.desc(), Listing.id.desc())
        .limit(COMPARED)
    ).all()
    reported = _reported(connection, same, now)
    if offers:
        usual = reported.usual if reported else median_low(offers)
        return Asked(min(offers), usual, max(offers))
    return reported


def is_far(asked: Asked, price_minor: int) -> bool:
    """Ten times, or a tenth, of what is usual: one nought too many or too few."""
    return not asked.usual < price_minor * FAR < asked.usual * FAR * FAR


def _reported(connection: Connection, same: SameGoods, now: datetime) -> Asked | None:
    w = PriceWeek
    row = connection.execute(
        select(w.low_minor, w.median_minor, w.high_minor)
        .where(
            w.market_id == same.market,
            w.product_id == same.product,
            w.unit_id == same.unit,
            w.wholesale.is_(False),
            w.week_of > now.date() - STILL_USUAL,
        )
        .order_by(w.week_of.desc())
        .limit(1)
    ).first()
    return Asked(*row) if row else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of offers ended."""

    market: int
    expires_at: datetime
    listing: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Goods that a buyer can ask for, and who sells them."""

    id: int
    market: int
    product: int
    unit: int
    quantity: int
    price_minor: int
    expires_on: date
    expires_at: datetime
    trader: int
    person: int
    name: str | None
    number_shown: str

    @property
    def cursor(self) -> Cursor:
        """Ask for what follows this offer."""
        return Cursor(self.market, self.expires_at, self.id)


def list_offers(
    connection: Connection,
    product_id: int,
    near_market_id: int | None,
    now: datetime,
    *,
    limit: int = 12,
    after: Cursor | None = None,
) -> tuple[Offer, ...]:
    """Open offers of a product: her own market first, then its council, then the rest.

    Within a market those that stay longest come first, then the newest. ``after`` is the cursor of
    the last offer of the page before. Sellers on hold, leaving or gone are not shown.
    """
    markets = _selling(connection, product_id, near_market_id, now)
    if after is not None and after.market in markets:
        markets = markets[markets.index(after.market) :]
    found: list[Offer] = []
    for together in _chunks(markets):
        left = limit - len(found)
        parts = [_page(product_id, market, now, left, after).subquery() for market in together]
        rows = connection.execute(union_all(*(select(part) for part in parts)))
        offers = [Offer(*row) for row in rows]
        place = {market: at for at, market in enumerate(together)}
        offers.sort(key=lambda x: (place[x.market], -x.expires_at.timestamp(), -x.id))
        found += offers[:left]
        if len(found) == limit:
            break
    return tuple(found)


def find_offer(connection: Connection, listing_id: int, now: datetime) -> Offer | None:
    """One offer, where it is still open to buyers."""
    row = connection.execute(_offers(now).where(Listing.id == listing_id)).first()
    return Offer(*row) if row else None


def _selling(
    connection: Connection, product_id: int, near_market_id: int | None, now: datetime
) -> list[int]:
    """Markets that have an offer, the near ones first: one seek each, never a scan."""
    # A scalar subquery, because PostgreSQL would turn an EXISTS into a join over all offers.
    one = (
        select(Listing.id)
        .where(
            Listing.product_id == product_id,
            Listing.market_id == Market.id,
            IS_OPEN,
            Listing.expires_at > now,
        )
        .correlate(Market)
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(Market.id, Market.council_id, Market.rank, one.is_not(None).label("sells"))
        .join(Product, Product.pack_id == Market.pack_id)
        .where(Product.id == product_id, Market.retired.is_(False))
    ).all()
    council = next((row.council_id for row in rows if row.id == near_market_id), None)

    def nearness(row: Any) -> tuple[int, int, int]:
        if row.id == near_market_id:
            return 0, row.rank, row.id
        same = council is not None and row.council_id == council
        return 1 if same else 2, row.rank, row.id

    return [row.id for row in sorted(rows, key=nearness) if row.sells]


def _page(
    product_id: int, market_id: int, now: datetime, limit: int, after: Cursor | None
) -> _Offers:
    page = _offers(now).where(Listing.product_id == product_id, Listing.market_id == market_id)
    if after is not None and after.market == market_id:
        page = page.where(
            Listing.expires_at <= after.expires_at,
            or_(
                Listing.expires_at < after.expires_at,
                and_(Listing.expires_at == after.expires_at, Listing.id < after.listing),
            ),
        )
    return page.order_by(Listing.expires_at.desc(), Listing.id.desc()).limit(limit)


def _offers(now: datetime) -> _Offers:
    return (
        select(
            Listing.id,
            Listing.market_id,
            Listing.product_id,
            Listing.unit_id,
            Listing.quantity_left,
            Listing.price_minor,
            Listing.expires_on,
            Listing.expires_at,
            Trader.id.label("trader"),
            Person.id.label("person"),
            Person.name,
            Person.number_shown,
        )
        .join(Trader, Trader.id == Listing.trader_id)
        .join(Person, Person.id == Trader.person_id)
        .where(
            IS_OPEN,
            Listing.expires_at > now,
            Trader.status == "active",
            Person.held.is_(False),
            Person.leave_at.is_(None),
        )
    )


def _chunks(markets: Sequence[int]) -> Iterator[Sequence[int]]:
    """The nearest market alone, because it is mostly enough; then ever more at once."""
    start, size = 0, 1
    while start < len(markets):
        yield markets[start : start + size]
        start, size = start + size, min(size * 2, TOGETHER)
