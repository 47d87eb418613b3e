"""`trader-platform council`: charging, what was spent, and answers to reports."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.fixtures.commands import Run, runner
from tests.fixtures.fees import TODAY, Council, by, make_council
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.commands.council import council as command
from trader_platform.core.errors import NotFound
from trader_platform.fees.models_reports import Report, Spending
from trader_platform.fees.service_asked import ask_to_tell
from trader_platform.fees.service_council import Spend, enter_spending
from trader_platform.fees.service_reports import Tell, reopen, tell
from trader_platform.market.models import Council as CouncilRow
from trader_platform.messaging.models import Message

SLUG = "kanifing"


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    return runner(command, world, tmp_path)


def told(world: World, council: Council, *, named: bool = True) -> tuple[str, int]:
    """An overcharge that the first trader reports: its number and id."""
    said = Tell(
        kind="overcharge",
        council_id=council.id,
        market_id=council.market,
        day=TODAY,
        trader_id=council.traders[0] if named else None,
        goods_class_id=council.goods,
        due_minor=1000,
        paid_minor=2500,
    )
    with world.db.transaction() as session:
        ref = tell(session, said, by=by(f"told:{named}"))["ref"]
    with world.db.reading() as connection:
        found = connection.execute(select(Report.id).where(Report.ref == ref)).scalar_one()
    return ref, found


def test_charging_on_and_off_is_in_the_trail(world: World, run: Run) -> None:
    council = make_council(world)

    def charges() -> bool:
        with world.db.reading() as connection:
            query = select(CouncilRow.charging).where(CouncilRow.id == council.id)
            return bool(connection.execute(query).scalar_one())

    assert run("charging", SLUG, "on") == (
        0,
        f"{SLUG}: charging is on. Phones see it within 30 seconds.\n",
    )
    assert charges()
    assert run("charging", SLUG, "off")[0] == 0
    assert not charges()
    with world.db.reading() as connection:
        query = select(AuditRow.before, AuditRow.after).where(AuditRow.action == "council.charging")
        rows = [tuple(row) for row in connection.execute(query.order_by(AuditRow.id))]
    assert rows == [
        ('{"charging": false}', '{"charging": true}'),
        ('{"charging": true}', '{"charging": false}'),
    ]
    assert run("charging", "nowhere", "on")[0] == 2


def test_what_was_spent_and_what_is_planned(world: World, run: Run) -> None:
    council = make_council(world)
    code, said = run("spent", SLUG, "latrikunda", "2026-10", "Roof of the shed", "15,000")
    assert (code, said) == (0, f"{SLUG}, latrikunda, 2026-10: Roof of the shed D15,000\n")
    planned = ("spent", SLUG, "latrikunda", "2026-10", "New toilets", "90000")
    assert run(*planned, "--due", "2026-12-20")[0] == 0
    with world.db.reading() as connection:
        rows = connection.execute(
            select(Spending.month, Spending.what, Spending.amount_minor, Spending.due_on)
        )
        assert [tuple(row) for row in rows] == [
            (date(2026, 10, 1), "Roof of the shed", 1_500_000, None),
            (date(2026, 10, 1), "New toilets", 9_000_000, date(2026, 12, 20)),
        ]
    for wrong in [
        ("brikama", "2026-10", "Water", "60"),
        ("latrikunda", "2026-10", "Much more than fits a phone", "60"),
        ("latrikunda", "2026-10", "Water", "0"),
    ]:
        assert run("spent", SLUG, *wrong)[0] == 2
    other = Spend(council.id + 1, council.market, date(2026, 10, 1), "Water", 100)
    with world.db.transaction() as session, pytest.raises(NotFound):
        enter_spending(session, other, by=by("other"))


def test_who_asked_to_be_told_is_counted_and_not_named(world: World, run: Run) -> None:
    council = make_council(world)
    assert run("asked", SLUG) == (0, f"{SLUG}: nobody waits to be told\n")
    october = date(2026, 10, 1)
    for at in range(3):
        with world.db.transaction() as session:
            ask_to_tell(
                session, council.market, october, asker=f"{at % 2}", day=TODAY, by=by(f"ask:{at}")
            )
    assert run("asked", SLUG) == (0, "latrikunda 2026-10: 2 asked what was spent\n")
    assert run("spent", SLUG, "latrikunda", "2026-10", "Water", "60")[0] == 0
    assert run("asked", SLUG) == (0, f"{SLUG}: nobody waits to be told\n")
    assert run("asked", "nowhere")[0] == 2
    with world.db.transaction() as session, pytest.raises(NotFound):
        ask_to_tell(session, 0, october, asker="1", day=TODAY, by=by("ask:nowhere"))


def test_an_answer_is_texted_to_who_gave_her_name(world: World, run: Run) -> None:
    council = make_council(world)
    ref, _ = told(world, council)
    officer = str(council.finance)
    assert run("answer", ref, "right", "--staff", str(council.collector.staff_id))[0] == 2
    assert run("answer", ref, "right", "--staff", officer) == (
        0,
        f"{ref}: right; a text is queued.\n",
    )
    with world.db.reading() as connection:
        kinds = connection.execute(select(Message.kind)).scalars().all()
    assert kinds == ["overcharge.yes"]
    code, said = run("answer", ref, "wrong", "--staff", officer)
    assert (code, "waits for an answer" in said) == (2, True)


def test_who_gave_no_name_is_not_texted(world: World, run: Run) -> None:
    council = make_council(world)
    ref, _ = told(world, council, named=False)
    done = run("answer", ref, "right", "--staff", str(council.finance))
    assert done == (0, f"{ref}: right; nobody is texted.\n")


def test_a_second_officer_answers_what_was_opened_again(world: World, run: Run) -> None:
    council = make_council(world)
    ref, report = told(world, council)
    assert run("answer", ref, "wrong", "--staff", str(council.finance))[0] == 0
    with world.db.transaction() as session:
        reopen(session, council.traders[0], report, today=TODAY, by=by("reopen"))
    code, said = run("answer", ref, "wrong", "--staff", str(council.finance))
    assert (code, "a second officer must" in said) == (2, True)
    assert run("answer", ref, "wrong", "--staff", str(council.officer))[0] == 0
    with world.db.reading() as connection:
        kinds = connection.execute(select(Message.kind).order_by(Message.id)).scalars().all()
    assert kinds == ["overcharge.no", "overcharge.no"]
