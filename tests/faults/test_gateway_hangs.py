"""A gateway that takes connections and never answers, before a real worker and a web process."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.fakes.gateways import FakeKannel
from tests.fixtures.outbox_service import OutboxService
from tests.fixtures.served import TOKEN, Server, served
from tests.fixtures.servers import wait_until
from trader_platform.messaging.service_gateways import FAILURES_THAT_OPEN

# As many calls at once as open the breaker, and as many texts that differ: each is a call.
FEW_AT_ONCE = {"SMS_PARALLEL": str(FAILURES_THAT_OPEN)}
KINDS = ["price.bare", "more.end", "more.nothing", "stop.all", "help.one"]
NOT_ANSWERED = ("unknown", "UnknownOutcome")


def phone(at: int) -> str:
    return f"+22030123{at:02d}"


def queue(service: OutboxService, numbers: range) -> list[int]:
    """One answer to each of these phones, handed over in this order."""
    outbox = service.outbox
    return [outbox.queue("price.bare", outbox.contact(phone(at)), f"in:{at}") for at in numbers]


def states(service: OutboxService, ids: list[int]) -> list[tuple[str, str | None]]:
    rows = [service.outbox.row(id_) for id_ in ids]
    return [(row["state"], row["failure"]) for row in rows]


def become(service: OutboxService, ids: list[int], state: str, failure: str | None = None) -> None:
    """Waits until all of these texts are in this state."""
    wait_until(
        lambda: set(states(service, ids)) == {(state, failure)},
        f"all are {state} {failure or ''}",
    )


def called(service: OutboxService) -> list[str]:
    """The numbers of all calls that the gateway was made."""
    return [number for call in service.outbox.fake.calls for number in call.form["to"]]


def half_a_minute_later(service: OutboxService) -> None:
    """The breaker has been open for its time, and what waited for it is due."""
    service.outbox.change("UPDATE gateway_states SET open_until = 1 WHERE failures > 0")
    service.outbox.change("UPDATE messages SET due_at = 1 WHERE state = 'queued'")


def opened(service: OutboxService, **settings: str) -> list[int]:
    """A worker has met the gateway, and the breaker is open; returns the texts it may have."""
    service.outbox.fake.mode = "hang"
    outbox = service.outbox
    contacts = [outbox.contact(phone(at)) for at in range(FAILURES_THAT_OPEN)]
    lost = [
        outbox.queue(kind, contact, f"in:{kind}")
        for kind, contact in zip(KINDS, contacts, strict=True)
    ]
    service.worker(every_seconds=0.2, **FEW_AT_ONCE, **settings)
    become(service, lost, *NOT_ANSWERED)
    return lost


def test_what_it_may_have_is_unknown_and_all_else_leaves_when_it_is_back(
    service: OutboxService, tmp_path: Path
) -> None:
    service.outbox.fake.mode = "hang"
    ids = queue(service, range(2 * FAILURES_THAT_OPEN + 2))
    service.worker(every_seconds=0.2, **FEW_AT_ONCE, SMS_CHUNK="1")
    # Each time-out makes room for one more call, until the last of the five opens the breaker.
    wait_until(
        lambda: {state for state, _ in states(service, ids)} == {"unknown", "queued"},
        "all calls are over",
    )
    said = dict(zip(ids, states(service, ids), strict=True))
    lost = [id_ for id_ in ids if said[id_] == NOT_ANSWERED]
    waiting = [id_ for id_ in ids if id_ not in lost]
    assert FAILURES_THAT_OPEN <= len(lost) < 2 * FAILURES_THAT_OPEN
    new = queue(service, range(50, 52))
    become(service, new, "queued", "gateway_down")
    assert len(called(service)) == len(lost), "an open breaker lets nothing through"

    service.outbox.fake.mode = "ok"
    half_a_minute_later(service)
    wait_until(lambda: bool(service.outbox.fake.taken), "one text tries the gateway")
    become(service, waiting + new, "accepted")
    assert len(set(called(service))) == len(called(service)) == len(ids + new), "sent twice"
    assert set(states(service, lost)) == {NOT_ANSWERED}
    with served(service.outbox.world, tmp_path, **service.settings) as server:
        assert report(server, phone(0), "Success") == report(server, phone(1), "Failed") == 200
    assert [service.state(id_) for id_ in ids[:3]] == ["delivered", "failed", "unknown"]


def report(server: Server, number: str, status: str) -> int:
    """A delivery report with an id that its time-out never gave us."""
    form = {"id": f"ATXid_late_{number}", "phoneNumber": number, "status": status}
    path = f"/sms/africastalking/{TOKEN}/delivery"
    return server.request(path, urllib.parse.urlencode(form).encode())[0]


def test_one_that_still_hangs_is_given_one_text_at_each_trial(service: OutboxService) -> None:
    """Equal texts leave a hundred in a call: a trial with such a call could lose a hundred."""
    lost = opened(service)
    waiting = queue(service, range(50, 57))
    become(service, waiting, "queued", "gateway_down")
    half_a_minute_later(service)
    wait_until(lambda: [*states(service, waiting)].count(NOT_ANSWERED) > 0, "the trial is over")
    trials = called(service)[FAILURES_THAT_OPEN:]
    assert [call.count("+") for call in trials] == [1]
    service.outbox.fake.mode = "ok"
    half_a_minute_later(service)
    left = [id_ for id_ in waiting if service.state(id_) == "queued"]
    assert len(left) == len(waiting) - 1
    become(service, left, "accepted")
    assert set(states(service, lost)) == {NOT_ANSWERED}


@pytest.fixture
def kannel() -> Iterator[FakeKannel]:
    """The second gateway of the tests that have one."""
    fake = FakeKannel()
    yield fake
    fake.stop()


def second(kannel: FakeKannel) -> dict[str, str]:
    """Settings of a route that has it."""
    return {
        "SMS_ROUTES": "+=africastalking|kannel",
        "KANNEL_SENDSMS_URL": kannel.url,
        "KANNEL_USERNAME": "market",
        "KANNEL_PASSWORD": "k",
        "KANNEL_SENDER_ID": "5678",
    }


def test_what_was_planned_for_it_when_its_breaker_opened_goes_to_the_second(
    service: OutboxService, kannel: FakeKannel
) -> None:
    service.outbox.fake.mode = "hang"
    ids = queue(service, range(2 * FAILURES_THAT_OPEN + 2))
    service.worker(every_seconds=0.2, **FEW_AT_ONCE, SMS_CHUNK="1", **second(kannel))
    wait_until(lambda: not {"queued", "sending"} & {x for x, _ in states(service, ids)}, "all left")
    lost = [id_ for id_ in ids if states(service, [id_]) == [NOT_ANSWERED]]
    become(service, [id_ for id_ in ids if id_ not in lost], "accepted")
    assert FAILURES_THAT_OPEN <= len(lost) < 2 * FAILURES_THAT_OPEN
    assert len(kannel.taken) == len(ids) - len(lost)
    with service.outbox.world.db.reading() as connection:
        until = connection.execute(text("SELECT max(open_until) FROM gateway_states")).scalar_one()
    assert max(service.outbox.rows("sent_at"))[0] < until, "they waited for the breaker"


def test_what_was_not_given_to_it_goes_to_the_second_gateway(
    service: OutboxService, kannel: FakeKannel
) -> None:
    lost = opened(service, **second(kannel))
    become(service, queue(service, range(50, 52)), "accepted")
    assert sorted(number for number, _ in kannel.taken) == [phone(50), phone(51)]
    half_a_minute_later(service)
    trial, *others = queue(service, range(52, 55))  # one tries the first gateway
    become(service, others, "accepted")
    become(service, [trial], *NOT_ANSWERED)
    assert len(kannel.taken) == 4
    assert called(service)[FAILURES_THAT_OPEN:] == [phone(52)]
    assert set(states(service, lost)) == {NOT_ANSWERED}, "a second gateway had what may be out"
