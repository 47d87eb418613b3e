"""A collector's day by text, to his own phone. Flushes, never commits."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from trader_platform.core.once import By, Result, once
from trader_platform.fees.queries_collector import day_of_badge
from trader_platform.messaging.service_acts import Confirmation, confirm
from trader_platform.staff.types import BadgeHolder


def send_day(
    session: Session,
    badge: BadgeHolder,
    *,
    person_id: int,
    market_id: int,
    day: date,
    zone: str,
    by: By,
) -> Result:
    """Queue the day's tickets and cash as a text to who holds the badge. Safe to repeat.

    Returns what she holds, and whether a text goes.
    """

    def do() -> Result:
        stands = day_of_badge(session.connection(), badge, day)
        params = {
            "date": day.isoformat(),
            "market": market_id,
            "n": stands.tickets,
            "amount": stands.cash_minor,
            "held": stands.held_minor,
        }
        text = Confirmation("collector.day", f"collector.day:{by.key}", params)
        sent = confirm(session, person_id, text, by=by, zone=zone)
        return {"held": stands.held_minor, "text": sent is not None}

    content = {"badge": badge.badge, "market": market_id, "day": day}
    return once(session, by, kind="collector.day", content=content, do=do)
