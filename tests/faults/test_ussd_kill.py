"""kill -9 at every step of an act: done once or not at all, and the repeat finds out which."""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerContext

import pytest
from sqlalchemy import func, select

from tests.fixtures.collectors import collectors, works
from tests.fixtures.fees import assert_whole
from tests.fixtures.hop_child import answer_and_die
from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models_trade import Listing
from trader_platform.payments.models import Receipt
from trader_platform.staff.models import Badge
from trader_platform.traders.models import Person

Before = Callable[[World, str], Phone]


def language(world: World, number: str) -> Phone:
    """Before the first act of a phone."""
    return world.phone(number).dial()


def sale(world: World, number: str) -> Phone:
    """On the confirmation of an offer."""
    world.phone(number).dial().press("1", "1", "1", "1", "bakoteh", "1", "Demo Awa")
    return world.phone(number).dial().press("2", "1", "onion", "20", "1", "25").sees("1 Yes, sell")


def ticket(world: World, _number: str) -> Phone:
    """A collector with a walk-up's cash in his hand."""
    with world.db.reading() as connection:
        known = connection.execute(select(Badge.id)).first()
    if known is None:
        collectors(world)
    return works(world, "1", "1", "1", "1").sees("1 Cash in my hand")


def mending(world: World, number: str) -> Phone:
    """A collector who typed what was really paid of the ticket that he just took."""
    ticket(world, number).press("1")
    return works(world, "4", "1", "2", "5", "1").sees("New ticket, Greens, fruit: D5")


def count(world: World, table: type) -> int:
    with world.db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(
    ("before", "table", "after"),
    [(language, Person, "What do you want?"), (sale, Listing, "END On sale till")],
)
def test_killed_at_every_step(
    world: World, processes: ForkServerContext, before: Before, table: type, after: str
) -> None:
    kill_at_steps(world, processes, before, table, after)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_a_ticket_killed_at_every_step(
    world: World, processes: ForkServerContext, step: int
) -> None:
    """A ticket takes some forty steps: of the seconds of a short run every third is looked at."""
    kill_at_steps(world, processes, ticket, Receipt, "CON Write on the paper:", step=step)
    assert_whole(world)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.long)])
def test_a_mending_killed_at_every_step(
    world: World, processes: ForkServerContext, step: int
) -> None:
    """Some ninety steps: never is only the wrong ticket gone, or the right one beside it."""
    kill_at_steps(
        world, processes, mending, Receipt, "END Mended. Cross out the paper ticket", step=step
    )
    with world.db.reading() as connection:
        good = select(func.count()).select_from(Receipt).where(Receipt.state == "good")
        assert connection.execute(good).scalar_one() * 2 == count(world, Receipt)
    assert_whole(world)


def kill_at_steps(
    world: World,
    processes: ForkServerContext,
    before: Before,
    table: type,
    after: str,
    *,
    step: int = 1,
) -> None:
    """Kill at one step after the other until the act comes to its end before."""
    point, ended, kills = 1 - step, False, 0
    while not ended:
        point += step
        number = f"+220301{point:04d}"
        phone = before(world, number)
        rows, acts = count(world, table), count(world, Act)
        told = f"{phone.text}*1".lstrip("*")
        arguments = (world.url, phone.session, phone.number, told, point)
        child = processes.Process(target=answer_and_die, args=arguments)
        child.start()
        child.join()
        ended = child.exitcode == 0
        assert ended or child.exitcode == -signal.SIGKILL
        kills += not ended
        done = count(world, table) - rows
        assert done == count(world, Act) - acts
        assert done in {0, 1}
        phone.press("1").sees(after)
        shown = phone.screen
        assert phone.send().screen == shown
        assert (count(world, table) - rows, count(world, Act) - acts) == (1, 1)
    assert kills > 3, "the act was never interrupted"
