"""Relief and closures as the job follows them, and the commands that officers have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.db.test_charges import hold, rows
from tests.db.test_fee_jobs import Clock, raise_at, switch
from tests.db.test_relief import answer, ask, owed, state
from tests.fixtures.commands import Run, runner
from tests.fixtures.fees import (
    DUTY,
    TODAY,
    Council,
    assert_whole,
    by,
    make_council,
    raise_day,
    take,
)
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.commands.relief import relief as relief_command
from trader_platform.core.db import Database
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.fees.models_charges import Charge, FeeAccount
from trader_platform.fees.service_relief import credit_closed_day, reopen_day
from trader_platform.jobs import fees as job
from trader_platform.jobs.context import JobContext
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_calendar import announce_change, closure, withdraw_closure

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "datetime", Clock)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def charging(world: World, *, stalls: int = 3) -> Council:
    """A council with one market that charges since the 22nd."""
    council = make_council(world, stalls=stalls, accrues="held")
    switch(world, council, at(22))
    with world.db.transaction() as session:
        # Other markets of the council charge too, by the pack: these tests are of one.
        session.execute(
            text("UPDATE markets SET retired = true WHERE id <> :id"), {"id": council.market}
        )
    return council


def close(world: World, council: Council) -> None:
    with world.db.transaction() as session:
        announce_change(session, closure(council.market, TODAY, TODAY), by("close"))


def reopen(world: World, council: Council, key: str = "reopen") -> None:
    with world.db.transaction() as session:
        withdraw_closure(session, council.market, TODAY, by(key))


def test_the_job_follows_a_closure_that_is_taken_back_and_what_was_granted(world: World) -> None:
    council = charging(world)
    raise_at(world, at(22))
    assert owed(world) == [(TODAY, DUTY, DUTY)] * 3
    close(world, council)
    raise_at(world, at(22))
    raise_at(world, at(22))
    assert owed(world) == [(TODAY, 0, 0)] * 3
    reopen(world, council)
    with pytest.raises(NotFound):
        reopen(world, council, "again")
    raise_at(world, at(22))
    raise_at(world, at(22))
    assert owed(world) == [(TODAY, DUTY, DUTY)] * 3
    asked = ask(world, council)
    answer(world, asked, council.finance)
    raise_at(world, at(22))
    assert owed(world) == [(TODAY, 0, 0)] * 3
    assert state(world, asked) == "done"
    assert_whole(world)


def test_what_is_raised_later_for_relieved_days_is_let_off_too(world: World) -> None:
    council = charging(world, stalls=2)
    with world.db.transaction() as session:
        late = update(Occupancy).where(Occupancy.stall_id == council.stalls[1])
        session.execute(late.values(ends_on=date(2026, 1, 1)))
    asked = ask(world, council)
    answer(world, asked, council.finance)
    raise_at(world, at(22, 0, 4))  # the day has not begun for the job
    assert (state(world, asked), owed(world)) == ("done", [])
    raise_at(world, at(22, 0, 6))
    hold(world, council, 1, 1, starts_on=TODAY)
    raise_at(world, at(22, 14))
    assert owed(world) == [(TODAY, 0, 0)] * 2
    assert_whole(world)


def test_relief_of_a_day_that_was_closed_holds_when_it_was_held_after_all(world: World) -> None:
    council = charging(world, stalls=1)
    raise_at(world, at(22))
    close(world, council)
    raise_at(world, at(22))
    answer(world, ask(world, council), council.finance)
    raise_at(world, at(22))
    reopen(world, council)
    raise_at(world, at(22))
    assert owed(world) == [(TODAY, 0, 0)]
    assert_whole(world)


def test_relief_of_a_council_that_charges_no_more(world: World) -> None:
    council = charging(world, stalls=1)
    raise_at(world, at(22))
    switch(world, council, at(22, 13), on=False)
    answer(world, ask(world, council), council.finance)
    raise_at(world, at(22, 14))
    assert owed(world) == [(TODAY, 0, 0)]


def test_what_she_bought_stays_for_missed_days_of_a_stall_that_she_left(world: World) -> None:
    """She holds two; the worker stops on the 23rd and 24th, with which she leaves the first."""
    council = charging(world, stalls=2)
    hold(world, council, 1, 0, share=2, starts_on=TODAY)
    raise_at(world, at(22))
    take(world, council, "t1", DUTY * 3, now=at(22, 13))
    with world.db.transaction() as session:
        left = update(Occupancy).where(Occupancy.stall_id == council.stalls[0])
        session.execute(left.values(ends_on=date(2026, 11, 24)))
    raise_at(world, at(25))
    accounts = dict(rows(world, FeeAccount.stall_id, FeeAccount.id))
    lines = rows(world, Charge.account_id, Charge.period_from, Charge.outstanding_minor)
    here = [line[1:] for line in lines if line[0] == accounts[council.stalls[0]]]
    assert here == [(TODAY + timedelta(days=ahead), 0) for ahead in range(3)]
    assert_whole(world)


def test_a_reopened_day_takes_locks_in_the_order_of_a_ticket(world: World) -> None:
    """A ticket holds what is open and then her advances: the other way round is a deadlock."""
    council = make_council(world, stalls=1, accrues="held")
    raise_day(world, council, TODAY)
    take(world, council, "t1", DUTY)
    raise_day(world, council, TODAY - timedelta(days=1))
    with world.db.transaction() as session:
        credit_closed_day(session, council.id, council.market, TODAY, by=by("closed"))
    patient = Database(world.url, lock_wait_seconds=10)

    def reopened() -> int:
        with patient.transaction() as session:
            return reopen_day(session, council.id, council.market, TODAY, by=by("held"))

    def waits() -> bool:
        with world.db.reading() as connection:
            return bool(connection.execute(text(WAITING)).scalar_one())

    with ThreadPoolExecutor(1) as other:
        with world.db.transaction() as session:
            session.execute(select(Charge.id).where(Charge.outstanding_minor > 0).with_for_update())
            job_ = other.submit(reopened)
            if not world.db.is_sqlite:  # there nobody writes beside another anyway
                wait_until(waits, "the job waits for the charge")
            session.execute(text("UPDATE advances SET left_minor = left_minor"))
        assert job_.result(20) == 1
    patient.dispose()
    assert_whole(world)


@pytest.mark.parametrize(("failures", "ends"), [(job.TRIES - 1, True), (job.TRIES, False)])
def test_a_turn_that_met_a_tickets_lock_is_tried_again(
    world: World, failures: int, ends: bool
) -> None:
    turns = iter([*[OperationalError("", {}, Exception("deadlock"))] * failures, 5, 0])
    done: list[int] = []

    def act(_session: Session, *, by: By) -> int:
        told = next(turns)
        if isinstance(told, Exception):
            raise told
        done.append(told)
        return told

    context = JobContext(None, world.db)  # type: ignore[arg-type]
    if ends:
        job._to_the_end(context, act, by=by("job"))
        assert done == [5, 0]
    else:
        with pytest.raises(OperationalError):
            job._to_the_end(context, act, by=by("job"))


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    return runner(relief_command, world, tmp_path)


def test_the_command_asks_lists_and_answers(world: World, run: Run) -> None:
    council = make_council(world)
    master, finance = str(council.master), str(council.finance)
    day = datetime.now(UTC).date().isoformat()
    asked = ("ask", "latrikunda", day, "--why", "no_sale", "--staff")
    assert run(*asked, str(council.collector.staff_id))[0] == 2
    assert run("ask", "nowhere", day, "--why", "flood", "--staff", master)[0] == 2
    assert run(*asked, master, "--zone", "Q") == (
        2,
        "At most 31 days that have begun, FIRST before LAST, and a zone it has\n",
    )
    assert run(*asked, master) == (0, "Relief 1 waits for a second officer's answer.\n")
    line = f"1 latrikunda {day} to {day} no_sale, asked by staff {master}\n"
    assert run("list", "kanifing") == (0, line)
    assert run("list", "nowhere")[0] == 2
    assert run("answer", "1", "yes", "--staff", master)[0] == 2
    assert run("answer", "1", "yes", "--staff", finance) == (0, "Relief 1 is granted.\n")
    assert run("answer", "1", "yes", "--staff", finance) == (
        2,
        "No relief 1 waits for an answer\n",
    )
    assert run("list", "kanifing") == (0, "kanifing: nothing waits for an answer\n")
    assert run("ask", "latrikunda", day, "--why", "flood", "--staff", finance)[0] == 0
    assert run("answer", "2", "no", "--staff", finance) == (
        2,
        f"Staff {finance} asked for it: a second officer must answer\n",
    )
