"""Prices: her market, any product, the places around, who sells it, and a price somebody saw."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.fixtures.phone import Phone
from tests.fixtures.sellers import seller
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market import service_prices
from trader_platform.market.catalog import Catalogs
from trader_platform.market.models import Pack
from trader_platform.market.models_trade import PriceReport
from trader_platform.traders.models import Person

TODAY = date(2026, 11, 22)
BUYER, AWA = "+2203012345", "+2207012345"


def buyer(world: World, number: str = BUYER, language: str = "1") -> Phone:
    """A phone that chose a language and never joined."""
    return world.phone(number).dial().press(language, "2")


def fill(world: World, *seen: tuple[str, str, str, int, date]) -> None:
    """Counted reports as (place, goods, unit, price in dalasi, day)."""
    catalog = Catalogs(world.db).for_code("*384*220#")
    place = {x.slug: x.id for x in catalog.markets.values()}
    goods = {x.slug: x.id for x in catalog.products.values()}
    unit = {x.slug: x for x in catalog.units.values()}
    with world.db.transaction() as session:
        for number, (where, what, measure, dalasi, day) in enumerate(seen):
            grams = unit[measure].grams
            session.add(
                PriceReport(
                    source_key=f"test:{where}:{what}:{measure}:{day}:{number}",
                    source="test",
                    market_id=place[where],
                    product_id=goods[what],
                    unit_id=unit[measure].id,
                    price_minor=dalasi * 100,
                    currency="GMD",
                    per_kilo_minor=dalasi * 100_000 // grams if grams else None,
                    wholesale=False,
                    seen_on=day,
                    state="counted",
                    recorded_at=datetime(2026, 11, 22, tzinfo=UTC),
                )
            )
        service_prices.rebuild_weeks(session)


def onions(world: World, **more: Any) -> None:
    fill(
        world,
        ("serrekunda", "onion", "bag-50kg", 1400, TODAY),
        *(("serrekunda", "onion", "kg", price, TODAY) for price in (30, 35, 45, 35)),
        ("latrikunda", "onion", "kg", 40, TODAY - timedelta(days=1)),
        ("brikama", "onion", "kg", 28, TODAY),
        ("fatoto", "onion", "kg", 20, TODAY),
        ("serrekunda", "tomato", "basin", 600, TODAY - timedelta(days=3)),
        ("serrekunda", "rice", "kg", 50, TODAY - timedelta(days=1)),
        ("serrekunda", "rice", "kg", 52, TODAY - timedelta(days=2)),
    )


def reports(world: World) -> list[PriceReport]:
    with world.db.transaction() as session:
        return list(
            session.scalars(
                select(PriceReport).where(PriceReport.source == "ussd").order_by(PriceReport.id)
            )
        )


def test_a_buyer_who_never_joined_sees_the_prices_of_a_market(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3")
    phone.reads(
        """CON Prices
        1 My market
        2 Type a product
        3 Who sells it
        4 I saw a price
        0 Back"""
    )
    phone.press("1").sees("CON Where? Press a number or type a place.", "1 Serrekunda")
    phone.press("serekunda").reads(
        """CON Serrekunda
        1 onion D35
        2 rice D51
        3 tomato D600
        8 Other market
        0 Back"""
    )
    phone.press("1").reads(
        """CON onion, one kg, Serrekunda
        D30 to D45, 4 reports, Sun 22 Nov
        Most pay D35
        1 Other places
        2 Who sells
        0 Back"""
    )
    phone.press("1").reads(
        """CON onion, 1 kg
        1 Serrekunda D35
        2 Latrikunda D40
        3 Brikama D28
        0 Back"""
    )
    phone.press("3").reads(
        """CON onion, one kg, Brikama
        Only 1 report, Sun 22 Nov: D28
        1 Other places
        2 Who sells
        4 I saw a price
        0 Back"""
    )


def test_the_market_is_asked_once_and_kept(world: World) -> None:
    onions(world)
    buyer(world).press("3", "1", "serekunda")
    world.hops.store.close()
    world.restart()
    world.phone(BUYER).dial().press("3", "1").sees("CON Serrekunda", "1 onion D35")
    with world.db.transaction() as session:
        assert session.scalars(select(Person.market_id)).one() is not None
        kept = session.scalars(select(Act).where(Act.kind == "person.change")).all()
    assert len(kept) == 1


def test_another_market_is_looked_at_and_not_kept(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "1", "serekunda").press("8")
    phone.press("fatoto").reads("CON Fatoto\n1 onion D20\n8 Other market\n0 Back")
    world.phone(BUYER).dial().press("3", "1").sees("CON Serrekunda")


def test_a_dial_string_leads_to_a_product(world: World) -> None:
    onions(world)
    buyer(world).press("3", "1", "serekunda")
    phone = world.phone(BUYER).dial("3*2").reads("CON Type a product, like rice.\n0 Back")
    phone.press("soble").sees("CON onion, one kg, Serrekunda")
    world.phone(BUYER).dial("3*2*onion").sees("CON onion, one kg, Serrekunda")


def test_one_or_two_reports_are_no_market_price(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "rice").press("serekunda")
    phone.reads(
        """CON rice, one kg, Serrekunda
        Only 2 reports, Sat 21 Nov: D51
        1 Other places
        2 Who sells
        4 I saw a price
        0 Back"""
    )


def test_a_product_without_a_price_says_so_and_leads_on(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "okra").press("serekunda")
    phone.reads(
        """CON No price yet: okra, Serrekunda
        1 Other places
        2 Who sells
        4 I saw a price
        0 Back"""
    )
    phone.press("1").reads("CON okra: nobody told the price of one kg yet.\n0 Back")
    phone.press("0", "2").reads("CON Nobody sells okra near Serrekunda now.\n3 See prices\n0 Back")


def test_goods_that_nobody_weighed_are_not_compared(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "tomato").press("serekunda", "1")
    phone.sees("CON tomato: nobody told the price of one kg yet.")


def test_a_place_without_any_price_says_so(world: World) -> None:
    buyer(world).press("3", "1", "fatoto").reads(
        "CON Fatoto\nNo price yet.\n8 Other market\n0 Back"
    )


def test_prices_of_long_ago_carry_their_year(world: World) -> None:
    day = date(2023, 7, 15)
    fill(world, *(("serrekunda", "onion", "kg", price, day) for price in (30, 35, 45)))
    phone = buyer(world).press("3", "1", "serekunda")
    phone.reads("CON Serrekunda, Jul 2023\n1 onion D35\n8 Other market\n0 Back")
    phone.press("1").sees("D30 to D45, 3 reports, Jul 2023\nMost pay D35")


def _with_rate(world: World, **rate: str) -> None:
    with world.db.transaction() as session:
        pack = session.scalars(select(Pack)).one()
        settings = json.loads(pack.settings)
        settings["second_currency"].update(rate)
        pack.settings = json.dumps(settings)
    world.hops.store.close()
    world.restart()


def test_a_neighbour_sees_her_own_money_where_a_dated_rate_is_known(world: World) -> None:
    onions(world)
    senegal = "+221771234567"
    phone = buyer(world, senegal).press("3", "2", "onion").press("serekunda")
    phone.sees("Most pay D35")
    _with_rate(world, rate="8.5")
    world.phone(senegal).dial("3*2*onion").sees("Most pay D35")
    _with_rate(world, rate="8.5", rate_date="2026-11-01")
    world.phone(senegal).dial("3*2*onion").reads(
        """CON onion, one kg, Serrekunda
        4 reports, Sun 22 Nov
        D35, near 298 CFA
        1 Other places
        2 Who sells
        0 Back"""
    )
    buyer(world).press("3", "2", "onion").press("serekunda").sees("Most pay D35")


def test_who_sells_it_shows_the_goods_and_not_the_number(world: World) -> None:
    seller(world, AWA).dial().press("2", "1", "onion", "20", "1", "1500", "1").sees("END On sale")
    phone = (
        buyer(world)
        .press("3", "3")
        .reads("CON What do you want to buy? Type it, like onion.\n0 Back")
    )
    phone.press("onion").press("serekunda")
    phone.reads("CON onion\n1 Serrekunda 20, D1,500\n0 Back")
    phone.press("1").sees("Serrekunda", "20 bags onion", "One bag for D1,500\n1 Seller, call me")
    assert "+220" not in phone.screen


def test_a_seller_who_shows_her_number_can_be_called(world: World) -> None:
    phone = seller(world, AWA).dial().press("2", "1", "onion", "20", "1", "1500", "1")
    phone.sees("END On sale")
    with world.db.transaction() as session:
        for person in session.scalars(select(Person)):
            person.number_shown = "all"
    phone = buyer(world).press("3", "3", "onion").press("serekunda", "1")
    phone.sees("20 bags onion\nCall +2207012345\nOne bag for D1,500\n1 Seller, call me\n0 Back")


def test_goods_that_were_sold_meanwhile_are_not_shown(world: World) -> None:
    hers = seller(world, AWA)
    hers.dial().press("2", "1", "onion", "20", "1", "1500", "1").sees("END On sale")
    phone = buyer(world).press("3", "3", "onion").press("serekunda")
    with world.db.transaction() as session:
        from trader_platform.market.models_trade import Listing

        session.scalars(select(Listing)).one().status = "stopped"
    phone.press("1").reads("CON Nobody sells onion near Serrekunda now.\n3 See prices\n0 Back")


def test_a_price_somebody_saw_is_noted_and_shown(world: World) -> None:
    phone = buyer(world).press("3", "4").reads("CON You saw a price? Type the product.\n0 Back")
    phone.press("onion").press("serekunda").reads(
        """CON onion: price of one what?
        1 bag
        2 kg
        3 heap
        4 basin
        0 Back"""
    )
    phone.press("2").reads("CON onion, Serrekunda: what does one kg cost today? Type it.\n0 Back")
    phone.press("cheap").sees("CON Type a price, like 1500\n")
    phone.press("35").reads(
        """CON Thank you, others see it soon.
        onion, Serrekunda: one kg for D35
        1 It was another place
        2 One more price
        00 Home"""
    )
    (report,) = reports(world)
    assert (report.price_minor, report.state, report.seen_on) == (3500, "counted", TODAY)
    again = phone.screen
    assert phone.send().screen == again
    assert len(reports(world)) == 1
    phone.press("00", "3", "1").sees("1 onion D35")


def test_it_was_another_place(world: World) -> None:
    phone = buyer(world).press("3", "4", "onion").press("serekunda", "2", "35", "1")
    phone.sees("CON Where? Press a number or type a place.").press("brikama market")
    phone.sees("CON Thank you, others see it soon.\nonion, Brikama: one kg for D35")
    (report,) = reports(world)
    catalog = Catalogs(world.db).for_code("*384*220#")
    assert catalog.markets[report.market_id].slug == "brikama"
    phone.press("2").sees("CON You saw a price?")


def test_a_price_far_from_all_others_is_looked_at_first(world: World) -> None:
    fill(world, *(("brikama", "onion", "kg", 30 + n % 3, TODAY) for n in range(9)))
    phone = buyer(world).press("3", "4", "onion").press("serekunda", "2", "9000")
    phone.sees("CON Thank you. We look at it first.\nonion, Serrekunda: one kg for D9,000")
    assert reports(world)[0].held_for == "distance"
    phone.press("00", "3", "1").reads("CON Serrekunda\nNo price yet.\n8 Other market\n0 Back")


def test_a_dropped_line_goes_on_with_the_price(world: World) -> None:
    buyer(world).press("3", "4", "onion").press("serekunda", "2")
    phone = world.phone(BUYER).dial().sees("CON Go on where you were?")
    phone.press("1", "35").sees("onion, Serrekunda: one kg for D35")
    assert len(reports(world)) == 1


@pytest.mark.parametrize("keys", [("1",), ("2", "onion"), ("3", "onion"), ("4", "onion", "2")])
def test_zero_leads_back_and_double_zero_home(world: World, keys: tuple[str, ...]) -> None:
    onions(world)
    buyer(world).press("3", "1", "serekunda")
    phone = world.phone(BUYER).dial().press("3", *keys)
    before = phone.screen
    for _ in keys:
        phone.press("0")
    phone.sees("CON Prices")
    world.phone(BUYER).dial().press("1" if "Go on" in phone.screen else "3")
    assert before != phone.screen
    phone.press("00").sees("3 Prices")


def test_in_french_the_same_way(world: World) -> None:
    onions(world)
    phone = buyer(world, language="2").press("3", "1", "serekunda", "1")
    phone.sees("oignon", "D30", "D45", "D35", "dim 22 nov")


def test_nothing_is_written_by_looking(world: World) -> None:
    onions(world)
    buyer(world).press("3", "1", "serekunda")
    with world.db.transaction() as session:
        before = session.scalar(select(func.count()).select_from(Act))
    phone = world.phone(BUYER).dial()
    phone.press("3", "1", "1", "1", "3", "0", "0", "2", "3", "0", "00", "3", "3", "onion")
    with world.db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Act)) == before
