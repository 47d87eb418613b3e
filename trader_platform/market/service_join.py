"""Joining, saying which stall is hers, and leaving. Flushes, never commits."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.market.models import Market, Pack, Stall, StallClaim
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.models_trade import Listing
from trader_platform.market.service_confirm import (
    confirm_consent,
    confirm_joining,
    confirm_leaving,
)
from trader_platform.traders import service as traders
from trader_platform.traders.models import Trader
from trader_platform.traders.service import Details

# Who entered an occupancy that rests on the trader's word alone.
OWN_WORD: Final = "trader"


@dataclass(frozen=True, slots=True)
class Joining:
    """What a trader answered; ``stall_id`` where she has a card; ``zone`` dates her texts."""

    person_id: int
    details: Details
    stall_id: int | None = None
    zone: str = "UTC"


def agree(session: Session, person_id: int, by: By, *, zone: str) -> Result:
    """Note a yes to the consent text, and send her that text to keep. Safe to repeat."""
    result = traders.give_consent(session, person_id, by)
    confirm_consent(session, person_id, by=by, zone=zone)
    return result


def join(session: Session, command: Joining, by: By) -> Result:
    """Make the person a trader, with her stall where she has a card. Safe to repeat.

    The name is neither in the content that is hashed nor in the result or the audit trail.
    """
    details = command.details
    content = {
        "person": command.person_id,
        "market": details.market_id,
        "goods_class": details.goods_class_id,
        "stall": command.stall_id,
    }

    def do() -> Result:
        trader = traders.enrol(session, command.person_id, details, by=by)
        contested = False
        if command.stall_id is not None:
            contested = _claim(session, trader, command.stall_id, by).contested
        confirm_joining(session, trader, by=by, zone=command.zone)
        return {"trader": trader.id, "stall": command.stall_id, "contested": contested}

    return once(session, by, kind="trader.join", content=content, do=do)


def claim_stall(session: Session, person_id: int, stall_id: int, *, by: By) -> Result:
    """Note a trader's word that a stall is hers; her market becomes the stall's. Safe to repeat.

    A vacant stall is hers from today on. Where another holds it, or said so first, the claim is
    marked contested, for the council to look at.
    """

    def do() -> Result:
        trader = traders.find_trader(session, person_id)
        if trader is None:
            raise NotFound(trader=person_id)
        claim = _claim(session, trader, stall_id, by)
        number = session.get_one(Stall, stall_id).number
        contested = claim.contested
        return {"what": "stall", "value": stall_id, "number": number, "contested": contested}

    content = {"person": person_id, "stall": stall_id}
    return once(session, by, kind="stall.claim", content=content, do=do)


def leave(session: Session, person_id: int, by: By, *, zone: str) -> Result:
    """Start the days of grace, and stop her open goods at once. Safe to repeat."""

    def do() -> Result:
        asked = traders.ask_to_leave(session, person_id, replace(by, key=f"{by.key}:person"))
        trader = traders.find_trader(session, person_id)
        stopped = _stop_goods(session, trader, by) if trader is not None else []
        at = datetime.fromisoformat(asked["leave_at"])
        confirm_leaving(session, person_id, at, by=by, zone=zone)
        return {"leave_at": asked["leave_at"], "stopped": len(stopped)}

    return once(session, by, kind="trader.leave", content={"person": person_id}, do=do)


def _claim(session: Session, trader: Trader, stall_id: int, by: By) -> StallClaim:
    # Two who type one card at once must not both come first: the row is held till the commit.
    stall = session.execute(
        select(Stall).where(Stall.id == stall_id).with_for_update()
    ).scalar_one_or_none()
    if stall is None:
        raise NotFound(stall=stall_id)
    market = session.get_one(Market, stall.market_id)
    for earlier in _claims(session, StallClaim.trader_id == trader.id):
        if earlier.stall_id == stall_id:
            return earlier
        earlier.ended_at = by.now
    today = local_day(by.now, _zone(session, market))
    claimed = bool(_claims(session, StallClaim.stall_id == stall_id))
    claim = StallClaim(
        stall_id=stall_id,
        trader_id=trader.id,
        claimed_at=by.now,
        contested=claimed or not _hold(session, trader, stall_id, market, today),
    )
    session.add(claim)
    trader.market_id = traders.get_person(session, trader.person_id).market_id = market.id
    session.flush()
    record(
        session,
        "stall.claim",
        by=by,
        subject=("stall", stall_id),
        after={"trader": trader.id, "claim": claim.id, "contested": claim.contested},
        council_id=market.council_id,
    )
    return claim


def _hold(session: Session, trader: Trader, stall_id: int, market: Market, today: date) -> bool:
    """Enter her as who holds a vacant stall; False where somebody else holds it or will.

    What she held by her own word before ends; what the council entered is for it to end.
    """
    to_come = or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= today)
    holders = set(
        session.scalars(select(Occupancy.trader_id).where(Occupancy.stall_id == stall_id, to_come))
    )
    if holders:
        return trader.id in holders
    session.execute(
        update(Occupancy)
        .where(
            Occupancy.trader_id == trader.id,
            Occupancy.entered_by == OWN_WORD,
            Occupancy.ends_on.is_(None),
        )
        .values(ends_on=today)
    )
    if market.council_id is not None:
        held = Occupancy(
            stall_id=stall_id,
            trader_id=trader.id,
            council_id=market.council_id,
            starts_on=today,
            entered_by=OWN_WORD,
        )
        session.add(held)
    return True


def _zone(session: Session, market: Market) -> str:
    settings = json.loads(session.get_one(Pack, market.pack_id).settings)
    return str(settings["timezone"])


def _claims(session: Session, of: ColumnElement[bool]) -> list[StallClaim]:
    """Claims that stand; a trader who has left holds nothing any more."""
    return list(
        session.scalars(
            select(StallClaim)
            .join(Trader, Trader.id == StallClaim.trader_id)
            .where(of, StallClaim.ended_at.is_(None), Trader.status == "active")
            .order_by(StallClaim.id)
        )
    )


def _stop_goods(session: Session, trader: Trader, by: By) -> list[int]:
    goods = session.scalars(
        select(Listing).where(Listing.trader_id == trader.id, Listing.status == "open")
    ).all()
    for listing in goods:
        listing.status = "stopped"
        record(
            session,
            "listing.stop",
            by=by,
            subject=("listing", listing.id),
            before={"status": "open"},
            after={"status": "stopped", "why": "leave"},
            council_id=listing.council_id,
        )
    session.flush()
    return [listing.id for listing in goods]
