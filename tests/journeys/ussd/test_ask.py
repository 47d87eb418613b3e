"""Asking by typed words on USSD: goods and place in one text, as people text where texts come in.

Word for word; today is Sunday 22 November 2026.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.fixtures.french import buyer as french_buyer
from tests.fixtures.sellers import seller
from tests.fixtures.world import World
from tests.journeys.ussd.test_prices import buyer, onions
from trader_platform.market.catalog import Catalogs
from trader_platform.market.reading import read_text

AWA, BINTA = "+2207012345", "+2207012346"


def sellers(world: World) -> None:
    seller(world, AWA, name="Awa", market="serrekunda").post(price=150_000)
    seller(world, BINTA, name="Binta", market="brikama").post(price=140_000)


@pytest.mark.parametrize(
    "typed", ["oniyon brikama", "brikama onion", "price of onions in Brikama", "soble BRIKAMA?"]
)
def test_a_price_is_of_the_place_that_was_typed(world: World, typed: str) -> None:
    onions(world)
    buyer(world).press("3", "2", typed).reads(
        """CON onion, one kg, Brikama
        Only 1 report, Sun 22 Nov: D28
        1 Other places
        2 Who sells
        4 I saw a price
        0 Back"""
    )


def test_a_place_typed_is_not_kept_as_hers(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "soble serekunda")
    phone.sees("CON onion, one kg, Serrekunda", "Most pay D35")
    phone.dial().press("3", "1").sees("CON Where?")


def test_who_sells_begins_with_the_place_that_was_typed(world: World) -> None:
    sellers(world)
    phone = buyer(world).press("3", "3", "soble serekunda")
    phone.reads("CON onion\n1 Serrekunda 20, D1,500\n2 Brikama 20, D1,400\n0 Back")
    buyer(world, "+2203012346").press("3", "3", "oniyon brikama").reads(
        "CON onion\n1 Brikama 20, D1,400\n2 Serrekunda 20, D1,500\n0 Back"
    )


def test_the_same_in_french(world: World) -> None:
    onions(world)
    sellers(world)
    french_buyer(world).press("3", "2", "ognon brikama").reads(
        """CON oignon, par kg, Brikama
        Seulement 1 avis, dim 22 nov: D28
        1 Ailleurs
        2 Qui vend
        4 J'ai vu un prix
        0 Retour"""
    )
    french_buyer(world, "+2203012346").press("3", "3", "des oignons à Brikama").reads(
        "CON oignon\n1 Brikama 20, D1,400\n2 Serrekunda 20, D1,500\n0 Retour"
    )


def test_a_price_that_was_seen_is_of_the_place_that_was_typed(world: World) -> None:
    phone = buyer(world).press("3", "4", "oniyon brikama").sees("CON onion: price of one what?")
    phone.pick("kg").sees("CON onion, Brikama: what does one kg cost today?")


def test_a_place_that_nobody_knows_is_asked_again(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "onion xyzzy")
    phone.reads(
        """CON We know no place: xyzzy
        Type it another way.
        1 Pick from a list
        0 Back"""
    )
    phone.press("brikama").sees("CON onion, one kg, Brikama")


def test_goods_that_are_not_sure_are_asked_and_the_place_stays(world: World) -> None:
    catalog = Catalogs(world.db).for_code("*384*220#")
    texts = (f"{word} brikama" for word in ("nut", "leaf", "malo", "oron", "jabbo"))
    unsure = next(text for text in texts if read_text(catalog, text).product.choices)
    phone = buyer(world).press("3", "2", unsure).sees("CON Did you mean")
    phone.press("1").sees("CON No price yet: ", ", Brikama")


def test_a_place_that_is_not_sure_is_asked_and_the_goods_stay(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "onion brikamau")
    phone.sees("CON Did you mean", " Brikama\n", " Brikamaba\n", "4 No, type again")
    phone.press("4").sees("CON Type a product").press("onion brikamau").pick("Brikamaba")
    phone.sees("CON No price yet: onion, Brikamaba")


def test_a_place_alone_names_no_goods(world: World) -> None:
    buyer(world).press("3", "2", "brikama").reads(
        """CON We do not know: brikama
        Type it another way.
        1 Pick from a list
        0 Back"""
    )


def test_a_second_try_may_name_the_place_too(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "qqqq").sees("CON We do not know: qqqq")
    phone.press("oniyon brikama").sees("CON onion, one kg, Brikama")


def test_where_goods_are_sold_from_is_not_typed(world: World) -> None:
    phone = seller(world, AWA).dial().press("2", "1", "onion brikama")
    phone.sees("CON We do not know: onion brikam")


def unmatched(world: World) -> list[tuple[str, int]]:
    with world.db.reading() as connection:
        rows = connection.execute(text("SELECT word, times FROM unmatched_words ORDER BY word"))
        return [(row.word, row.times) for row in rows]


def test_words_that_nobody_knows_are_counted_once_and_not_whose_they_are(world: World) -> None:
    phone = buyer(world).press("3", "2", "qqqqzz").send().send()
    assert unmatched(world) == [("qqqqzz", 1)]
    phone.press("xxvvkk brikama").sees("CON We do not know")
    buyer(world, "+2203012346").press("3", "3", "qqqqzz")
    assert unmatched(world) == [("qqqqzz", 2), ("xxvvkk", 1)]
    seller(world, AWA).dial().press("2", "1", "zzkkxx").sees("CON We do not know: zzkkxx")
    assert ("zzkkxx", 1) in unmatched(world)


def test_a_word_that_cannot_be_counted_costs_no_answer(world: World) -> None:
    phone = buyer(world).press("3", "2")
    with world.db.transaction() as session:
        session.execute(text("ALTER TABLE unmatched_words RENAME TO away"))
    phone.press("qqqqzz").sees("CON We do not know: qqqqzz")
