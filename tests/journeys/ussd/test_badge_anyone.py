"""*Is the collector real?* asked by somebody who has not joined: 1, then 2 on *Join first*."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update

from tests.fixtures.fees import TODAY, Council, by, charge_here, make_council
from tests.fixtures.french import buyer
from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.fees.models_reports import Report
from trader_platform.market.models import Market
from trader_platform.staff import service as staff
from trader_platform.staff.badges import read_badge
from trader_platform.staff.models import Assignment
from trader_platform.traders.models import Person, Trader

STRANGER = "+2203999001"


def charging(world: World) -> Council:
    council = make_council(world)
    charge_here(world, council)
    return council


def stranger(world: World) -> Phone:
    """On *Join first*, in English; no market was ever named on this phone."""
    return world.phone(STRANGER).dial().press("1", "2", "1")


def stands_at(world: World, slug: str) -> None:
    """The market whose prices she asked for."""
    with world.db.transaction() as session:
        market = session.execute(select(Market.id).where(Market.slug == slug)).scalar_one()
        buyers = Person.id.not_in(select(Trader.person_id))
        session.execute(update(Person).where(buyers).values(market_id=market))


def takes_at(world: World, council: Council, market_id: int | None, ends_on: date | None) -> None:
    with world.db.transaction() as session:
        mine = Assignment.staff_id == council.collector.staff_id
        session.execute(update(Assignment).where(mine).values(market_id=market_id, ends_on=ends_on))


def never_given(council: Council) -> str:
    given = {council.collector.badge, council.second.badge}
    numbers = (f"{n:05d}" for n in range(10_000, 99_999))
    return next(x for x in numbers if read_badge(x) and x not in given)


def reports(world: World) -> list[tuple[object, ...]]:
    with world.db.reading() as connection:
        columns = (Report.council_id, Report.market_id, Report.trader_id, Report.badge)
        return [tuple(row) for row in connection.execute(select(*columns))]


def test_real_and_where_it_takes_duty(world: World) -> None:
    council = charging(world)
    badge = council.collector.badge
    phone = stranger(world).reads(
        """CON Join first. It takes 5 answers.
        1 Join
        2 Is the collector real?
        9 Check a code
        0 Back"""
    )
    phone.press("2").reads(
        """CON Type the badge number that you see.
        1 There is no badge
        0 Back"""
    )
    phone.press("482").sees("CON Badge: 5 numbers, or 1")
    phone.press(badge).reads(
        f"""CON Real. Badge {badge}, Test-0001, takes duty at Latrikunda today.
        Since 1 Jan 2026
        1 It is not this person
        0 Back"""
    )
    phone.press("1").sees("END The council has it, with no name. Number ")
    assert phone.send().screen.startswith("END The council has it")
    assert reports(world) == [(council.id, council.market, None, badge)]


def test_real_and_where_in_french(world: World) -> None:
    badge = charging(world).collector.badge
    phone = (
        buyer(world)
        .press("1")
        .reads(
            """CON Entrez d'abord. 5 réponses suffisent.
        1 Entrer
        2 Est-ce un vrai agent ?
        9 Vérifier un code
        0 Retour"""
        )
    )
    phone.press("2").reads(
        """CON Tapez le numéro du badge que vous voyez.
        1 Pas de badge
        0 Retour"""
    )
    phone.press(badge).sees(f"CON Vrai. Badge {badge}, Test-0001, prend la taxe à Latrikunda ce")


def test_the_market_that_she_named_counts(world: World) -> None:
    council = charging(world)
    badge = council.collector.badge
    stranger(world)
    stands_at(world, "abuko")
    world.phone(STRANGER).dial("1").press("2", badge).reads(
        f"""CON Do not pay. Badge {badge} is real, but not for Abuko today.
        1 Tell the council
        2 Type again
        0 Back"""
    ).press("1").sees("END The council has it, with no name.")
    assert reports(world) == [(council.id, council.other_market, None, badge)]
    # A council that takes no duty through us has no badges of ours, and nobody would answer.
    stands_at(world, "brikama")
    phone = world.phone(STRANGER).dial("1")
    phone.reads("CON Join first. It takes 5 answers.\n1 Join\n9 Check a code\n0 Back")


def test_a_badge_for_all_markets_and_one_for_none_today(world: World) -> None:
    council = charging(world)
    badge = council.collector.badge
    takes_at(world, council, None, None)
    phone = (
        stranger(world)
        .press("2", badge)
        .reads(
            f"""CON Real. Badge {badge}, Test-0001, takes duty for Kanifing council today.
            Since 1 Jan 2026
        1 It is not this person
        0 Back"""
        )
    )
    phone.press("0", badge).sees("CON Real.")
    french = buyer(world).press("1", "2", badge)
    french.sees(f"CON Vrai. Badge {badge}, Test-0001, prend la taxe pour la commune Kanifing ce")
    takes_at(world, council, council.market, TODAY - timedelta(days=1))
    world.phone(STRANGER).dial("1").press("2", badge).reads(
        f"""CON Do not pay. Badge {badge} is real, but takes no duty today.
        1 Tell the council
        2 Type again
        0 Back"""
    ).press("1").sees("END The council has it, with no name.")
    assert reports(world) == [(council.id, None, None, badge)]
    french.dial("1").press("2", badge)
    french.sees(f"CON Ne payez pas. Badge {badge} est vrai, mais ne prend pas de taxe ce jour.")


def test_ended_and_never_given(world: World) -> None:
    council = charging(world)
    badge = council.collector.badge
    with world.db.transaction() as session:
        last = TODAY - timedelta(days=1)
        staff.end(session, council.collector.staff_id, last_day=last, by=by("ends"))
    stranger(world).press("2", badge).reads(
        f"""CON Do not pay. Badge {badge} ended on Sat 21 Nov.
        1 Tell the council
        0 Back"""
    )
    # Whose number it would be nobody can tell, so there is no council to tell it to.
    fake = never_given(council)
    world.phone(STRANGER).dial("1").press("2", fake).reads(
        f"""CON Do not pay. There is no badge {fake}.
        2 Type again
        0 Back"""
    )
    world.phone(STRANGER).dial("1").press("2", "1").reads(
        """CON No badge, no duty. You may say no.
        0 Back"""
    )
    stands_at(world, "latrikunda")
    world.phone(STRANGER).dial("1").press("2", fake).reads(
        f"""CON Do not pay. No badge {fake} takes duty at Latrikunda.
        1 Tell the council
        2 Type again
        0 Back"""
    ).press("1").sees("END The council has it, with no name.")
    world.phone(STRANGER).dial("1").press("2", "1", "1").sees("END The council has it")
    assert reports(world) == [
        (council.id, council.market, None, fake),
        (council.id, council.market, None, None),
    ]


def test_where_no_council_charges_there_are_no_badges(world: World) -> None:
    make_council(world)
    stranger(world).reads("CON Join first. It takes 5 answers.\n1 Join\n9 Check a code\n0 Back")
    world.phone(STRANGER).dial("1").press("2").sees("CON Press 1 or 9\nJoin first.")


def test_a_dialled_tail_of_a_trader_stops_at_the_gate(world: World) -> None:
    charging(world)
    stranger(world)
    world.phone(STRANGER).dial("1*4*2").sees("CON Join first.", "2 Is the collector real?")
