"""Goods on sale: posting, selling, a new price, stopping, putting back. Flushes, never commits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.money import Currency
from trader_platform.core.once import By, Result, once
from trader_platform.market.calendar import next_open_day
from trader_platform.market.catalog import Place
from trader_platform.market.models import Market, MarketDay, Product, ProductUnit
from trader_platform.market.models_trade import Listing
from trader_platform.market.queries_calendar import changes_of_market
from trader_platform.market.service_confirm import confirm_listing
from trader_platform.market.service_sales import (
    active_trader,
    check_amount,
    locked_sale,
    numbers,
    sell_from,
    strike,
)
from trader_platform.market.types import (
    MOST_OPEN,
    MOST_QUANTITY,
    ListingGone,
    ListingOf,
    OverLimit,
    PostListing,
    SaleGone,
    SaleOf,
    TooManyListings,
    UnknownGoods,
    UnknownMarket,
    most_price,
)

OPEN: Final = "open"
SOLD: Final = "sold"
STOPPED: Final = "stopped"
# Where nobody knows the next market day, goods stay on sale for a week.
DAY_UNKNOWN: Final = timedelta(days=7)


def post_listing(session: Session, command: PostListing, *, by: By) -> Result:
    """Put goods up for sale until the end of the right market day. Safe to repeat.

    Raises NotATrader, UnknownMarket, UnknownGoods, OverLimit or TooManyListings.
    Returns ids, numbers and ``expires_on``.
    """

    def do() -> Result:
        # Held: two posts at once are counted one by one.
        trader = active_trader(session, command.trader)
        market = session.get(Market, command.market)
        if market is None or market.retired:
            raise UnknownMarket(market=command.market)
        product = _product_by(session, command.product, command.unit)
        _check_price(command.quantity, command.price_minor, command.currency)
        if _count_open(session, command.trader, by.now) >= MOST_OPEN:
            raise TooManyListings(open=MOST_OPEN)
        last_day = _last_day(session, market, product, local_day(by.now, command.zone))
        listing = Listing(
            trader_id=command.trader,
            council_id=market.council_id,
            market_id=market.id,
            product_id=product.id,
            unit_id=command.unit,
            quantity=command.quantity,
            quantity_left=command.quantity,
            price_minor=command.price_minor,
            currency=command.currency.code,
            status=OPEN,
            posted_at=by.now,
            expires_at=end_of_day(last_day, command.zone),
            expires_on=last_day,
            channel=command.channel,
        )
        session.add(listing)
        session.flush()
        _audit(session, "listing.post", listing, by=by)
        confirm_listing(session, trader, listing, by=by, zone=command.zone)
        return _numbers(listing)

    content = {
        "trader": command.trader,
        "market": command.market,
        "product": command.product,
        "unit": command.unit,
        "quantity": command.quantity,
        "price": command.price_minor,
    }
    return once(session, by, kind="listing.post", content=content, do=do)


def sell_out(session: Session, command: ListingOf, *, by: By) -> Result:
    """All that is left was sold: record it at the price asked. Safe to repeat.

    Raises ListingGone. Returns the numbers of the listing and of its ``sale``.
    """

    def do() -> Result:
        listing = _locked(session, command, by.now)
        return _sell(session, listing, command, listing.quantity_left, by=by)

    return once(session, by, kind="listing.sold", content=_content(command), do=do)


def sell_some(session: Session, command: ListingOf, quantity: int, *, by: By) -> Result:
    """``quantity`` of what is left was sold; all of it closes the listing. Safe to repeat.

    Raises ListingGone, or OverLimit where less is left. Returns what ``sell_out`` does.
    """

    def do() -> Result:
        listing = _locked(session, command, by.now)
        if not 1 <= quantity <= listing.quantity_left:
            raise OverLimit(quantity=quantity, left=listing.quantity_left)
        return _sell(session, listing, command, quantity, by=by)

    content = {**_content(command), "quantity": quantity}
    return once(session, by, kind="listing.some", content=content, do=do)


def change_price(
    session: Session, command: ListingOf, price_minor: int, currency: Currency, *, by: By
) -> Result:
    """Ask another price for one unit. Safe to repeat. Raises ListingGone or OverLimit."""

    def do() -> Result:
        listing = _locked(session, command, by.now)
        _check_price(listing.quantity_left, price_minor, currency)
        before, listing.price_minor = listing.price_minor, price_minor
        session.flush()
        _audit(session, "listing.price", listing, by=by, before={"price": before})
        return _numbers(listing)

    content = {**_content(command), "price": price_minor}
    return once(session, by, kind="listing.price", content=content, do=do)


def stop(session: Session, command: ListingOf, *, by: By) -> Result:
    """Take goods off sale. Safe to repeat. Raises ListingGone."""

    def do() -> Result:
        listing = _locked(session, command, by.now)
        listing.status = STOPPED
        session.flush()
        _audit(session, "listing.stop", listing, by=by, before={"status": OPEN})
        return _numbers(listing)

    return once(session, by, kind="listing.stop", content=_content(command), do=do)


def put_back(session: Session, command: ListingOf, sale_id: int, *, by: By) -> Result:
    """Undo a sale of a listing: the sale counts no more, the goods are on sale again.

    Safe to repeat. Raises ListingGone (also where the market day is over), SaleGone, or
    TooManyListings where other goods took the place.
    """

    def do() -> Result:
        active_trader(session, command.trader)
        listing = _locked(session, command, by.now, status=SOLD)
        sale = locked_sale(session, SaleOf(command.trader, sale_id))
        if sale.listing_id != listing.id:
            raise SaleGone(sale=sale_id)
        if _count_open(session, command.trader, by.now) >= MOST_OPEN:
            raise TooManyListings(open=MOST_OPEN)
        strike(session, sale, by=by)
        listing.status, listing.quantity_left = OPEN, sale.quantity or listing.quantity
        session.flush()
        _audit(session, "listing.back", listing, by=by, before={"status": SOLD})
        return {**_numbers(listing), "sale": sale.id}

    content = {**_content(command), "sale": sale_id}
    return once(session, by, kind="listing.back", content=content, do=do)


def end_of_day(day: date, zone: str) -> datetime:
    """The moment, in UTC, at which a market day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _sell(
    session: Session, listing: Listing, command: ListingOf, quantity: int, *, by: By
) -> Result:
    before = {"left": listing.quantity_left, "status": listing.status}
    sale = sell_from(session, listing, command, quantity, by=by)
    listing.quantity_left -= quantity
    if listing.quantity_left == 0:
        listing.status = SOLD
    session.flush()
    _audit(session, "listing.sold", listing, by=by, before=before)
    return {**numbers(sale), "listing": listing.id, "left": listing.quantity_left}


def _locked(session: Session, command: ListingOf, now: datetime, status: str = OPEN) -> Listing:
    """The trader's own listing in the state expected, held until the transaction ends."""
    listing = session.execute(
        select(Listing)
        .where(Listing.id == command.listing, Listing.trader_id == command.trader)
        .with_for_update()
    ).scalar_one_or_none()
    if listing is None or listing.status != status or listing.expires_at <= now:
        raise ListingGone(listing=command.listing)
    return listing


def _product_by(session: Session, product_id: int, unit_id: int) -> Product:
    product = session.get(Product, product_id)
    sold_by = select(ProductUnit.id).filter_by(product_id=product_id, unit_id=unit_id)
    if product is None or product.retired or session.execute(sold_by).first() is None:
        raise UnknownGoods(product=product_id, unit=unit_id)
    return product


def _check_price(quantity: int, price_minor: int, currency: Currency) -> None:
    if not 1 <= quantity <= MOST_QUANTITY:
        raise OverLimit(quantity=quantity)
    if not 1 <= price_minor <= most_price(currency):
        raise OverLimit(price=price_minor)
    check_amount(quantity * price_minor)


def _count_open(session: Session, trader_id: int, now: datetime) -> int:
    return session.execute(
        select(func.count())
        .select_from(Listing)
        .where(Listing.trader_id == trader_id, Listing.status == OPEN, Listing.expires_at > now)
    ).scalar_one()


def _last_day(session: Session, market: Market, product: Product, today: date) -> date:
    """Perishable goods: today. Others: the next day on which the market is held."""
    if product.perishable:
        return today
    days = session.scalars(
        select(MarketDay.weekday).filter_by(market_id=market.id).order_by(MarketDay.weekday)
    )
    place = Place(
        id=market.id,
        slug=market.slug,
        kind=market.kind,
        name=market.name,
        short_name=market.short_name,
        council_id=market.council_id,
        days=tuple(days),
        rank=market.rank,
        latitude=None,
        longitude=None,
        region=None,
    )
    changes = changes_of_market(session.connection(), market.id, today)
    return next_open_day(place, changes, after=today) or today + DAY_UNKNOWN


def _content(command: ListingOf) -> dict[str, object]:
    return {"trader": command.trader, "listing": command.listing}


def _numbers(listing: Listing) -> Result:
    return {
        "listing": listing.id,
        "product": listing.product_id,
        "unit": listing.unit_id,
        "market": listing.market_id,
        "quantity": listing.quantity_left,
        "price": listing.price_minor,
        "expires_on": listing.expires_on.isoformat(),
    }


def _audit(
    session: Session,
    action: str,
    listing: Listing,
    *,
    by: By,
    before: dict[str, object] | None = None,
) -> None:
    after = {
        "trader": listing.trader_id,
        "market": listing.market_id,
        "product": listing.product_id,
        "left": listing.quantity_left,
        "price": listing.price_minor,
        "status": listing.status,
    }
    record(
        session,
        action,
        by=by,
        subject=("listing", listing.id),
        before=before,
        after=after,
        council_id=listing.council_id,
    )
