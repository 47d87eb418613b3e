"""Sales that traders record: adding, correcting, taking out. Flushes, never commits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.once import By, Result, once
from trader_platform.market.models import Market, Product
from trader_platform.market.models_trade import Listing, Transaction
from trader_platform.market.types import (
    MOST_AMOUNT,
    ListingOf,
    NotATrader,
    OverLimit,
    RecordSale,
    SaleGone,
    SaleOf,
    UnknownGoods,
    UnknownMarket,
)
from trader_platform.traders.models import Trader

COUNTED = "counted"
OUT = "out"


def record_sale(session: Session, command: RecordSale, *, by: By) -> Result:
    """Note what a trader took today for a product she had no listing of. Safe to repeat.

    Raises NotATrader, UnknownGoods, UnknownMarket or OverLimit. Returns the sale's numbers.
    """

    def do() -> Result:
        active_trader(session, command.trader)
        check_amount(command.amount_minor)
        market = None if command.market is None else session.get(Market, command.market)
        if command.market is not None and market is None:
            raise UnknownMarket(market=command.market)
        product = session.get(Product, command.product)
        if product is None or product.retired:
            raise UnknownGoods(product=command.product)
        sale = Transaction(
            trader_id=command.trader,
            council_id=market.council_id if market else None,
            market_id=command.market,
            product_id=command.product,
            amount_minor=command.amount_minor,
            currency=command.currency.code,
            sold_on=local_day(by.now, command.zone),
            status=COUNTED,
            recorded_at=by.now,
            channel=command.channel,
        )
        session.add(sale)
        session.flush()
        audit_sale(session, "sale.record", sale, by=by)
        return numbers(sale)

    content = {
        "trader": command.trader,
        "market": command.market,
        "product": command.product,
        "amount": command.amount_minor,
    }
    return once(session, by, kind="sale.record", content=content, do=do)


def correct_amount(session: Session, command: SaleOf, amount_minor: int, *, by: By) -> Result:
    """Say what was really taken for a recorded sale. Safe to repeat.

    Raises SaleGone or OverLimit. Returns the sale's numbers.
    """

    def do() -> Result:
        check_amount(amount_minor)
        sale = locked_sale(session, command)
        before, sale.amount_minor = sale.amount_minor, amount_minor
        session.flush()
        audit_sale(session, "sale.correct", sale, by=by, before={"amount": before})
        return numbers(sale)

    content = {"trader": command.trader, "sale": command.sale, "amount": amount_minor}
    return once(session, by, kind="sale.correct", content=content, do=do)


def take_out(session: Session, command: SaleOf, *, by: By) -> Result:
    """Let a sale count no more; the row stays. Safe to repeat.

    Raises SaleGone where it is not hers or is out already. Returns the sale's numbers.
    """

    def do() -> Result:
        sale = locked_sale(session, command)
        strike(session, sale, by=by)
        return numbers(sale)

    content = {"trader": command.trader, "sale": command.sale}
    return once(session, by, kind="sale.out", content=content, do=do)


def sell_from(
    session: Session, listing: Listing, command: ListingOf, quantity: int, *, by: By
) -> Transaction:
    """Record that ``quantity`` of a listing was sold at its price; part of a larger act."""
    sale = Transaction(
        trader_id=listing.trader_id,
        council_id=listing.council_id,
        market_id=listing.market_id,
        product_id=listing.product_id,
        unit_id=listing.unit_id,
        quantity=quantity,
        amount_minor=quantity * listing.price_minor,
        currency=listing.currency,
        listing_id=listing.id,
        sold_on=local_day(by.now, command.zone),
        status=COUNTED,
        recorded_at=by.now,
        channel=command.channel,
    )
    session.add(sale)
    session.flush()
    audit_sale(session, "sale.record", sale, by=by)
    return sale


def strike(session: Session, sale: Transaction, *, by: By) -> None:
    """Mark a sale as one that does not count; part of a larger act."""
    sale.status = OUT
    session.flush()
    audit_sale(session, "sale.out", sale, by=by, before={"status": COUNTED})


def locked_sale(session: Session, command: SaleOf) -> Transaction:
    """A counted sale of this trader, held until the transaction ends; else SaleGone."""
    sale = session.execute(
        select(Transaction)
        .where(Transaction.id == command.sale, Transaction.trader_id == command.trader)
        .with_for_update()
    ).scalar_one_or_none()
    if sale is None or sale.status != COUNTED:
        raise SaleGone(sale=command.sale)
    return sale


def active_trader(session: Session, trader_id: int) -> Trader:
    """The trader, held until the transaction ends; NotATrader where she sells no more."""
    trader = session.execute(
        select(Trader).where(Trader.id == trader_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if trader is None or trader.status != "active":
        raise NotATrader(trader=trader_id)
    return trader


def check_amount(amount_minor: int) -> None:
    """Raise OverLimit for what no screen and no column can hold."""
    if not 1 <= amount_minor <= MOST_AMOUNT:
        raise OverLimit(amount=amount_minor)


def numbers(sale: Transaction) -> Result:
    """What a reply about a sale is worded from."""
    return {
        "sale": sale.id,
        "product": sale.product_id,
        "unit": sale.unit_id,
        "quantity": sale.quantity,
        "amount": sale.amount_minor,
        "sold_on": sale.sold_on.isoformat(),
    }


def audit_sale(
    session: Session,
    action: str,
    sale: Transaction,
    *,
    by: By,
    before: dict[str, object] | None = None,
) -> None:
    """One row of the trail about a sale."""
    after = {
        "trader": sale.trader_id,
        "listing": sale.listing_id,
        "amount": sale.amount_minor,
        "status": sale.status,
    }
    record(
        session,
        action,
        by=by,
        subject=("sale", sale.id),
        before=before,
        after=after,
        council_id=sale.council_id,
    )
