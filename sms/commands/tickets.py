"""TICKET 7KQ2M9XD, BADGE 48217: is this ticket good, may this person take duty? Anyone may ask."""

from __future__ import annotations

from sms.ask import Ask, Reply
from trader_platform.fees.service_codes import Answer, Worth, ask_code
from trader_platform.staff.badges import read_badge
from trader_platform.staff.queries import badge_seen
from trader_platform.staff.types import BadgeSeen


def ticket(ask: Ask) -> Reply:
    """What a code is worth. A slip is said to be one; only a well-formed code can be false."""
    typed = ask.parsed.words
    if not typed:
        return Reply("ticket.bare")
    answer = ask_code(
        ask.session,
        typed,
        asker=ask.texter.phone_hash,
        channel="sms",
        now=ask.now,
        today=ask.today,
    )
    if answer.worth is Worth.TYPED:
        return Reply("ticket.typed", {"word": typed})
    if answer.worth is Worth.SLOW:
        return Reply("ticket.slow")
    if answer.worth is Worth.NONE:
        return Reply("ticket.none", {"code": answer.code})
    return _known(answer)


def _known(answer: Answer) -> Reply:
    ticket = answer.ticket
    assert ticket is not None  # a good or void code has one
    if answer.worth is Worth.VOID:
        day = answer.voided_on or ticket.day
        return Reply("ticket.void", {"code": answer.code, "date": day.isoformat()})
    params = {
        "code": answer.code,
        "market": ticket.market_id,
        "stall": ticket.stall,
        "filled": [ticket.day.isoformat()],
        "badge": ticket.badge,
        "amount": ticket.amount_minor,
    }
    return Reply("ticket.good", params)


def badge(ask: Ask) -> Reply:
    """Whether a badge takes duty today, and where."""
    typed = ask.parsed.words
    if not typed:
        return Reply("badge.bare")
    number = read_badge(typed)
    seen = badge_seen(ask.read, number, ask.today) if number else None
    if seen is None or seen.council_id not in ask.catalog.councils:
        return Reply("badge.none", {"badge": typed[:5]})
    if seen.ends_on is not None and seen.ends_on < ask.today:
        return Reply("badge.ended", {"badge": seen.number, "date": seen.ends_on.isoformat()})
    market = ask.trader_market or ask.market
    where = _where(ask, seen, market)
    if not where:
        return Reply("badge.away", {"badge": seen.number, "market": market})
    since = seen.starts_on.isoformat()
    return Reply(
        "badge.real", {"badge": seen.number, "staff": seen.staff_id, "date": since, **where}
    )


def _where(ask: Ask, seen: BadgeSeen, market: int | None) -> dict[str, int]:
    """Where it takes duty today: at her market; for who has none, where the badge is for."""
    if market is None:
        if seen.anywhere:
            return {"council": seen.council_id}
        return {"market": seen.markets[0]} if seen.markets else {}
    place = ask.catalog.markets.get(market)
    in_council = seen.anywhere and place is not None and place.council_id == seen.council_id
    return {"market": market} if in_council or market in seen.markets else {}
