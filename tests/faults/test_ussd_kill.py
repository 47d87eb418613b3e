"""kill -9 at every step of an act: done once or not at all, and the repeat finds out which."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import func, select

from tests.fixtures.phone import Phone
from tests.fixtures.served import ROOT
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models_trade import Listing
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


def language(world: World, number: str) -> Phone:
    """Before the first act of a phone."""
    return world.phone(number).dial()


def sale(world: World, number: str) -> Phone:
    """On the confirmation of an offer."""
    world.phone(number).dial().press("1", "1", "1", "1", "bakoteh", "1", "Demo Awa")
    return world.phone(number).dial().press("2", "1", "onion", "20", "1", "25").sees("1 Yes, sell")


def count(world: World, table: type) -> int:
    with world.db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(
    ("before", "table", "after"),
    [(language, Person, "What do you want?"), (sale, Listing, "END On sale till")],
)
def test_killed_at_every_step(world: World, before: object, table: type, after: str) -> None:
    assert callable(before)
    point, ended = 0, False
    while not ended:
        point += 1
        number = f"+220301{point:04d}"
        phone = before(world, number)
        rows, acts = count(world, table), count(world, Act)
        arguments = [world.url, phone.session, number, f"{phone.text}*1".lstrip("*"), str(point)]
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments], capture_output=True, text=True, cwd=ROOT
        )
        ended = ran.returncode == 0
        assert ended or ran.returncode == -9, ran.stderr
        done = count(world, table) - rows
        assert done == count(world, Act) - acts
        assert done in {0, 1}
        phone.press("1").sees(after)
        shown = phone.screen
        assert phone.send().screen == shown
        assert (count(world, table) - rows, count(world, Act) - acts) == (1, 1)
    assert point > 4, "the act was never interrupted"
