"""The stall register: stalls with a number and a card, and who holds them from when to when.

Every act is an officer's, or follows from leaving, and is in the trail. Flushes, never commits.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.market.models import Market, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.queries_stalls import make_card
from trader_platform.staff.service import authorise, today_of
from trader_platform.staff.types import Role
from trader_platform.traders.models import Trader

KINDS: Final = ("canteen", "table", "mat")
REGISTRARS: Final = frozenset({Role.MASTER, Role.FINANCE, Role.ADMIN})


class StallTaken(DomainError):
    """Somebody holds this share of the stall on one of these days."""

    code = "stall_taken"


class StallGone(NotFound):
    """There is no such stall in this council."""

    code = "stall_gone"


@dataclass(frozen=True, slots=True)
class NewStall:
    """A stall to register; ``number`` is what is painted on it."""

    staff_id: int
    market_id: int
    number: str
    zone: str = ""
    kind: str = "table"
    space_class: str = ""
    goods_class_id: int | None = None


def add_stall(session: Session, command: NewStall, *, by: By) -> Result:
    """Register a stall and draw its card. Safe to repeat. Returns its id and card.

    Raises NotAllowed, StallGone for no market, KeyError for a kind that does not exist.
    """
    if command.kind not in KINDS:
        raise KeyError(command.kind)

    def do() -> Result:
        council_id = _council(session, command.market_id)
        _allowed(session, command.staff_id, council_id, command.market_id, by)
        stall = Stall(
            market_id=command.market_id,
            number=command.number.upper()[:6],
            card=_draw(session),
            zone=command.zone[:10],
            kind=command.kind,
            space_class=command.space_class[:10],
            goods_class_id=command.goods_class_id,
        )
        session.add(stall)
        session.flush()
        after = {"market": stall.market_id, "number": stall.number, "kind": stall.kind}
        _audit(session, "stall.add", stall.id, council_id, by=by, after=after)
        return {"stall": stall.id, "card": stall.card}

    content = {"market": command.market_id, "number": command.number}
    return once(session, by, kind="stall.add", content=content, do=do)


@dataclass(frozen=True, slots=True)
class Hold:
    """A trader holds a stall, or one share of it, from a day on (to a day)."""

    staff_id: int
    stall_id: int
    trader_id: int
    starts_on: date
    ends_on: date | None = None
    share: int = 1


def occupy(session: Session, command: Hold, *, by: By) -> Result:
    """Write down who holds a stall. Safe to repeat.

    Raises NotAllowed, StallGone, NotFound for no trader, StallTaken where the days overlap
    another's; the database refuses what races past that.
    """

    def do() -> Result:
        stall, council_id = _stall(session, command.stall_id)
        _allowed(session, command.staff_id, council_id, stall.market_id, by)
        if session.get(Trader, command.trader_id) is None:
            raise NotFound(trader=command.trader_id)
        if is_held(session, command.stall_id, command.share, command.starts_on, command.ends_on):
            raise StallTaken(stall=command.stall_id)
        held = Occupancy(
            stall_id=command.stall_id,
            share=command.share,
            trader_id=command.trader_id,
            council_id=council_id,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            entered_by=str(command.staff_id),
        )
        session.add(held)
        session.flush()
        after = {"trader": command.trader_id, "from": command.starts_on, "to": command.ends_on}
        _audit(session, "stall.occupy", stall.id, council_id, by=by, after=after)
        return {"occupancy": held.id}

    content = {
        "stall": command.stall_id,
        "trader": command.trader_id,
        "from": command.starts_on,
        "to": command.ends_on,
        "share": command.share,
    }
    return once(session, by, kind="stall.occupy", content=content, do=do)


def vacate(session: Session, staff_id: int, occupancy_id: int, *, last_day: date, by: By) -> Result:
    """Who holds a stall holds it to the end of ``last_day``. Safe to repeat. Raises as occupy."""

    def do() -> Result:
        held = session.get(Occupancy, occupancy_id, with_for_update=True)
        if held is None or held.starts_on > last_day:
            raise StallGone(occupancy=occupancy_id)
        stall, council_id = _stall(session, held.stall_id)
        _allowed(session, staff_id, council_id, stall.market_id, by)
        before, held.ends_on = held.ends_on, last_day
        session.flush()
        after = {"trader": held.trader_id, "was_to": before, "to": last_day}
        _audit(session, "stall.vacate", stall.id, council_id, by=by, after=after)
        return {"occupancy": held.id}

    content = {"occupancy": occupancy_id, "last_day": last_day}
    return once(session, by, kind="stall.vacate", content=content, do=do)


def release(session: Session, person_id: int, *, last_day: date, by: By) -> int:
    """Who leaves holds no stall after ``last_day``; returns how many. Part of a larger act.

    Safe to repeat.
    """
    held = session.scalars(
        select(Occupancy)
        .join(Trader, Trader.id == Occupancy.trader_id)
        .where(
            Trader.person_id == person_id,
            or_(Occupancy.ends_on.is_(None), Occupancy.ends_on > last_day),
        )
        .with_for_update(of=Occupancy)
    ).all()
    for each in held:
        after = {"trader": each.trader_id, "was_to": each.ends_on, "to": last_day}
        if each.starts_on > last_day:
            session.delete(each)  # it never began
        else:
            each.ends_on = last_day
        _audit(session, "stall.release", each.stall_id, each.council_id, by=by, after=after)
    session.flush()
    return len(held)


def is_held(
    session: Session, stall_id: int, share: int, starts_on: date, ends_on: date | None
) -> bool:
    """Whether somebody holds this share on one of these days."""
    until = ends_on or date.max - timedelta(days=1)
    found = select(Occupancy.id).where(
        Occupancy.stall_id == stall_id,
        Occupancy.share == share,
        Occupancy.starts_on <= until,
        or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= starts_on),
    )
    return session.execute(found.limit(1)).first() is not None


def card_svg(card: str) -> str:
    """The QR code of a stall card as SVG: the six digits, so that any reader shows the number."""
    import segno

    return str(segno.make_qr(card, error="h").svg_inline(scale=6, border=4))


def _stall(session: Session, stall_id: int) -> tuple[Stall, int]:
    stall = session.get(Stall, stall_id)
    if stall is None or stall.retired:
        raise StallGone(stall=stall_id)
    return stall, _council(session, stall.market_id)


def _council(session: Session, market_id: int) -> int:
    market = session.get(Market, market_id)
    if market is None or market.council_id is None:
        raise StallGone(market=market_id)
    return market.council_id


def _allowed(session: Session, staff_id: int, council_id: int, market_id: int, by: By) -> None:
    today = today_of(session, council_id, by=by)
    authorise(session, staff_id, council_id, REGISTRARS, day=today, market_id=market_id)


def _draw(session: Session) -> str:
    """A card that no stall has: five drawn digits, the first no zero, and a check digit."""
    while True:
        card = make_card(str(10_000 + secrets.randbelow(90_000)))
        if session.execute(select(Stall.id).where(Stall.card == card)).first() is None:
            return card


def _audit(
    session: Session,
    action: str,
    stall_id: int,
    council_id: int,
    *,
    by: By,
    after: Mapping[str, object],
) -> None:
    subject = ("stall", stall_id)
    record(session, action, by=by, subject=subject, after=after, council_id=council_id)
