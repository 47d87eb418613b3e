"""Texts that came in while the queue was down: the clock alone answers them."""

from __future__ import annotations

import base64
from pathlib import Path

from sms.simulator.centre import Centre
from tests.fixtures.servers import wait_until
from tests.fixtures.texting import Line, outcomes
from tests.fixtures.world import World
from trader_platform.core.clock import SystemClock
from trader_platform.core.config import Settings
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.schedule import JOBS
from trader_platform.jobs.sweeper import Runner, Sweeper

PHONES = ("+2203012345", "+2203099999")


def test_a_sweep_answers_and_hands_over_without_a_queue(world: World, tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": world.url,
            "DEMO": "1",
            "SECRET_KEY": "s" * 32,
            "DATA_KEYS": "test:" + base64.b64encode(bytes(range(32))).decode(),
            "SIGNING_KEYS": "test:" + base64.b64encode(bytes(range(32))).decode(),
            "LOOKUP_KEY": "lookup-key-of-the-tests-that-is-long-enough",
        }
    )
    world.clock.at = SystemClock().now()
    line = Line(world)
    for phone in PHONES:
        line.arrive(phone, "HELP")
    jobs = [job for job in JOBS if job.name == "sms.answer"]
    runner = Runner(jobs, JobContext(settings, world.db))
    assert Sweeper(runner).sweep() == ["sms.answer"]
    centre = Centre(tmp_path, SystemClock())
    wait_until(lambda: all(centre.arrived(phone, 0) for phone in PHONES), "both are answered")
    runner.stop(within_seconds=20)
    assert outcomes(world) == [("answered", "help.one")] * 2
    for phone in PHONES:
        assert [text.words[:5] for text in centre.arrived(phone, 0)] == ["Text:"]
