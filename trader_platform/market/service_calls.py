"""A buyer asks one seller to call: the buyer's number goes to her alone. Flushes, never commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By, Result, once
from trader_platform.market.models_trade import CallRequest
from trader_platform.market.queries_listings import Offer, find_offer
from trader_platform.market.types import ListingGone
from trader_platform.messaging.queries_texts import texter
from trader_platform.messaging.service import contact_of_person, queue
from trader_platform.messaging.types import Outgoing

MOST_A_DAY: Final = 5


class TooManyCalls(DomainError):
    """This phone asked for as many calls today as one may."""

    code = "too_many_calls"


class Unreachable(DomainError):
    """The seller can be sent no text: she left, or stopped them."""

    code = "unreachable"


@dataclass(frozen=True, slots=True)
class AskCall:
    """Whose number goes to whom; ``market`` is where the buyer says to be, else the seller's."""

    contact: int
    listing: int
    market: int | None
    zone: str
    pack: int
    channel: str


def ask_call(session: Session, command: AskCall, *, by: By) -> Result:
    """Text a listing's seller the buyer's number, once for ever for each listing. Safe to repeat.

    Raises ListingGone, TooManyCalls or Unreachable. Returns listing, seller and whether it was new.
    """

    def do() -> Result:
        offer = find_offer(session.connection(), command.listing, by.now)
        if offer is None:
            raise ListingGone(listing=command.listing)
        if _asked_before(session, command):
            return {"listing": offer.id, "person": offer.person, "new": False}
        today = local_day(by.now, command.zone)
        asked_today = select(func.count()).where(
            CallRequest.contact_id == command.contact, CallRequest.asked_on == today
        )
        if session.execute(asked_today).scalar_one() >= MOST_A_DAY:
            raise TooManyCalls(asked=MOST_A_DAY)
        seller = _reachable(session, offer, by)
        request = CallRequest(
            contact_id=command.contact,
            listing_id=offer.id,
            asked_on=today,
            channel=command.channel,
        )
        session.add(request)
        session.flush()
        reason = f"call:{request.id}"
        queue(session, _told(seller, offer, command, reason, by=by), zone=command.zone)
        after = {"listing": offer.id, "contact": command.contact}
        record(session, "call.ask", by=by, subject=("call", request.id), after=after)
        return {"listing": offer.id, "person": offer.person, "new": True}

    content = {"contact": command.contact, "listing": command.listing}
    return once(session, by, kind="call.ask", content=content, do=do)


def _asked_before(session: Session, command: AskCall) -> bool:
    same = select(CallRequest.id).filter_by(contact_id=command.contact, listing_id=command.listing)
    return session.execute(same).first() is not None


def _reachable(session: Session, offer: Offer, by: By) -> int:
    contact = contact_of_person(session, offer.person, now=by.now)
    if contact is None:
        raise Unreachable(listing=offer.id)
    seller = texter(session.connection(), contact)
    if seller.opted_out or seller.stopped == "all":
        raise Unreachable(listing=offer.id)
    return contact


def _told(seller: int, offer: Offer, command: AskCall, reason: str, *, by: By) -> Outgoing:
    params = {
        "market": command.market or offer.market,
        "product": offer.product,
        "unit": offer.unit,
        "price": offer.price_minor,
        "contact": command.contact,
    }
    return Outgoing(
        kind="call.seller",
        contact_id=seller,
        pack_id=command.pack,
        reason=reason,
        act_at=by.now,
        params=params,
    )
