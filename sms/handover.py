"""One call of a gateway, and what its answer or its failure certainly means for each text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from enum import Enum
from typing import Final

import structlog

from sms.gateways.base import Recipient, SendResult, SmsGateway, Verdict
from trader_platform.core.errors import (
    BadConfig,
    GatewayError,
    Permanent,
    Retryable,
    Throttled,
)
from trader_platform.core.money import Currency
from trader_platform.messaging.service_claim import Call, Claimed
from trader_platform.messaging.service_settle import Outcome

_PAUSE_SECONDS: Final = 5.0
# One odd Retry-After must not hold every text for a day.
_LONGEST_PAUSE_SECONDS: Final = 300.0
_OUTCOMES: Final = {
    Verdict.ACCEPTED: Outcome.ACCEPTED,
    Verdict.REFUSED: Outcome.REFUSED,
    Verdict.RETRY: Outcome.RETRY,
    Verdict.UNKNOWN: Outcome.UNKNOWN,
}

_log = structlog.get_logger()


class Health(Enum):
    """What a call says of its gateway."""

    WORKED = "worked"
    FAILED = "failed"
    PAUSE = "pause"  # it asked for quiet
    REFUSES_US = "refuses us"  # no other call can work until a person mends the settings


@dataclass(frozen=True, slots=True)
class Answered:
    """A text with what is known of it now."""

    text: Claimed
    phone: str
    outcome: Outcome
    provider_id: str | None = None
    why: str = ""
    cost: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A call that is over; ``pause_seconds`` where its gateway asked for quiet."""

    call: Call
    answers: Sequence[Answered]
    health: Health
    pause_seconds: float = 0.0


def hand_over(gateway: SmsGateway, call: Call, going: frozenset[int]) -> HandedOver:
    """Call the gateway for those texts of the call that are ``going``. Never raises.

    What an adapter does not expect is unknown: the call may have been made.
    """
    pairs = [each for each in zip(call.texts, call.phones, strict=True) if each[0].id in going]
    try:
        said = gateway.send(call.words, [Recipient(text.id, phone) for text, phone in pairs])
    except Throttled as error:
        seconds = min(error.after_seconds or _PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
        return _all(call, pairs, Outcome.RETRY, error, health=Health.PAUSE, pause_seconds=seconds)
    except Retryable as error:
        return _all(call, pairs, Outcome.RETRY, error, health=Health.FAILED)
    except BadConfig as error:
        _log.error("sms.gateway_refuses_us", gateway=call.gateway, error=str(error))
        return _all(call, pairs, Outcome.RETRY, error, health=Health.REFUSES_US)
    except Permanent as error:
        return _all(call, pairs, Outcome.REFUSED, error, health=Health.WORKED)
    except GatewayError as error:  # UnknownOutcome
        return _all(call, pairs, Outcome.UNKNOWN, error, health=Health.FAILED)
    except Exception as error:  # noqa: BLE001
        # The edge to the gateways: whatever broke, these texts may be on their way.
        _log.exception("sms.adapter_failed", gateway=call.gateway)
        return _all(call, pairs, Outcome.UNKNOWN, error, health=Health.FAILED)
    results = {result.id: result for result in said}
    answers = [_answered(text, phone, results.get(text.id)) for text, phone in pairs]
    return HandedOver(call, answers, Health.WORKED)


def minor_units(cost: str, currency: Currency) -> int | None:
    """``GMD 0.2500`` in minor units, rounded up; None where it names no price in this currency."""
    code, _, amount = cost.partition(" ")
    try:
        value = Decimal(amount) if code == currency.code else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or not 0 <= value < 1_000_000:
        return None
    return int((value * currency.unit).to_integral_value(ROUND_CEILING))


def _answered(text: Claimed, phone: str, result: SendResult | None) -> Answered:
    if result is None:
        return Answered(text, phone, Outcome.UNKNOWN, why="not_answered")
    outcome = _OUTCOMES[result.verdict]
    return Answered(text, phone, outcome, result.provider_id, result.reason, result.cost)


def _all(
    call: Call,
    pairs: Sequence[tuple[Claimed, str]],
    outcome: Outcome,
    error: Exception,
    *,
    health: Health,
    pause_seconds: float = 0.0,
) -> HandedOver:
    why = type(error).__name__
    answers = [Answered(text, phone, outcome, why=why) for text, phone in pairs]
    return HandedOver(call, answers, health, pause_seconds)
