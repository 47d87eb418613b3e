"""Everything that moves money, in any order, against a model; the books are whole after each step.

The same steps run on SQLite and on PostgreSQL: both must equal the one model.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.fixtures.fees import NOW, SIGNER, TODAY, ZONE, Collector, by, raise_chunk
from tests.fixtures.money import Books, charge_of, clones, copies, handed_over, what_it_says
from tests.fixtures.money_model import KINDS, Account, Charge, Drawn, Model, Ticket
from trader_platform.core.errors import DomainError, IdempotencyConflict
from trader_platform.core.money import Currency
from trader_platform.core.once import By
from trader_platform.fees import models_charges as tables
from trader_platform.fees.accounts import Who
from trader_platform.fees.models import Tariff
from trader_platform.fees.queries_check import check_fees
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_adjust import (
    ALONE_MINOR,
    Adjust,
    adjust,
    answer_adjustment,
)
from trader_platform.fees.service_plans import PlanRunning, agree
from trader_platform.fees.service_relief import credit_closed_day, reopen_day
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, TooLate, answer_void, ask_void, take_back
from trader_platform.fees.types import ChargeGone, Day, WrongAmount
from trader_platform.ledger.queries_check import check_books
from trader_platform.ledger.service import post
from trader_platform.ledger.service_chain import link, sign_day

STALLS = 3
GMD = Currency("GMD", "D")


class Money(RuleBasedStateMachine):
    """One council, two collectors, some days."""

    fresh: ClassVar[Callable[[], Any]]

    def __init__(self) -> None:
        super().__init__()
        self._opened = type(self).fresh()
        self.books: Books = self._opened.__enter__()
        self.council, self.model = self.books.council, Model()
        self.minute, self.acts, self.day = 0, 0, TODAY
        self.prices = {TODAY: 1000}
        self.held = True
        self.taken: list[tuple[Any, By, dict[str, Any], Ticket]] = []
        self.asked: list[tuple[int, str, Charge, int]] = []
        self.raised: set[Any] = set()

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)

    @initialize(held=st.booleans())
    def accrues(self, held: bool) -> None:
        self.held = held
        with self.books.db.transaction() as session:
            session.execute(update(Tariff).values(accrues="held" if held else "traded"))

    @rule(
        kind=st.sampled_from(KINDS),
        which=st.integers(0, 11),
        amount=st.sampled_from([1, 250, 400, 500, 800, 1000, 1000, 1500, 2000, 3700, 100_000]),
        yes=st.booleans(),
        second=st.booleans(),
    )
    def step(self, kind: str, which: int, amount: int, yes: bool, second: bool) -> None:
        drawn = Drawn(which, amount, yes, second)
        if getattr(self, kind)(drawn) is False:
            self.ticket(drawn)

    def wait(self, drawn: Drawn) -> None:
        self.minute += drawn.of([1, 4, 11])

    def midnight(self, drawn: Drawn) -> None:
        self.minute += 24 * 60
        self.day += timedelta(days=1)
        self.prices.setdefault(self.day, self.price(self.day))
        if drawn.yes:
            self.raise_today(drawn)

    def tariff_that_changes_tomorrow_at_midnight(self, drawn: Drawn) -> None:
        price, tomorrow = drawn.of([600, 800, 1000, 1300]), self.day + timedelta(days=1)
        self.prices[tomorrow] = price
        with self.books.db.transaction() as session:
            row = session.execute(select(Tariff).order_by(Tariff.id.desc()).limit(1)).scalar_one()
            kept = {c.name: getattr(row, c.name) for c in Tariff.__table__.columns}
            kept |= {"id": None, "amount_minor": price, "valid_from": tomorrow}
            session.add(Tariff(**kept))

    def raise_today(self, _drawn: Drawn) -> None:
        period = Period(self.council.id, "daily_duty", self.day, self.day)
        last: int | None = 0
        while last is not None:
            with self.books.db.transaction() as session:
                _, done = raise_chunk(
                    session,
                    period,
                    open_markets={self.council.market: Day(self.day)},
                    after=last,
                    limit=2,
                    by=self.by(),
                )
            last = done.last
        for stall in range(STALLS):
            account = self.model.accounts[str(stall)]
            known = (self.day, 0) in account.charges
            if not known and (self.held or any(x.days for x in account.ahead)):
                self.model.raise_charge(str(stall), self.day, self.price(self.day))
                account.draw()

    def ticket(self, drawn: Drawn) -> None:
        stall = drawn.which % STALLS
        self._take(str(stall), Who(stall_id=self.council.stalls[stall]), drawn)

    def walk_up(self, drawn: Drawn) -> None:
        who, drawn = Who(goods_class_id=self.council.goods), replace(drawn, yes=True)
        if drawn.amount > self.price(self.day):
            with pytest.raises(WrongAmount):
                self._run(self._command(who, drawn), self.by())
        else:
            self._take("walkup", who, drawn)

    def the_same_again(self, drawn: Drawn) -> bool:
        if self.taken:
            command, by_, result = drawn.of(self.taken)
            assert self._run(command, by_) == result
        return bool(self.taken)

    def the_same_key_for_something_else(self, drawn: Drawn) -> bool:
        if self.taken:
            command, by_, _ = drawn.of(self.taken)
            with pytest.raises(IdempotencyConflict):
                self._run(replace(command, amount_minor=command.amount_minor + 1), by_)
        return bool(self.taken)

    def _take(self, account: str, who: Who, drawn: Drawn) -> None:
        command, by_, today = self._command(who, drawn), self.by(), drawn.yes
        result = self._run(command, by_)
        price, named = self.price(self.day), None
        if today or self.held or account == "walkup":
            unit = by_.key if account == "walkup" else 0
            named = self.model.raise_charge(account, self.day, price, unit=unit)
        ticket = Ticket(
            account,
            command.badge,
            drawn.amount,
            result["code"],
            result["payment"],
            self.minute,
            self.day,
        )
        first = named if today else None
        left = self.model.take(ticket, first, price=price, only=account == "walkup")
        assert result["left"] == left
        self.taken.append((command, by_, result))

    def _command(self, who: Who, drawn: Drawn) -> Any:
        collector = self._collector(drawn.second)
        more = {"today": drawn.yes, "day": self.day, "collector": collector}
        return self.council.ticket(drawn.amount, who=who, **more)

    def _collector(self, second: bool) -> Collector:
        return self.council.second if second else self.council.collector

    def _run(self, command: Any, by_: By) -> dict[str, Any]:
        return self.act(lambda session: take_ticket(session, command, signer=SIGNER, by=by_))

    def back(self, drawn: Drawn) -> bool:
        if not self.model.tickets:
            return False
        ticket = drawn.of(self.model.tickets[:-4:-1])
        last = [x for x in self.model.tickets if x.badge == ticket.badge][-1]
        may = last is ticket and ticket.state != "reversed" and self.minute - ticket.minute <= 10
        may = may and self.model.holds[ticket.badge] >= ticket.amount
        command, by_ = self._back(ticket), self.by()
        if may:
            self.act(lambda session: take_back(session, command, by=by_))
            self.model.void(ticket)
            return True
        with pytest.raises(DomainError) as refused:
            self.act(lambda session: take_back(session, command, by=by_))
        assert isinstance(refused.value, TooLate) == (ticket.state != "reversed")
        return True

    def ask_back(self, drawn: Drawn) -> bool:
        if not (found := self.of_state("booked")):
            return False
        ticket, by_ = drawn.of(found), self.by()
        command = self._back(ticket)
        self.act(lambda session: ask_void(session, command, by=by_))
        ticket.state = "void_asked"
        return True

    def answer_back(self, drawn: Drawn) -> bool:
        if not (found := self.of_state("void_asked")):
            return False
        ticket, by_ = drawn.of(found), self.by()
        master = self.council.master
        asked = {"yes": drawn.yes, "reason": "other", "zone": ZONE, "by": by_}
        self.act(lambda session: answer_void(session, master, ticket.payment, **asked))
        if drawn.yes:
            self.model.void(ticket)
        else:
            ticket.state = "booked"
        return True

    def cash_goes_on(self, drawn: Drawn) -> bool:
        """The cash box: hand-overs come with custody, their postings are known."""
        badge = self._collector(drawn.second).badge
        minor, by_ = self.model.holds[badge] // drawn.of([1, 2]), self.by()
        if not minor:
            return False
        booking = handed_over(self.council.id, badge, minor, key=by_.key, day=self.day)
        self.act(lambda session: post(session, booking, by=by_))
        self.model.holds[badge] -= minor
        return True

    def _back(self, ticket: Ticket) -> TakeBack:
        collector = self._collector(ticket.badge == self.council.second.badge)
        return TakeBack(collector.staff_id, collector.badge_id, ticket.code, "pressed_wrong", ZONE)

    def of_state(self, state: str) -> list[Ticket]:
        return [ticket for ticket in self.model.tickets if ticket.state == state]

    def change(self, drawn: Drawn) -> bool:
        if not (found := self.stall_charges()):
            return False
        account, charge = found[-1 - drawn.which % len(found)]
        minor = drawn.amount
        kind = drawn.of(["penalty", "rebate", "waiver", "correction", "write_off"])
        change = minor if kind == "penalty" else -minor
        if charge.amount + change < 0:
            with pytest.raises(WrongAmount):
                self._adjust(account, charge, kind, change)
            return True
        result = self._adjust(account, charge, kind, change)
        if charge.alone + minor > ALONE_MINOR:
            assert result["state"] == "asked"
            self.asked.append((result["adjustment"], account, charge, change))
        else:
            assert result["state"] == "made"
            charge.alone += minor
            assert self.model.adjust(account, charge, change)
        return True

    def second_person(self, drawn: Drawn) -> bool:
        if not self.asked:
            return False
        yes = drawn.yes
        id_, account, charge, change = self.asked[0]
        officer, by_ = self.council.officer, self.by()

        def answer(session: Session) -> Any:
            return answer_adjustment(session, officer, id_, yes=yes, by=by_)

        if yes and charge.amount + change < 0:
            with pytest.raises(WrongAmount):
                self.act(answer)
            return True
        self.asked.pop(0)
        self.act(answer)
        if yes:
            assert self.model.adjust(account, charge, change)
        return True

    def the_market_was_closed(self, drawn: Drawn) -> None:
        day, by_ = self.day - timedelta(days=drawn.which % 3), replace(self.by(), actor_kind="job")
        ids = (self.council.id, self.council.market)
        self.act(lambda s: credit_closed_day(s, *ids, day, by=by_))
        for account, charge in self.stall_charges():
            if charge.day == day and charge.amount:
                self.model.close(account, charge)

    def it_was_held_after_all(self, drawn: Drawn) -> None:
        day, by_ = self.day - timedelta(days=drawn.which % 3), replace(self.by(), actor_kind="job")
        ids = (self.council.id, self.council.market)
        self.act(lambda s: reopen_day(s, *ids, day, by=by_))
        for account, charge in self.stall_charges():
            if charge.day == day and charge.closed:
                self.model.reopen(account, charge)

    def plan(self, drawn: Drawn) -> None:
        """Changes nothing of what is owed."""
        stall_id, by_ = drawn.of(self.council.stalls), self.by()
        with self.books.db.reading() as connection:
            find = select(tables.FeeAccount.id).where(tables.FeeAccount.stall_id == stall_id)
            account = connection.execute(find).scalar()
        if account is None:
            return
        with suppress(ChargeGone, PlanRunning):
            self.act(lambda s: agree(s, account, 4, today=self.day, currency=GMD, by=by_))

    def chain(self, _drawn: Drawn) -> None:
        def chained(session: Session) -> None:
            link(session, self.council.id, limit=7)
            sign_day(session, self.council.id, self.day, SIGNER)

        self.act(chained)

    def _adjust(self, account: str, charge: Charge, kind: str, change: int) -> dict[str, Any]:
        id_ = charge_of(self.books.db, self.council.stalls[int(account)], charge.day)
        ids = (self.council.finance, self.council.id, id_)
        command, by_ = Adjust(*ids, kind, change, "a reason", self.day), self.by()
        return self.act(lambda session: adjust(session, command, by=by_))

    def stall_charges(self) -> list[tuple[str, Charge]]:
        return [
            (name, charge)
            for name, account in self.model.accounts.items()
            if name != "walkup"
            for charge in account.charges.values()
        ]

    @invariant()
    def books_are_whole(self) -> None:
        with self.books.db.snapshot() as connection:
            checked = check_books(connection)
            assert (*checked.findings, *check_fees(connection)) == ()
        assert checked.drift_minor == 0

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        said = what_it_says(self.books.db)
        stalls = [*self.council.stalls, None]
        for name, stall in zip(["0", "1", "2", "walkup"], stalls, strict=True):
            account = self.model.accounts.get(name, Account())
            found = (said.owes.get(stall, 0), said.ahead.get(stall, 0))
            assert found == (account.owes, account.has_ahead), name
        for collector in (self.council.collector, self.council.second):
            assert said.holds.get(f"1200:{collector.badge}", 0) == self.model.holds[collector.badge]
        assert said.refunds == self.model.refunds

    def price(self, day: Any) -> int:
        return self.prices[max(known for known in self.prices if known <= day)]

    def by(self) -> By:
        self.acts += 1
        return by(f"act{self.acts}", now=NOW + timedelta(minutes=self.minute))

    def act(self, do: Callable[[Session], Any]) -> Any:
        with self.books.db.transaction() as session:
            return do(session)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Any]:
    """Makes a database with a council, as often as it is called."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("money")
        return copies(request.getfixturevalue("sqlite_world"), folder)
    return clones(request.getfixturevalue("postgres_world"))


def _play(fresh: Callable[[], Any], **more: Any) -> None:
    machine = type("MoneyHere", (Money,), {"fresh": staticmethod(fresh)})
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine, settings=settings(deadline=None, suppress_health_check=checks, **more)
    )


def test_money_in_any_order(fresh: Callable[[], Any]) -> None:
    # Not shrunk: who sees it fail lets the long form find the shortest way.
    phases = (Phase.explicit, Phase.generate)
    seeded = {"derandomize": True, "database": None, "phases": phases}
    _play(fresh, max_examples=6, stateful_step_count=40, **seeded)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_money_in_any_order_for_long(fresh: Callable[[], Any]) -> None:
    _play(fresh, max_examples=300, stateful_step_count=60)
