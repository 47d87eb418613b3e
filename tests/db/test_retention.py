"""Drafts of old dialogues go, their trail stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.core.config import Settings
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.retention import prune_sessions
from ussd.models import UssdSession


def test_old_drafts_are_emptied_and_new_ones_stay(world: World, tmp_path: Path) -> None:
    world.clock.at = datetime.now(UTC) - timedelta(days=2)
    old = world.phone().dial()
    world.clock.at = datetime.now(UTC)
    new = world.phone("+2207654321").dial()
    context = JobContext(Settings.from_env(environment(world, tmp_path)), world.db)
    assert prune_sessions(context) == 1
    assert prune_sessions(context) == 0
    with world.db.transaction() as session:
        rows = {row.session_id: row for row in session.scalars(select(UssdSession))}
    assert rows[old.session].state is None
    assert rows[old.session].status == "dropped"
    assert rows[old.session].trail.startswith("lang.choose@")
    assert rows[new.session].state is not None
    old.press("1").sees("END The line was cut.")
    new.press("1").sees("What do you want?")
