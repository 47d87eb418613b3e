"""Adding, assigning, ending; badges; who may act. Flushes, never commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Integer, Table, Text, bindparam, column, or_, select, table, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.once import By, Result, once
from trader_platform.core.phone import Phone
from trader_platform.staff.badges import make_badge
from trader_platform.staff.models import Assignment, Badge, Staff
from trader_platform.staff.types import NotAllowed, Role, SamePerson, StaffGone

DRAWS: Final = 20
_assignments: Final[Table] = Assignment.__table__  # type: ignore[assignment]
_badges: Final[Table] = Badge.__table__  # type: ignore[assignment]
_markets: Final = table("markets", column("id", Integer), column("council_id", Integer))
_councils: Final = table("councils", column("id", Integer), column("pack_id", Integer))
_packs: Final = table("packs", column("id", Integer), column("settings", Text))
_SETTINGS: Final = (
    select(_packs.c.settings)
    .join(_councils, _councils.c.pack_id == _packs.c.id)
    .where(_councils.c.id == bindparam("council"))
)
_COUNCIL_OF_MARKET: Final = select(_markets.c.council_id).where(
    _markets.c.id == bindparam("market")
)
_DUTIES: Final = (
    select(_assignments.c.role, _assignments.c.market_id)
    .join(Staff, Staff.id == _assignments.c.staff_id)
    .where(
        Staff.id == bindparam("staff"),
        Staff.council_id == bindparam("council"),
        _assignments.c.starts_on <= bindparam("day"),
        or_(_assignments.c.ends_on.is_(None), _assignments.c.ends_on >= bindparam("day")),
    )
)
_DUTIES_BY_BADGE: Final = (
    _DUTIES.add_columns(_badges.c.number)
    .join(_badges, _badges.c.staff_id == Staff.id)
    .where(
        _badges.c.id == bindparam("badge"),
        _badges.c.starts_on <= bindparam("day"),
        or_(_badges.c.ends_on.is_(None), _badges.c.ends_on >= bindparam("day")),
    )
)


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Somebody to add; without a phone she works from the dashboard only."""

    council_id: int
    name: str
    phone: Phone | None = None
    demo: bool = False


def add_staff(session: Session, command: NewStaff, *, vault: Vault, by: By) -> Result:
    """Add a person to a council's staff. Safe to repeat. Returns her id.

    Her name is neither in the content that is hashed nor in the result or the trail.
    """
    phone_hash = vault.lookup(command.phone.key) if command.phone else None

    def do() -> Result:
        person = Staff(
            council_id=command.council_id,
            name=command.name[:60],
            phone_hash=phone_hash,
            demo=command.demo,
            added_at=by.now,
        )
        if command.phone and phone_hash:
            sealed = vault.seal(command.phone.e164.encode(), bound_to=phone_hash.encode())
            person.phone_sealed = sealed
        session.add(person)
        session.flush()
        _audit(session, "staff.add", person, by=by)
        return {"staff": person.id}

    content = {"council": command.council_id, "phone": phone_hash}
    return once(session, by, kind="staff.add", content=content, do=do)


def assign(
    session: Session,
    staff_id: int,
    role: Role,
    *,
    market_id: int | None,
    starts_on: date,
    ends_on: date | None = None,
    by: By,
) -> Result:
    """Give a role from a day (to a day). Safe to repeat.

    Raises StaffGone, NotAllowed for a market of another council.
    """

    def do() -> Result:
        person = _staff(session, staff_id)
        if market_id is not None:
            asked = {"market": market_id}
            owner = session.connection().execute(_COUNCIL_OF_MARKET, asked).scalar()
            if owner != person.council_id:
                raise NotAllowed(staff=staff_id, market=market_id)
        given = Assignment(
            staff_id=staff_id,
            council_id=person.council_id,
            role=role.value,
            market_id=market_id,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        session.add(given)
        session.flush()
        after = {"role": role.value, "market": market_id, "from": starts_on, "to": ends_on}
        _audit(session, "staff.assign", person, by=by, after=after)
        return {"assignment": given.id}

    content = {"staff": staff_id, "role": role.value, "market": market_id, "from": starts_on}
    if ends_on is not None:  # one without an end hashes as it always did
        content["to"] = ends_on
    return once(session, by, kind="staff.assign", content=content, do=do)


def give_badge(session: Session, staff_id: int, *, starts_on: date, by: By) -> Result:
    """Draw a badge that nobody ever had; an older one of hers ends the day before. Safe to repeat.

    Raises StaffGone. Returns its id and number.
    """

    def do() -> Result:
        person = _staff(session, staff_id)
        _end(session, Badge, staff_id, starts_on - timedelta(days=1))
        badge = Badge(staff_id=staff_id, number=_draw(session), starts_on=starts_on)
        session.add(badge)
        session.flush()
        _audit(session, "staff.badge", person, by=by, after={"badge": badge.number})
        return {"badge": badge.id, "number": badge.number}

    content = {"staff": staff_id, "from": starts_on}
    return once(session, by, kind="staff.badge", content=content, do=do)


def end(session: Session, staff_id: int, *, last_day: date, by: By) -> Result:
    """Her roles and badges are good to the end of ``last_day``, also those given to a later day.

    What was to begin after it never does. Safe to repeat. Raises StaffGone.
    """

    def do() -> Result:
        person = _staff(session, staff_id)
        for rows in (Assignment, Badge):
            _end(session, rows, staff_id, last_day)
        _audit(session, "staff.end", person, by=by, after={"last_day": last_day})
        return {"staff": staff_id}

    content = {"staff": staff_id, "last_day": last_day}
    return once(session, by, kind="staff.end", content=content, do=do)


def authorise(
    session: Session,
    staff_id: int,
    council_id: int,
    roles: frozenset[Role],
    *,
    day: date,
    market_id: int | None = None,
    badge_id: int | None = None,
) -> str | None:
    """Return where she holds one of ``roles`` in this council (at this market) on this day.

    Who acts by a badge wears it too, hers and good on this day: its number is returned. Raises
    NotAllowed. Every service that an officer can reach calls it: a screen that forgets to ask
    changes nothing.
    """
    query = _DUTIES if badge_id is None else _DUTIES_BY_BADGE
    asked = {"staff": staff_id, "council": council_id, "day": day}
    if badge_id is not None:
        asked["badge"] = badge_id
    for row in session.connection().execute(query, asked):
        if row.role in roles and (market_id is None or row.market_id in {None, market_id}):
            return None if badge_id is None else str(row.number)
    raise NotAllowed(staff=staff_id, council=council_id, market=market_id)


def today_of(session: Session, council_id: int, *, by: By) -> date:
    """The day on which somebody acts: rights are of it, whichever day the act itself is of."""
    settings = session.connection().execute(_SETTINGS, {"council": council_id}).scalar_one()
    return local_day(by.now, json.loads(settings)["timezone"])


def refuse_same(maker: str, checker: int) -> None:
    """Raise SamePerson where who says yes is who asked (four eyes)."""
    if maker == str(checker):
        raise SamePerson(staff=checker)


def _end(
    session: Session, rows: type[Assignment] | type[Badge], staff_id: int, last_day: date
) -> None:
    ends_later = or_(rows.ends_on.is_(None), rows.ends_on > last_day)
    mine = update(rows).where(rows.staff_id == staff_id, ends_later)
    session.execute(mine.values(ends_on=last_day))


def _staff(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id)
    if person is None:
        raise StaffGone(staff=staff_id)
    return person


def _draw(session: Session) -> str:
    for _ in range(DRAWS):
        number = make_badge()
        if session.execute(select(Badge.id).where(Badge.number == number)).first() is None:
            return number
    raise RuntimeError("nearly all badge numbers are given out: badges need a digit more")


def _audit(
    session: Session,
    action: str,
    person: Staff,
    *,
    by: By,
    after: Mapping[str, object] | None = None,
) -> None:
    record(
        session,
        action,
        by=by,
        subject=("staff", person.id),
        after=after,
        council_id=person.council_id,
    )
