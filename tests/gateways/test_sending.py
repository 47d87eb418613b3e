"""What Kannel and an Android phone are sent, and what their own words mean."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from sms.gateways.base import Recipient, SendResult, Verdict
from sms.gateways.kannel import Kannel, KannelAccount
from sms.gateways.smsgate import SmsGate, SmsGateAccount
from tests.fakes.gateways import FakeKannel, FakeSmsGate, running
from trader_platform.core.clock import SystemClock
from trader_platform.core.errors import BadConfig, UnknownOutcome

TO = [Recipient(41, "+2203012345")]


@pytest.fixture
def kannel_box() -> Iterator[FakeKannel]:
    with running(FakeKannel()) as fake:
        assert isinstance(fake, FakeKannel)
        yield fake


@pytest.fixture
def phone() -> Iterator[FakeSmsGate]:
    with running(FakeSmsGate()) as fake:
        assert isinstance(fake, FakeSmsGate)
        yield fake


def kannel(fake: FakeKannel, *, sender_id: str = "220") -> Kannel:
    report_url = "http://127.0.0.1:8000/sms/kannel/token/delivery"
    return Kannel(
        KannelAccount(f"{fake.url}/cgi-bin/sendsms", "us", "pw", report_url, sender_id=sender_id)
    )


def smsgate(fake: FakeSmsGate) -> SmsGate:
    account = SmsGateAccount(f"{fake.url}/3rdparty/v1/messages", "us", "pw", "key")
    return SmsGate(account, clock=SystemClock())


def test_kannel_is_given_our_id_to_report_with(kannel_box: FakeKannel) -> None:
    kannel(kannel_box).send("é", TO)
    (call,) = kannel_box.calls
    assert (call.path, call.body) == ("/cgi-bin/sendsms", "é".encode())
    sent = {name: value for name, value in call.headers.items() if name.startswith("x-kannel")}
    assert sent == {
        "x-kannel-username": "us",
        "x-kannel-password": "pw",
        "x-kannel-from": "220",
        "x-kannel-to": "+2203012345",
        "x-kannel-coding": "0",
        "x-kannel-dlr-mask": "31",
        "x-kannel-dlr-url": "http://127.0.0.1:8000/sms/kannel/token/delivery"
        "?id=41&status=%d&answer=%A",
    }
    assert call.headers["content-type"] == "text/plain; charset=UTF-8"


def test_kannel_may_queue_a_text_for_later(kannel_box: FakeKannel) -> None:
    kannel_box.words = b"3: Queued for later delivery"
    assert kannel(kannel_box).send("x", TO) == [SendResult(41, Verdict.ACCEPTED)]
    kannel_box.words = b"Welcome to Kannel"
    with pytest.raises(UnknownOutcome):
        kannel(kannel_box).send("x", TO)


def test_a_sender_that_kannel_misses_is_the_settings_fault(kannel_box: FakeKannel) -> None:
    with pytest.raises(BadConfig, match="KANNEL_SENDER_ID"):
        kannel(kannel_box, sender_id="").send("x", TO)


@pytest.mark.parametrize(
    ("sender_id", "can"), [("220", True), ("+2207012345", True), ("", True), ("LUMO", False)]
)
def test_a_name_cannot_be_answered(kannel_box: FakeKannel, sender_id: str, *, can: bool) -> None:
    assert kannel(kannel_box, sender_id=sender_id).can_be_answered is can


def test_a_phone_is_given_our_id_and_a_day(phone: FakeSmsGate) -> None:
    (result,) = smsgate(phone).send("é", TO)
    assert result == SendResult(41, Verdict.ACCEPTED, provider_id="text-41")
    (call,) = phone.calls
    assert json.loads(call.body) == {
        "id": "text-41",
        "textMessage": {"text": "é"},
        "phoneNumbers": ["+2203012345"],
        "ttl": 86400,
        "withDeliveryReport": True,
    }
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"us:pw").decode()


def test_a_phone_that_failed_at_once_refused(phone: FakeSmsGate) -> None:
    phone.state = "Failed"
    assert smsgate(phone).send("x", TO) == [SendResult(41, Verdict.REFUSED, reason="Failed")]


def test_a_phone_that_knows_the_id_already_is_unknown(phone: FakeSmsGate) -> None:
    # It may be this text or one of another installation before: nobody can tell.
    phone.mode = "409"
    with pytest.raises(UnknownOutcome):
        smsgate(phone).send("x", TO)
