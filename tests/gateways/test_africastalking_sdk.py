"""Each trap of africastalking 2.0.3, seen and stepped over, against a local gateway."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from africastalking.Service import Service
from africastalking.SMS import SMSService

from sms.gateways import africastalking as adapter_module
from sms.gateways.africastalking import AfricasTalking
from sms.gateways.africastalking_sdk import ConfigurableSms
from sms.gateways.base import Recipient, SendResult, Verdict
from sms.gateways.wire import Answer, Wire
from tests.fakes.gateways import FakeAfricasTalking, running
from trader_platform.core.errors import BadConfig, GatewayError, Permanent, UnknownOutcome

A, B, C = "+2203012345", "+2203012346", "+2203012347"


@pytest.fixture
def fake() -> Iterator[FakeAfricasTalking]:
    with running(FakeAfricasTalking()) as gateway:
        assert isinstance(gateway, FakeAfricasTalking)
        yield gateway


def adapter(fake: FakeAfricasTalking, *, sender_id: str = "SOTTA") -> AfricasTalking:
    return AfricasTalking(
        username="sandbox",
        api_key="secret",
        sender_id=sender_id,
        base_url=fake.url + "/",
        wire=Wire(read_seconds=0.4),
    )


def send(fake: FakeAfricasTalking, *numbers: str, words: str = "Hi") -> list[SendResult]:
    to = [Recipient(id_, number) for id_, number in enumerate(numbers, 1)]
    return adapter(fake).send(words, to)


def test_what_goes_over_the_wire(fake: FakeAfricasTalking) -> None:
    send(fake, "+2203012345", "+220833012346", words="Hi é ŋ +&=")
    (call,) = fake.calls
    assert call.path == "/version1/messaging"
    assert call.body == (
        b"username=sandbox&to=%2B2203012345%2C%2B220833012346"
        b"&message=Hi+%C3%A9+%C5%8B+%2B%26%3D&bulkSMSMode=1&from=SOTTA"
    )
    assert call.headers["apikey"] == "secret"
    assert call.headers["accept"] == "application/json"
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"


def test_without_a_sender_the_providers_own_is_used(fake: FakeAfricasTalking) -> None:
    plain = adapter(fake, sender_id="")
    plain.send("Hi", [Recipient(1, A)])
    assert "from" not in fake.calls[0].form
    assert not plain.can_be_answered
    assert adapter(fake, sender_id="22015").can_be_answered


def test_the_pinned_sdk_still_has_the_methods_that_we_replace(fake: FakeAfricasTalking) -> None:
    assert version("africastalking") == "2.0.3"
    assert issubclass(ConfigurableSms, SMSService)
    own = inspect.signature(ConfigurableSms._make_request).parameters
    theirs = inspect.signature(Service._make_request).parameters
    assert list(own)[:6] == list(theirs)[:6]
    real = ConfigurableSms("someone", "secret", "", Wire())
    assert real._make_url("/messaging") == "https://api.africastalking.com/version1/messaging"
    sandbox = ConfigurableSms("sandbox", "secret", "", Wire())
    assert "api.sandbox.africastalking.com" in sandbox._make_url("/messaging")


def test_a_hanging_gateway_holds_no_one_for_longer_than_the_time_out(
    fake: FakeAfricasTalking,
) -> None:  # trap 1: releases before 2.0.2 have none
    fake.mode = "hang"
    with pytest.raises(UnknownOutcome):
        send(fake, A)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain"]
)
def test_an_answer_is_json_whatever_its_type_says(
    fake: FakeAfricasTalking, content_type: str
) -> None:  # trap 2: the SDK hands a str over
    fake.content_type = content_type
    (result,) = send(fake, A)
    assert result.verdict is Verdict.ACCEPTED


def test_the_status_of_a_refusal_is_known(fake: FakeAfricasTalking) -> None:  # trap 3
    fake.mode = "401"
    with pytest.raises(BadConfig, match="401"):
        send(fake, A)


def test_no_thread_answers_and_no_global_is_made() -> None:  # traps 4, 10, 11, 12
    source = Path(adapter_module.__file__).read_text()
    source += Path(inspect.getfile(ConfigurableSms)).read_text()
    assert "initialize(" not in source
    assert "callback=" not in source
    import africastalking

    assert africastalking.SMS is None  # until somebody calls it


def test_one_bad_number_does_not_fail_the_others(fake: FakeAfricasTalking) -> None:  # traps 5, 7
    results = send(fake, A, "+22030", "3012346", B + "\n", "", C)
    assert [result.verdict.value for result in results] == [
        "accepted",
        *["refused"] * 4,
        "accepted",
    ]
    assert fake.calls[0].form["to"] == [f"{A},{C}"]


def test_an_empty_list_is_not_posted(fake: FakeAfricasTalking) -> None:  # trap 6
    assert send(fake) == []
    assert [result.verdict for result in send(fake, "+22030")] == [Verdict.REFUSED]
    assert fake.calls == []


def test_what_the_sdk_itself_refuses_was_not_sent(
    fake: FakeAfricasTalking, monkeypatch: pytest.MonkeyPatch
) -> None:  # trap 3: ValueError, whose message quotes the number
    monkeypatch.setattr(sys.modules["africastalking.SMS"], "validate_phone", lambda _: False)
    with pytest.raises(Permanent) as raised:
        send(fake, A)
    assert A not in repr(raised.value)
    assert fake.calls == []


def test_a_phone_twice_in_one_call_gets_one_text(fake: FakeAfricasTalking) -> None:
    old, new = "+2203012345", "+220833012345"  # one subscriber
    results = send(fake, old, B, old, new)
    assert [r.verdict.value for r in results] == ["accepted", "accepted", "retry", "retry"]
    assert [number for number, _ in fake.taken] == [old, B]


CODES = [
    (100, "Processed", Verdict.ACCEPTED),
    (101, "Sent", Verdict.ACCEPTED),
    (102, "Queued", Verdict.ACCEPTED),
    (401, "RiskHold", Verdict.UNKNOWN),
    (402, "InvalidSenderId", Verdict.REFUSED),
    (403, "InvalidPhoneNumber", Verdict.REFUSED),
    (404, "UnsupportedNumberType", Verdict.REFUSED),
    (405, "InsufficientBalance", Verdict.RETRY),
    (406, "UserInBlacklist", Verdict.REFUSED),
    (407, "CouldNotRoute", Verdict.REFUSED),
    (409, "DoNotDisturbRejection", Verdict.REFUSED),
    (500, "InternalServerError", Verdict.RETRY),
    (501, "GatewayError", Verdict.RETRY),
    (502, "RejectedByGateway", Verdict.REFUSED),
    (999, "Invented", Verdict.UNKNOWN),
    ("101", "Success", Verdict.ACCEPTED),
    ("many", "Success", Verdict.ACCEPTED),
    (None, "Odd", Verdict.UNKNOWN),
]


@pytest.mark.parametrize(("code", "status", "verdict"), CODES)
def test_each_recipient_has_a_status_of_its_own(
    fake: FakeAfricasTalking, code: object, status: str, verdict: Verdict
) -> None:
    fake.special = {
        B: {"statusCode": code, "status": status, "messageId": "None", "cost": "0"},
    }
    first, second, third = send(fake, A, B, C)
    assert (first.verdict, third.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert first.provider_id == f"ATXid_{1:032x}"
    assert (first.cost, first.reason) == ("GMD 0.2500", "Success")
    assert second == SendResult(2, verdict, provider_id=None, reason=status, cost="0")


def test_who_is_missing_in_the_answer_is_unknown(fake: FakeAfricasTalking) -> None:
    fake.special = {B: None}
    assert [r.verdict.value for r in send(fake, A, B)] == ["accepted", "unknown"]


def test_a_number_may_come_back_in_another_form(fake: FakeAfricasTalking) -> None:
    fake.special = {A: {"number": "220833012345", "messageId": "ATXid_9"}}
    assert send(fake, A) == [
        SendResult(1, Verdict.ACCEPTED, "ATXid_9", reason="Success", cost="GMD 0.2500")
    ]


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        ((101, 500), Verdict.ACCEPTED),
        ((407, 100), Verdict.ACCEPTED),
        ((500, 407), Verdict.UNKNOWN),
        ((500, 500), Verdict.RETRY),
    ],
)
def test_a_number_listed_twice_is_taken_if_it_was_once(
    fake: FakeAfricasTalking, codes: tuple[int, int], verdict: Verdict
) -> None:
    listed = [{"number": A, "statusCode": code, "messageId": f"x{code}"} for code in codes]
    fake.answer = {"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": listed}}
    (result,) = send(fake, A)
    assert result.verdict is verdict
    if verdict is Verdict.ACCEPTED:
        assert result.provider_id in {"x100", "x101"}


ANSWERS: list[tuple[str, Any, type[GatewayError]]] = [
    ("a bad sender", {"Message": "InvalidSenderId", "Recipients": []}, BadConfig),
    ("no money", {"Message": "InsufficientBalance", "Recipients": []}, BadConfig),
    ("nobody", {"Message": "Sent to 0/1 Total Cost: 0", "Recipients": []}, Permanent),
    ("no word why", {"Message": "", "Recipients": []}, UnknownOutcome),
    ("no list", {"Message": "Sent to 1/1"}, UnknownOutcome),
    ("a list of words", {"Message": "Sent to 1/1", "Recipients": ["x"]}, UnknownOutcome),
    ("null", {"Message": None, "Recipients": None}, UnknownOutcome),
]


@pytest.mark.parametrize(("label", "data", "error"), ANSWERS)
def test_a_201_that_names_nobody(
    fake: FakeAfricasTalking, label: str, data: Any, error: type[GatewayError]
) -> None:
    fake.answer = {"SMSMessageData": data}
    with pytest.raises(error) as raised:
        send(fake, A)
    assert type(raised.value) is error


@pytest.mark.parametrize("answer", [[], "queued", {}, {"SMSMessageData": []}])
def test_a_201_of_another_form_is_unknown(fake: FakeAfricasTalking, answer: Any) -> None:
    fake.answer = answer
    with pytest.raises(UnknownOutcome):
        send(fake, A)


def test_the_sdk_alone_opens_a_connection_for_each_call(
    fake: FakeAfricasTalking,
) -> None:  # trap 14, and why the wire replaces its transport
    class Plain(SMSService):  # type: ignore[misc]
        def _init_service(self) -> None:
            super()._init_service()
            self._baseUrl = fake.url + "/version1"

    plain = Plain("sandbox", "secret")
    for _ in range(3):
        plain.send("Hi", [A])
    assert fake.connections == 3
    kept = ConfigurableSms("sandbox", "secret", fake.url, Wire())
    for _ in range(3):
        assert isinstance(kept.send("Hi", [A]), Answer)
    assert fake.connections == 4
