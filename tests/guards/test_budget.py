"""Every screen, in every language, with the longest of everything, fits a phone.

A crawler takes every branch of the menu as several people, tours take the rest; the guard fails
where a screen was reached by none of them, so a new screen cannot be left unmeasured. The size
itself is checked by the phone at every hop.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.fixtures.collectors import works
from tests.fixtures.crawler import TYPED, Crawl, Visit, state_of
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import SUNDAY, World
from tests.guards.budget_people import CRAWLED, close_a_lumo, settle, tours
from tests.guards.worst import WorstContext, always
from trader_platform.core import i18n
from trader_platform.core.clock import MovableClock
from trader_platform.core.db import Database
from trader_platform.traders.models import Person
from ussd.screen import SCREENS
from ussd.screens import load_screens

load_screens()
# French is crawled by test_catalogs, which also looks for English on its screens; drafts may give
# way to English where their own words do not fit.
DRAFTS = sorted(path.name for path in i18n.CATALOGS.glob("*/") if path.name != "fr")
# Nobody stands on these: acts that only lead on, and what the hop itself or an accident shows.
NEVER_STOOD_ON = {
    *("lang.set", "join.agreed", "leave.stay", "price.place", "seen.moved", "pin.given"),
    *("resume.ask", "duty.code.asked", "state.error", "state.once"),
}


@pytest.fixture
def small_world(sqlite_world: Path, tmp_path: Path) -> Iterator[World]:
    """One database; what fits a screen does not depend on the kind."""
    path = tmp_path / "market.db"
    shutil.copyfile(sqlite_world, path)
    url = f"sqlite:///{path}"
    world = World(url, Database(url), MovableClock(SUNDAY))
    yield world
    world.hops.store.close()
    world.db.dispose()


@pytest.mark.parametrize(
    ("context", "language"),
    [("real", "en"), *(("longest", language) for language in ["en", *DRAFTS])],
)
def test_every_screen_fits_and_every_screen_is_measured(
    small_world: World, context: str, language: str
) -> None:
    taken, free = add_stall(small_world), add_stall(small_world, number="C7")
    settle(small_world, taken)
    with small_world.db.transaction() as session:
        session.execute(update(Person).values(language=language))
    if context == "longest":
        small_world.hops.context_class = always("en") if language == "en" else WorstContext
    crawl = Crawl(small_world, typed=[*TYPED, taken, free])
    for phone in tours(small_world):
        crawl.visits.append(Visit(state_of(small_world, phone).screen, phone.screen, ()))
    close_a_lumo(small_world)
    for number in CRAWLED:
        crawl.again()
        crawl.run(small_world.phone(number).dial())
    crawl.again()
    crawl.run(works(small_world))
    missing = set(SCREENS) - {visit.id for visit in crawl.visits} - NEVER_STOOD_ON
    assert not missing, " ".join(sorted(missing))
