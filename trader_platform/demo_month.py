"""A month of two made-up markets, played through the services: figures to judge a dashboard by.

Four hundred stalls, twelve collectors: full and part payments, arrears, a wrong charge that is
reported and answered, tickets taken back, forged codes asked about. Seeded, so that every
installation gets the same month; killed and started again it goes on without doubling, because
every act has its own key and a day that is done is remembered.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.core.clock import local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import Act, once
from trader_platform.core.pace import turn
from trader_platform.core.signing import Signer
from trader_platform.demo_places import (
    COLLECTORS,
    DUTY_MINOR,
    PLACES,
    STALLS,
    DemoMarket,
    Turn,
    at_hour,
    demo_by,
    make_market,
)
from trader_platform.fees.accounts import Who
from trader_platform.fees.queries_raise import Period, find_due
from trader_platform.fees.service_codes import ask_code
from trader_platform.fees.service_owed import TakeTicket
from trader_platform.fees.service_raise import raise_found
from trader_platform.fees.service_reports import Tell, answer, report_of, tell
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, answer_void, ask_void, take_back
from trader_platform.fees.types import DAILY_DUTY, Day
from trader_platform.ledger.service_chain import publish_keys
from trader_platform.payments.codes import make_code

DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Pace:
    """For how long acts go into one commit, and how one is made."""

    seconds: float
    turn: Turn


OFFLINE: Final = Pace(0.050, Database.transaction)
# Beside a service whose hops wait for the lock: the turns of every job there (docs/operating.md).
BESIDE: Final = Pace(0.004, turn)
ZONE: Final = "Africa/Banjul"


@dataclass(frozen=True, slots=True)
class Played:
    """How many acts this run added."""

    days: int
    tickets: int


def play_month(
    db: Database,
    vault: Vault,
    signer: Signer,
    *,
    now: datetime,
    pace: Pace = OFFLINE,
    days: int = DAYS,
    stopping: Callable[[], bool] = lambda: False,
) -> Played:
    """Play what is left of the month that ended the day before the first call. Safe to repeat.

    ``pace`` is BESIDE where others are served meanwhile. ``days`` is how much is played at most;
    ``stopping`` ends it after the day in hand.

    Raises NoResultFound where the Gambian pack is not loaded.
    """
    with pace.turn(db) as session:
        publish_keys(session, signer)
        first = _first_day(session, now)
    markets = [make_market(db, pace.turn, place, vault, first=first, now=now) for place in PLACES]
    played = tickets = 0
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        for market in markets:
            if stopping():
                return Played(played, tickets)
            key = f"demo:month:{market.place.slug}:{day}"
            with db.reading() as connection:
                done = connection.execute(select(Act.key).where(Act.key == key)).first()
            if done is not None:
                continue
            tickets += _Playing(db, market, day, signer, pace).play()
            with pace.turn(db) as session:
                by = demo_by(key, at_hour(day, 20))
                once(session, by, kind="demo.day", content={"day": day}, do=dict)
            played += 1
    return Played(played, tickets)


@dataclass
class _Playing:
    """One day at one market."""

    db: Database
    market: DemoMarket
    day: date
    signer: Signer
    pace: Pace

    @property
    def drawn(self) -> random.Random:
        return random.Random(f"{self.market.place.slug}:{self.day}")  # noqa: S311 - no secret, a demo

    def play(self) -> int:
        self._raise()
        acts = [*self._tickets(), *self._incidents()]
        left = deque(acts)
        while left:
            with self.pace.turn(self.db) as session:
                until = time.monotonic() + self.pace.seconds
                left.popleft()(session)
                while left and time.monotonic() < until:
                    left.popleft()(session)
        return len(acts)

    def _raise(self) -> None:
        period = Period(self.market.council_id, DAILY_DUTY, self.day, self.day)
        days, last = {self.market.market_id: Day(self.day)}, 0
        while True:
            with self.db.reading() as connection:
                found = find_due(connection, period, open_markets=days, today=self.day, after=last)
            if not found.is_nothing:
                key = f"demo:raise:{self.market.place.slug}:{self.day}:{last}"
                with self.pace.turn(self.db) as session:
                    raise_found(session, found, by=demo_by(key, at_hour(self.day, 0)))
            if found.last is None:
                return
            last = found.last

    def _tickets(self) -> Iterator[Callable[[Session], object]]:
        drawn = self.drawn
        for at, (stall_id, _trader, habit) in enumerate(self.market.stalls):
            amount = _pays(drawn, habit, self.day)
            if not amount:
                continue
            collector = self.market.collectors[at * COLLECTORS // STALLS]
            when = at_hour(self.day, 8) + timedelta(minutes=drawn.randint(0, 500))
            command = TakeTicket(
                staff_id=collector["staff"],
                badge_id=collector["badge"],
                badge=collector["number"],
                market_id=self.market.market_id,
                who=Who(stall_id=stall_id),
                amount_minor=amount,
                day=Day(self.day),
                zone=ZONE,
                source="demo",
            )
            yield self._take(command, f"demo:ticket:{stall_id}:{self.day}", when)

    def _take(self, command: TakeTicket, key: str, when: datetime) -> Callable[[Session], object]:
        def act(session: Session) -> object:
            return take_ticket(session, command, signer=self.signer, by=demo_by(key, when))

        return act

    def _incidents(self) -> Iterator[Callable[[Session], object]]:
        """Now and then a forged code, a ticket taken back, a wrong charge that is reported."""
        drawn = random.Random(f"incidents:{self.market.place.slug}:{self.day}")  # noqa: S311
        if drawn.random() < 0.25:
            yield self._forged
        if drawn.random() < 0.3:
            yield self._taken_back
        if drawn.random() < 0.35:
            yield self._reported

    def _forged(self, session: Session) -> None:
        asker = f"demo:{self.market.place.slug}"
        ask_code(
            session,
            make_code(),
            asker=asker,
            channel="demo",
            now=at_hour(self.day, 15),
            today=self.day,
        )

    def _taken_back(self, session: Session) -> None:
        """The first collector took cash for a stall and pressed wrong; the master agrees later."""
        collector = self.market.collectors[0]
        stall_id = self.market.stalls[-1][0]
        command = TakeTicket(
            staff_id=collector["staff"],
            badge_id=collector["badge"],
            badge=collector["number"],
            market_id=self.market.market_id,
            who=Who(stall_id=stall_id),
            amount_minor=DUTY_MINOR,
            day=Day(self.day),
            zone=ZONE,
            source="demo",
        )
        key, when = f"demo:void:{self.market.place.slug}:{self.day}", at_hour(self.day, 17)
        ticket = take_ticket(session, command, signer=self.signer, by=demo_by(key, when))
        back = TakeBack(
            collector["staff"], collector["badge"], ticket["code"], "pressed_wrong", ZONE
        )
        if self.day.day % 2:
            take_back(session, back, by=demo_by(f"{key}:back", when + timedelta(minutes=3)))
            return
        ask_void(session, back, by=demo_by(f"{key}:ask", when + timedelta(minutes=30)))
        answer_void(
            session,
            self.market.master,
            ticket["payment"],
            yes=True,
            reason="pressed_wrong",
            zone=ZONE,
            by=demo_by(f"{key}:yes", when + timedelta(hours=1)),
        )

    def _reported(self, session: Session) -> None:
        """A trader was asked for more than the duty; the council says that she was right."""
        collector = self.market.collectors[self.day.day % 3]
        _stall, trader_id, _habit = self.market.stalls[self.day.day]
        key, when = f"demo:report:{self.market.place.slug}:{self.day}", at_hour(self.day, 18)
        told = Tell(
            kind="overcharge",
            council_id=self.market.council_id,
            market_id=self.market.market_id,
            day=self.day,
            trader_id=trader_id,
            badge=collector["number"],
            due_minor=DUTY_MINOR,
            paid_minor=DUTY_MINOR * 5 // 2,
        )
        report = tell(session, told, by=demo_by(key, when))
        if self.day.day % 3:
            answer(
                session,
                self.market.officer,
                report_of(session, report["ref"]),
                right=True,
                day=self.day,
                zone=ZONE,
                by=demo_by(f"{key}:answer", when + timedelta(hours=1)),
            )


def _pays(drawn: random.Random, habit: str, day: date) -> int:
    """What the holder of a stall gives on a day, by her habit; sometimes only a part."""
    chance = {"each day": 0.97, "most days": 0.75, "weekly": 0.0, "hardly": 0.05}[habit]
    if habit == "weekly":
        return DUTY_MINOR * 7 if day.isoweekday() == 6 and drawn.random() < 0.9 else 0
    if drawn.random() > chance:
        return 0
    if drawn.random() < 0.06:
        return DUTY_MINOR // 2
    return DUTY_MINOR * 2 if drawn.random() < 0.05 else DUTY_MINOR


def _first_day(session: Session, now: datetime) -> date:
    """The month's first day, remembered by the first call."""
    first = local_day(now, ZONE) - timedelta(days=DAYS)
    by = demo_by("demo:month", now)
    result = once(
        session, by, kind="demo.month", content={}, do=lambda: {"first": first.isoformat()}
    )
    return date.fromisoformat(result["first"])
