"""Reads about staff: who works with a phone, and what a badge is worth today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select

from trader_platform.staff.models import Assignment, Badge, Staff
from trader_platform.staff.types import BadgeHolder, BadgeSeen, Duty, Role, StaffPhone


def badge_holder(connection: Connection, phone_hash: str, day: date) -> BadgeHolder | None:
    """Who holds a badge on this phone, ended ones too: the screen says what is so. None: nobody.

    Of several the one that is good on this day, and of those the last one given.
    """
    is_good = or_(Badge.ends_on.is_(None), Badge.ends_on >= day)
    row = connection.execute(
        select(
            Staff.id,
            Staff.council_id,
            Staff.name,
            Badge.id.label("badge_id"),
            Badge.number,
            Badge.ends_on,
        )
        .join(Badge, Badge.staff_id == Staff.id)
        .where(Staff.phone_hash == phone_hash, Badge.starts_on <= day)
        .order_by(is_good.desc(), Badge.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return BadgeHolder(
        staff_id=row.id,
        council_id=row.council_id,
        name=row.name,
        badge_id=row.badge_id,
        badge=row.number,
        ends_on=row.ends_on,
        duties=duties_of(connection, row.id, day),
    )


def duties_of(connection: Connection, staff_id: int, day: date) -> tuple[Duty, ...]:
    """All roles that a person holds on a day."""
    rows = connection.execute(
        select(Assignment.role, Assignment.market_id)
        .where(Assignment.staff_id == staff_id, _held_on(day))
        .order_by(Assignment.id)
    )
    return tuple(Duty(Role(row.role), row.market_id) for row in rows)


def badge_seen(connection: Connection, number: str, day: date) -> BadgeSeen | None:
    """What a badge is worth on a day; None where there never was one of this number."""
    row = connection.execute(
        select(Badge, Staff.name, Staff.council_id)
        .join(Staff, Staff.id == Badge.staff_id)
        .where(Badge.number == number, Badge.starts_on <= day)
    ).first()
    if row is None:
        return None
    ended = row.ends_on is not None and row.ends_on < day
    duties = () if ended else duties_of(connection, row.staff_id, day)
    takes = [duty for duty in duties if duty.role == Role.COLLECTOR]
    return BadgeSeen(
        staff_id=row.staff_id,
        number=row.number,
        name=row.name,
        council_id=row.council_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        markets=tuple(duty.market_id for duty in takes if duty.market_id is not None),
        anywhere=any(duty.market_id is None for duty in takes),
    )


def masters_of(
    connection: Connection, council_id: int, market_id: int, day: date
) -> tuple[StaffPhone, ...]:
    """Who is a market's master on a day, there or in the whole council, and has a phone."""
    rows = connection.execute(
        select(Staff.id, Staff.phone_hash, Staff.phone_sealed)
        .where(
            Staff.council_id == council_id,
            Staff.phone_hash.is_not(None),
            Staff.phone_sealed.is_not(None),
            Staff.id.in_(
                select(Assignment.staff_id).where(
                    Assignment.role == Role.MASTER.value,
                    or_(Assignment.market_id.is_(None), Assignment.market_id == market_id),
                    _held_on(day),
                )
            ),
        )
        .order_by(Staff.id)
    )
    return tuple(StaffPhone(id_, hash_ or "", sealed or b"") for id_, hash_, sealed in rows)


def staff_names(connection: Connection, staff_ids: Collection[int]) -> dict[int, str]:
    """Names of staff by their ids."""
    rows = connection.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff_ids)))
    return {row.id: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One person as a list shows her."""

    id: int
    name: str
    badge: str | None
    badge_ends_on: date | None
    duties: tuple[Duty, ...]


def staff_of(connection: Connection, council_id: int, day: date) -> Sequence[StaffLine]:
    """A council's staff by name, with what each may do on a day."""
    rows = connection.execute(
        select(Staff.id, Staff.name, Badge.number, Badge.ends_on)
        .outerjoin(Badge, Badge.staff_id == Staff.id)
        .where(Staff.council_id == council_id)
        .order_by(Staff.name, Staff.id, Badge.id.desc())
    ).all()
    seen: dict[int, StaffLine] = {}
    for row in rows:
        if row.id not in seen:  # the newest badge comes first
            duties = duties_of(connection, row.id, day)
            seen[row.id] = StaffLine(row.id, row.name, row.number, row.ends_on, duties)
    return list(seen.values())


def _held_on(day: date) -> ColumnElement[bool]:
    return (Assignment.starts_on <= day) & or_(
        Assignment.ends_on.is_(None), Assignment.ends_on >= day
    )
