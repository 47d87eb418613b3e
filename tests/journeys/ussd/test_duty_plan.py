"""1*5 In parts or ahead. It is Sunday 22 November."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tests.fixtures.fees import (
    TODAY,
    Council,
    assert_whole,
    charge_here,
    make_council,
    phone_of,
    raise_day,
    take,
)
from tests.fixtures.world import World
from trader_platform.fees.models_charges import Plan
from trader_platform.traders.models import Person


def charging(world: World, *, days: int = 0, accrues: str = "held") -> Council:
    council = make_council(world, accrues=accrues)
    charge_here(world, council)
    for ago in range(days, -1, -1):
        raise_day(world, council, TODAY - timedelta(days=ago))
    return council


def speak_french(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))


def plans(world: World) -> list[tuple[int, int, str]]:
    with world.db.reading() as connection:
        rows = connection.execute(select(Plan.total_minor, Plan.weeks, Plan.state))
        return [tuple(row) for row in rows]


def test_two_four_or_eight_weeks_with_the_amount_last(world: World) -> None:
    charging(world, days=5)
    phone = phone_of(world).dial("1*5")
    phone.reads(
        """CON 1 Pay old duty in parts
        2 Pay a week ahead
        3 Pay a month ahead
        4 My parts
        0 Back"""
    )
    phone.press("4").reads("CON You pay nothing in parts.\n1 Pay old duty in parts\n0 Back")
    phone.press("1").reads(
        """CON Your old duty: D50
        1 In 2 weeks, each D25
        2 In 4 weeks, each D13
        3 In 8 weeks, each D7
        0 Back"""
    )
    phone.press("2").reads(
        """CON 4 weeks from Sun 29 Nov. New duty is not in it.
        Each week D13
        1 I agree
        2 No
        0 Back"""
    )
    phone.press("1").reads("END You pay in parts now. First part on Sun 29 Nov: D13")
    phone.send().sees("First part on Sun 29 Nov: D13")
    assert plans(world) == [(5000, 4, "live")]


def test_how_the_parts_stand_and_a_new_plan_after_them(world: World) -> None:
    council = charging(world, days=5)
    phone_of(world).dial("1*5*1*1").press("1")
    take(world, council, "t1", 1000)  # today's own duty is no part
    phone_of(world).dial("1*5*4").sees("0 of 2 parts are paid.")
    take(world, council, "t2", 2500, today=False)
    phone = (
        phone_of(world)
        .dial("1*5*4")
        .reads(
            """CON 1 of 2 parts are paid.
        Next part on Sun 6 Dec: D25
        1 Pay it now
        0 Back"""
        )
    )
    phone.press("1").sees("You owe D25")
    phone_of(world).dial("1*5*1").sees("1 of 2 parts are paid.")
    take(world, council, "t3", 2500, today=False)
    phone_of(world).dial("1*5*1").reads(
        """CON You have no old duty. You need no parts.
        2 Pay a week ahead
        0 Back"""
    )
    raise_day(world, council, TODAY + timedelta(days=1))
    world.clock.move(days=2)
    phone_of(world).dial("1*5*1*1").press("1").sees("First part on Tue 1 Dec: D5")
    assert plans(world) == [(5000, 2, "done"), (1000, 2, "live")]
    assert_whole(world)


def test_parts_in_french(world: World) -> None:
    charging(world, days=5)
    speak_french(world)
    phone = (
        phone_of(world)
        .dial("1*5")
        .reads(
            """CON 1 Payer l'ancien en parts
        2 Une semaine d'avance
        3 Un mois d'avance
        4 Mes parts
        0 Retour"""
        )
    )
    phone.press("1").sees("CON Ancienne taxe: D50\n1 En 2 semaines: D25")
    phone.press("1").reads(
        """CON 2 semaines à partir de dim 29 nov, sans la nouvelle taxe.
        Par semaine D25
        1 D'accord
        2 Non
        0 Retour"""
    )
    phone.press("1").reads("END Vous payez en parts. Premier paiement dim 29 nov: D25")
    phone_of(world).dial("1*5*4").sees("0 parts sur 2 payées.\nLa suivante, dim 29 nov: D25")


def test_a_week_ahead_is_paid_to_the_collector_with_what_is_owed(world: World) -> None:
    council = charging(world, days=1)
    phone = (
        phone_of(world)
        .dial("1*5*2")
        .reads(
            """CON Mon 23 Nov to Sun 29 Nov: 7 market days. A closed day comes back to you.
        With old duty, give the collector D90
        1 Check a badge
        0 Back"""
        )
    )
    phone.press("1").sees("Type the badge number that you see.")
    # What the screen says is what the collector's ticket does.
    assert take(world, council, "t1", 9000)["ahead_days"] == 7
    phone_of(world).dial("1*5*2").reads(
        """CON You are paid ahead to Sun 29 Nov.
        1 Add a week
        2 Add a month
        0 Back"""
    ).press("1").sees("CON Mon 30 Nov to Sun 6 Dec: 7 market days.", "Give the collector D70")
    speak_french(world)
    phone_of(world).dial("1*5*2").sees("CON Vous avez payé jusqu'à dim 29 nov.")


def test_a_month_ahead_where_duty_comes_by_trading(world: World) -> None:
    council = charging(world, accrues="traded")
    phone_of(world).dial("1*5*3").reads(
        """CON Mon 23 Nov to Tue 22 Dec: 30 market days. A closed day comes back to you.
        With old duty, give the collector D310
        1 Check a badge
        0 Back"""
    )
    assert take(world, council, "t1", 31_000)["ahead_days"] == 30
    speak_french(world)
    phone_of(world, 1).dial("1*5*2").sees(
        "CON lun 23 nov à dim 29 nov: 7 jours de marché. Un jour fermé vous revient."
        "\nDonnez en tout à l'agent D80"
    )
