"""A text from the outbox to the gateway and back: states, order, costs, counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from sms.gateways.africastalking import AfricasTalking
from sms.gateways.registry import Gateways
from sms.sender import ANSWERS, Pace
from tests.fakes.gateways import FakeAfricasTalking
from tests.fixtures.outbox import Outbox, SoonStopping, outbox_of, sender_of, sender_to
from tests.fixtures.world import World
from trader_platform.core.errors import Throttled
from trader_platform.messaging.service_claim import CLAIM_LEASE_MS, claim
from trader_platform.messaging.service_gateways import FAILURES_THAT_OPEN, OPEN_MS
from trader_platform.messaging.service_settle import RETRY_SECONDS
from trader_platform.messaging.types import MessageClass


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        yield made


def test_a_text_is_worded_handed_over_once_and_recorded(outbox: Outbox) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    assert outbox.sender.drain() == 1
    words = "Price of what? Text PRICE and a product, like PRICE rice"
    assert outbox.fake.taken == [("+2203012345", words)]
    row = outbox.row(id_)
    assert (row["state"], row["gateway"], row["attempts"]) == ("accepted", "africastalking", 1)
    assert (row["segments"], row["cost_minor"]) == (1, 25)
    assert row["provider_id"] == f"ATXid_{1:032x}"
    assert row["lease_until"] is None
    assert outbox.spent() == [(0, 1, 25, 0)]
    assert outbox.sender.drain() == 0
    assert len(outbox.fake.taken) == 1


def test_equal_texts_go_in_one_call_and_no_phone_is_in_one_twice(outbox: Outbox) -> None:
    for at in range(210):
        outbox.news(outbox.contact(f"+22030{at % 200:05d}"), f"c:{at}")
    assert outbox.sender.drain() == 210
    calls = [call.form["to"][0].split(",") for call in outbox.fake.calls]
    assert sorted(len(numbers) for numbers in calls) == [10, 100, 100]
    assert all(len(set(numbers)) == len(numbers) for numbers in calls)
    assert {state for (state,) in outbox.rows()} == {"accepted"}
    assert outbox.spent() == [(1, 210, 210 * 25, 210 * 25)]


def test_her_own_language_and_the_packs_where_she_chose_none(outbox: Outbox) -> None:
    outbox.world.phone("+2203012345").dial().press("2")  # Francais
    outbox.queue("stop.all", outbox.contact("+2203012345"), "in:1")
    outbox.queue("stop.all", outbox.contact("+2207654321"), "in:2")
    outbox.sender.drain()
    words = dict(outbox.fake.taken)
    assert words["+2203012345"].startswith("Fini")
    assert words["+2207654321"].startswith("Stopped")


def test_answers_to_a_phone_leave_one_at_a_time_in_their_order(outbox: Outbox) -> None:
    her, other = outbox.contact(), outbox.contact("+2207654321")
    kinds = ["price.bare", "more.end", "stop.all"]
    for at, kind in enumerate(kinds):
        outbox.queue(kind, her, f"in:{at}")
    outbox.queue("price.bare", other, "in:9")
    with outbox.world.db.transaction() as session:
        now = int(outbox.world.clock.now().timestamp() * 1000)
        first = claim(session, now, most=10, classes=ANSWERS)
    assert [(each.contact_id, each.kind) for each in first] == [
        (her, "price.bare"),
        (other, "price.bare"),
    ]
    outbox.world.clock.move(milliseconds=CLAIM_LEASE_MS)
    assert outbox.sender.drain() == 4
    assert [words.split()[0] for number, words in outbox.fake.taken if number == "+2203012345"] == [
        "Price",
        "That",
        "Stopped,",
    ]


def test_an_answer_is_claimed_before_the_campaign_that_came_first(outbox: Outbox) -> None:
    outbox.news(outbox.contact(), "news:1")
    outbox.queue("price.bare", outbox.contact("+2207654321"), "in:1")
    with outbox.world.db.transaction() as session:
        now = int(outbox.world.clock.now().timestamp() * 1000)
        claimed = [
            claim(session, now, most=1, classes=tuple(reversed(MessageClass)))[0].kind
            for _ in range(2)
        ]
    assert claimed == ["price.bare", "council.says"]


def test_an_unknown_answer_holds_the_next_for_half_a_minute(outbox: Outbox) -> None:
    her = outbox.contact()
    outbox.queue("price.bare", her, "in:1")
    outbox.queue("stop.all", her, "in:2")
    outbox.fake.mode = "drop"
    assert outbox.sender.drain() == 1
    assert outbox.rows() == [("unknown",), ("queued",)]
    outbox.fake.mode = "ok"
    outbox.world.clock.move(seconds=29)
    assert outbox.sender.drain() == 0
    assert outbox.sender.next_in_seconds() == 1.0
    outbox.world.clock.move(seconds=1)
    assert outbox.sender.drain() == 1
    assert outbox.rows() == [("unknown",), ("accepted",)]


def test_what_was_claimed_and_not_sent_is_due_again_after_the_lease(outbox: Outbox) -> None:
    outbox.queue("price.bare", outbox.contact(), "in:1")
    now = int(outbox.world.clock.now().timestamp() * 1000)
    with outbox.world.db.transaction() as session:
        assert len(claim(session, now, most=10, classes=tuple(MessageClass))) == 1
    assert outbox.sender.drain() == 0
    outbox.world.clock.move(milliseconds=CLAIM_LEASE_MS)
    assert outbox.sender.drain() == 1


def test_a_call_whose_worker_died_is_unknown_and_never_repeated(outbox: Outbox) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    now = int(outbox.world.clock.now().timestamp() * 1000)
    outbox.change(
        "UPDATE messages SET state = 'sending', sent_at = :now, lease_until = :until,"
        " gateway = 'africastalking' WHERE id = :id",
        now=now,
        until=now + 30_000,
        id=id_,
    )
    assert outbox.sender.drain() == 0
    assert outbox.row(id_)["state"] == "sending"
    outbox.world.clock.move(seconds=30)
    assert outbox.sender.drain() == 0
    assert (outbox.row(id_)["state"], outbox.row(id_)["failure"]) == ("unknown", "lease")
    outbox.world.clock.move(days=3)
    assert outbox.sender.drain() == 0
    assert outbox.fake.taken == []


@pytest.mark.parametrize(
    ("mode", "state", "failure"),
    [
        ("503", "queued", "Throttled"),
        ("429", "queued", "Throttled"),
        ("401", "queued", "BadConfig"),
        ("500", "unknown", "UnknownOutcome"),
        ("drop", "unknown", "UnknownOutcome"),
        ("words", "unknown", "UnknownOutcome"),
        ("half", "unknown", "UnknownOutcome"),
        ("twice", "accepted", None),
    ],
)
def test_what_a_failed_call_means(
    outbox: Outbox, mode: str, state: str, failure: str | None
) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.fake.mode = mode
    assert outbox.sender.drain() == 1
    row = outbox.row(id_)
    assert (row["state"], row["failure"]) == (state, failure)
    was_taken = state in ("accepted", "unknown")
    assert outbox.spent() == [(0, int(was_taken), 25 * was_taken, 0)]


def test_a_list_without_recipients_is_unknown(outbox: Outbox) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.fake.answer = {"SMSMessageData": {"Message": "Done", "Recipients": []}}
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "unknown"


def test_retries_wait_longer_each_time_with_jitter_and_then_give_up(outbox: Outbox) -> None:
    her = outbox.contact()
    id_ = outbox.queue("price.bare", her, "in:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 500, "status": "InternalServerError"}
    for seconds in RETRY_SECONDS:
        assert outbox.sender.drain() == 1
        row = outbox.row(id_)
        assert row["state"] == "queued"
        waits = row["due_at"] / 1000 - outbox.world.clock.now().timestamp()
        assert 0.75 * seconds <= waits <= 1.25 * seconds
        assert outbox.sender.drain() == 0
        outbox.world.clock.move(seconds=waits + 0.001)
    assert outbox.sender.drain() == 1
    assert (outbox.row(id_)["state"], outbox.row(id_)["failure"]) == (
        "failed",
        "InternalServerError",
    )
    assert outbox.row(id_)["attempts"] == len(RETRY_SECONDS) + 1
    assert outbox.spent() == [(0, 0, 0, 0)]


@contextmanager
def two_gateways(
    world: World,
) -> Iterator[tuple[Outbox, FakeAfricasTalking, FakeAfricasTalking]]:
    """An outbox whose route has a second gateway."""
    first, second = FakeAfricasTalking(), FakeAfricasTalking()
    adapters = [_named("first", first.url), _named("second", second.url)]
    gateways = Gateways(adapters, default="first", routes={"+220": ["first", "second"]})
    outbox = Outbox(world, first)
    outbox.sender = sender_of(world, gateways)
    try:
        yield outbox, first, second
    finally:
        first.stop()
        second.stop()


def test_what_one_gateway_refused_goes_to_the_next(world: World) -> None:
    with two_gateways(world) as (outbox, first, second):
        refused = outbox.queue("price.bare", outbox.contact(), "in:1")
        lost = outbox.queue("price.bare", outbox.contact("+2207654321"), "in:2")
        first.special["+2203012345"] = {"statusCode": 407, "status": "CouldNotRoute"}
        first.special["+2207654321"] = None  # not in the answer: may have been taken
        assert outbox.sender.drain() == 3
        assert [number for number, _ in second.taken] == ["+2203012345"]
        row = outbox.row(refused)
        assert (row["state"], row["gateway"], row["refused_by"]) == ("accepted", "second", "first")
        assert outbox.row(lost)["state"] == "unknown"
        third = outbox.queue("stop.all", outbox.contact(), "in:3")
        second.special["+2203012345"] = {"statusCode": 403, "status": "InvalidPhoneNumber"}
        assert outbox.sender.drain() == 2
        assert outbox.row(third)["state"] == "failed"


@pytest.mark.parametrize("mode", ["503", "401"])
def test_a_gateway_that_wants_quiet_or_refuses_us_is_gone_round(world: World, mode: str) -> None:
    with two_gateways(world) as (outbox, first, second):
        first.mode = mode
        one = outbox.queue("price.bare", outbox.contact(), "in:1")
        outbox.sender.drain()
        two = outbox.queue("price.bare", outbox.contact("+2207654321"), "in:2")
        outbox.sender.drain()
        assert [outbox.row(id_)["gateway"] for id_ in (one, two)] == ["second", "second"]
        assert len(first.calls) == 1
        second.mode = mode
        three = outbox.queue("price.bare", outbox.contact(), "in:3")
        outbox.sender.drain()
        assert (outbox.row(three)["state"], outbox.row(three)["attempts"]) == ("queued", 0)
        assert (len(first.calls), len(second.calls)) == (1, 3)


def test_no_pause_is_longer_than_five_minutes(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: object) -> None:
        raise Throttled("http 503", after_seconds=86_400)

    adapter = outbox.sender.gateways["africastalking"]
    monkeypatch.setattr(adapter, "send", throttled)
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.sender.drain()
    monkeypatch.undo()
    outbox.world.clock.move(seconds=299)
    assert outbox.sender.drain() == 0
    outbox.world.clock.move(seconds=15)
    assert outbox.sender.drain() == 1
    assert outbox.row(id_)["state"] == "accepted"


def _named(name: str, url: str) -> AfricasTalking:
    adapter = AfricasTalking(username="market", api_key="k", sender_id="5678", base_url=url)
    adapter.name = name
    return adapter


def test_a_gateway_that_is_dead_is_left_alone_and_then_tried_by_one_call(outbox: Outbox) -> None:
    alive = outbox.sender
    outbox.sender = sender_to(outbox.world, "http://127.0.0.1:9")  # nobody listens there
    for at in range(8):
        outbox.queue("price.bare", outbox.contact(f"+220301234{at}"), f"in:{at}")
    outbox.sender.pace = Pace(parallel=1)
    outbox.sender.planner.most_texts = lambda gateway: 1  # type: ignore[method-assign]
    assert outbox.sender.drain() == FAILURES_THAT_OPEN
    outbox.world.clock.move(seconds=7)  # all are due again, and the breaker is open
    assert outbox.sender.drain() == 0
    outbox.world.clock.move(milliseconds=OPEN_MS + 7_000)
    assert outbox.sender.drain() == 1
    outbox.sender = alive
    for _ in range(3):
        outbox.world.clock.move(minutes=2)
        outbox.sender.drain()
    assert {state for (state,) in outbox.rows()} == {"accepted"}
    assert len(outbox.fake.taken) == 8


def test_our_account_refused_costs_no_text_a_try(outbox: Outbox) -> None:
    outbox.fake.mode = "401"
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    for _ in range(20):
        outbox.sender.drain()
        outbox.world.clock.move(minutes=2)
    assert (outbox.row(id_)["state"], outbox.row(id_)["attempts"]) == ("queued", 0)
    outbox.fake.mode = "ok"
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "accepted"


NEWS: dict[str, Any] = {"council": 1, "news": "Water is back"}
CALL: dict[str, Any] = {"market": 1, "product": 1, "unit": 1, "price": 100, "contact": 1}


@pytest.mark.parametrize(
    ("kind", "params", "said", "failure"),
    [
        ("council.says", NEWS, "stopped = 'most'", "stopped"),
        ("council.says", NEWS, "stopped_topics = 'council,lumo'", "stopped_topic"),
        ("call.seller", CALL, "stopped = 'all'", "stopped_all"),
        ("call.seller", CALL, "opted_out = true", "opted_out"),
        ("price.bare", {}, "stopped = 'all'", "stopped_all"),
        ("call.seller", CALL, "stopped = 'most'", None),
        ("call.seller", CALL, "stopped_topics = 'lumo'", None),
        ("stop.all", {}, "stopped = 'all'", None),
    ],
)
def test_stop_between_plan_and_call_is_heard(
    outbox: Outbox, kind: str, params: dict[str, Any], said: str, failure: str | None
) -> None:
    her = outbox.contact()
    id_ = outbox.queue(kind, her, "c:1", params=params)
    planner = outbox.sender.planner
    plan = planner.plan

    def slow(texts: Any) -> Any:
        made = plan(texts)
        outbox.change(f"UPDATE contacts SET {said} WHERE id = :id", id=her)
        return made

    planner.plan = slow  # type: ignore[method-assign]
    assert outbox.sender.drain() == (failure is None)
    state = "failed" if failure else "accepted"
    assert (outbox.row(id_)["state"], outbox.row(id_)["failure"]) == (state, failure)
    assert len(outbox.fake.taken) == (failure is None)


def test_an_erased_phone_and_a_text_without_words_hold_nobody_up(outbox: Outbox) -> None:
    erased, broken, fine = (outbox.contact(f"+220301234{at}") for at in range(3))
    outbox.change(
        "UPDATE contacts SET phone_hash = NULL, phone_sealed = NULL WHERE id = :id",
        id=erased,
    )
    outbox.queue("price.bare", erased, "in:1")
    outbox.queue("price.none", broken, "in:2")  # its product is missing
    outbox.queue("price.bare", fine, "in:3")
    outbox.change("UPDATE messages SET kind = 'no.such' WHERE reason = 'in:4'")
    assert outbox.sender.drain() == 1
    assert outbox.rows("state, failure") == [
        ("failed", "no_phone"),
        ("failed", "no_words"),
        ("accepted", None),
    ]


def test_a_notice_of_the_night_waits_and_one_whose_time_is_over_ends(outbox: Outbox) -> None:
    her = outbox.contact()
    outbox.world.clock.at = outbox.world.clock.at.replace(hour=21)
    soon = outbox.world.clock.at + timedelta(hours=2)
    waits, ends = outbox.news(her, "c:1"), outbox.news(her, "c:2", expires_at=soon)
    answer = outbox.queue("price.bare", her, "in:1")
    assert outbox.sender.drain() == 1
    assert outbox.row(answer)["state"] == "accepted"
    assert (outbox.row(ends)["state"], outbox.row(ends)["failure"]) == ("expired", "quiet")
    opens = outbox.world.clock.at.replace(hour=8) + timedelta(days=1)
    assert outbox.row(waits)["due_at"] == int(opens.timestamp() * 1000)
    outbox.world.clock.at = opens
    assert outbox.sender.drain() == 1


def test_stopped_in_mid_drain_nothing_is_lost(outbox: Outbox) -> None:
    for at in range(40):
        outbox.queue("price.bare", outbox.contact(f"+22030123{at:02d}"), f"in:{at}")
    outbox.sender.drain(stopping=SoonStopping())
    left = [state for state, lease in outbox.rows("state, lease_until") if state == "queued"]
    assert {lease for (lease,) in outbox.rows("lease_until")} == {None}
    assert len(left) + len(outbox.fake.taken) == 40
    outbox.sender.drain()
    assert {state for (state,) in outbox.rows()} == {"accepted"}
    assert len(outbox.fake.taken) == 40


def test_only_answers_where_only_answers_are_asked_for(outbox: Outbox) -> None:
    her = outbox.contact()
    outbox.news(her, "c:1")
    outbox.queue("price.bare", her, "in:1")
    assert outbox.sender.drain(ANSWERS) == 1
    assert outbox.rows() == [("queued",), ("accepted",)]
