"""Africa's Talking SMS.

Out: ``POST /version1/messaging`` by the provider's SDK (a form: ``username to message bulkSMSMode
from``). 201 with ``{"SMSMessageData": {"Message", "Recipients": [{"number", "status",
"statusCode", "messageId", "cost"}]}}``; a bad sender is 201 with no recipients; a bad key is 401
in plain text. There is no idempotency key: what may have been taken must not be sent again.

In: ``POST application/x-www-form-urlencoded``, fields in any order. Text: ``id date from to text``
and perhaps ``linkId cost networkCode``; repeated each minute for 12 hours until a 200. Report:
``id status phoneNumber`` and perhaps ``networkCode failureReason retryCount``. Opt-out:
``senderId phoneNumber``. Nothing is signed: the token in the path is the only secret.
Source: the provider's documentation and recorded answers of October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

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
from sms.gateways.forms import fields_of, need
from sms.gateways.wire import Answer, Wire, refuse
from trader_platform.core import phone as phones
from trader_platform.core.errors import (
    BadConfig,
    BadRequest,
    GatewayError,
    Permanent,
    UnknownOutcome,
)

if TYPE_CHECKING:
    from sms.gateways.africastalking_sdk import ConfigurableSms

_VERDICTS: Final = {
    100: Verdict.ACCEPTED,  # Processed
    101: Verdict.ACCEPTED,  # Sent
    102: Verdict.ACCEPTED,  # Queued
    401: Verdict.UNKNOWN,  # RiskHold: may be let go later
    402: Verdict.REFUSED,  # InvalidSenderId
    403: Verdict.REFUSED,  # InvalidPhoneNumber
    404: Verdict.REFUSED,  # UnsupportedNumberType
    405: Verdict.RETRY,  # InsufficientBalance
    406: Verdict.REFUSED,  # UserInBlacklist
    407: Verdict.REFUSED,  # CouldNotRoute
    409: Verdict.REFUSED,  # DoNotDisturbRejection
    500: Verdict.RETRY,  # InternalServerError
    501: Verdict.RETRY,  # GatewayError
    502: Verdict.REFUSED,  # RejectedByGateway
}
_REPORTED: Final = {
    "sent": ReportStatus.ACCEPTED,
    "submitted": ReportStatus.ACCEPTED,
    "buffered": ReportStatus.ACCEPTED,
    "success": ReportStatus.DELIVERED,
    "failed": ReportStatus.FAILED,
    "rejected": ReportStatus.FAILED,
    "absentsubscriber": ReportStatus.FAILED,
    "expired": ReportStatus.EXPIRED,
}
_LONGEST_ID: Final = 96  # as long as the columns that keep it; theirs have 38


class AfricasTalkingForms:
    """Its callbacks; the simulator speaks them too. Holds no state."""

    name = "africastalking"
    ack = Ack()

    def parse_inbound(self, request: Request) -> InboundSms:
        """A text; ``id`` may be missing, and ``text`` where it is empty."""
        fields = fields_of(request.body)
        need(fields, "from")
        return InboundSms(
            gateway=self.name,
            provider_id=fields.get("id", "").strip() or None,
            sender=fields["from"],
            texted=fields.get("to", "").strip(),
            words=fields.get("text", ""),
            network=fields.get("networkCode", "").strip() or None,
        )

    def parse_report(self, request: Request) -> Report | None:
        """None for a status that the provider does not document."""
        fields = fields_of(request.body)
        need(fields, "id", "status")
        provider_id = fields["id"].strip()
        if len(provider_id) > _LONGEST_ID:
            raise BadRequest("id is too long")
        status = _REPORTED.get(fields["status"].strip().lower())
        if status is None:
            return None
        return Report(
            gateway=self.name,
            status=status,
            provider_id=provider_id,
            phone=fields.get("phoneNumber") or None,
            reason=fields.get("failureReason", "").strip(),
        )

    def parse_optout(self, request: Request) -> OptOut | None:
        """The phone that wants nothing more from our sender."""
        fields = fields_of(request.body)
        need(fields, "phoneNumber")
        return OptOut(self.name, fields["phoneNumber"])


class AfricasTalking(AfricasTalkingForms):
    """Both directions; safe to share between threads.

    ``most_recipients`` is ours to choose, the provider documents no limit. An empty ``base_url``
    is the provider's own; an empty ``sender_id`` is its default name.
    """

    def __init__(
        self,
        *,
        username: str,
        api_key: str,
        sender_id: str = "",
        base_url: str = "",
        most_recipients: int = 100,
        wire: Wire | None = None,
    ) -> None:
        self.most_recipients = most_recipients
        self.can_be_answered = sender_id.lstrip("+").isdigit()
        self._account = (username, api_key, base_url)
        self._sender_id = sender_id or None
        self._wire = wire or Wire()

    def send(self, words: str, to: Sequence[Recipient]) -> list[SendResult]:
        """One call for all whose number is one; a number twice goes out once, the rest wait."""
        results: dict[int, SendResult] = {}
        asked: dict[str, Recipient] = {}
        for one in to:
            if not phones.is_e164(one.phone):
                results[one.id] = SendResult(one.id, Verdict.REFUSED, reason="InvalidPhoneNumber")
            elif asked.setdefault(_key(one.phone), one) is not one:
                results[one.id] = SendResult(one.id, Verdict.RETRY, reason="once at a time")
        if asked:  # the SDK would post an empty list
            said = _recipients(self._call(words, [one.phone for one in asked.values()]))
            for key, one in asked.items():
                results[one.id] = _result(one.id, said.get(key, []))
        return [results[one.id] for one in to]

    def _call(self, words: str, numbers: list[str]) -> Answer:
        try:
            answer: Answer = self._sdk.send(words, numbers, sender_id=self._sender_id)
        except (ValueError, RuntimeError) as error:
            # The SDK's own checks, before anything is sent; its message quotes the number.
            raise Permanent("refused by the SDK") from error
        if not answer.ok:
            raise refuse(answer)
        return answer

    @cached_property
    def _sdk(self) -> ConfigurableSms:
        from sms.gateways.africastalking_sdk import ConfigurableSms

        return ConfigurableSms(*self._account, self._wire)


def _recipients(answer: Answer) -> Mapping[str, list[Mapping[str, Any]]]:
    """All that was said of each number; raises where it was said of none."""
    content = answer.json()
    data = content.get("SMSMessageData") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise UnknownOutcome("answered without SMSMessageData")
    listed = data.get("Recipients")
    entries = listed if isinstance(listed, list) else []
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in entries:
        if isinstance(each, dict):
            found.setdefault(_key(str(each.get("number"))), []).append(each)
    if not found:
        raise _nobody(str(data.get("Message") or ""))
    return found


def _key(number: str) -> str:
    """What a number is compared by, whichever of a subscriber's forms is answered."""
    return phones.fold("+" + number.strip().lstrip("+"))


def _nobody(message: str) -> GatewayError:
    """A 201 that names no recipient: certainly nothing sent only where it says why."""
    if message.startswith("Sent to 0/"):
        return Permanent("sent to nobody")
    if message.startswith(("Invalid", "Insufficient")):
        return BadConfig(message[:40])
    return UnknownOutcome("named no recipient")


def _result(id_: int, entries: Sequence[Mapping[str, Any]]) -> SendResult:
    """One verdict of a number, also where it is listed twice: taken once is taken."""
    said = {_verdict(each): each for each in entries}
    if len(said) > 1 and Verdict.ACCEPTED not in said:
        return SendResult(id_, Verdict.UNKNOWN, reason="answered twice")
    if not said:
        return SendResult(id_, Verdict.UNKNOWN, reason="not in the answer")
    verdict = Verdict.ACCEPTED if Verdict.ACCEPTED in said else next(iter(said))
    entry = said[verdict]
    provider_id = str(entry.get("messageId") or "")
    return SendResult(
        id_,
        verdict,
        provider_id=None if provider_id in {"", "None"} else provider_id[:_LONGEST_ID],
        reason=str(entry.get("status") or "")[:40],
        cost=str(entry.get("cost") or ""),
    )


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    try:
        return _VERDICTS.get(int(entry["statusCode"]), Verdict.UNKNOWN)
    except (KeyError, TypeError, ValueError):
        # Answers recorded before the codes existed have the word only.
        return Verdict.ACCEPTED if entry.get("status") == "Success" else Verdict.UNKNOWN
