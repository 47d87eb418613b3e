"""Reads tariffs: what a fee is on a day has one answer, with its by-law and source."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, or_, select

from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DAILY_DUTY, Day, DutyView, Place


def tariff_for(connection: Connection, fee: str, place: Place, day: Day) -> DutyView | None:
    """The tariff of a fee at a place on a day, or None where none is known.

    The most specific wins: a market's own over the council's, then a festival's or day type's over
    every day's, then goods, then space; among equals the latest that was valid on ``day``. A later
    row of the council at large does not undo a market's own.
    """
    t = Tariff
    rows = connection.execute(
        select(
            *(t.id.label("tariff_id"), t.amount_minor, t.currency, t.valid_from, t.date_precision),
            *(t.source_date, t.certainty, t.source, t.bylaw, t.accrues, t.rank, t.per),
            *(t.market_id, t.goods_class_id, t.space_class, t.day_type, t.festival),
        ).where(
            t.council_id == place.council_id,
            t.fee == fee,
            t.valid_from <= day.date,
            or_(t.market_id.is_(None), t.market_id == place.market_id),
            or_(t.goods_class_id.is_(None), t.goods_class_id == place.goods_class_id),
            t.space_class.in_(("", place.space_class)),
            t.day_type.in_(("", day.day_type)),
            t.festival.in_(("", day.festival)),
        )
    )
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
