"""When a text gets no answer, or another one than it asks for: rule 5 of the texts.

Two texts of the same words within two minutes get one answer; 20 answers an hour to a phone, then
one text that says so, then silence till the hour is over; after STOP ALL only that it is so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sms.ask import Ask, Reply
from trader_platform.core.clock import epoch_ms
from trader_platform.messaging.queries_texts import Answered, answered_since
from trader_platform.messaging.service_rights import may_tell_stopped

ANSWERS_AN_HOUR: Final = 20
HOUR_MS: Final = 3600 * 1000
SAME_MS: Final = 2 * 60 * 1000
LIMIT: Final = "rate.limit"
# What these mean depends on the list that is open.
_OF_A_LIST: Final = {"number", "more", "call"}
RIGHTS: Final = frozenset({"stop", "start"})
# What makes an act another one: the same words after it are meant, and no copy.
_UNDONE_BY: Final[dict[str, frozenset[str]]] = {
    "sell": frozenset({"sell.back", "sold.done"}),
    "sold": frozenset({"sold.back", "sell.done"}),
    "stop": frozenset({"start.done"}),
    "start": frozenset({"stop.one", "stop.done", "stop.all"}),
    "lang": frozenset({"lang.done", "lang.draft"}),
}


class Silence(StrEnum):
    """Why a text is left without an answer."""

    AUTOMATIC = "automatic"
    SAME = "same"
    LIMIT = "limit"
    MISSES = "misses"
    STOPPED = "stopped"
    OPTED_OUT = "opted.out"


def instead_of_answer(ask: Ask) -> Reply | Silence | None:
    """None where the text may be answered; else what it gets instead."""
    command, texter = ask.parsed.command, ask.texter
    if texter.opted_out and command != "start":
        return Silence.OPTED_OUT
    since = epoch_ms(ask.now) - HOUR_MS
    earlier = answered_since(ask.read, texter.contact_id, since, limit=ANSWERS_AN_HOUR + 1)
    if _is_same(ask, earlier):
        return Silence.SAME
    if texter.stopped == "all" and command not in RIGHTS:
        told = may_tell_stopped(ask.session, texter.contact_id, now=ask.now)
        return Reply("stop.still") if told else Silence.STOPPED
    return _limited(ask, earlier)


def _is_same(ask: Ask, earlier: list[Answered]) -> bool:
    since, command = ask.waiting.received_at - SAME_MS, ask.parsed.command
    if command in _OF_A_LIST and ask.list is not None:
        # Another list came since: the same digit is another question.
        since = max(since, ask.list.sent_at + 1)
    undone_by = _UNDONE_BY.get(command, frozenset())
    for before in earlier:
        if before.words_hash == ask.waiting.words_hash:
            return before.received_at >= since
        if before.outcome in undone_by:
            break
    return False


def _limited(ask: Ask, earlier: list[Answered]) -> Reply | Silence | None:
    answers = [x for x in earlier if x.outcome != LIMIT]
    if len(answers) < ANSWERS_AN_HOUR:
        return None
    if len(answers) < len(earlier):
        return Silence.LIMIT
    over = datetime.fromtimestamp((answers[-1].answered_at + HOUR_MS) / 1000, UTC)
    local = over.astimezone(ZoneInfo(ask.catalog.zone))
    return Reply(LIMIT, {"n": ANSWERS_AN_HOUR, "time": f"{local:%H:%M}"})
