"""Reads tariffs."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, or_, select

from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DutyView

DAILY_DUTY: Final = "daily_duty"


def duty_for(
    connection: Connection, council_id: int, market_id: int, goods_class_id: int, day: date
) -> DutyView | None:
    """The duty of ``day``, or None where no tariff is known.

    The most specific tariff wins (market and goods, market, goods, council), then the latest that
    was valid on ``day``; a later row of the council at large does not undo a market's own.
    """
    t = Tariff
    rows = connection.execute(
        select(
            *(t.id.label("tariff_id"), t.amount_minor, t.currency, t.valid_from, t.date_precision),
            *(t.source_date, t.certainty, t.source, t.market_id, t.goods_class_id),
        ).where(
            t.council_id == council_id,
            t.fee == DAILY_DUTY,
            t.valid_from <= day,
            or_(t.market_id.is_(None), t.market_id == market_id),
            or_(t.goods_class_id.is_(None), t.goods_class_id == goods_class_id),
        )
    )
    return max((DutyView(**row) for row in rows.mappings()), key=_weight, default=None)


def _weight(duty: DutyView) -> tuple[bool, bool, date, int]:
    of_market, of_goods = duty.market_id is not None, duty.goods_class_id is not None
    return of_market, of_goods, duty.valid_from, duty.tariff_id
