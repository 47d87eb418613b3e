"""``[sms]`` of a pack: as written, as the outbox reads it, and what is wrong in it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from trader_platform.messaging.policy import Hours, Rules
from trader_platform.packs.reader import read_pack
from trader_platform.packs.rows import settings_text
from trader_platform.packs.settings import read_settings
from trader_platform.packs.types import Problem, Texts

PACKS = Path(__file__).resolve().parents[3]
GAMBIA = (PACKS / "trader_platform/packs/gambia/pack.toml").read_text("utf-8")


def test_the_gambian_rules_reach_the_outbox() -> None:
    import json

    pack = read_pack(PACKS / "trader_platform/packs/gambia")
    rules = Rules.of(json.loads(settings_text(pack)))
    assert rules == Rules(
        zone="Africa/Banjul",
        day=Hours(time(8), time(20)),
        wide=Hours(time(5), time(22)),
        texts_a_day=3,
        segment_cost_minor=25,
        budget_a_day_minor=250_000,
    )


def test_without_the_table_there_are_usual_hours_and_no_budget() -> None:
    problems: list[Problem] = []
    settings = read_settings(GAMBIA.partition("[sms]")[0], problems)
    assert problems == []
    assert settings is not None
    assert settings.sms == Texts(time(20), time(8), time(5), time(22), 3, (), 0, None)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('quiet_from = "20:00"', 'quiet_from = "24:00"', "sms.quiet_from"),
        ("texts_a_day = 3", "texts_a_day = -1", "sms.texts_a_day"),
        ('topics = ["lumo",', 'topics = ["Lumo!",', "sms.topics.0"),
        ("segment_cost_minor = 25", "segment_price = 25", "sms.segment_cost_minor"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, column: str) -> None:
    assert old in GAMBIA
    problems: list[Problem] = []
    assert read_settings(GAMBIA.replace(old, new), problems) is None
    assert column in {problem.column for problem in problems}
    first = GAMBIA.replace(old, new).split("\n").index("[sms]") + 1
    assert all(problem.line >= first for problem in problems)
