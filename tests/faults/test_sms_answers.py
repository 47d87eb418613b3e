"""Answers under kill -9, with several workers, and with texts that our code cannot answer."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from sms import dispatch
from tests.fixtures.sellers import seller
from tests.fixtures.served import ROOT
from tests.fixtures.texting import Line, outcomes
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models_trade import CallRequest, Listing, Transaction
from trader_platform.messaging.models import InboundText, Message

AWA, BUYER = "+2203012345", "+2203099999"

# For each number it reads, a child answers and dies at that step: before each statement, before
# the commit, after it. Forked before anything is opened, because a start of Python takes longer.
KILLED = """
import os, signal, sys
from tests.fixtures.texting import *
from tests.fixtures.world import *
from sqlalchemy import event
def run(url, point):
    world = World(url, Database(url), MovableClock(SUNDAY))
    world.clock.move(seconds=30)
    line, seen = Line(world), [0]
    def die(*_):
        seen[0] += 1
        if seen[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(world.db.write, "before_cursor_execute", die)
    event.listen(world.db.write, "commit", die)
    event.listen(world.db.read, "before_cursor_execute", die)
    line.answer()
    die()
for point in sys.stdin:
    pid = os.fork()
    if pid == 0:
        run(sys.argv[1], int(point))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

WORKER = """
import sys, time
from tests.fixtures.texting import *
from tests.fixtures.world import *
url = sys.argv[1]
world = World(url, Database(url, lock_wait_seconds=20), MovableClock(SUNDAY))
world.clock.move(seconds=30)
line = Line(world)
print("ready", flush=True)
sys.stdin.readline()
print(line.answer())
"""


def answer_after_kill(world: World, line: Line) -> None:
    """PostgreSQL holds a killed worker's row until it notices that nobody is there any more."""
    until = time.monotonic() + 20
    while line.answer() == 0 and outcomes(world)[-1][0] == "waiting":
        assert time.monotonic() < until, "the row of a killed worker stays locked"
        time.sleep(0.05)


def count(world: World, table: Any) -> int:
    with world.db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@dataclass
class Killer:
    """Answers in children that die."""

    world: World
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = started(KILLED, self.world.url)

    def kills(self, point: int) -> bool:
        """Whether an answer got as far as this step, and died there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(point, file=self.process.stdin, flush=True)
        code = int(self.process.stdout.readline())
        assert code in {0, -9}
        return code == -9


def started(script: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize(
    ("words", "table", "kind"),
    [
        ("SELL 20 bags onion 1500", Listing, "sell.done"),
        ("SOLD onion", Transaction, "sold.done"),
        ("CALL 1", CallRequest, "call.done"),
    ],
)
def test_killed_at_every_step_of_an_answer(world: World, words: str, table: Any, kind: str) -> None:
    line, killer, point, ended = Line(world), Killer(world), 0, False
    while not ended:
        point += 1
        number = f"+220301{point:04d}"
        prepared(world, line, number, words)
        rows, acts, sent = count(world, table), count(world, Act), count(world, Message)
        assert line.arrive(number, words)
        ended = not killer.kills(point)
        half = count(world, table) - rows
        assert half == count(world, Act) - acts
        answer_after_kill(world, line)
        assert (count(world, table) - rows, count(world, Act) - acts) == (1, 1)
        assert count(world, Message) - sent == (2 if kind == "call.done" else 1)
        assert outcomes(world)[-1] == ("answered", kind)
    killer.process.communicate()
    assert point > 5, "the answer was never interrupted"


def test_answers_leave_a_slow_disk_to_others_for_twice_as_long_as_they_had_it(
    world: World,
) -> None:
    """On SQLite hops wait for the one writer; PostgreSQL has as many as come."""
    line, slow = Line(world), 0.03
    for number in range(5):
        assert line.arrive(f"+22030145{number:02d}", "onion")
    event.listen(world.db.write, "commit", lambda _: time.sleep(slow))
    began = time.monotonic()
    assert line.answer() == 5
    assert time.monotonic() - began >= 5 * slow * (3 if world.db.is_sqlite else 1)


def prepared(world: World, line: Line, number: str, words: str) -> None:
    """Whoever sells has joined; a buyer has a list before her."""
    if words.startswith("CALL"):
        if count(world, Listing) == 0:
            seller(world, AWA).post()
        line.phone(number).texts("onion")
        return
    sells = seller(world, number)
    if words.startswith("SOLD"):
        sells.post()
    line.deliver()


def test_four_workers_answer_each_phone_in_its_order(world: World) -> None:
    line = Line(world)
    for at in range(12):
        for phone in range(6):
            line.arrive(f"+220305000{phone}", f"HELP {at + 1}")
    workers = [started(WORKER, world.url) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    done = [int(worker.communicate("go\n")[0]) for worker in workers]
    assert sum(done) == 72
    with world.db.reading() as connection:
        reasons = select(Message.reason, Message.id)
        answers = {row.reason: row.id for row in connection.execute(reasons)}
        texts = connection.execute(
            select(InboundText.id, InboundText.contact_id).order_by(InboundText.id)
        ).all()
    assert {state for state, _ in outcomes(world)} == {"answered"}
    for contact in {contact for _, contact in texts}:
        mine = [answers[f"in:{id_}"] for id_, whose in texts if whose == contact]
        assert mine == sorted(mine)
        assert len(set(mine)) == 12


def test_a_text_that_our_code_cannot_answer_gets_help_and_holds_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_ask: object) -> None:
        raise RuntimeError("cannot read: secret words")

    monkeypatch.setitem(dispatch.COMMANDS, "price", broken)
    line = Line(world)
    line.arrive(BUYER, "PRICE secret words")
    line.arrive(BUYER, "onion")
    line.arrive("+2203088888", "rice")
    line.answer()
    kinds = [kind for _, kind in outcomes(world)]
    assert kinds == ["help.one", "search.none.blank", "search.none.blank"]
    assert len(line.deliver()) == 3
    logged = capsys.readouterr()
    assert "secret" not in logged.out + logged.err


def test_a_text_that_not_even_help_answers_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_ask: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(dispatch, "instead_of_answer", broken)
    line = Line(world)
    line.arrive(BUYER, "onion")
    line.answer()
    assert outcomes(world) == [("silent", "failed")]


def test_a_database_that_is_locked_puts_a_text_off_and_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [True]

    def locked(_ask: object) -> None:
        if away[0]:
            raise OperationalError("UPDATE", {}, Exception("locked"))

    monkeypatch.setattr(dispatch, "instead_of_answer", locked)
    line = Line(world)
    line.arrive(BUYER, "onion")
    line.arrive("+2203088888", "rice")
    line.answer()
    assert [state for state, _ in outcomes(world)] == ["waiting", "waiting"]
    away[0] = False
    line.answer()
    assert [state for state, _ in outcomes(world)] == ["answered", "answered"]


def test_words_sealed_under_a_lost_key_get_help(world: World) -> None:
    line = Line(world)
    line.arrive(BUYER, "onion")
    with world.db.transaction() as session:
        row = session.scalars(select(InboundText)).one()
        row.words = b"\x01xdamaged"
    line.answer()
    assert outcomes(world) == [("answered", "help.one")]
