"""`trader-platform messages`: how the texts stand, and what cannot send one twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.fixtures.outbox import Outbox, outbox_of
from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        yield made


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    """The command on the world's database."""
    program = str(Path(sys.executable).with_name("trader-platform"))
    env = environment(world, tmp_path, REDIS_URL="redis://127.0.0.1:9/0")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [program, "messages", *arguments]
        return subprocess.run(argv, env=env, capture_output=True, text=True)

    return call


def texts(outbox: Outbox) -> dict[str, int]:
    """One text in each of some states."""
    made = {}
    numbers = {"accepted": "+2203012340", "refused": "+2203012341", "unknown": "+2203012342"}
    outbox.fake.special = {
        "+2203012341": {"statusCode": 403, "status": "InvalidPhoneNumber"},
        "+2203012342": None,
    }
    for state, number in numbers.items():
        made[state] = outbox.queue("price.bare", outbox.contact(number), f"in:{state}")
    outbox.sender.drain()
    made["due"] = outbox.queue("price.bare", outbox.contact("+2203012343"), "in:due")
    return made


def test_counts_by_state_and_why_some_failed(outbox: Outbox, run: Run) -> None:
    texts(outbox)
    found = json.loads(run("--json").stdout)
    assert found.pop("oldest_due_seconds") != 0
    assert found == {
        "due": 1,
        "sending": 0,
        "unknown": 1,
        "queued": 1,
        "accepted": 1,
        "delivered": 0,
        "failed": 1,
        "expired": 0,
        "failed_by_reason": {"InvalidPhoneNumber": 1},
        "reports": {},
    }
    assert "unknown: 1" in run().stdout


def test_the_texts_of_one_state_without_anybodys_number(outbox: Outbox, run: Run) -> None:
    made = texts(outbox)
    (row,) = json.loads(run("--state", "unknown", "--json").stdout)
    assert (row["id"], row["kind"], row["phone"]) == (made["unknown"], "price.bare", "+220…42")
    told = run("--state", "failed").stdout
    assert f"id={made['refused']}" in told
    assert "3012341" not in told


def test_a_person_settles_what_is_unknown_once(outbox: Outbox, run: Run) -> None:
    made = texts(outbox)
    assert run("settle", str(made["unknown"]), "failed").returncode == 0
    row = outbox.row(made["unknown"])
    assert (row["state"], row["failure"]) == ("failed", "by_person")
    again = run("settle", str(made["unknown"]), "delivered")
    assert (again.returncode, again.stderr) == (2, f"Text {row['id']} is failed, not unknown.\n")
    assert run("settle", "999", "failed").stderr == "No text 999.\n"
    assert run("retry", str(made["unknown"])).returncode == 2
    assert outbox.row(made["unknown"])["state"] == "failed"
    with outbox.world.db.transaction() as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.subject_kind == "message"))
        assert list(actions) == ["message.settle"]


def test_only_what_was_never_handed_over_is_sent_again(outbox: Outbox, run: Run) -> None:
    made = texts(outbox)
    reported = outbox.row(made["accepted"])
    for state in ("accepted", "unknown", "due"):
        refused = run("retry", str(made["refused"]), str(made[state]))
        assert (refused.returncode, "it could arrive twice" in refused.stderr) == (2, True)
        assert outbox.row(made["refused"])["state"] == "failed"
    outbox.change("UPDATE messages SET state = 'failed' WHERE id = :id", id=reported["id"])
    assert run("retry", str(reported["id"])).returncode == 2
    outbox.fake.special.clear()
    before = len(outbox.fake.taken)
    assert run("retry", str(made["refused"]), str(made["refused"])).stdout == "1 queued again.\n"
    outbox.world.clock.at = outbox.world.clock.at.replace(year=2100)
    outbox.sender.drain()
    assert outbox.row(made["refused"])["state"] == "accepted"
    sent = [number for number, _ in outbox.fake.taken[before:]]
    assert sorted(sent) == ["+2203012341", "+2203012343"]
