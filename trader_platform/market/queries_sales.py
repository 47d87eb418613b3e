"""Reads about the sales that a trader recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from trader_platform.market.models_trade import Transaction

LATEST: Final = 40
_COUNTS: Final = Transaction.status == "counted"


@dataclass(frozen=True, slots=True)
class Sale:
    """One recorded sale; unit and quantity are None where only the money was told."""

    id: int
    product: int
    unit: int | None
    quantity: int | None
    amount_minor: int
    sold_on: date


@dataclass(frozen=True, slots=True)
class Taken:
    """How many sales, and the money taken in minor units."""

    sales: int
    amount_minor: int


_SALE: Final = (
    Transaction.id,
    Transaction.product_id,
    Transaction.unit_id,
    Transaction.quantity,
    Transaction.amount_minor,
    Transaction.sold_on,
)


def taken_since(connection: Connection, trader_id: int, since: date) -> Taken:
    """What a trader took from a day on."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(Transaction.amount_minor), 0)).where(
            Transaction.trader_id == trader_id, Transaction.sold_on >= since, _COUNTS
        )
    ).one()
    return Taken(int(row[0]), int(row[1]))


def last_sales(connection: Connection, trader_id: int) -> tuple[Sale, ...]:
    """Her last sales that count, the newest first."""
    rows = connection.execute(
        select(*_SALE)
        .where(Transaction.trader_id == trader_id, _COUNTS)
        .order_by(Transaction.sold_on.desc(), Transaction.id.desc())
        .limit(LATEST)
    )
    return tuple(Sale(*row) for row in rows)


def sale_of(connection: Connection, trader_id: int, sale_id: int) -> Sale | None:
    """One sale, where it is hers and counts."""
    row = connection.execute(
        select(*_SALE).where(Transaction.id == sale_id, Transaction.trader_id == trader_id, _COUNTS)
    ).first()
    return Sale(*row) if row else None
