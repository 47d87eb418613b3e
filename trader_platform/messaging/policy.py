"""May this text go now? The class table of ``sms_script.md``, as a pure function.

The one place that knows caps, quiet hours, STOP and budgets. Hours, cap and budget are the pack's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from trader_platform.core.clock import epoch_ms
from trader_platform.messaging.kinds import Kind
from trader_platform.messaging.types import MessageClass

# "At once" for a text about her own money: the act is this fresh.
FRESH_ACT_MS: Final = 10 * 60 * 1000
COUNTED: Final = (MessageClass.NOTICE, MessageClass.CAMPAIGN)


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``opens`` to before ``closes``, over midnight where it closes earlier than it opens.

    Equal ends mean always.
    """

    opens: time
    closes: time

    def next_open(self, local: datetime) -> datetime:
        """``local`` itself where it is open then, else when it opens next."""
        now = local.timetz().replace(tzinfo=None)
        if self.opens == self.closes:
            return local
        if self.opens < self.closes:
            is_open = self.opens <= now < self.closes
        else:
            is_open = now >= self.opens or now < self.closes
        return local if is_open else _next(local, self.opens)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pack says of texts; costs are minor units, a budget of None is no limit.

    ``wide`` are the hours of a text that somebody asked for at an hour, and of a closure or move
    of tomorrow's market.
    """

    zone: str = "UTC"
    day: Hours = Hours(time(8), time(20))
    wide: Hours = Hours(time(5), time(22))
    texts_a_day: int = 3
    segment_cost_minor: int = 0
    budget_a_day_minor: int | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Rules:
        """The ``[sms]`` table of a loaded pack; the defaults where it was loaded without one."""
        sms: Mapping[str, Any] = settings.get("sms", {})
        if not sms:
            return cls(zone=settings["timezone"])
        hours = {name: time.fromisoformat(sms[name]) for name in sms if name.endswith("_time")}
        return cls(
            zone=settings["timezone"],
            day=Hours(hours["quiet_until_time"], hours["quiet_from_time"]),
            wide=Hours(hours["wide_from_time"], hours["wide_until_time"]),
            texts_a_day=sms["texts_a_day"],
            segment_cost_minor=sms["segment_cost_minor"],
            budget_a_day_minor=sms.get("budget_a_day_minor"),
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A pack's rules at one moment, worked out once for many texts.

    ``day_opens_ms`` and ``wide_opens_ms`` are ``now_ms`` while those hours run.
    """

    rules: Rules
    now_ms: int
    today: date
    day_opens_ms: int
    wide_opens_ms: int
    next_day_ms: int

    @classmethod
    def of(cls, rules: Rules, now: datetime) -> Moment:
        """Work it out for ``now`` (aware)."""
        local = now.astimezone(ZoneInfo(rules.zone))
        tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(
            rules,
            epoch_ms(now),
            local.date(),
            _ms(rules.day.next_open(local)),
            _ms(rules.wide.next_open(local)),
            _ms(rules.day.next_open(tomorrow)),
        )


class Reader(NamedTuple):
    """What the owner of a phone said about being texted, and how many counted texts went today."""

    stopped: str = ""
    stopped_topics: tuple[str, ...] = ()
    opted_out: bool = False
    counted_today: int = 0

    @classmethod
    def of(cls, row: Any, counted_today: int = 0) -> Reader:
        """From columns of a contact."""
        topics = tuple(filter(None, row.stopped_topics.split(",")))
        return cls(row.stopped, topics, bool(row.opted_out), counted_today)


class Due(NamedTuple):
    """A text that is due; ``market_day`` is the day it tells of, where it tells of one."""

    kind: Kind
    act_at: int
    expires_at: int | None = None
    market_day: date | None = None


class Send(NamedTuple):
    """It may go now."""


class Wait(NamedTuple):
    """Not before this moment (ms since 1970)."""

    until_ms: int
    why: str


class Drop(NamedTuple):
    """Never: ``expired`` where only its time ran out, else refused by its reader."""

    why: str
    expired: bool


Decision = Send | Wait | Drop
_SEND: Final = Send()


def decide(text: Due, reader: Reader, at: Moment, *, spent_minor: int = 0) -> Decision:
    """Whether a text may go; ``spent_minor`` is what its council's counted texts cost today."""
    if text.expires_at is not None and text.expires_at <= at.now_ms:
        return Drop("too_late", expired=True)
    refusal = refused(text.kind, reader)
    if refusal:
        return Drop(refusal, expired=False)
    waits = _hours(text, at) or _limits(text, reader, at, spent_minor)
    if waits is None:
        return _SEND
    if text.expires_at is not None and text.expires_at <= waits.until_ms:
        return Drop(waits.why, expired=True)
    return waits


def refused(kind: Kind, reader: Reader) -> str:
    """Why the reader does not want it; empty where she does."""
    if reader.opted_out:
        return "opted_out"
    counted = kind.message_class in COUNTED
    if counted and kind.topic and kind.topic in reader.stopped_topics:
        return "stopped_topic"
    if reader.stopped == "all" and not (kind.safety or kind.always):
        return "stopped_all"
    if reader.stopped and counted:
        return "stopped"
    return ""


def _hours(text: Due, at: Moment) -> Wait | None:
    kind = text.kind
    if kind.message_class is MessageClass.ANSWER or kind.safety:
        return None
    if kind.message_class is MessageClass.TRANSACTIONAL:
        if at.now_ms - text.act_at <= FRESH_ACT_MS:
            return None
        opens = at.day_opens_ms
    else:
        opens = at.wide_opens_ms if _is_wide(text, at) else at.day_opens_ms
    return Wait(opens, "quiet") if opens > at.now_ms else None


def _limits(text: Due, reader: Reader, at: Moment, spent_minor: int) -> Wait | None:
    kind, rules = text.kind, at.rules
    if kind.message_class not in COUNTED:
        return None
    if reader.counted_today >= rules.texts_a_day and not kind.before_cap:
        return Wait(at.next_day_ms, "cap")
    budget = rules.budget_a_day_minor
    if budget is not None and spent_minor + rules.segment_cost_minor > budget:
        return Wait(at.next_day_ms, "budget")
    return None


def _is_wide(text: Due, at: Moment) -> bool:
    if text.kind.asked_hour:
        return True
    soon = text.market_day is not None and text.market_day <= at.today + timedelta(days=1)
    return text.kind.before_cap and soon


def _next(local: datetime, opens: time) -> datetime:
    moment = local.replace(hour=opens.hour, minute=opens.minute, second=opens.second, microsecond=0)
    return moment if moment > local else moment + timedelta(days=1)


def _ms(local: datetime) -> int:
    return epoch_ms(local.astimezone(UTC))
