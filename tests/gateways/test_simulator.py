"""The demo's gateway: what the contract of gateways asks of one that needs no HTTP to send."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sms.gateways.base import InboundSms, OptOut, Recipient, Report, ReportStatus, Request, Verdict
from sms.gateways.registry import build_gateways
from sms.gateways.simulator import Simulator
from sms.simulator.centre import Centre
from trader_platform.core.clock import MovableClock
from trader_platform.core.config import Settings
from trader_platform.core.errors import BadConfig, Retryable

NUMBERS = ("+2203012345", "+220833012346", "+2207012345")
WORDS = "Onion 1 bag: D1,500 @ Brikama\nCafé + rice & more = 100% <ok> £5 \\ é"
CLOCK = MovableClock(datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path / "not" / "yet", CLOCK)


def test_each_recipient_gets_the_words_and_a_result_in_order(centre: Centre) -> None:
    to = [Recipient(id_, phone) for id_, phone in enumerate(NUMBERS, 41)]
    results = Simulator(centre).send(WORDS, to)
    assert [(result.id, result.verdict) for result in results] == [
        (41, Verdict.ACCEPTED),
        (42, Verdict.ACCEPTED),
        (43, Verdict.ACCEPTED),
    ]
    assert {result.cost for result in results} == {"GMD 0.2500"}
    for key, result in zip(("+2203012345", "+2203012346", "+2207012345"), results, strict=True):
        (text,) = centre.arrived(key, 0)
        assert (text.provider_id, text.words) == (result.provider_id, WORDS)


def test_nobody_is_nothing(centre: Centre) -> None:
    assert Simulator(centre).send(WORDS, []) == []


@pytest.mark.parametrize("number", ["+22030", "+2200000000", "", "LUMO"])
def test_a_number_that_is_none_is_refused_and_the_others_are_not(
    centre: Centre, number: str
) -> None:
    first, second = Simulator(centre).send(
        WORDS, [Recipient(41, number), Recipient(42, NUMBERS[0])]
    )
    assert (first.id, first.verdict, first.provider_id) == (41, Verdict.REFUSED, None)
    assert (second.id, second.verdict) == (42, Verdict.ACCEPTED)


def test_calls_from_several_threads_keep_apart(centre: Centre) -> None:
    simulator, ready = Simulator(centre), threading.Barrier(8)

    def one(id_: int) -> str | None:
        if id_ < 8:
            ready.wait(5)
        (result,) = simulator.send(f"text {id_}", [Recipient(id_, NUMBERS[0])])
        return result.provider_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(one, range(80)))
    arrived = centre.arrived(NUMBERS[0], 0)
    assert {(text.provider_id, text.words) for text in arrived} == {
        (id_, f"text {number}") for number, id_ in enumerate(ids)
    }


def test_a_file_that_cannot_be_written_is_tried_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    simulator = Simulator(centre)
    to = [Recipient(41, NUMBERS[0])]
    simulator.send("before", to)
    monkeypatch.setattr("sms.simulator.centre._LOCK_WAIT_SECONDS", 0.05)
    holder = sqlite3.connect(tmp_path / "not" / "yet" / "phones.db")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Retryable):
        simulator.send("during", to)
    holder.close()
    simulator.send("after", to)
    assert [text.words for text in centre.arrived(NUMBERS[0], 0)] == ["before", "after"]


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Retryable):
        Simulator(Centre(tmp_path / "file", CLOCK)).send("x", [Recipient(41, NUMBERS[0])])


def test_outside_the_demo_no_text_is_kept(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    simulator = build_gateways(settings, clock=CLOCK)["simulator"]
    with pytest.raises(BadConfig):
        simulator.send("Somebody's words", [Recipient(41, NUMBERS[0])])
    assert not (tmp_path / "phones.db").exists()


def test_in_the_demo_the_settings_lead_to_the_centre_of_the_page(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "DEMO": "1"})
    gateways = build_gateways(settings, clock=CLOCK)
    (name,) = gateways.route(NUMBERS[0])
    gateways[name].send("Hello", [Recipient(41, NUMBERS[0])])
    assert [text.words for text in Centre(tmp_path, CLOCK).arrived(NUMBERS[0], 0)] == ["Hello"]


def posted(**fields: str) -> Request:
    return Request(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def test_its_callbacks_are_its_own(centre: Centre) -> None:
    simulator = Simulator(centre)
    inbound = posted(**{"id": "i1", "from": NUMBERS[0], "to": "2200", "text": "onion"})
    assert simulator.parse_inbound(inbound) == InboundSms(
        "simulator", "i1", NUMBERS[0], "2200", "onion"
    )
    failed = posted(id="SIMid_1", status="Failed", phoneNumber=NUMBERS[0], failureReason="Full")
    assert simulator.parse_report(failed) == Report(
        "simulator", ReportStatus.FAILED, "SIMid_1", phone=NUMBERS[0], reason="Full"
    )
    assert simulator.parse_optout(posted(phoneNumber=NUMBERS[0])) == OptOut("simulator", NUMBERS[0])
    assert simulator.ack.status == 200
