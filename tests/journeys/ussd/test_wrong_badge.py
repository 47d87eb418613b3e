"""1*4*2 Is this collector real? Here today, elsewhere, ended, never, and no badge at all."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tests.fixtures.fees import TODAY, Council, by, charge_here, make_council, phone_of
from tests.fixtures.world import World
from trader_platform.fees.models_reports import Report
from trader_platform.staff.badges import read_badge
from trader_platform.staff.models import Assignment
from trader_platform.staff.service import end
from trader_platform.traders.models import Person


def charging(world: World) -> Council:
    council = make_council(world)
    charge_here(world, council)
    return council


def never_given(*given: str) -> str:
    """A badge number whose check digit fits and that nobody has."""
    numbers = (f"{n:05d}" for n in range(10_000, 99_999))
    return next(x for x in numbers if read_badge(x) and x not in given)


def report(world: World) -> tuple[str, int | None, str | None]:
    with world.db.reading() as connection:
        row = connection.execute(select(Report.kind, Report.trader_id, Report.badge)).one()
        return row.kind, row.trader_id, row.badge


def speak_french(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))


def test_real_here_today(world: World) -> None:
    badge = charging(world).collector.badge
    phone = phone_of(world).dial("1*4*2")
    phone.reads("CON Type the badge number that you see.\n1 There is no badge\n0 Back")
    phone.press("482").sees("CON Badge: 5 numbers, or 1")
    phone.press(badge).reads(
        f"""CON Real. Badge {badge}, Test-0001, takes duty at Latrikunda today.
        Since 1 Jan 2026
        1 It is not this person
        0 Back"""
    )
    phone.press("1").sees("END The council has it, with no name. Number ")
    phone.sees("Keep safe. Pay only a real badge.")
    assert report(world) == ("badge", None, badge)
    speak_french(world)
    phone_of(world).dial("1*4*2").press(badge).sees(
        f"Vrai. Badge {badge}, Test-0001, prend la taxe à Latrikunda ce jour."
    )


def test_real_but_for_another_market(world: World) -> None:
    council = charging(world)
    with world.db.transaction() as session:
        session.execute(
            update(Assignment)
            .where(Assignment.staff_id == council.collector.staff_id)
            .values(market_id=council.other_market)
        )
    badge = council.collector.badge
    phone_of(world).dial("1*4*2").press(badge).reads(
        f"""CON Do not pay. Badge {badge} is real, but not for Latrikunda today.
        1 Tell the council
        2 Type again
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1*4*2").press(badge).sees("est vrai, mais pas pour Latrikunda ce jour.")


def test_ended_yesterday(world: World) -> None:
    council = charging(world)
    badge = council.collector.badge
    with world.db.transaction() as session:
        last = TODAY - timedelta(days=1)
        end(session, council.collector.staff_id, last_day=last, by=by("ends"))
    phone_of(world).dial("1*4*2").press(badge).reads(
        f"""CON Do not pay. Badge {badge} ended on Sat 21 Nov.
        1 Tell the council
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1*4*2").press(badge).sees(f"Badge {badge} fini le sam 21 nov.")


def test_a_badge_that_nobody_has_and_one_with_a_slip(world: World) -> None:
    council = charging(world)
    fake = never_given(council.collector.badge, council.second.badge)
    for number in (fake, "12346"):
        assert number == fake or read_badge(number) is None
        phone_of(world).dial("1*4*2").press(number).reads(
            f"""CON Do not pay. No badge {number} takes duty at Latrikunda.
            1 Tell the council
            2 Type again
            0 Back"""
        )
    phone_of(world).dial("1*4*2").press(fake, "1").sees("with no name")
    assert report(world) == ("badge", None, fake)
    speak_french(world)
    phone_of(world).dial("1*4*2").press(fake).sees(f"Aucun badge {fake} ne prend la taxe")


def test_no_badge_at_all(world: World) -> None:
    charging(world)
    phone_of(world).dial("1*4*2*1").reads(
        """CON No badge, no duty. You may say no.
        1 Tell the council
        0 Back"""
    ).press("1").sees("END The council has it, with no name.")
    assert report(world) == ("badge", None, None)
    speak_french(world)
    phone_of(world).dial("1*4*2*1").sees("Pas de badge, pas de taxe. Vous pouvez dire non.")
