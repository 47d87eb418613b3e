"""Asking by typed words on USSD: goods and place in one text, as people text where texts come in.

Word for word; today is Sunday 22 November 2026.
"""

from __future__ import annotations

import pytest

from tests.fixtures.french import buyer as french_buyer
from tests.fixtures.sellers import seller
from tests.fixtures.world import World
from tests.journeys.ussd.test_prices import buyer, onions

AWA, BINTA = "+2207012345", "+2207012346"


def sellers(world: World) -> None:
    seller(world, AWA, name="Awa", market="serrekunda").post(price=150_000)
    seller(world, BINTA, name="Binta", market="brikama").post(price=140_000)


@pytest.mark.parametrize(
    "typed", ["oniyon brikama", "brikama onion", "price of onions in Brikama", "soble BRIKAAMA?"]
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
    onions(world)
    phone = buyer(world).press("3", "2", "leaf brikama").sees("CON Did you mean", "sorrel")
    phone.press("1").sees("CON No price yet: sorrel", ", Brikama")


def test_a_place_that_is_not_sure_is_asked_and_the_goods_stay(world: World) -> None:
    onions(world)
    phone = buyer(world).press("3", "2", "onion brikamau")
    phone.reads(
        """CON Did you mean
        1 Brikama
        2 Brikamaba
        4 No, type again
        0 Back"""
    )
    phone.press("4").sees("CON Type a product").press("onion brikamau", "1")
    phone.sees("CON onion, one kg, Brikama")


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
