"""Random walks over the whole menu: always in budget, never lost, repeats are the same bytes."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from tests.fixtures.world import SUNDAY, World
from trader_platform.core.clock import MovableClock
from trader_platform.core.db import Database
from trader_platform.core.once import Act

ODD = [
    "",
    "0",
    "00",
    "98",
    "99",
    "*",
    "#",
    "1,500",
    "abc",
    "Fatou",
    "ŋaari",
    "😀",
    "-5",
    "1*1",
    " 2 ",
]
ODD += ["999999999", "x" * 300, "\x00", "D25", "onion", "Serrekunda", "20", "soble", "1500"]
NUMBERS = ["+2203012345", "+220877012345", "+221771234567"]


class Walk(RuleBasedStateMachine):
    """One phone after another, on one database."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="walk-"))
        path = self.folder / "market.db"
        shutil.copyfile(self.template, path)
        url = f"sqlite:///{path}"
        self.world = World(url, Database(url), MovableClock(SUNDAY))
        self.phone = self.world.phone()

    @initialize()
    def first(self) -> None:
        self.phone.dial()

    @rule(
        number=st.sampled_from(NUMBERS),
        tail=st.sampled_from(["", "", "", "1", "2*2", "3*2", "5**1"]),
    )
    def dial(self, number: str, tail: str) -> None:
        self.phone = self.world.phone(number).dial(tail)

    @precondition(lambda self: not self.phone.ended)
    @rule(data=st.data())
    def press_what_is_shown(self, data: st.DataObject) -> None:
        digits = re.findall(r"(?m)^(?:CON )?(\d{1,2}) ", self.phone.screen)
        self.phone.press(data.draw(st.sampled_from(digits or ["0"])))

    @precondition(lambda self: not self.phone.ended)
    @rule(typed=st.sampled_from(ODD))
    def type_something(self, typed: str) -> None:
        self.phone.press(typed)

    @rule()
    def repeat(self) -> None:
        acts, before = self.acts(), self.phone.screen
        assert self.phone.send().screen == before
        assert self.acts() == acts

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule(minutes=st.sampled_from([1, 5, 11, 60 * 26, -30]))
    def wait(self, minutes: int) -> None:
        self.world.clock.move(minutes=minutes)

    @invariant()
    def no_fault_of_ours(self) -> None:
        assert "we made a mistake" not in self.phone.screen, self.phone.seen[-3:]
        assert not re.search(r"\{[a-z]+\}|None\b(?! )|Traceback", self.phone.screen)

    def acts(self) -> Any:
        with self.world.db.reading() as connection:
            return connection.execute(select(func.count()).select_from(Act)).scalar_one()

    def teardown(self) -> None:
        self.world.hops.store.close()
        self.world.db.dispose()
        shutil.rmtree(self.folder)


def walk(template: Path, **how: Any) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Walk.template = template
    run_state_machine_as_test(
        Walk,
        settings=settings(
            deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, **how
        ),
    )


def test_walks(sqlite_world: Path) -> None:
    walk(sqlite_world, max_examples=25, stateful_step_count=40, derandomize=True)


@pytest.mark.long
def test_long_walks(sqlite_world: Path) -> None:
    walk(sqlite_world, max_examples=600, stateful_step_count=60)
