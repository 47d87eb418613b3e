"""Who may sell by text: whoever has joined, is not on hold and does not leave."""

from __future__ import annotations

from sms.ask import Ask, Reply
from trader_platform.core.clock import local_day


def refused(ask: Ask) -> Reply | None:
    """Why this phone cannot sell here; None where it can."""
    if ask.texter.held:
        return Reply("hold")
    if ask.texter.leave_at is not None:
        day = local_day(ask.texter.leave_at, ask.catalog.zone)
        return Reply("deletion.asked", {"date": day.isoformat()})
    if ask.trader_id is not None:
        return None
    return Reply("not.joined" if ask.served else "foreign")
