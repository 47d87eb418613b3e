"""SMSGate: an Android phone with a SIM of each operator, by its own server or through the cloud.

Out: ``POST …/messages`` as JSON with basic authentication: ``id`` (ours), ``textMessage.text``,
``phoneNumbers``, ``ttl``, ``withDeliveryReport``; 2xx ``{"id", "state", "recipients"}``; 503 with
``QueueLimitExceeded`` where the phone has too much to send. A report carries the id of the call,
so a call carries one recipient.

In: a webhook for each event: JSON ``{"event", "id", "payload"}``. ``sms:received``: ``sender``
(``phoneNumber`` before 2026), ``recipient`` (may be null), ``message``; its ``messageId`` is made
of the content and not unique, so the event's own ``id`` is the text's. ``sms:sent``,
``sms:delivered``, ``sms:failed``: ``messageId``, ``recipient``, ``reason``. Signed: ``X-Signature``
is hex HMAC-SHA256 of the raw body followed by ``X-Timestamp`` (Unix seconds), under the key in the
app. Anything but 2xx within 30 s is sent again, 14 times in two days, signed anew each time.
Source: the project's documentation of 2026 (features/webhooks, features/sending-messages).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sms.gateways.base import (
    Ack,
    InboundSms,
    OptOut,
    Recipient,
    Report,
    ReportStatus,
    Request,
    SendResult,
    Verdict,
)
from sms.gateways.forms import clean
from sms.gateways.wire import Wire, refuse
from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock, epoch
from trader_platform.core.errors import BadRequest, Forbidden, UnknownOutcome

FRESH_SECONDS: Final = 300
KEEP_SECONDS: Final = 24 * 3600  # how long a phone without signal tries
_PREFIX: Final = "text-"
_REPORTED: Final = {
    "sms:sent": ReportStatus.ACCEPTED,
    "sms:delivered": ReportStatus.DELIVERED,
    "sms:failed": ReportStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class SmsGateAccount:
    """``messages_url`` is the whole address that texts are posted to."""

    messages_url: str
    username: str
    password: str = field(repr=False)
    signing_key: str = field(repr=False)


class SmsGate:
    """Both directions; safe to share between threads."""

    name = "smsgate"
    most_recipients = 1
    can_be_answered = True
    ack = Ack()

    def __init__(self, account: SmsGateAccount, *, clock: Clock, wire: Wire | None = None) -> None:
        self._account, self._clock = account, clock
        self._wire = wire or Wire()

    def send(self, words: str, to: Sequence[Recipient]) -> list[SendResult]:
        """One call; ``to`` is one recipient, or none."""
        if not to:
            return []
        (one,) = to
        if not phones.is_e164(one.phone):
            return [SendResult(one.id, Verdict.REFUSED, reason="not a number")]
        account = self._account
        answer = self._wire.post(
            account.messages_url,
            auth=(account.username, account.password),
            json={
                "id": f"{_PREFIX}{one.id}",
                "textMessage": {"text": words},
                "phoneNumbers": [one.phone],
                "ttl": KEEP_SECONDS,
                "withDeliveryReport": True,
            },
        )
        if answer.status == 409:
            raise UnknownOutcome("the phone has a text of this id")
        if not answer.ok:
            raise refuse(answer)
        return [_result(one.id, answer.json())]

    def parse_inbound(self, request: Request) -> InboundSms:
        """A received text. Raises Forbidden where the signature is not the phone's, or is old."""
        event, payload = self._event(request)
        if event["event"] != "sms:received":
            raise BadRequest("not a received text")
        sender = payload.get("sender") or payload.get("phoneNumber")
        if not sender:
            raise BadRequest("missing field: sender")
        sim = payload.get("simNumber")
        return InboundSms(
            gateway=self.name,
            provider_id=clean(str(event.get("id") or "")) or None,
            sender=_with_plus(clean(str(sender))),
            texted=clean(str(payload.get("recipient") or "")),
            words=clean(str(payload.get("message") or "")),
            network=None if sim is None else f"sim {sim}"[:24],
        )

    def parse_report(self, request: Request) -> Report | None:
        """None for events that are no reports, and for texts that others sent by this phone."""
        event, payload = self._event(request)
        status = _REPORTED.get(str(event["event"]))
        ours = str(payload.get("messageId") or "").removeprefix(_PREFIX)
        if status is None or not (ours.isascii() and ours.isdigit() and len(ours) <= 18):
            return None
        return Report(
            self.name,
            status,
            message_id=int(ours),
            phone=_number(payload.get("recipient") or payload.get("phoneNumber")),
            reason=clean(str(payload.get("reason") or ""))[:40],
        )

    def parse_optout(self, request: Request) -> OptOut | None:
        """A phone has none."""
        return None

    def _event(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        self._check_signature(request)
        try:
            event = json.loads(request.body)
        except ValueError as error:
            raise BadRequest("not JSON") from error
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise BadRequest("missing field: event")
        payload = event.get("payload")
        if not isinstance(payload, dict):
            raise BadRequest("missing field: payload")
        return event, payload

    def _check_signature(self, request: Request) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        stamp, given = headers.get("x-timestamp", ""), headers.get("x-signature", "")
        key = self._account.signing_key.encode()
        right = hmac.new(key, request.body + stamp.encode(), hashlib.sha256).hexdigest()
        if not key or not hmac.compare_digest(given.strip().lower().encode(), right.encode()):
            raise Forbidden("wrong signature")
        fresh = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
        if not fresh or abs(int(stamp) - epoch(self._clock.now())) > FRESH_SECONDS:
            raise Forbidden("old timestamp")


def _number(given: object) -> str | None:
    """A report's number, also where JSON has it as one; None where it is something else."""
    return _with_plus(clean(str(given))) if isinstance(given, str | int) else None


def _with_plus(number: str) -> str:
    """Android gives an international number without its plus now and then."""
    return f"+{number}" if number.isascii() and number.isdigit() and len(number) > 9 else number


def _result(id_: int, content: object) -> SendResult:
    state = content.get("state") if isinstance(content, dict) else None
    if not isinstance(state, str):
        raise UnknownOutcome("answered without a state")
    if state == "Failed":
        return SendResult(id_, Verdict.REFUSED, reason="Failed")
    return SendResult(id_, Verdict.ACCEPTED, provider_id=f"{_PREFIX}{id_}")
