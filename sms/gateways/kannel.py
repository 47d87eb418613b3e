"""Kannel 1.4.5, between us and an operator's SMSC.

Out: ``POST …/cgi-bin/sendsms``, the text as the body and the rest in ``X-Kannel-*`` headers (a
form is answered 400; a query would leave the password in logs). 202 with ``0: Accepted for
delivery`` or ``3: Queued for later delivery``; 4xx where it is refused, 503 where it cannot now.
No id comes back: ours is in the report's address, so a call carries one recipient, or reports
could not be told apart.

In, by ``get-url`` of an ``sms-service``: ``id=%I&from=%q&to=%Q&text=%a&coding=%c&charset=%C&
smsc=%i``, or by ``post-url`` with the text as the body and ``X-Kannel-*`` headers. Reports: our
``dlr-url`` with ``%d`` (1 delivered, 2 not, 4 queued, 8 taken by the SMSC, 16 refused by it) and
``%A``, the SMSC's words. Kannel repeats only where ``http-request-retry`` is set.
The service needs ``max-messages = 0``, else our answer's body would be texted to the customer.
Source: the user guide of Debian's package, and that package in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

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
from sms.gateways.forms import decoded, need, raw_fields_of
from sms.gateways.wire import Answer, Wire, refuse
from trader_platform.core import phone as phones
from trader_platform.core.errors import BadConfig, BadRequest, UnknownOutcome

REPORT_MASK: Final = 31
_REPORTED: Final = {
    1: ReportStatus.DELIVERED,
    2: ReportStatus.FAILED,
    4: ReportStatus.ACCEPTED,
    8: ReportStatus.ACCEPTED,
    16: ReportStatus.FAILED,
}
_STATE: Final = re.compile(r"stat:(\w{1,12})")
_CHARSETS: Final = {"1": "latin-1", "2": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class KannelAccount:
    """``report_url`` is our own delivery address as Kannel reaches it, without a query.

    An empty ``sender_id`` leaves the sender to Kannel's own settings.
    """

    sendsms_url: str
    username: str
    password: str = field(repr=False)
    report_url: str = field(repr=False)
    sender_id: str = ""


class Kannel:
    """Both directions; safe to share between threads."""

    name = "kannel"
    most_recipients = 1
    ack = Ack(body="")

    def __init__(self, account: KannelAccount, *, wire: Wire | None = None) -> None:
        self._account = account
        self._wire = wire or Wire()
        self.can_be_answered = account.sender_id.lstrip("+").isdigit() or not account.sender_id

    def send(self, words: str, to: Sequence[Recipient]) -> list[SendResult]:
        """One call; ``to`` is one recipient, or none."""
        if not to:
            return []
        (one,) = to
        if not phones.is_e164(one.phone):
            return [SendResult(one.id, Verdict.REFUSED, reason="not a number")]
        answer = self._wire.post(
            self._account.sendsms_url, data=words.encode(), headers=self._headers(one)
        )
        if answer.status == 400 and answer.text.startswith("Sender missing"):
            raise BadConfig("KANNEL_SENDER_ID is not set, and Kannel has no default-sender")
        if not answer.ok:
            raise refuse(answer)
        return [_result(one.id, answer)]

    def _headers(self, one: Recipient) -> dict[str, str]:
        account = self._account
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": account.username,
            "X-Kannel-Password": account.password,
            "X-Kannel-To": one.phone,
            "X-Kannel-Coding": "0",
            "X-Kannel-DLR-Mask": str(REPORT_MASK),
            # Kannel fills in %d and %A, encoded as a query needs it.
            "X-Kannel-DLR-Url": f"{account.report_url}?id={one.id}&status=%d&answer=%A",
        }
        return headers | ({"X-Kannel-From": account.sender_id} if account.sender_id else {})

    def parse_inbound(self, request: Request) -> InboundSms:
        """A text, by query, form, or post-url's headers."""
        fields = _fields(request)
        need(fields, "from")
        return InboundSms(
            gateway=self.name,
            provider_id=fields.get("id", "").strip() or None,
            sender=fields["from"],
            texted=fields.get("to", "").strip(),
            words=fields.get("text", ""),
            network=fields.get("smsc", "").strip() or None,
        )

    def parse_report(self, request: Request) -> Report | None:
        """``status`` is one bit of the mask; None for one that Kannel does not document."""
        fields = _fields(request)
        need(fields, "id", "status")
        ours, bit = fields["id"].strip(), fields["status"].strip()
        if not (ours.isascii() and ours.isdigit() and bit.isascii() and bit.isdigit()):
            raise BadRequest("id and status must be numbers")
        status = _REPORTED.get(int(bit[:6]))
        if status is None or len(ours) > 18:
            return None
        # The SMSC's words may quote text and numbers: only the state is taken out of them.
        state = _STATE.search(fields.get("answer", ""))
        reason = state[1].upper() if state else ""
        if status is ReportStatus.FAILED and reason == "EXPIRED":
            status = ReportStatus.EXPIRED
        return Report(self.name, status, message_id=int(ours), reason=reason)

    def parse_optout(self, request: Request) -> OptOut | None:
        """Kannel has none."""
        return None


def _fields(request: Request) -> dict[str, str]:
    """The query's fields, then the form's or the headers'; the text in the charset they name."""
    raw = raw_fields_of(request.query)
    if request.content_type.startswith("application/x-www-form-urlencoded"):
        raw = raw_fields_of(request.body) | raw
    fields = {name: decoded(value) for name, value in raw.items()}
    if "text" in raw:
        charset = _charset(fields.get("charset", ""), fields.get("coding", ""))
        fields["text"] = decoded(raw["text"], charset)
    return _posted(request) | fields


def _posted(request: Request) -> dict[str, str]:
    """What post-url sends in headers and body."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    names = {"from": "x-kannel-from", "to": "x-kannel-to", "smsc": "x-kannel-smsc"}
    found = {name: headers[header] for name, header in names.items() if header in headers}
    if found:
        _, _, named = request.content_type.partition("charset=")
        charset = _charset(named.strip(' "'), headers.get("x-kannel-coding", ""))
        found["text"] = decoded(request.body, charset)
    return found


def _charset(named: str, coding: str) -> str:
    """Python's name of Kannel's charset: its own word, else what the coding means."""
    word = named.strip().lower()
    return word if word not in {"", "gsm", "binary"} else _CHARSETS.get(coding.strip(), "utf-8")


def _result(id_: int, answer: Answer) -> SendResult:
    if answer.text.lstrip().startswith(("0:", "3:")):
        return SendResult(id_, Verdict.ACCEPTED)
    raise UnknownOutcome("answered in other words than Kannel's")
