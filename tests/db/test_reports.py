"""Delivery reports: early, late, repeated, for unknown ids, contradictory; by both kinds of id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.outbox import Outbox, outbox_of
from tests.fixtures.world import World
from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.messaging.service_mend import WasHandedOver, retry, settle_unknown
from trader_platform.messaging.service_reports import Told, take_report

AT = "africastalking"


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        yield made


def tell(outbox: Outbox, status: str, provider_id: str | None = None, **more: Any) -> str:
    with outbox.world.db.transaction() as session:
        told = Told(more.pop("gateway", AT), status, provider_id, **more)
        return take_report(session, told, epoch_ms(outbox.world.clock.now()))


def reports(outbox: Outbox) -> list[tuple[Any, ...]]:
    with outbox.world.db.reading() as connection:
        sql = text("SELECT status, outcome, seen FROM delivery_reports ORDER BY id")
        return [tuple(row) for row in connection.execute(sql)]


def accepted(outbox: Outbox, reason: str = "in:1") -> tuple[int, str]:
    """A text that the gateway took, and its id there."""
    id_ = outbox.queue("price.bare", outbox.contact(), reason)
    outbox.sender.drain()
    return id_, outbox.row(id_)["provider_id"]


def unknown(outbox: Outbox, reason: str = "in:1", number: str = "+2203012345") -> int:
    """A text whose call was never answered."""
    id_ = outbox.queue("price.bare", outbox.contact(number), reason)
    outbox.fake.mode = "drop"
    outbox.sender.drain()
    outbox.fake.mode = "ok"
    assert outbox.row(id_)["state"] == "unknown"
    return id_


def in_a_call(outbox: Outbox, reason: str = "in:1") -> int:
    """A text whose call is not over."""
    id_ = outbox.queue("price.bare", outbox.contact(), reason)
    now = epoch_ms(outbox.world.clock.now())
    outbox.change(
        "UPDATE messages SET state = 'sending', gateway = :at, sent_at = :now, segments = 1,"
        " lease_until = :far WHERE id = :id",
        at=AT,
        now=now,
        far=now + 30_000,
        id=id_,
    )
    return id_


@pytest.mark.parametrize("end", ["delivered", "failed", "expired"])
def test_forward_once_whatever_comes_after(outbox: Outbox, end: str) -> None:
    id_, provider = accepted(outbox)
    assert tell(outbox, "accepted", provider) == "no_news"
    assert tell(outbox, end, provider, reason="Why") == "placed"
    row = outbox.row(id_)
    assert (row["state"], row["failure"]) == (end, None if end == "delivered" else "Why")
    assert tell(outbox, end, provider) == "no_news"
    assert tell(outbox, "accepted", provider) == "no_news"
    other = "failed" if end == "delivered" else "delivered"
    assert tell(outbox, other, provider) == "contradicts"
    assert outbox.row(id_)["state"] == end
    assert reports(outbox) == [
        ("accepted", "no_news", 2),
        (end, "placed", 2),
        (other, "contradicts", 1),
    ]


def test_a_report_that_is_quicker_than_our_commit(outbox: Outbox) -> None:
    provider = f"ATXid_{1:032x}"
    assert tell(outbox, "accepted", provider) == "early"
    assert tell(outbox, "delivered", provider) == "early"
    id_, known = accepted(outbox)
    assert known == provider
    assert outbox.row(id_)["state"] == "delivered"
    assert [row[:2] for row in reports(outbox)] == [
        ("accepted", "no_news"),
        ("delivered", "placed"),
    ]


def test_a_report_that_crossed_with_our_commit_is_placed_by_the_next_drain(outbox: Outbox) -> None:
    id_, provider = accepted(outbox)
    now = epoch_ms(outbox.world.clock.now())
    outbox.change(
        "INSERT INTO delivery_reports (gateway, provider_id, status, outcome, seen, received_at)"
        " VALUES (:at, :provider, 'delivered', 'early', 1, :now)",
        at=AT,
        provider=provider,
        now=now,
    )
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "delivered"


def test_a_report_of_nothing_of_ours_is_kept_and_given_up_after_a_day(outbox: Outbox) -> None:
    assert tell(outbox, "delivered", "ATXid_strange") == "early"
    assert tell(outbox, "delivered", "ATXid_strange") == "early"
    assert tell(outbox, "delivered", message_id=987654) == "early"
    outbox.sender.drain()
    assert reports(outbox) == [("delivered", "early", 2), ("delivered", "early", 1)]
    outbox.world.clock.move(days=1, seconds=1)
    outbox.sender.drain()
    assert reports(outbox) == [("delivered", "unplaced", 2), ("delivered", "unplaced", 1)]


def test_our_own_id_settles_an_unknown_text(outbox: Outbox) -> None:
    id_ = unknown(outbox)
    assert tell(outbox, "delivered", message_id=id_) == "placed"
    assert outbox.row(id_)["state"] == "delivered"


def test_an_id_that_we_never_got_settles_the_one_unknown_text_of_that_phone(
    outbox: Outbox,
) -> None:
    id_, her = unknown(outbox), outbox.contact()
    assert tell(outbox, "accepted", "ATXid_new", contact_id=her) == "placed"
    assert (outbox.row(id_)["state"], outbox.row(id_)["provider_id"]) == ("accepted", "ATXid_new")
    assert tell(outbox, "delivered", "ATXid_new", contact_id=her) == "placed"
    assert outbox.row(id_)["state"] == "delivered"


def test_of_two_unknown_texts_neither_is_settled_by_a_guess(outbox: Outbox) -> None:
    first = unknown(outbox)
    outbox.world.clock.move(seconds=31)
    second, her = unknown(outbox, "in:2"), outbox.contact()
    assert tell(outbox, "delivered", "ATXid_new", contact_id=her) == "early"
    assert {outbox.row(id_)["state"] for id_ in (first, second)} == {"unknown"}
    # A day after the first, the second is the only one left: the next report is of it.
    outbox.world.clock.move(hours=23, minutes=59, seconds=45)
    assert tell(outbox, "delivered", "ATXid_newer", contact_id=her) == "placed"
    assert [outbox.row(id_)["state"] for id_ in (first, second)] == ["unknown", "delivered"]


def test_an_unknown_text_older_than_a_day_or_of_another_phone_is_not_meant(
    outbox: Outbox,
) -> None:
    id_ = unknown(outbox)
    other = outbox.contact("+2207654321")
    assert tell(outbox, "delivered", "ATXid_1", contact_id=other) == "early"
    assert tell(outbox, "delivered", "ATXid_2", gateway="kannel", contact_id=other) == "early"
    outbox.world.clock.move(days=1, seconds=1)
    assert tell(outbox, "delivered", "ATXid_3", contact_id=outbox.contact()) == "early"
    assert outbox.row(id_)["state"] == "unknown"


def test_while_another_text_to_her_is_in_a_call_the_unknown_one_is_not_settled_by_a_guess(
    outbox: Outbox,
) -> None:
    lost, her = unknown(outbox), outbox.contact()
    in_a_call(outbox, "in:2")
    assert tell(outbox, "delivered", "ATXid_of_the_second", contact_id=her) == "early"
    assert outbox.row(lost)["state"] == "unknown"


def test_a_report_beats_the_answer_of_the_call_and_keeps_its_word(outbox: Outbox) -> None:
    """Kannel reports by our id while its answer is still on the wire."""
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    taken = outbox.fake.take

    def reported_first(number: str, words: str) -> int:
        assert tell(outbox, "delivered", message_id=id_) == "placed"
        return taken(number, words)

    outbox.fake.take = reported_first  # type: ignore[method-assign]
    outbox.sender.drain()
    row = outbox.row(id_)
    assert (row["state"], row["cost_minor"]) == ("delivered", 25)
    assert row["provider_id"] is not None


def test_a_gateway_that_refused_a_text_and_reports_it_is_not_believed(outbox: Outbox) -> None:
    id_, _ = accepted(outbox)
    assert tell(outbox, "delivered", gateway="kannel", message_id=id_) == "contradicts"
    assert outbox.row(id_)["state"] == "accepted"


def test_a_text_that_waits_for_another_try_and_arrived_after_all_is_not_sent_again(
    outbox: Outbox,
) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 500, "status": "InternalServerError"}
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "queued"
    assert tell(outbox, "failed", message_id=id_) == "no_news"
    assert outbox.row(id_)["state"] == "queued"
    assert tell(outbox, "delivered", message_id=id_) == "placed"
    outbox.fake.special.clear()
    outbox.world.clock.move(hours=1)
    assert outbox.sender.drain() == 0
    assert outbox.fake.taken == []


def refused_for_now(outbox: Outbox) -> int:
    """A text that its gateway certainly did not take, and that waits for another try."""
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 500, "status": "InternalServerError"}
    outbox.sender.drain()
    outbox.fake.special.clear()
    assert outbox.row(id_)["state"] == "queued"
    return id_


def person(outbox: Outbox) -> By:
    return By("k", "en", outbox.world.clock.now(), "staff", "1", "cli")


def test_a_report_settles_no_text_that_was_handed_over_after_it_came(outbox: Outbox) -> None:
    her = outbox.contact()
    assert tell(outbox, "failed", "ATXid_old", contact_id=her) == "early"
    outbox.world.clock.move(hours=5)
    later = unknown(outbox)
    outbox.world.clock.move(minutes=1)
    outbox.sender.drain()
    assert tell(outbox, "failed", "ATXid_old", contact_id=her) == "early"
    assert tell(outbox, "delivered", "ATXid_old", contact_id=her) == "early"
    assert outbox.row(later)["state"] == "unknown"
    assert tell(outbox, "delivered", "ATXid_new", contact_id=her) == "placed"


def test_a_report_of_a_call_that_is_lost_later_settles_its_text(outbox: Outbox) -> None:
    id_, her = in_a_call(outbox), outbox.contact()
    assert tell(outbox, "delivered", "ATXid_lost", contact_id=her) == "early"
    outbox.world.clock.move(seconds=31)
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "delivered"


@pytest.mark.parametrize("by_person", [True, False])
def test_the_report_of_one_of_two_settles_neither_later(outbox: Outbox, by_person: bool) -> None:
    first = unknown(outbox)
    outbox.world.clock.move(seconds=31)
    second, her = unknown(outbox, "in:2"), outbox.contact()
    assert tell(outbox, "failed", "ATXid_of_first", contact_id=her) == "early"
    if by_person:
        with outbox.world.db.transaction() as session:
            settle_unknown(session, first, "delivered", by=person(outbox))
    else:
        outbox.world.clock.move(hours=23, minutes=59, seconds=45)
    outbox.sender.drain()
    assert tell(outbox, "failed", "ATXid_of_first", contact_id=her) == "early"
    assert outbox.row(second)["state"] == "unknown"


def test_a_text_that_was_taken_without_an_id_may_be_meant_as_well(outbox: Outbox) -> None:
    lost, her = unknown(outbox), outbox.contact()
    outbox.world.clock.move(minutes=1)
    second = outbox.queue("price.bare", her, "in:2")
    outbox.fake.special["+2203012345"] = {"messageId": "None"}
    outbox.sender.drain()
    assert (outbox.row(second)["state"], outbox.row(second)["provider_id"]) == ("accepted", None)
    assert tell(outbox, "delivered", "ATXid_of_second", contact_id=her) == "early"
    assert outbox.row(lost)["state"] == "unknown"


def test_a_crossing_report_is_placed_however_many_strays_wait(outbox: Outbox) -> None:
    id_, provider = accepted(outbox)
    now = epoch_ms(outbox.world.clock.now())
    strays = [f"stray{n}" for n in range(300)]
    for at, each in enumerate([*strays[:250], provider, *strays[250:]]):
        outbox.change(
            "INSERT INTO delivery_reports (gateway, provider_id, status, outcome, seen,"
            " received_at) VALUES (:at, :provider, 'delivered', 'early', 1, :now)",
            at=AT,
            provider=each,
            now=now + at,
        )
    outbox.sender.drain()
    assert outbox.row(id_)["state"] == "delivered"


@pytest.mark.parametrize("gateway", ["kannel", AT])
def test_a_text_that_was_given_to_nobody_is_moved_by_no_report(
    outbox: Outbox, gateway: str
) -> None:
    assert tell(outbox, "delivered", message_id=1, gateway=gateway) == "early"
    outbox.world.clock.move(minutes=1)
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    assert id_ == 1
    assert tell(outbox, "accepted", message_id=id_, gateway=gateway) == "early"
    outbox.world.clock.move(minutes=1)
    outbox.sender.drain()
    outbox.sender.drain()
    assert (outbox.row(id_)["state"], len(outbox.fake.taken)) == ("accepted", 1)


def test_a_text_that_waits_is_moved_only_by_a_gateway_that_it_was_given(outbox: Outbox) -> None:
    id_ = refused_for_now(outbox)
    assert tell(outbox, "delivered", message_id=id_, gateway="kannel") == "contradicts"
    assert outbox.row(id_)["state"] == "queued"
    outbox.change("UPDATE messages SET refused_by = :at, gateway = 'kannel'", at=AT)
    assert tell(outbox, "delivered", message_id=id_) == "placed"
    assert (outbox.row(id_)["state"], outbox.row(id_)["gateway"]) == ("delivered", AT)


def test_what_was_taken_after_all_is_paid_for_once(outbox: Outbox) -> None:
    id_ = refused_for_now(outbox)
    assert outbox.spent() == [(0, 0, 0, 0)]
    assert tell(outbox, "accepted", message_id=id_) == "placed"
    assert tell(outbox, "delivered", message_id=id_) == "placed"
    row = outbox.row(id_)
    assert (row["segments"], row["cost_minor"]) == (1, 25)
    assert outbox.spent() == [(0, 1, 25, 0)]


def test_a_counted_text_that_was_taken_after_all_costs_its_council(outbox: Outbox) -> None:
    id_ = outbox.news(outbox.contact(), "c:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 407, "status": "CouldNotRoute"}
    outbox.sender.drain()
    assert tell(outbox, "delivered", message_id=id_) == "contradicts"
    assert (outbox.row(id_)["state"], outbox.row(id_)["segments"]) == ("failed", 1)
    assert outbox.spent() == [(1, 1, 25, 25)]


@pytest.mark.parametrize("status", ["accepted", "delivered", "failed", "expired"])
def test_what_a_report_names_is_not_sent_again(outbox: Outbox, status: str) -> None:
    id_ = outbox.queue("price.bare", outbox.contact(), "in:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 502, "status": "RejectedByGateway"}
    outbox.sender.drain()
    tell(outbox, status, message_id=id_)
    assert outbox.row(id_)["state"] == "failed"
    with pytest.raises(WasHandedOver), outbox.world.db.transaction() as session:
        retry(session, [id_], by=person(outbox))


def test_what_was_taken_after_all_and_then_failed_is_not_sent_again(outbox: Outbox) -> None:
    id_ = refused_for_now(outbox)
    assert tell(outbox, "accepted", message_id=id_) == "placed"
    assert tell(outbox, "failed", message_id=id_) == "placed"
    with pytest.raises(WasHandedOver), outbox.world.db.transaction() as session:
        retry(session, [id_], by=person(outbox))
