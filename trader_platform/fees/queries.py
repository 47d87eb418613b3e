"""Reads tariffs: what a fee is on a day has one answer, with its by-law and source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, String, Table, and_, bindparam, or_, select

from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DAILY_DUTY, Day, DutyView, Place

_t: Final[Table] = Tariff.__table__  # type: ignore[assignment]
_VALID: Final = select(
    *(_t.c.id.label("tariff_id"), _t.c.amount_minor, _t.c.currency, _t.c.valid_from),
    *(_t.c.date_precision, _t.c.source_date, _t.c.certainty, _t.c.source, _t.c.bylaw),
    *(_t.c.accrues, _t.c.rank, _t.c.per),
    *(_t.c.market_id, _t.c.goods_class_id, _t.c.space_class, _t.c.day_type, _t.c.festival),
).where(
    _t.c.council_id == bindparam("council"),
    _t.c.fee == bindparam("asked"),
    _t.c.valid_from <= bindparam("day"),
    or_(_t.c.market_id.is_(None), _t.c.market_id == bindparam("market")),
    or_(_t.c.goods_class_id.is_(None), _t.c.goods_class_id == bindparam("goods")),
    or_(_t.c.space_class == "", _t.c.space_class == bindparam("space")),
    or_(
        _t.c.day_type == "",
        _t.c.day_type == bindparam("typed"),
        and_(_t.c.day_type == "festival", bindparam("feast", type_=String) != ""),
    ),
    or_(_t.c.festival == "", _t.c.festival == bindparam("feast")),
)


def tariff_for(connection: Connection, fee: str, place: Place, day: Day) -> DutyView | None:
    """The tariff of a fee at a place on a day, or None where none is known.

    The most specific wins: a market's own over the council's, then a festival's or day type's over
    every day's, then goods, then space; among equals the latest that was valid on ``day``. A later
    row of the council at large does not undo a market's own.
    """
    asked = {
        "council": place.council_id,
        "asked": fee,
        "day": day.date,
        "market": place.market_id,
        "goods": place.goods_class_id,
        "space": place.space_class,
        "typed": day.day_type,
        "feast": day.festival,
    }
    rows: Iterable[Any] = connection.execute(_VALID, asked)
    return max((DutyView(*row) for row in rows), key=_weight, default=None)


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
