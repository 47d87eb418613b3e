"""The drain: claims what is due, hands it over in parallel calls, records what became of it.

All statements of a drain run in one thread, in short transactions: each settles the calls that are
over and marks the next ones as being sent, so that nothing lies between that commit and the calls.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sms.gateways.registry import Gateways
from sms.handover import Answered, HandedOver, Health, hand_over, minor_units
from sms.plan import Plan, Planner
from trader_platform.core.clock import Clock, epoch_ms
from trader_platform.core.db import Database
from trader_platform.core.pace import pause_after
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging.service_claim import (
    Call,
    Claimed,
    Dropped,
    Parked,
    begin,
    claim,
    give_up_on_lost,
    is_due,
    let_go,
    next_due,
    put_back,
)
from trader_platform.messaging.service_gateways import (
    Limits,
    admit,
    breakers,
    note_failure,
    note_pause,
    note_success,
)
from trader_platform.messaging.service_reports import place_waiting
from trader_platform.messaging.service_settle import Outcome, Said, Settled, settle
from trader_platform.messaging.types import MessageClass

EVERYTHING: Final = tuple(MessageClass)
ANSWERS: Final = (MessageClass.ANSWER,)
# Texts settled, begun and claimed in one turn: on SQLite it must be short while hops are served
# (docs/operating.md), on PostgreSQL nobody waits for it.
_TURN_TEXTS: Final = {True: 200, False: 300}
_LONG_TURN_TEXTS: Final = 20
_POLL_SECONDS: Final = 0.05
# A gateway that wants no call for longer than this is left, and its texts come again later.
_LONGEST_WAIT_MS: Final = 2_000
# How long a call that is over waits to be recorded while the database is away.
_PATIENCE_SECONDS: Final = 60.0

# Longer than the sweeper's round.
_SWEEP_MS: Final = 60_000

_log = structlog.get_logger()
_T = TypeVar("_T")
# A call, and the ids of those of its texts that go.
Begun = tuple[Call, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a drain goes: calls in flight, and what each gateway bears."""

    parallel: int = 16
    limits: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, gateway: str) -> Limits:
        """The limits of one gateway."""
        return self.limits.get(gateway, Limits())


class Sender:
    """What drains need; one for a process, shared by its threads."""

    def __init__(
        self,
        db: Database,
        planner: Planner,
        *,
        gateways: Gateways,
        catalogs: Catalogs,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self.db, self.planner, self.gateways = db, planner, gateways
        self.catalogs, self.clock, self.pace = catalogs, clock, pace or Pace()

    def drain(
        self,
        classes: Sequence[MessageClass] = EVERYTHING,
        *,
        stopping: threading.Event | None = None,
    ) -> int:
        """Hand over what is due of these classes until nothing is; returns how many texts.

        Safe to repeat, to race and to kill. ``stopping`` ends it early: what is in a call is
        recorded, the rest is left to the next drain. Raises OperationalError where the database
        stays away.
        """
        threads = self.pace.parallel + 1  # the calls, and the words of those that come next
        with ThreadPoolExecutor(threads, thread_name_prefix="sms") as pool:
            return _Drain(self, pool, classes, stopping or threading.Event()).run()

    def next_in_seconds(self) -> float | None:
        """When to drain again at the latest: for tries that failed, and answers held back."""
        with self.db.reading() as connection:
            due = next_due(connection)
        if due is None or due > (now := epoch_ms(self.clock.now())) + _SWEEP_MS:
            return None  # the sweeper comes first
        return max(1.0, (due - now) / 1000)


class _Drain:
    def __init__(
        self,
        sender: Sender,
        pool: ThreadPoolExecutor,
        classes: Sequence[MessageClass],
        stopping: threading.Event,
    ) -> None:
        self._s, self._pool, self._classes, self._stopping = sender, pool, classes, stopping
        self._ready: list[Call] = []
        self._parked: list[Parked] = []
        self._dropped: list[Dropped] = []
        self._in_flight: set[Future[HandedOver]] = set()
        self._planning: Future[Plan] | None = None
        self._over: list[HandedOver] = []
        self._blocked: dict[str, float] = {}
        self._quiet_until = 0.0
        self._most = _TURN_TEXTS[sender.db.is_sqlite]
        self._handed_over = 0

    def run(self) -> int:
        """Until nothing is due."""
        self._write(self._tidy, texts=0)
        # A turn that finds nothing ends the drain: what an answer waited for was settled before.
        while self._turn() or self._ready or self._in_flight or self._planning:
            self._wait()
        return self._handed_over

    def _tidy(self, session: Session) -> None:
        give_up_on_lost(session, self._now())
        place_waiting(session, self._now())

    def _turn(self) -> bool:
        """One transaction: what is over, what does not go, what goes next, what comes after that.

        Then the calls, and beside them the words of what was claimed. False where there was
        nothing to do.
        """
        self._take_turn()  # first: calls end in the pause, and words are ready after it
        self._gather()
        self._take_plan()
        if self._stopping.is_set():
            self._give_back()
        over, texts = self._next_over()
        parked, dropped, classes = self._parked, self._dropped, self._wanted()
        room = self._s.pace.parallel - len(self._in_flight)
        goes_on = over or parked or dropped or (self._ready and room)
        if not goes_on and not self._patiently(lambda: self._is_due(classes)):
            return False

        settled = [self._settled(done) for done in over]

        def work(session: Session) -> tuple[list[Begun], list[Claimed]]:
            self._settle(session, over, settled)
            put_back(session, parked, dropped, self._now())
            begun = self._begin(session, room)
            return begun, claim(session, self._now(), most=self._most, classes=classes)

        texts += len(parked) + len(dropped) + self._most * bool(self._ready)
        begun, claimed = self._write(work, texts=texts)
        del self._over[: len(over)]
        self._parked, self._dropped = [], []
        self._call(begun)
        if claimed:
            plan = self._s.planner.plan
            self._planning = self._pool.submit(self._patiently, lambda: plan(claimed))
        return bool(goes_on or claimed)  # what is due and held back is nothing to do

    def _next_over(self) -> tuple[list[HandedOver], int]:
        """Calls that are over, as many as fit one turn, and how many texts they had."""
        count = 0
        for at, done in enumerate(self._over):
            if count >= self._most:
                return self._over[:at], count
            count += len(done.answers)
        return list(self._over), count

    def _wanted(self) -> list[MessageClass]:
        """What to claim now: one claim at a time, and only answers while enough is ready."""
        if self._stopping.is_set() or self._planning:
            return []
        enough = len(self._ready) >= self._s.pace.parallel
        return [each for each in self._classes if not enough or each is MessageClass.ANSWER]

    def _call(self, begun: Sequence[Begun]) -> None:
        gone = {id(call) for call, _ in begun}
        self._ready = [call for call in self._ready if id(call) not in gone]
        for call, going in begun:
            if going:
                gateway = self._s.gateways[call.gateway]
                self._in_flight.add(self._pool.submit(hand_over, gateway, call, going))
                self._handed_over += len(going)

    def _take_plan(self) -> None:
        if self._planning is None or not self._planning.done():
            return
        plan, self._planning = self._planning.result(), None
        self._ready = sorted([*self._ready, *plan.calls], key=_by_class)
        self._parked += plan.parked
        self._dropped += plan.dropped

    def _begin(self, session: Session, room: int) -> list[Begun]:
        """Mark as many of the ready calls as being sent as there is room for in this turn."""
        begun: list[Begun] = []
        texts = 0
        for call in self._ready:
            if room == 0 or texts >= self._most:
                break
            if self._blocked.get(call.gateway, 0.0) > time.monotonic():
                continue
            limits = self._s.pace.of(call.gateway)
            wait_ms = admit(session, call.gateway, len(call.texts), limits, self._now())
            if wait_ms > _LONGEST_WAIT_MS:
                self._leave(session, call, wait_ms)
                begun.append((call, frozenset()))
            elif wait_ms:
                self._blocked[call.gateway] = time.monotonic() + wait_ms / 1000
            else:
                begun.append((call, frozenset(begin(session, call, self._now()))))
                room, texts = room - 1, texts + len(call.texts)
        return begun

    def _leave(self, session: Session, call: Call, wait_ms: int) -> None:
        """A call that is not made now: planned anew where nobody calls its gateway, else later.

        A new plan takes a route's second gateway, or waits for the end of breaker or pause.
        """
        now = self._now()
        if call.gateway in breakers(session.connection(), now).open_until:
            let_go(session, call.texts)
            return
        due = now + wait_ms + random.randrange(1000)  # noqa: S311 - no secret
        put_back(session, [Parked(text, due, "gateway_busy") for text in call.texts], [], now)

    def _settled(self, done: HandedOver) -> Settled:
        now = self._now()
        return done.call, [self._said(done, one, now) for one in done.answers]

    def _settle(
        self, session: Session, over: Sequence[HandedOver], settled: Sequence[Settled]
    ) -> None:
        now = self._now()
        settle(session, settled, now)
        worked = {done.call.gateway for done in over if done.health is Health.WORKED}
        for name in sorted(worked):
            note_success(session, name)
        for done in over:
            if done.health is Health.PAUSE:
                note_pause(session, done.call.gateway, now + int(done.pause_seconds * 1000))
            elif done.health is not Health.WORKED:
                for_all = done.health is Health.REFUSES_US
                note_failure(session, done.call.gateway, now, for_all=for_all)

    def _said(self, done: HandedOver, answer: Answered, now: int) -> Said:
        others: list[str] = []
        again: int | None = None
        if answer.outcome in (Outcome.REFUSED, Outcome.RETRY):
            not_again = {done.call.gateway, *answer.text.refused_by.split(",")}
            others = [x for x in self._s.gateways.route(answer.phone) if x not in not_again]
        if done.health is Health.PAUSE:
            again = now + int(done.pause_seconds * 1000)
        elif done.health is Health.REFUSES_US:
            again = now
        currency = self._s.catalogs.get(answer.text.pack_id).currency
        return Said(
            answer.text,
            answer.outcome,
            answer.provider_id,
            answer.why,
            minor_units(answer.cost, currency) if answer.cost else None,
            others,
            again,
        )

    def _give_back(self) -> None:
        if not self._ready:
            return
        ready, self._ready = self._ready, []
        texts = [text for call in ready for text in call.texts]
        self._write(lambda session: let_go(session, texts), texts=0)

    def _wait(self) -> None:
        """Until a call is over, or there may be something else to do."""
        room = len(self._in_flight) < self._s.pace.parallel
        blocked = [self._blocked.get(call.gateway, 0.0) for call in self._ready]
        goes_on = self._over or (room and blocked and min(blocked) <= time.monotonic())
        seconds = 0.0 if goes_on else _POLL_SECONDS
        running: list[Future[Any]] = [*self._in_flight, *filter(None, [self._planning])]
        if running:
            wait(running, seconds, FIRST_COMPLETED)
        elif blocked:
            time.sleep(min(max(min(blocked) - time.monotonic(), 0.0), seconds))
        self._gather()

    def _gather(self) -> None:
        """The calls that are over."""
        for future in [each for each in self._in_flight if each.done()]:
            self._in_flight.remove(future)
            self._over.append(future.result())

    def _is_due(self, classes: Sequence[MessageClass]) -> bool:
        if not classes:
            return False
        with self._s.db.reading() as connection:
            return is_due(connection, self._now(), classes)

    def _write(self, work: Callable[[Session], _T], *, texts: int) -> _T:
        """One transaction of about so many texts."""

        def write() -> _T:
            with self._s.db.transaction() as session:
                return work(session)

        self._take_turn()
        began = time.monotonic()
        found = self._patiently(write)
        if self._s.db.is_sqlite and texts > _LONG_TURN_TEXTS:
            ended = time.monotonic()
            self._quiet_until = ended + pause_after(ended - began)
        return found

    def _patiently(self, ask: Callable[[], _T]) -> _T:
        """Try again while the database is away: what calls bring back must not be lost."""
        began, pause = time.monotonic(), 0.05
        while True:
            try:
                return ask()
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() - began > _PATIENCE_SECONDS:
                    raise
                _log.warning("sms.database_away", error=type(error).__name__)
                time.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _take_turn(self) -> None:
        """On SQLite hops get their time between two long writes; answers wait for nobody."""
        answers = any(call.texts[0].priority == 0 for call in self._ready[:1])
        pause = self._quiet_until - time.monotonic()
        if pause > 0 and not answers:
            time.sleep(pause)

    def _now(self) -> int:
        return epoch_ms(self._s.clock.now())


def _by_class(call: Call) -> int:
    return call.texts[0].priority
