"""Which acts at the keypad are confirmed by text, and by which. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.core.clock import local_day
from trader_platform.core.once import By
from trader_platform.market.models_trade import Listing
from trader_platform.messaging.service_acts import KEYPAD, Confirmation, confirm
from trader_platform.traders.models import Trader
from trader_platform.traders.service import CONSENT_VERSION

# How many listings of a trader are confirmed: by then she trusts them to be there.
CONFIRMED_LISTINGS: Final = 3


def confirm_consent(session: Session, person_id: int, *, by: By, zone: str) -> None:
    """The consent text, for her to keep; once for each version of it."""
    text = Confirmation("consent.text", f"consent:{person_id}:{CONSENT_VERSION}")
    confirm(session, person_id, text, by=by, zone=zone)


def confirm_joining(session: Session, trader: Trader, *, by: By, zone: str) -> None:
    """A welcome; once for each trader."""
    text = Confirmation("welcome.trader", f"welcome:{trader.id}", {"person": trader.person_id})
    confirm(session, trader.person_id, text, by=by, zone=zone)


def confirm_listing(
    session: Session, trader: Trader, listing: Listing, *, by: By, zone: str
) -> None:
    """What is on sale until when, for her first goods."""
    if by.channel != KEYPAD:
        return
    known = select(Listing.id).where(Listing.trader_id == trader.id)
    if len(session.scalars(known.limit(CONFIRMED_LISTINGS + 1)).all()) > CONFIRMED_LISTINGS:
        return
    params = {
        "product": listing.product_id,
        "unit": listing.unit_id,
        "qty": listing.quantity,
        "price": listing.price_minor,
        "date": listing.expires_on.isoformat(),
    }
    text = Confirmation("listing.done", f"listing:{listing.id}", params)
    confirm(session, trader.person_id, text, by=by, zone=zone)


def confirm_leaving(
    session: Session, person_id: int, leave_at: datetime, *, by: By, zone: str
) -> None:
    """When her name and number go; once for each time that she asks to leave."""
    params = {"date": local_day(leave_at, zone).isoformat()}
    text = Confirmation("deletion.asked", f"leave:{person_id}:{leave_at.isoformat()}", params)
    confirm(session, person_id, text, by=by, zone=zone)
