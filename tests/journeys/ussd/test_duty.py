"""1 My duty: the official tariff, and what we know it from."""

from __future__ import annotations

from sqlalchemy import update

from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import World
from trader_platform.fees.models import Tariff


def joined(world: World, market: str, goods: str = "1") -> Phone:
    phone = world.phone().dial().press("1", "1", "1", "1", market, goods, "Awa")
    return phone.sees("You are in")


def test_who_has_not_joined_is_asked_to(world: World) -> None:
    phone = world.phone().dial().press("1", "2", "1")
    phone.reads("CON Join first. It takes 5 answers.\n1 Join\n9 Check a code\n0 Back")


def test_a_sourced_tariff_is_shown_with_its_year_and_source_date(world: World) -> None:
    joined(world, "latrikunda", "2")
    world.phone().dial("1").reads(
        """CON Fish, Latrikunda
        Right duty since 2020, told 3 Mar 2020
        One day: D20
        1 My stall card
        0 Back"""
    )


def test_goods_without_a_tariff_of_their_own_pay_the_markets(world: World) -> None:
    joined(world, "latrikunda", "1").press("1").sees("Greens, fruit, Latrikunda", "One day: D10")


def test_our_own_reading_is_not_called_right(world: World) -> None:
    phone = joined(world, "bakoteh").press("1")
    phone.sees("Not sure, ask: since 2020, told 3 Mar 2020", "One day: D10")
    assert "Right duty" not in phone.screen


def test_a_month_is_shown_as_a_month_and_a_day_as_a_day(world: World) -> None:
    joined(world, "lamin").press("1").sees("Right duty since Feb 2011, told 19 Feb 2011")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(date_precision="day"))
    world.phone().dial("1").sees("Right duty since 1 Feb 2011, told 19 Feb 2011")


def test_a_tariff_of_tomorrow_is_not_todays(world: World) -> None:
    joined(world, "lamin")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(valid_from=world.clock.now().date().replace(day=23)))
    world.phone().dial("1").sees("Brikama council takes no duty here yet.")
    world.clock.move(days=1)
    world.phone().dial("1").sees("One day: D5")


def test_a_council_without_a_tariff_takes_no_duty_here(world: World) -> None:
    joined(world, "farafenni").press("1").reads(
        """CON Kerewan council takes no duty here yet. Keep your paper ticket.
        1 Prices
        2 Lumo
        0 Back"""
    )


def test_who_has_a_stall_is_not_asked_for_her_card(world: World) -> None:
    card = add_stall(world, market="latrikunda", number="L7")
    phone = world.phone().dial().press("1", "1", "1", card, "1", "2", "Awa", "1")
    phone.reads(
        """CON Fish, Latrikunda
        Right duty since 2020, told 3 Mar 2020
        One day: D20
        0 Back"""
    )
