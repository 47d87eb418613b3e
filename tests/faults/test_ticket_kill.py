"""kill -9 at every step of a ticket: taken once or not at all, and the repeat finds out which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.fixtures.fees import DUTY, SIGNER, TODAY, Council, assert_whole, by, make_council, take
from tests.fixtures.ticket_child import take_and_die
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.fees.accounts import Who
from trader_platform.fees.service_owed import TakeTicket
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.payments.models import Payment, Receipt


def first(council: Council, point: int) -> TakeTicket:
    """Opens the account, raises the day, pays it and two days ahead."""
    return council.ticket(3 * DUTY, stall=point)


def part(council: Council, point: int) -> TakeTicket:
    """Part of a day, from a place that owes the day before."""
    return council.ticket(DUTY // 2, stall=point % 3, day=TODAY + timedelta(days=point))


def walk_up(council: Council, point: int) -> TakeTicket:
    """Nobody that we know."""
    return council.ticket(DUTY, who=Who(goods_class_id=council.goods))


def count(world: World, table: type) -> int:
    with world.db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def acknowledged(ours: Connection) -> dict[str, Any] | None:
    """What the child said before it died."""
    try:
        result: dict[str, Any] = ours.recv()
    except EOFError:
        return None
    return result


def kill_at_each_step(
    world: World,
    processes: ForkServerContext,
    council: Council,
    ticket: Callable[[Council, int], TakeTicket],
    name: str,
) -> int:
    """Returns after how many kills a ticket was taken without one."""
    for point in range(1, 99):
        command, by_ = ticket(council, point), by(f"{name}{point}")
        before = count(world, Payment), count(world, Act)
        ours, theirs = processes.Pipe(duplex=False)
        child = processes.Process(
            target=take_and_die, args=(world.url, command, by_, point, theirs)
        )
        child.start()
        theirs.close()
        child.join()
        assert child.exitcode in {0, -9}
        told = acknowledged(ours)
        done = count(world, Payment) - before[0]
        assert done == count(world, Act) - before[1]
        assert done == 1 if told else done in {0, 1}
        with world.db.transaction() as session:
            again = take_ticket(session, command, signer=SIGNER, by=by_)
        assert told in (None, again)
        assert count(world, Payment) - before[0] == 1
        assert count(world, Receipt) == count(world, Payment)
        assert_whole(world)
        if child.exitcode == 0:
            return point - 1
    raise AssertionError("a ticket has no end")


def test_killed_at_every_step(world: World, processes: ForkServerContext) -> None:
    council = make_council(world, stalls=60, accrues="held")
    kills = kill_at_each_step(world, processes, council, first, "first")
    kills += kill_at_each_step(world, processes, council, walk_up, "walk")
    assert kills >= 30


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_every_step_of_every_kind(world: World, processes: ForkServerContext) -> None:
    council = make_council(world, stalls=60, accrues="held")
    kills = 0
    for turn in range(5):
        for kind in (first, part, walk_up):
            kills += kill_at_each_step(world, processes, council, kind, f"{kind.__name__}{turn}.")
    assert kills >= 300
    assert take(world, council, "last", DUTY)["serial"] == kills + 15 + 1
