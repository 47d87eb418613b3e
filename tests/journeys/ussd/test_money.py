"""5*2 Where did our money go? It is Sunday 22 November; last month is October."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from tests.fixtures.fees import Council, by, charge_here, make_council, phone_of, take
from tests.fixtures.phone import Phone
from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.config import Settings
from trader_platform.core.once import Act
from trader_platform.fees.models_reports import SpendingAsked
from trader_platform.fees.queries_money import Asked, asked_to_tell
from trader_platform.fees.service_council import Spend, enter_spending
from trader_platform.fees.service_unnamed import ASK
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.retention import forget_reports
from trader_platform.traders.models import Person

OCTOBER = datetime(2026, 10, 14, 9, tzinfo=UTC)


def october(world: World, council: Council, key: str, amount: int, *, stall: int = 0) -> str:
    day = OCTOBER.date()
    code: str = take(world, council, key, amount, stall=stall, day=day, now=OCTOBER)["code"]
    return code


def spend(
    world: World, council: Council, what: str, minor: int, *, due: str = "", month: int = 10
) -> None:
    with world.db.transaction() as session:
        until = date.fromisoformat(due) if due else None
        command = Spend(council.id, council.market, date(2026, month, 1), what, minor, until)
        enter_spending(session, command, by=by(f"spend:{what}"))


def charging(world: World) -> Council:
    council = make_council(world)
    charge_here(world, council)
    return council


def dialled(world: World) -> Phone:
    return phone_of(world).dial("5*2")


def test_the_council_has_not_told_yet(world: World) -> None:
    council = charging(world)
    october(world, council, "o1", 1000)
    dialled(world).reads(
        """CON Kanifing council has not told us yet for October.
        Duty in: D10
        1 Ask them to tell
        3 Other market
        0 Back"""
    ).press("3").sees("Where? Press a number or type a place.")


def test_in_by_the_books_and_out_as_entered(world: World) -> None:
    council = charging(world)
    october(world, council, "o1", 1000)
    october(world, council, "o2", 500, stall=1)
    wrong = october(world, council, "o3", 700, stall=2)
    collector = council.collector
    back = TakeBack(collector.staff_id, collector.badge_id, wrong, "not_paid", "Africa/Banjul")
    with world.db.transaction() as session:
        take_back(session, back, by=by("back", now=OCTOBER))
    take(world, council, "november", 1000)
    spend(world, council, "Night guard", 60_000)
    spend(world, council, "Roof of the shed", 1_500_000)
    spend(world, council, "New toilets", 9_000_000, due="2026-12-20")
    phone = dialled(world).reads(
        """CON Latrikunda, October
        Duty in: D15
        Spent here: D15,600
        1 Spent on what
        2 What comes next
        3 Other market
        0 Back"""
    )
    phone.press("1").reads(
        """CON Latrikunda, October
        1 Roof of the shed D15,000
        2 Night guard D600
        0 Back"""
    )
    phone.press("0", "2").reads(
        """CON Next at Latrikunda: New toilets, by Sun 20 Dec
        It costs D90,000
        0 Back"""
    )
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))
    dialled(world).reads(
        """CON Latrikunda, octobre
        Taxes: D15
        Dépensé ici: D15,600
        1 Dépensé pour quoi
        2 La suite
        3 Autre marché
        0 Retour"""
    )


def test_anybody_may_ask_about_any_market(world: World) -> None:
    council = charging(world)
    spend(world, council, "Water", 60_000)
    buyer = world.phone("+2207654321").dial().press("1", "2", "5", "2")
    buyer.sees("Where? Press a number or type a place.").press("latrikunda")
    buyer.sees("CON Latrikunda, October", "Spent here: D600")


def test_a_council_that_takes_no_duty_through_us(world: World) -> None:
    charging(world)
    buyer = world.phone("+2207654321").dial().press("1", "2", "5", "2").press("brikama")
    buyer.sees("the council takes no duty here yet. We do not know what comes in.")


def test_asked_to_tell_each_phone_counts_once_a_month(world: World) -> None:
    council = charging(world)
    dialled(world).press("1").reads("END We ask the council, without your name. 1 asked so far.")
    again = dialled(world).press("1").sees("END", "1 asked so far.")
    phone_of(world, 1).dial("5*2").press("1").sees("END", "2 asked so far.")
    again.send().sees("1 asked so far.")  # the gateway repeats its last press
    spend(world, council, "Water", 60_000, month=9)
    spend(world, council, "New toilets", 9_000_000, due="2026-12-20")  # planned is not told
    with world.db.reading() as connection:
        assert asked_to_tell(connection, council.id) == (
            Asked(council.market, date(2026, 10, 1), people=2),
        )
    world.clock.at += timedelta(days=30)
    dialled(world).sees("November").press("1").sees("1 asked so far.")
    spend(world, council, "Night guard", 60_000)  # it tells of October
    with world.db.reading() as connection:
        assert asked_to_tell(connection, council.id) == (
            Asked(council.market, date(2026, 11, 1), people=1),
        )
        hashes = connection.execute(select(SpendingAsked.asker)).scalars().all()
    assert len(set(hashes)) == len(hashes) == 3, "one phone's questions can be put together"


def test_who_asked_is_nobody_and_a_month_later_no_hash_is_left(
    world: World, tmp_path: Path
) -> None:
    charging(world)
    dialled(world).press("1").sees("1 asked so far.")
    with world.db.reading() as connection:
        query = select(AuditRow.actor_kind, AuditRow.actor_id, AuditRow.at)
        trail = connection.execute(query.where(AuditRow.action == "spending.ask")).one()
        asker = connection.execute(select(SpendingAsked.asker)).scalar_one()
    assert (trail.actor_kind, trail.actor_id) == ("nobody", "")
    assert trail.at == datetime(2026, 11, 22, tzinfo=UTC)
    assert asker != world.vault.lookup(phone_of(world).number)
    context = JobContext(Settings.from_env(environment(world, tmp_path)), world.db)
    age(world, Act.done_at, datetime.now(UTC))
    age(world, SpendingAsked.asked_on, datetime.now(UTC).date() - timedelta(days=31))
    forget_reports(context)
    assert kept(world) == (1, [asker], 1)
    age(world, SpendingAsked.asked_on, datetime.now(UTC).date() - timedelta(days=32))
    age(world, Act.done_at, datetime.now(UTC) - timedelta(days=2))
    forget_reports(context)
    assert kept(world) == (1, [None], 0)


def age(world: World, column: Any, to: date | datetime) -> None:
    with world.db.transaction() as session:
        session.execute(update(column.class_).values({column: to}))


def kept(world: World) -> tuple[int, list[str | None], int]:
    """How many asked, by which hashes, and how many acts of them are kept."""
    with world.db.reading() as connection:
        hashes = connection.execute(select(SpendingAsked.asker)).scalars().all()
        acts = select(func.count()).select_from(Act).where(Act.kind == ASK)
        return len(hashes), list(hashes), connection.execute(acts).scalar_one()
