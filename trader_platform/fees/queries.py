"""Reads tariffs: what a fee is on a day has one answer, with its by-law and source."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DAILY_DUTY, Day, DutyView, Place

_T: Final = Tariff
# Made once: each ticket and duty screen asks.
_TARIFFS: Final = select(
    *(_T.id.label("tariff_id"), _T.amount_minor, _T.currency, _T.valid_from, _T.date_precision),
    *(_T.source_date, _T.certainty, _T.source, _T.bylaw, _T.accrues, _T.rank, _T.per),
    *(_T.market_id, _T.goods_class_id, _T.space_class, _T.day_type, _T.festival),
).where(
    _T.council_id == bindparam("council"),
    _T.fee == bindparam("fee"),
    _T.valid_from <= bindparam("day"),
    or_(_T.market_id.is_(None), _T.market_id == bindparam("market")),
    or_(_T.goods_class_id.is_(None), _T.goods_class_id == bindparam("goods")),
    _T.space_class.in_(bindparam("space", expanding=True)),
    _T.day_type.in_(bindparam("day_type", expanding=True)),
    _T.festival.in_(bindparam("festival", expanding=True)),
)


def tariff_for(connection: Connection, fee: str, place: Place, day: Day) -> DutyView | None:
    """The tariff of a fee at a place on a day, or None where none is known.

    The most specific wins: a market's own over the council's, then a festival's or day type's over
    every day's, then goods, then space; among equals the latest that was valid on ``day``. A later
    row of the council at large does not undo a market's own.
    """
    asked = {
        "council": place.council_id,
        "fee": fee,
        "day": day.date,
        "market": place.market_id,
        "goods": place.goods_class_id,
        "space": ["", place.space_class],
        "day_type": ["", day.day_type],
        "festival": ["", day.festival],
    }
    rows = connection.execute(_TARIFFS, asked)
    return max((DutyView(**row) for row in rows.mappings()), key=_weight, default=None)


def duty_for(
    connection: Connection, council_id: int, market_id: int, goods_class_id: int, day: date
) -> DutyView | None:
    """The duty of a plain market day, or None where no tariff is known."""
    place = Place(council_id, market_id, goods_class_id)
    return tariff_for(connection, DAILY_DUTY, place, Day(day))


def _weight(duty: DutyView) -> tuple[bool, bool, bool, bool, bool, date, int]:
    return (
        duty.market_id is not None,
        duty.festival != "",
        duty.day_type != "",
        duty.goods_class_id is not None,
        duty.space_class != "",
        duty.valid_from,
        duty.tariff_id,
    )
