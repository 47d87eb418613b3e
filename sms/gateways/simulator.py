"""The gateway of the demo: hands texts to the browser phones, which report on them by hand.

Out: no HTTP, a row in the message centre's file (``sms/simulator``). In: the forms of Africa's
Talking, which is what the phones speak.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from sms.gateways.africastalking import AfricasTalkingForms
from sms.gateways.base import Recipient, SendResult, Verdict
from sms.simulator.centre import Centre
from trader_platform.core import phone as phones
from trader_platform.core.errors import BadConfig, Retryable

# What a segment costs through a Gambian SIM (sms.integify.io, 2026): the demo's sums look real.
COST: Final = "GMD 0.2500"


class Simulator(AfricasTalkingForms):
    """Both directions. Without a ``centre`` (outside DEMO) it takes nothing, so nothing leaks."""

    name = "simulator"
    most_recipients = 100
    can_be_answered = True

    def __init__(self, centre: Centre | None) -> None:
        self._centre = centre

    def send(self, words: str, to: Sequence[Recipient]) -> list[SendResult]:
        """Keep the text for these phones. Raises BadConfig outside DEMO, Retryable if it cannot."""
        if self._centre is None:
            raise BadConfig("the simulator takes texts in DEMO only: set SMS_GATEWAY")
        found = {one.id: one.phone for one in to if phones.is_e164(one.phone)}
        try:
            ids = self._centre.take(words, [phones.fold(phone) for phone in found.values()])
        except (sqlite3.Error, OSError) as error:
            raise Retryable(type(error).__name__) from error
        taken = dict(zip(found, ids, strict=True))
        return [_result(one.id, taken.get(one.id)) for one in to]


def _result(id_: int, provider_id: str | None) -> SendResult:
    if provider_id is None:
        return SendResult(id_, Verdict.REFUSED, reason="InvalidPhoneNumber")
    return SendResult(id_, Verdict.ACCEPTED, provider_id, cost=COST)
