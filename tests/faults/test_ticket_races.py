"""Tickets at once, on connections of their own: each counts once, none waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.fixtures.fees import (
    DUTY,
    SIGNER,
    TODAY,
    ZONE,
    Collector,
    Council,
    add_collector,
    assert_whole,
    by,
    make_council,
    raise_chunk,
    take,
)
from tests.fixtures.world import World
from trader_platform.core.db import Database
from trader_platform.core.errors import DomainError
from trader_platform.fees.models_charges import Advance, Charge
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.fees.types import Day, PaidToday, TicketGone
from trader_platform.payments.models import Payment, Receipt, ReceiptSeries

WRITERS = 8


@pytest.fixture
def db(world: World) -> Iterator[Database]:
    """Waits for a lock as a job does: the tests are about what is written, not about patience."""
    opened = Database(world.url, lock_wait_seconds=20)
    yield opened
    opened.dispose()


def at_once(db: Database, acts: Sequence[Callable[[Any], Any]]) -> list[Any]:
    """Run all at the same moment, each in transactions of its own; results or refusals."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[Any], Any]) -> Any:
        barrier.wait(20)
        for _ in range(WRITERS):  # what meets at a constraint or a lock is tried again
            try:
                with db.transaction() as session:
                    return act(session)
            except DBAPIError as error:
                failed = error
            except DomainError as refused:
                return refused
        raise failed

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ticket(council: Council, key: str, **more: Any) -> Callable[[Any], Any]:
    command = council.ticket(more.pop("amount", DUTY), **more)
    return lambda session: take_ticket(session, command, signer=SIGNER, by=by(key))


def all_of(db: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with db.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def test_eight_writers_of_eight_series(world: World, db: Database) -> None:
    council = make_council(world, stalls=WRITERS)
    with world.db.transaction() as session:
        badges: list[Collector] = [
            add_collector(session, world, council, f"+22030100{at}") for at in range(10, 18)
        ]
    for turn in range(3):
        acts = [
            ticket(council, f"{turn}.{at}", stall=(at + turn) % WRITERS, collector=badge)
            for at, badge in enumerate(badges)
        ]
        assert all(isinstance(done, dict) for done in at_once(db, acts))
    series = all_of(db, ReceiptSeries.holder, ReceiptSeries.last_serial)
    assert series == sorted((badge.badge, 3) for badge in badges)
    assert_whole(world)


def test_one_series_has_no_gap(world: World, db: Database) -> None:
    council = make_council(world, stalls=WRITERS)
    done = at_once(db, [ticket(council, f"t{at}", stall=at) for at in range(WRITERS)])
    assert sorted(each["serial"] for each in done) == list(range(1, WRITERS + 1))
    assert_whole(world)


def test_a_double_tap_is_one_ticket(world: World, db: Database) -> None:
    council = make_council(world)
    done = at_once(db, [ticket(council, "tap") for _ in range(4)])
    assert all(each == done[0] for each in done)
    assert len(all_of(db, Receipt.id)) == len(all_of(db, Payment.id)) == 1
    assert_whole(world)


def test_two_collectors_at_one_stall(world: World, db: Database) -> None:
    council = make_council(world)
    acts = [
        ticket(council, f"t{at}", collector=collector, ahead=False)
        for at, collector in enumerate((council.collector, council.second))
    ]
    refused = [each for each in at_once(db, acts) if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [PaidToday]
    assert all_of(db, Charge.amount_minor, Charge.outstanding_minor) == [(DUTY, 0)]
    assert len(all_of(db, Payment.id)) == 1
    assert_whole(world)


def test_two_who_pay_one_stall_and_mean_it(world: World, db: Database) -> None:
    council = make_council(world)
    acts = [
        ticket(council, f"t{at}", collector=collector)
        for at, collector in enumerate((council.collector, council.second))
    ]
    assert all(isinstance(each, dict) for each in at_once(db, acts))
    assert all_of(db, Charge.amount_minor, Charge.outstanding_minor) == [(DUTY, 0)]
    assert all_of(db, Advance.left_minor, Advance.days_left) == [(DUTY, 1)]
    assert_whole(world)


def test_a_ticket_is_taken_back_once(world: World, db: Database) -> None:
    council = make_council(world)
    code, me = take(world, council, "t1", DUTY)["code"], council.collector
    command = TakeBack(me.staff_id, me.badge_id, code, "pressed_wrong", ZONE)
    acts = [lambda s, at=at: take_back(s, command, by=by(f"v{at}")) for at in range(3)]
    refused = [each for each in at_once(db, acts) if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [TicketGone] * 2
    assert_whole(world)


def test_the_job_and_tickets_raise_one_charge(world: World, db: Database) -> None:
    council = make_council(world, stalls=4, accrues="held")
    period = Period(council.id, "daily_duty", TODAY, TODAY)
    days = {council.market: Day(TODAY)}
    acts = [ticket(council, f"t{at}", stall=at) for at in range(4)]
    acts += [lambda s: raise_chunk(s, period, open_markets=days, by=by("raise"))] * 2
    at_once(db, acts)
    assert all_of(db, Charge.amount_minor, Charge.outstanding_minor) == [(DUTY, 0)] * 4
    assert_whole(world)
