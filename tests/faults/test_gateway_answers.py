"""A gateway that refuses, breaks or talks nonsense, and a worker that is killed while it does."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

from tests.fixtures.outbox_service import OutboxService
from tests.fixtures.served import free_port
from tests.fixtures.servers import wait_until

PHONES = [f"+220301230{at}" for at in range(3)]
# A 201 that names nobody, once with the reason why nothing was sent.
ANSWERS = {"empty": "Done", "nobody": "Sent to 0/3 Total Cost: 0"}
TRIED_AGAIN, MAYBE, REFUSED = "queued", "unknown", "failed"


def misbehave(service: OutboxService, mode: str) -> dict[str, str]:
    """Let the gateway answer in this way; returns settings of a worker that meets it."""
    if mode == "dead":
        return {"AFRICASTALKING_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    if mode in ANSWERS:
        data = {"Message": ANSWERS[mode], "Recipients": []}
        service.outbox.fake.answer = {"SMSMessageData": data}
    else:
        service.outbox.fake.mode = mode
    return {}


def mend(service: OutboxService) -> None:
    """It answers again, and what waits for its time is due."""
    service.outbox.fake.mode, service.outbox.fake.answer = "ok", None
    service.outbox.change("UPDATE gateway_states SET open_until = 1")
    service.outbox.change("UPDATE messages SET due_at = 1 WHERE state = 'queued'")


@pytest.mark.parametrize(
    ("mode", "state", "failure"),
    [
        ("401", TRIED_AGAIN, "BadConfig"),
        ("429", TRIED_AGAIN, "Throttled"),
        ("503", TRIED_AGAIN, "Throttled"),
        ("dead", TRIED_AGAIN, "Retryable"),
        ("500", MAYBE, "UnknownOutcome"),
        ("empty", MAYBE, "UnknownOutcome"),
        ("nobody", REFUSED, "Permanent"),
        ("words", MAYBE, "UnknownOutcome"),
        ("half", MAYBE, "UnknownOutcome"),
        ("drop", MAYBE, "UnknownOutcome"),
        ("twice", "accepted", None),
    ],
)
def test_nobody_is_texted_twice_and_what_may_be_out_is_said_to_be(
    service: OutboxService, mode: str, state: str, failure: str | None
) -> None:
    outbox = service.outbox
    settings = misbehave(service, mode)
    ids = [outbox.queue("price.bare", outbox.contact(to), f"in:{to}") for to in PHONES]
    worker = service.worker(every_seconds=0.2, **settings)
    met = "gateway IS NOT NULL AND state <> 'sending'"
    wait_until(lambda: outbox.rows(met) == [(True,)] * 3, "all have met it")
    assert set(outbox.rows("state, failure")) == {(state, failure)}
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    mend(service)
    service.worker(every_seconds=0.2)
    later = outbox.queue("price.bare", outbox.contact("+2203012399"), "in:later")
    service.becomes(later, "accepted")
    end = "accepted" if state == TRIED_AGAIN else state
    for id_ in ids:
        service.becomes(id_, end)
    got = Counter(number for number, _ in outbox.fake.taken)
    assert max(got.values()) == 1, "sent twice"
    # Some answers are nonsense about texts that it took.
    assert set(PHONES) <= set(got) or end != "accepted"
