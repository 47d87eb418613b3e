"""What happens between the look for who owes and the commit that charges them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from tests.db.test_charges import rows
from tests.db.test_fee_jobs import clock, raise_at, switch
from tests.db.test_wanterr import FIRST, LAST, at, keeping
from tests.fixtures.fees import (
    DUTY,
    NOW,
    SIGNER,
    TODAY,
    ZONE,
    Council,
    assert_whole,
    by,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.core.db import Database
from trader_platform.fees.models_charges import Advance, Charge
from trader_platform.fees.queries_raise import Period, ToRaise, find_due
from trader_platform.fees.service_raise import raise_found
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.fees.types import WANTERR, Day

TOMORROW = TODAY + timedelta(days=1)
__all__ = ["clock"]  # the jobs' clock is moved in this file too


def look(world: World, council: Council, day: date) -> ToRaise:
    with world.db.reading() as connection:
        return find_due(
            connection,
            Period(council.id, "daily_duty", day, day),
            open_markets={council.market: Day(day)},
            today=day,
        )


def raise_it(world: World, found: ToRaise) -> int:
    with world.db.transaction() as session:
        return raise_found(session, found, by=by("raise"))


def test_a_ticket_that_comes_between_keeps_its_charge_and_the_job_looks_again(
    world: World,
) -> None:
    council = make_council(world, stalls=3, accrues="held")
    switch(world, council, NOW)
    other, taken = Database(world.url, lock_wait_seconds=5), []

    def ticket_meanwhile(_c: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "FROM charges" in statement and not taken:
            taken.append(True)
            command = council.ticket(DUTY, stall=1, day=TODAY)
            with other.transaction() as session:
                take_ticket(session, command, signer=SIGNER, by=by("t1"))

    event.listen(world.db.read, "after_cursor_execute", ticket_meanwhile)
    assert raise_at(world, NOW) == 2
    other.dispose()
    assert taken
    assert sorted(rows(world, Charge.outstanding_minor)) == [(0,), (DUTY,), (DUTY,)]
    assert_whole(world)


def test_what_was_raised_meanwhile_is_refused_by_its_key(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    found = look(world, council, TODAY)
    assert raise_it(world, found) == 2
    with pytest.raises(IntegrityError):
        raise_it(world, found)
    assert look(world, council, TODAY).is_nothing
    assert_whole(world)


def test_a_bought_day_that_was_taken_back_meanwhile_charges_nobody(world: World) -> None:
    council = make_council(world, stalls=1, accrues="traded")
    code = take(world, council, "t1", DUTY * 2)["code"]
    found = look(world, council, TOMORROW)
    assert len(found.by_days) == 1
    with world.db.transaction() as session:
        me = council.collector
        command = TakeBack(me.staff_id, me.badge_id, code, "pressed_wrong", ZONE)
        take_back(session, command, by=by("back"))
    assert raise_it(world, found) == 0
    assert rows(world, Charge.period_from, Charge.status) == [(TODAY, "live")]
    assert rows(world, Advance.left_minor) == [(0,)]
    assert_whole(world)


def test_a_festival_that_was_moved_and_charged_meanwhile_is_not_charged_twice(
    world: World,
) -> None:
    council = keeping(world)
    for stall in range(2):  # their accounts are open
        take(world, council, f"t{stall}", DUTY, stall=stall)
    found = _festival(world, council, FIRST - timedelta(days=1))
    assert len(found.owing) == 2
    assert raise_at(world, at(20)) == 2
    assert raise_it(world, found) == 0
    charged = rows(world, Charge.fee, Charge.period_from)
    assert [day for fee, day in charged if fee == WANTERR] == [FIRST, FIRST]
    assert_whole(world)


def _festival(world: World, council: Council, first: date) -> ToRaise:
    period = Period(council.id, WANTERR, first, LAST, until=LAST)
    markets = {council.market: Day(first, "", "tobaski")}
    with world.db.reading() as connection:
        return find_due(connection, period, open_markets=markets, today=TODAY)
