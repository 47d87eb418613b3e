"""Why a trader owes what she owes: one charge with its tariff and what changed it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from trader_platform.fees.models import Tariff
from trader_platform.fees.models_charges import IS_LIVE, Charge, FeeAccount


@dataclass(frozen=True, slots=True)
class Known:
    """Since when a duty is right, and what we know it from (see DutyView)."""

    valid_from: date
    date_precision: str
    source_date: date | None
    certainty: str
    bylaw: str = ""


@dataclass(frozen=True, slots=True)
class ChargeWhy:
    """One charge: the price of its tariff, what it came to after adjustments, what is left."""

    fee: str
    period_from: date
    period_to: date
    price_minor: int
    amount_minor: int
    left_minor: int
    market_id: int
    goods_class_id: int
    known: Known


def why_charged(connection: Connection, trader_id: int, charge_id: int) -> ChargeWhy | None:
    """A live charge of this trader; None for another's."""
    c, t, a = Charge, Tariff, FeeAccount
    row = connection.execute(
        select(
            *(c.fee, c.period_from, c.period_to, c.price_minor, c.amount_minor),
            *(c.outstanding_minor, c.market_id, a.goods_class_id),
            *(t.valid_from, t.date_precision, t.source_date, t.certainty, t.bylaw),
        )
        .join(a, a.id == c.account_id)
        .join(t, t.id == c.tariff_id)
        .where(c.id == charge_id, IS_LIVE, a.trader_id == trader_id)
    ).first()
    if row is None:
        return None
    return ChargeWhy(
        fee=row.fee,
        period_from=row.period_from,
        period_to=row.period_to,
        price_minor=row.price_minor,
        amount_minor=row.amount_minor,
        left_minor=row.outstanding_minor,
        market_id=row.market_id,
        goods_class_id=row.goods_class_id,
        known=Known(row.valid_from, row.date_precision, row.source_date, row.certainty, row.bylaw),
    )
