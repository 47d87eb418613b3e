"""The outbox against a model: workers that claim, call, settle and die in any order.

What must hold whatever happens: no text is taken by a gateway twice, states only move forward, and
answers to a phone leave one at a time in their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from tests.fixtures.world import SUNDAY, World
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.core.phone import parse
from trader_platform.messaging import service_mend
from trader_platform.messaging.service import contact_of_phone, queue
from trader_platform.messaging.service_claim import (
    UNKNOWN_HOLDS_MS,
    Call,
    Claimed,
    begin,
    claim,
    give_up_on_lost,
)
from trader_platform.messaging.service_reports import (
    UNKNOWN_SETTLES_MS,
    Told,
    place_waiting,
    take_report,
)
from trader_platform.messaging.service_settle import Outcome, Said, settle
from trader_platform.messaging.types import MessageClass, Outgoing

GATEWAYS = ("first", "second")
ZONE = "Africa/Banjul"
# Which states may follow which; nothing leaves the three ends but by a person's retry.
FORWARD = {
    "queued": {"queued", "sending", "accepted", "delivered", "failed", "expired"},
    "sending": {"sending", "queued", "accepted", "delivered", "failed", "expired", "unknown"},
    "unknown": {"unknown", "accepted", "delivered", "failed", "expired"},
    "accepted": {"accepted", "delivered", "failed", "expired"},
    **{end: {end} for end in ("delivered", "failed", "expired")},
}


@dataclass
class Worker:
    """What a worker process holds in memory: a kill loses it."""

    claimed: list[Claimed] = field(default_factory=list)
    calls: list[tuple[Call, Claimed]] = field(default_factory=list)


class OutboxMachine(RuleBasedStateMachine):
    """Two workers that stop anywhere and one that does not, three phones, two gateways."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        db = self.world.db
        self.now = SUNDAY
        self.workers = [Worker(), Worker(), Worker()]
        self.taken: dict[int, int] = {}
        self.states: dict[int, str] = {}
        self.retried: set[int] = set()
        self.count = 0
        with db.transaction() as session:
            for table in ("delivery_reports", "messages", "contacts", "text_spend"):
                session.execute(text(f"DELETE FROM {table}"))
            self.contacts = [self._contact(session, number) for number in range(3)]

    def _contact(self, session: Any, number: int) -> int:
        phone = parse(f"+220301234{number}")
        assert phone is not None
        return contact_of_phone(session, phone, pack_id=1, vault=self.world.vault, now=self.now)

    @property
    def now_ms(self) -> int:
        return epoch_ms(self.now)

    @rule(contact=st.integers(0, 2), answer=st.booleans())
    def queue(self, contact: int, answer: bool) -> None:
        self.count += 1
        kind = "price.bare" if answer else "council.says"
        reason = f"r:{self.count}"
        outgoing = Outgoing(kind, self.contacts[contact], 1, reason, self.now)
        with self.world.db.transaction() as session:
            id_ = queue(session, outgoing, zone=ZONE)
            assert queue(session, outgoing, zone=ZONE) is None
        assert id_ is not None
        self.states[id_], self.taken[id_] = "queued", 0

    @rule(seconds=st.sampled_from([1, 10, 31, 61, 4000]))
    def time_goes_on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(worker=st.integers(0, 1), most=st.sampled_from([1, 5]))
    def claim(self, worker: int, most: int) -> None:
        before = {row["id"]: row for row in self._rows()}
        with self.world.db.transaction() as session:
            claimed = claim(session, self.now_ms, most=most, classes=tuple(MessageClass))
        assert len(claimed) <= most
        for each in claimed:
            row = before[each.id]
            assert row["state"] == "queued"
            assert row["due_at"] <= self.now_ms
            assert (row["lease_until"] or 0) <= self.now_ms
            if each.priority == 0:
                self._may_go_now(each, before)
        answers = [each.contact_id for each in claimed if each.priority == 0]
        assert len(set(answers)) == len(answers)
        self.workers[worker].claimed += claimed

    def _may_go_now(self, answer: Claimed, rows: dict[int, Any]) -> None:
        for row in rows.values():
            if row["contact_id"] == answer.contact_id and row["priority"] == 0:
                if row["id"] < answer.id:
                    assert row["state"] not in ("queued", "sending")
                if row["state"] == "unknown":
                    assert row["sent_at"] <= self.now_ms - UNKNOWN_HOLDS_MS

    @precondition(lambda self: any(worker.claimed for worker in self.workers))
    @rule(worker=st.integers(0, 1), gateway=st.sampled_from(GATEWAYS))
    def begin(self, worker: int, gateway: str) -> None:
        mine = self.workers[worker]
        if mine.claimed:
            one = mine.claimed.pop(0)
            left = [name for name in GATEWAYS if name not in one.refused_by.split(",")]
            self._begin(mine, one, gateway if gateway in left else left[0])

    def _begin(self, mine: Worker, one: Claimed, gateway: str) -> None:
        counted = one.priority >= MessageClass.NOTICE
        day = local_day(self.now, ZONE)
        call = Call(gateway, "words", (one,), ("+220",), day, 25, counted=counted, cap=3)
        with self.world.db.transaction() as session:
            going = begin(session, call, self.now_ms)
        assert going in ({one.id}, set())
        if going:
            mine.calls.append((call, one))

    @precondition(lambda self: any(worker.calls for worker in self.workers))
    @rule(worker=st.integers(0, 1), outcome=st.sampled_from(list(Outcome)), arrives=st.booleans())
    def call_and_settle(self, worker: int, outcome: Outcome, arrives: bool) -> None:
        mine = self.workers[worker]
        if mine.calls:
            self._settle(*mine.calls.pop(0), outcome, arrives=arrives)

    def _settle(self, call: Call, one: Claimed, outcome: Outcome, *, arrives: bool = True) -> None:
        if outcome is Outcome.ACCEPTED or (outcome is Outcome.UNKNOWN and arrives):
            self._take(one)
        others = [x for x in GATEWAYS if x not in {call.gateway, *one.refused_by.split(",")}]
        provider = f"p{one.id}" if outcome is Outcome.ACCEPTED else None
        said = Said(one, outcome, provider, "why", others=others)
        with self.world.db.transaction() as session:
            settle(session, [(call, [said])], self.now_ms)

    @rule(outcome=st.sampled_from(list(Outcome)))
    def a_third_worker_drains(self, outcome: Outcome) -> None:
        """What a healthy worker does in one go, beside two that stop anywhere."""
        self.claim(2, 5)
        third = self.workers[2]
        while third.claimed:
            self.begin(2, "first")
        self.states_move_forward()
        while third.calls:
            self._settle(*third.calls.pop(0), outcome)

    def _take(self, one: Claimed) -> None:
        """A gateway takes the text: the moment that must not come twice."""
        self.taken[one.id] += 1
        assert self.taken[one.id] == 1, "a text was sent twice"

    @precondition(lambda self: any(worker.calls for worker in self.workers))
    @rule(worker=st.integers(0, 1), after_the_call=st.booleans())
    def kill(self, worker: int, after_the_call: bool) -> None:
        mine = self.workers[worker]
        if after_the_call and mine.calls:
            self._take(mine.calls[0][1])
        self.workers[worker] = Worker()

    @rule()
    def sweep(self) -> None:
        with self.world.db.transaction() as session:
            give_up_on_lost(session, self.now_ms)
        rows = self._rows()
        assert not [r for r in rows if r["state"] == "sending" and r["lease_until"] <= self.now_ms]

    @precondition(lambda self: self.states)
    @rule(
        data=st.data(),
        status=st.sampled_from(["accepted", "delivered", "failed", "expired"]),
        ours=st.booleans(),
    )
    def report(self, data: st.DataObject, status: str, ours: bool) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.states)))
        row = next(row for row in self._rows() if row["id"] == id_)
        gateway = row["gateway"] or data.draw(st.sampled_from(GATEWAYS))
        told = Told(gateway, status, None if ours else f"p{id_}", id_ if ours else None)
        with self.world.db.transaction() as session:
            take_report(session, told, self.now_ms)

    @rule(
        contact=st.integers(0, 2),
        gateway=st.sampled_from(GATEWAYS),
        status=st.sampled_from(["accepted", "delivered", "failed"]),
    )
    def report_of_a_phone(self, contact: int, gateway: str, status: str) -> None:
        """By an id that we never got: it settles one unknown text, where it can mean no other."""
        self.count += 1
        phone, before = self.contacts[contact], self._rows()
        told = Told(gateway, status, f"x{self.count}", contact_id=phone)
        with self.world.db.transaction() as session:
            take_report(session, told, self.now_ms)
        since = self.now_ms - UNKNOWN_SETTLES_MS
        meant = [
            row["id"]
            for row in before
            if (row["contact_id"], row["gateway"], row["provider_id"]) == (phone, gateway, None)
            and row["segments"]
            and row["sent_at"] > since
        ]
        was = {row["id"]: row["state"] for row in before}
        moved = [row["id"] for row in self._rows() if row["state"] != was[row["id"]]]
        single = len(meant) == 1 and was[meant[0]] == "unknown"
        assert moved == (meant if single else [])

    @rule()
    def place_what_waits(self) -> None:
        """A report that could mean none or several texts means no more of them later."""
        before = {row["id"]: row["state"] for row in self._rows()}
        with self.world.db.transaction() as session:
            place_waiting(session, self.now_ms)
        for row in self._rows():
            moved = row["state"] != before[row["id"]]
            assert not moved or before[row["id"]] in ("unknown", "accepted")

    @precondition(lambda self: self.states)
    @rule(data=st.data(), state=st.sampled_from(["delivered", "failed"]))
    def a_person_settles(self, data: st.DataObject, state: str) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.states)))
        was = self._state(id_)
        try:
            with self.world.db.transaction() as session:
                service_mend.settle_unknown(session, id_, state, by=self._by())
        except DomainError:
            assert was != "unknown"
        else:
            assert was == "unknown"

    @precondition(lambda self: "failed" in self.states.values())
    @rule(data=st.data())
    def a_person_retries(self, data: st.DataObject) -> None:
        failed = sorted(id_ for id_ in self.states if self._state(id_) == "failed")
        if not failed:
            return
        id_ = data.draw(st.sampled_from(failed))
        try:
            with self.world.db.transaction() as session:
                service_mend.retry(session, [id_], by=self._by())
        except DomainError:
            assert self._state(id_) == "failed"
        else:
            assert self.taken[id_] == 0, "what a gateway has was queued again"
            self.states[id_] = "queued"

    def _by(self) -> By:
        return By(f"test:{self.now_ms}", "en", self.now, "operator", "test", "test")

    def _rows(self) -> list[Any]:
        with self.world.db.reading() as connection:
            return list(connection.execute(text("SELECT * FROM messages ORDER BY id")).mappings())

    def _state(self, id_: int) -> str:
        return next(str(row["state"]) for row in self._rows() if row["id"] == id_)

    @invariant()
    def states_move_forward(self) -> None:
        for row in self._rows():
            was, state = self.states[row["id"]], row["state"]
            assert state in FORWARD[was], f"{was} became {state}"
            self.states[row["id"]] = state

    @invariant()
    def what_was_taken_is_not_queued(self) -> None:
        for row in self._rows():
            if self.taken[row["id"]]:
                assert row["state"] != "queued"
                assert row["segments"] == 1

    @invariant()
    def every_cost_is_of_a_text_that_may_be_out(self) -> None:
        with self.world.db.reading() as connection:
            sql = (
                "SELECT coalesce(sum(segments), 0), coalesce(sum(counted_minor), 0) FROM text_spend"
            )
            segments, counted = connection.execute(text(sql)).one()
        rows = self._rows()
        assert segments == sum(row["segments"] for row in rows)
        assert counted == 25 * sum(row["segments"] for row in rows if row["priority"] >= 2)


def test_nothing_is_sent_twice_whatever_happens(world: World) -> None:
    machine = type("Machine", (OutboxMachine,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=50,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],  # a step costs a commit: no minutes to make a failure shorter
        ),
    )
