"""kill -9 at every step of an act: done once or not at all, and the repeat finds out which."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.fixtures.collectors import collectors, works
from tests.fixtures.fees import assert_whole
from tests.fixtures.phone import Phone
from tests.fixtures.served import ROOT
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models_trade import Listing
from trader_platform.payments.models import Receipt
from trader_platform.staff.models import Badge
from trader_platform.traders.models import Person

# Dies at the n-th step: before each statement of the act, before its commit, after the answer.
KILLED = """
import os, signal, sys
from tests.fixtures.world import *
from sqlalchemy import event
url, session, number, transcript, point = sys.argv[1:]
world = World(url, Database(url), MovableClock(SUNDAY))
seen = [0]
def die(*_):
    seen[0] += 1
    if str(seen[0]) == point:
        os.kill(os.getpid(), signal.SIGKILL)
phone = world.phone(number)
phone.session, phone.text = session, transcript.rpartition("*")[0]
event.listen(world.db.write, "before_cursor_execute", die)
event.listen(world.db.write, "commit", die)
event.listen(world.db.read, "before_cursor_execute", die)
phone.press(transcript.rpartition("*")[2])
die()
"""


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
def test_killed_at_every_step(world: World, before: Before, table: type, after: str) -> None:
    kill_at_steps(world, before, table, after)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_a_ticket_killed_at_every_step(world: World, step: int) -> None:
    """A ticket takes some forty steps: of the seconds of a short run every third is looked at."""
    kill_at_steps(world, ticket, Receipt, "CON Write on the paper:", step=step)
    assert_whole(world)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.long)])
def test_a_mending_killed_at_every_step(world: World, step: int) -> None:
    """Some ninety steps: never is only the wrong ticket gone, or the right one beside it."""
    kill_at_steps(world, mending, Receipt, "END Mended. Cross out the paper ticket", step=step)
    with world.db.reading() as connection:
        good = select(func.count()).select_from(Receipt).where(Receipt.state == "good")
        assert connection.execute(good).scalar_one() * 2 == count(world, Receipt)
    assert_whole(world)


def kill_at_steps(world: World, before: Before, table: type, after: str, *, step: int = 1) -> None:
    """Kill at one step after the other until the act comes to its end before."""
    point, ended, kills = 1 - step, False, 0
    while not ended:
        point += step
        number = f"+220301{point:04d}"
        phone = before(world, number)
        rows, acts = count(world, table), count(world, Act)
        told = f"{phone.text}*1".lstrip("*")
        arguments = [world.url, phone.session, phone.number, told, str(point)]
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments], capture_output=True, text=True, cwd=ROOT
        )
        ended = ran.returncode == 0
        assert ended or ran.returncode == -9, ran.stderr
        kills += not ended
        done = count(world, table) - rows
        assert done == count(world, Act) - acts
        assert done in {0, 1}
        phone.press("1").sees(after)
        shown = phone.screen
        assert phone.send().screen == shown
        assert (count(world, table) - rows, count(world, Act) - acts) == (1, 1)
    assert kills > 3, "the act was never interrupted"
