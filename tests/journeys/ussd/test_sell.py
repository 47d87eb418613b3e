"""Selling: new goods, the same as last time, and what is asked in between."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.fixtures.sellers import seller
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models_trade import Listing

AWA, BINTA = "+2203012345", "+2207012345"


def listings(world: World) -> list[Listing]:
    with world.db.transaction() as session:
        return list(session.scalars(select(Listing).order_by(Listing.id)))


def test_new_goods_in_six_answers(world: World) -> None:
    phone = seller(world).dial().press("2")
    phone.reads(
        """CON Sell
        1 New goods
        2 Same as last time
        3 My goods
        5 My sales
        0 Back"""
    )
    phone.press("1").reads(
        """CON What do you sell? Press a number or type a word.
        1 onion
        2 tomato
        3 bitter tomato
        0 Back"""
    )
    phone.press("onion").reads("CON onion: how many? Type a number.\n0 Back")
    phone.press("20").reads(
        """CON 20 of what?
        1 bag
        2 kg
        3 heap
        4 basin
        0 Back"""
    )
    phone.press("1").reads("CON Price of one bag? Type it.\n0 Back")
    phone.press("1500").reads(
        """CON 20 bags onion, Serrekunda
        One bag for D1,500
        1 Yes, sell
        2 Change
        0 Back"""
    )
    phone.press("1").reads(
        "END On sale till Mon 23 Nov: 20 bags onion. Buyers can ask for it now. One bag for D1,500"
    )
    (made,) = listings(world)
    assert (made.quantity, made.quantity_left, made.price_minor) == (20, 20, 150_000)
    assert (made.status, made.currency, made.channel) == ("open", "GMD", "ussd")


def test_goods_sold_before_take_five_answers(world: World) -> None:
    awa = seller(world)
    awa.post("onion", "basin", 3, 20_000)
    phone = awa.dial().press("2").press("1", "onion", "8").sees("Price of one basin?")
    phone.press("250").sees("8 basins onion", "One basin for D250").press("1")
    phone.sees("END On sale till")


def test_the_same_as_last_time_in_two_answers(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial("2*2").reads(
        """CON Same as last time?
        20 bags onion
        One bag for D1,500
        1 Yes, sell
        2 New price
        3 New number
        0 Back"""
    )
    phone.press("1").sees("END On sale till Mon 23 Nov: 20 bags onion.")
    assert len(listings(world)) == 2


def test_the_same_with_a_new_price_or_a_new_number(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "2", "2")
    phone.reads("CON onion: new price of one bag? Last time D1,500\n0 Back")
    phone.press("1600").sees("20 bags onion, Serrekunda", "One bag for D1,600").press("1")
    phone = awa.dial().press("2", "2", "3")
    phone.reads("CON onion: how many now? Last time 20 bags\n0 Back")
    phone.press("5").sees("5 bags onion, Serrekunda", "One bag for D1,600").press("1")
    assert [(x.quantity, x.price_minor) for x in listings(world)] == [
        (20, 150_000),
        (20, 160_000),
        (5, 160_000),
    ]


def test_nothing_is_the_same_where_nothing_was_sold(world: World) -> None:
    phone = seller(world).dial().press("2", "2")
    phone.reads("CON You sold nothing here yet.\n1 New goods\n0 Back")
    phone.press("1").sees("What do you sell?")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1500", "D1,500"),
        ("1,500", "D1,500"),
        ("D1500", "D1,500"),
        ("d 1500", "D1,500"),
        ("1500.50", "D1,501"),
        ("75.50", "D75.50"),
        ("99999", "D99,999"),
    ],
)
def test_a_price_may_be_typed_in_many_ways(world: World, typed: str, shown: str) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "20", "1", typed)
    phone.sees(f"One bag for {shown}\n1 Yes, sell")


@pytest.mark.parametrize("typed", ["abc", "100000", "-5", "1.5.0", "12*5", "#", "1500.555"])
def test_what_is_no_price_is_asked_again_and_nothing_is_lost(world: World, typed: str) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "20", "1", typed)
    phone.reads("CON Type a number, like 1500\nPrice of one bag? Type it.\n0 Back")
    phone.press("1500").sees("20 bags onion, Serrekunda")


@pytest.mark.parametrize("typed", ["many", "10000", "1.5", "-3", "99999999999999999999"])
def test_what_is_no_number_is_asked_again(world: World, typed: str) -> None:
    phone = seller(world).dial().press("2", "1", "onion", typed)
    phone.reads("CON Type a number, like 20\nonion: how many? Type a number.\n0 Back")
    phone.press("9999").sees("9,999 of what?")


def test_more_money_than_a_screen_holds_is_asked_again(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "9999", "1", "99999")
    phone.sees("Type a number, like 1500", "Price of one bag?")
    phone.press("900").sees("9,999 bags onion")


def test_98_and_99_are_numbers_where_a_number_is_asked(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "98", "1", "99")
    phone.sees("98 bags onion", "One bag for D99\n")


def test_any_spelling_is_understood(world: World) -> None:
    awa = seller(world)
    for word in ("oniom", "SOBLEH", "Oignons", "jabo"):
        awa.later().press("2", "1", word).sees("onion: how many?")


def test_an_unknown_word_leads_to_lists(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "xyzzyx")
    phone.reads(
        """CON We do not know: xyzzyx
        Type it another way.
        1 Pick from a list
        0 Back"""
    )
    phone.press("1").sees("What kind?").pick("Fish").sees("Pick\n").pick("bonga")
    phone.reads("CON bonga: how many? Type a number.\n0 Back")


def test_a_word_of_several_goods_is_asked_and_can_be_typed_again(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "bitter").sees("CON Did you mean")
    phone.sees("\n1 bitter tomato\n", "\n4 No, type again\n0 Back")
    phone.press("4").sees("What do you sell?").press("onion").sees("onion: how many?")


def test_any_answer_can_be_changed_and_the_others_stay(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "20", "1", "1500", "2")
    phone.reads("CON Change what?\n1 Goods\n2 How many\n3 Measure\n4 Price\n0 Back")
    phone.press("2", "30").sees("30 bags onion", "One bag for D1,500")
    phone.press("2", "4", "1400").sees("30 bags onion", "One bag for D1,400")
    phone.press("2", "3").pick("heap").sees("Price of one heap?")
    phone.press("25").sees("30 heaps onion", "One heap for D25")
    phone.press("2", "1", "tomato").sees("tomato: how many?").press("7").sees("7 of what?")
    phone.pick("kg").press("40").sees("7 kg tomato", "One kg for D40")
    assert listings(world) == []


def test_what_others_ask_stands_above_the_price(world: World) -> None:
    binta = seller(world, BINTA, name="Binta")
    binta.post("onion", "bag", 5, 140_000)
    awa = seller(world, AWA)
    phone = awa.dial().press("2", "1", "onion", "20", "1")
    phone.reads("CON Price of one bag? Type it.\nOthers ask D1,400\n0 Back")
    binta.post("onion", "bag", 5, 160_050)
    binta.post("onion", "kg", 5, 5_000)
    phone = awa.later().press("2", "1", "onion", "20", "1")
    phone.reads("CON Price of one bag? Type it.\nOthers ask D1,400 to D1,601\n0 Back")


@pytest.mark.parametrize("typed", ["15000", "140"])
def test_ten_times_or_a_tenth_of_the_usual_is_asked_once_more(world: World, typed: str) -> None:
    seller(world, BINTA, name="Binta").post("onion", "bag", 5, 140_000)
    phone = seller(world, AWA).dial().press("2", "1", "onion", "20", "1", typed)
    phone.sees("Others ask D1,400 for one bag. Is your price right: D", "1 Yes\n2 Type again")
    phone.press("2", typed, "1").sees("20 bags onion, Serrekunda")


def test_what_is_a_little_more_or_less_is_not_asked(world: World) -> None:
    seller(world, BINTA, name="Binta").post("onion", "bag", 5, 140_000)
    awa = seller(world, AWA)
    for typed in ("13999", "141"):
        awa.later().press("2", "1", "onion", "20", "1", typed).sees("1 Yes, sell")


def test_twenty_goods_are_enough(world: World) -> None:
    awa = seller(world)
    for number in range(1, 20):
        awa.post(quantity=number)
    phone = awa.dial().press("2", "1", "onion", "20", "1500")
    awa.post()
    full = """CON You have 20 goods on sale. No more fit. Stop one first.
        1 My goods
        0 Back"""
    phone.press("1").reads(full)
    awa.later().press("2", "1").reads(full)
    assert len(listings(world)) == 20


def test_a_trader_without_a_market_says_where_and_goes_on(world: World) -> None:
    awa = seller(world, market=None)
    phone = awa.dial().press("2", "1").sees("Where? Press a number or type a place.")
    phone.press("wassu").sees("What do you sell?").press("onion", "20", "1", "1500")
    phone.sees("20 bags onion, Wassu").press("1").sees("END On sale till Mon 23 Nov")
    wassu = next(p.id for p in awa.catalog.markets.values() if p.slug == "wassu")
    assert [x.market_id for x in listings(world)] == [wassu]
    awa.dial().press("2", "2", "1").sees("END On sale")
    assert [x.market_id for x in listings(world)] == [wassu, wassu]


def test_a_buyer_is_asked_to_join(world: World) -> None:
    phone = world.phone().dial().press("1", "2")
    phone.press("2").sees("Join first. It takes 5 answers.")


def test_two_copies_of_the_last_answer_make_one_listing(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "onion", "20", "1", "1500", "1")
    first = phone.screen
    assert phone.send().screen == first
    assert len(listings(world)) == 1
    with world.db.transaction() as session:
        acts = session.scalar(select(func.count()).where(Act.kind == "listing.post"))
    assert acts == 1


def test_a_cut_line_goes_on_with_every_answer_kept(world: World) -> None:
    awa = seller(world)
    awa.dial().press("2", "1", "onion", "20", "1").sees("Price of one bag?")
    world.clock.move(minutes=5)
    world.restart()
    phone = awa.dial().reads("CON Go on where you were?\nSell 20 bags onion\n1 Yes\n2 Start again")
    phone.press("1").sees("Price of one bag?").press("1500")
    phone.sees("20 bags onion, Serrekunda")


def test_a_dial_string_posts_nothing(world: World) -> None:
    awa = seller(world)
    awa.post()
    awa.dial("2*2*1").sees("Same as last time?")
    awa.dial("2*1*onion*20*1500*1").sees("1 Yes, sell")
    assert len(listings(world)) == 1


def test_perishable_goods_stay_today_only(world: World) -> None:
    phone = seller(world).dial().press("2", "1", "tomato", "7").pick("kg").press("40", "1")
    phone.sees("END On sale till Sun 22 Nov: 7 kg tomato.")
