"""What every SMS gateway's adapter owes, by real HTTP to a local gateway that answers as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sms.gateways.africastalking import AfricasTalking
from sms.gateways.base import Recipient, SmsGateway, Verdict
from sms.gateways.kannel import Kannel, KannelAccount
from sms.gateways.simulator import Simulator
from sms.gateways.smsgate import SmsGate, SmsGateAccount
from sms.gateways.wire import CONNECT_SECONDS, Wire
from sms.simulator.centre import Centre
from tests.fakes.gateways import FakeAfricasTalking, FakeGateway, FakeKannel, FakeSmsGate, running
from tests.fixtures.served import free_port
from trader_platform.core import phone as phones
from trader_platform.core.clock import SystemClock
from trader_platform.core.errors import (
    BadConfig,
    GatewayError,
    Retryable,
    Throttled,
    UnknownOutcome,
)

READ_SECONDS = 0.4
NUMBERS = ("+2203012345", "+220833012346", "+2207012345")
WORDS = "Onion 1 bag: D1,500 @ Brikama\nCafé + rice & more = 100% <ok> £5 \\ é"


def _africastalking(url: str, wire: Wire) -> SmsGateway:
    return AfricasTalking(username="sandbox", api_key="k", sender_id="220", base_url=url, wire=wire)


def _kannel(url: str, wire: Wire) -> SmsGateway:
    account = KannelAccount(f"{url}/cgi-bin/sendsms", "us", "pw", "http://127.0.0.1/d", "220")
    return Kannel(account, wire=wire)


def _smsgate(url: str, wire: Wire) -> SmsGateway:
    account = SmsGateAccount(f"{url}/3rdparty/v1/messages", "us", "pw", "key")
    return SmsGate(account, clock=SystemClock(), wire=wire)


@dataclass
class Line:
    """An adapter and the gateway at its other end."""

    adapter: SmsGateway
    fake: Any

    def recipients(self) -> list[Recipient]:
        most = self.adapter.most_recipients
        return [Recipient(id_, phone) for id_, phone in enumerate(NUMBERS[:most], 41)]


Maker = tuple[type[FakeGateway], Callable[[str, Wire], SmsGateway]]
MAKERS: dict[str, Maker] = {
    "africastalking": (FakeAfricasTalking, _africastalking),
    "kannel": (FakeKannel, _kannel),
    "smsgate": (FakeSmsGate, _smsgate),
}


class Phones:
    """The far end of the simulator: not HTTP but a file."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    @property
    def taken(self) -> list[tuple[str, str]]:
        """As of a gateway."""
        keys = {phones.fold(number): number for number in NUMBERS}
        arrived = [(key, text) for key in keys for text in self._centre.arrived(key, 0)]
        arrived.sort(key=lambda each: each[1].id)
        return [(keys[key], text.words) for key, text in arrived]


@pytest.fixture(params=[*MAKERS, "simulator"])
def any_line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """All of them, for what does not depend on HTTP."""
    if request.param == "simulator":
        centre = Centre(tmp_path, SystemClock())
        yield Line(Simulator(centre), Phones(centre))
        return
    fake, make = MAKERS[request.param]
    with running(fake()) as gateway:
        yield Line(make(gateway.url, Wire(read_seconds=READ_SECONDS)), gateway)


@pytest.fixture(params=MAKERS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    fake, make = MAKERS[request.param]
    with running(fake()) as gateway:
        yield Line(make(gateway.url, Wire(read_seconds=READ_SECONDS)), gateway)


def test_each_recipient_gets_the_words_and_a_result_in_order(any_line: Line) -> None:
    to = any_line.recipients()
    results = any_line.adapter.send(WORDS, to)
    assert [result.id for result in results] == [one.id for one in to]
    assert {result.verdict for result in results} == {Verdict.ACCEPTED}
    assert any_line.fake.taken == [(one.phone, WORDS) for one in to]


def test_several_recipients_are_one_call(line: Line) -> None:
    line.adapter.send(WORDS, line.recipients())
    assert len(line.fake.calls) == 1


def test_nobody_is_no_call(any_line: Line) -> None:
    assert any_line.adapter.send(WORDS, []) == []
    assert any_line.fake.taken == []


@pytest.mark.parametrize("number", ["+22030", "+2203012345\n+", "+2200000000", "", "LUMO"])
def test_a_number_that_is_none_is_refused_without_a_call(any_line: Line, number: str) -> None:
    (result,) = any_line.adapter.send(WORDS, [Recipient(41, number)])
    assert (result.id, result.verdict) == (41, Verdict.REFUSED)
    assert any_line.fake.taken == []


FAULTS = [
    ("a wrong key", "401", BadConfig),
    ("no money", "402", BadConfig),
    ("a wrong address", "404", BadConfig),
    ("moved", "302", BadConfig),
    ("too many calls", "429", Throttled),
    ("too much to do", "503", Retryable),
    ("broken within", "500", UnknownOutcome),
    ("broken on the way", "502", UnknownOutcome),
    ("a proxy that did not wait", "504", UnknownOutcome),
    ("a page instead", "words", UnknownOutcome),
    ("hangs", "hang", UnknownOutcome),
    ("drips", "drip", UnknownOutcome),
    ("drops the line", "drop", UnknownOutcome),
    ("answers half", "half", UnknownOutcome),
    ("answers when nobody waits any more", "late", UnknownOutcome),
]


@pytest.mark.parametrize(("label", "mode", "error"), FAULTS, ids=[x[0] for x in FAULTS])
def test_what_a_fault_certainly_means(
    line: Line, label: str, mode: str, error: type[GatewayError]
) -> None:
    line.fake.mode = mode
    began = time.monotonic()
    with pytest.raises(error) as raised:
        line.adapter.send(WORDS, line.recipients())
    assert type(raised.value) in {error, Throttled}
    assert time.monotonic() - began < CONNECT_SECONDS + 2 * READ_SECONDS + 1
    assert len(line.fake.calls) == 1, "a call goes out once, and no redirect is followed"
    said = repr(raised.value)
    assert not any(secret in said for secret in (*NUMBERS, "Onion", "pw", "supplied"))


def test_when_to_come_back_is_passed_on(line: Line) -> None:
    line.fake.mode = "429"
    with pytest.raises(Throttled) as raised:
        line.adapter.send(WORDS, line.recipients())
    assert raised.value.after_seconds == 7


def test_a_gateway_that_is_not_there_took_nothing(
    line: Line, request: pytest.FixtureRequest
) -> None:
    _, make = MAKERS[line.adapter.name]
    nobody = make(f"http://127.0.0.1:{free_port()}", Wire())
    with pytest.raises(Retryable):
        nobody.send(WORDS, line.recipients())


def test_it_works_again_after_each_fault(line: Line) -> None:
    for mode in ("drop", "500", "words", "half"):
        line.fake.mode = mode
        with pytest.raises(GatewayError):
            line.adapter.send("first", line.recipients())
    line.fake.mode = "ok"
    results = line.adapter.send(WORDS, line.recipients())
    assert {result.verdict for result in results} == {Verdict.ACCEPTED}


def test_an_answer_that_comes_twice_is_not_taken_for_the_next_one(line: Line) -> None:
    ids = set()
    line.fake.mode = "twice"
    for id_ in range(41, 46):
        (result,) = line.adapter.send(WORDS, [Recipient(id_, NUMBERS[0])])
        assert (result.id, result.verdict) == (id_, Verdict.ACCEPTED)
        ids.add(result.provider_id)
        time.sleep(0.02)  # the second answer is on the line before the next call
    assert len(line.fake.calls) == 5
    assert len(ids) in {1, 5}  # Kannel says no id


def test_one_connection_serves_many_calls(line: Line) -> None:
    for id_ in range(10):
        line.adapter.send(WORDS, [Recipient(id_, NUMBERS[0])])
    assert line.fake.connections == 1


def test_calls_from_several_threads_keep_apart(line: Line) -> None:
    ready = threading.Barrier(8)

    def one(id_: int) -> bool:
        if id_ < 8:
            ready.wait(5)
        (result,) = line.adapter.send(f"text {id_}", [Recipient(id_, NUMBERS[0])])
        return (result.id, result.verdict) == (id_, Verdict.ACCEPTED)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(80)))
    assert sorted(line.fake.taken) == sorted((NUMBERS[0], f"text {id_}") for id_ in range(80))
    assert line.fake.connections <= 8


def test_an_address_that_is_none_is_the_settings_fault(line: Line) -> None:
    _, make = MAKERS[line.adapter.name]
    with pytest.raises(BadConfig):
        make("http://", Wire()).send(WORDS, line.recipients())
