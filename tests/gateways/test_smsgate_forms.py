"""An Android phone's webhooks: signed, fresh, and of the right event."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sms.gateways.base import InboundSms, Report, ReportStatus, Request
from sms.gateways.smsgate import SmsGate, SmsGateAccount
from trader_platform.core.clock import MovableClock
from trader_platform.core.errors import BadRequest, Forbidden

KEY = "key-in-the-app"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACCOUNT = SmsGateAccount("http://127.0.0.1/messages", "us", "pw", KEY)
PHONE = SmsGate(ACCOUNT, clock=MovableClock(NOW))
RECEIVED = {
    "messageId": "abc123",
    "message": "oniyon brikama",
    "sender": "+2203012345",
    "recipient": "+2207012345",
    "phoneNumber": "+2203012345",
    "simNumber": 1,
    "receivedAt": "2026-11-22T09:00:00.000+00:00",
}


def signed(body: bytes, *, at: int = int(NOW.timestamp()), key: str = KEY) -> Request:
    signature = hmac.new(key.encode(), body + str(at).encode(), hashlib.sha256).hexdigest()
    headers = {"X-Signature": signature, "x-timestamp": str(at)}
    return Request(body, "application/json", headers=headers)


def event(name: str, payload: dict[str, Any], id_: str | None = "Ey6ECg") -> bytes:
    outer = {"deviceId": "ff", "event": name, "id": id_, "payload": payload, "webhookId": "w"}
    return json.dumps(outer).encode()


TEXTS = [
    ("as documented", RECEIVED, "+2203012345", "+2207012345", "oniyon brikama"),
    ("before 2026", {k: v for k, v in RECEIVED.items() if k not in {"sender", "recipient"}},
     "+2203012345", "", "oniyon brikama"),
    ("own number unknown", RECEIVED | {"recipient": None}, "+2203012345", "", "oniyon brikama"),
    ("no plus", RECEIVED | {"sender": "2203012345"}, "+2203012345", "+2207012345",
     "oniyon brikama"),
    ("a local number", RECEIVED | {"sender": "3012345"}, "3012345", "+2207012345",
     "oniyon brikama"),
    ("half a surrogate pair", RECEIVED | {"message": "a\ud83d"}, "+2203012345", "+2207012345",
     "a?"),
    ("nothing said", RECEIVED | {"message": None}, "+2203012345", "+2207012345", ""),
]  # fmt: skip


@pytest.mark.parametrize(("label", "payload", "sender", "texted", "words"), TEXTS)
def test_texts(label: str, payload: dict[str, Any], sender: str, texted: str, words: str) -> None:
    found = PHONE.parse_inbound(signed(event("sms:received", payload)))
    assert found == InboundSms("smsgate", "Ey6ECg", sender, texted, words, "sim 1")


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("not JSON", b"event=sms:received"),
        ("a list", b"[]"),
        ("no event", b"{}"),
        ("no payload", b'{"event": "sms:received"}'),
        ("another event", event("sms:sent", RECEIVED)),
        ("no sender", event("sms:received", {"message": "x"})),
    ],
)
def test_what_is_no_text(label: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        PHONE.parse_inbound(signed(body))


BODY = event("sms:received", RECEIVED)
STAMP = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("label", "request_"),
    [
        ("no signature", Request(BODY, "application/json")),
        ("another key", signed(BODY, key="guess")),
        ("another body", Request(BODY + b" ", headers=signed(BODY).headers)),
        ("another time", Request(BODY, headers={**signed(BODY).headers, "x-timestamp": "1"})),
        ("five minutes old", signed(BODY, at=STAMP - 301)),
        ("from the future", signed(BODY, at=STAMP + 301)),
    ],
)
def test_who_is_not_the_phone(label: str, request_: Request) -> None:
    with pytest.raises(Forbidden):
        PHONE.parse_inbound(request_)
    with pytest.raises(Forbidden):
        PHONE.parse_report(request_)


def test_without_a_key_nobody_is_the_phone() -> None:
    keyless = SmsGate(SmsGateAccount("", "", "", ""), clock=MovableClock(NOW))
    with pytest.raises(Forbidden):
        keyless.parse_inbound(signed(BODY, key=""))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("sms:sent", ReportStatus.ACCEPTED),
        ("sms:delivered", ReportStatus.DELIVERED),
        ("sms:failed", ReportStatus.FAILED),
    ],
)
def test_reports(name: str, status: ReportStatus) -> None:
    payload = {"messageId": "text-41", "recipient": "+2203012345", "reason": "no service"}
    assert PHONE.parse_report(signed(event(name, payload))) == Report(
        "smsgate", status, message_id=41, phone="+2203012345", reason="no service"
    )


@pytest.mark.parametrize(
    ("label", "name", "id_"),
    [("another event", "system:ping", "text-41"), ("another's text", "sms:sent", "Vx81")],
)
def test_reports_that_say_nothing(label: str, name: str, id_: str) -> None:
    assert PHONE.parse_report(signed(event(name, {"messageId": id_}))) is None


@pytest.mark.parametrize(
    ("recipient", "phone"),
    [(2203012345, "+2203012345"), (["+2203012345"], None), ({"n": 1}, None)],
)
def test_a_report_of_a_number_in_another_form_is_still_one(
    recipient: object, phone: str | None
) -> None:
    payload = {"messageId": "text-41", "recipient": recipient}
    report = PHONE.parse_report(signed(event("sms:delivered", payload)))
    assert report == Report("smsgate", ReportStatus.DELIVERED, message_id=41, phone=phone)
