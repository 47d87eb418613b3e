"""DUTY: what the council asks of her for a market day, and what we know it from."""

from __future__ import annotations

from sms.ask import Ask, Reply
from sms.commands.trader import refused
from trader_platform.fees.queries import duty_for
from trader_platform.fees.types import DutyView

_PRECISION = {"year": 4, "month": 7}


def duty(ask: Ask) -> Reply:
    """The official duty of her market and goods; where none is known, that is said."""
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    market = ask.catalog.markets.get(ask.trader_market or 0)
    goods = ask.texter.goods_class_id
    if market is None or goods is None:
        return Reply("duty.nostall")
    if market.council_id is None:
        return Reply("duty.unknown", {"goods": goods, "market": market.id})
    found = duty_for(ask.read, market.council_id, market.id, goods, ask.today)
    if found is None:
        return Reply("duty.council", {"council": market.council_id})
    params = {"goods": goods, "market": market.id, "due": found.amount_minor, **_known(found)}
    return Reply("duty.tariff", params)


def _known(duty: DutyView) -> dict[str, object]:
    """Since when, as far as the day is known, and when our source said so."""
    since = duty.valid_from.isoformat()[: _PRECISION.get(duty.date_precision)]
    told = duty.source_date.isoformat() if duty.source_date else None
    return {"since": since, "told": told, "sure": duty.certainty == "sourced"}
