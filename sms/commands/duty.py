"""DUTY: what she owes and why; where the council does not charge through us, what it asks a day."""

from __future__ import annotations

from sms.ask import Ask, Reply
from sms.commands.trader import refused
from trader_platform.fees.queries import duty_for
from trader_platform.fees.queries_duty import tickets_of
from trader_platform.fees.queries_now import Seller, standing
from trader_platform.fees.types import DutyView

_PRECISION = {"year": 4, "month": 7}


def duty(ask: Ask) -> Reply:
    """What is owed today and in all; else the official duty of her market and goods."""
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    market = ask.catalog.markets.get(ask.trader_market or 0)
    goods = ask.texter.goods_class_id
    if market is None or goods is None:
        return Reply("duty.nostall")
    if market.council_id is None:
        return Reply("duty.unknown", {"goods": goods, "market": market.id})
    council = ask.catalog.councils.get(market.council_id)
    if council is not None and council.charging and ask.trader_id is not None:
        return _owed(ask, Seller(ask.trader_id, market.id, goods))
    found = duty_for(ask.read, market.council_id, market.id, goods, ask.today)
    if found is None:
        return Reply("duty.council", {"council": market.council_id})
    params = {"goods": goods, "market": market.id, "due": found.amount_minor, **_known(found)}
    return Reply("duty.tariff", params)


def _owed(ask: Ask, seller: Seller) -> Reply:
    """As the duty screen says: a duty that accrues by trading is owed once a ticket raised it."""
    now = standing(ask.read, ask.catalog, seller, ask.today)
    today = ask.today.isoformat()
    if now is None or now.total_minor == 0:
        last = next(iter(tickets_of(ask.read, seller.trader_id, limit=1)), None)
        ticket = {"code": last.code, "amount": last.amount_minor} if last else {}
        return Reply("duty.clear", {"date": today, **ticket})
    params = {
        "date": today,
        "market": now.place.market_id,
        "stall": now.stall,
        "due": now.today_minor,
        "old": now.old_minor,
        "amount": now.total_minor,
    }
    return Reply("duty.owed", params)


def _known(duty: DutyView) -> dict[str, object]:
    """Since when, as far as the day is known, and when our source said so."""
    since = duty.valid_from.isoformat()[: _PRECISION.get(duty.date_precision)]
    told = duty.source_date.isoformat() if duty.source_date else None
    return {"since": since, "told": told, "sure": duty.certainty == "sourced"}
