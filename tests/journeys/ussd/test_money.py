"""5*2 Where did our money go? It is Sunday 22 November; last month is October."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import update

from tests.fixtures.fees import Council, by, charge_here, make_council, phone_of, take
from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.fees.service_council import Spend, enter_spending
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.traders.models import Person

OCTOBER = datetime(2026, 10, 14, 9, tzinfo=UTC)


def october(world: World, council: Council, key: str, amount: int, *, stall: int = 0) -> str:
    day = OCTOBER.date()
    code: str = take(world, council, key, amount, stall=stall, day=day, now=OCTOBER)["code"]
    return code


def spend(world: World, council: Council, what: str, minor: int, due: str = "") -> None:
    with world.db.transaction() as session:
        until = date.fromisoformat(due) if due else None
        command = Spend(council.id, council.market, date(2026, 10, 1), what, minor, until)
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
    spend(world, council, "New toilets", 9_000_000, "2026-12-20")
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
