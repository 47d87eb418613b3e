"""Typed words: what is sure, what is asked, what is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trader_platform.core.money import Currency
from trader_platform.market import fold, search
from trader_platform.market.catalog import Catalog, Place, Product
from trader_platform.market.search import Match, find_places, find_products

ONION, SWEET, IRISH, TOMATO, PASTE, BEEF, COW, BREAD = range(1, 9)
NAMES = {
    ONION: ("onion", "oignon", "soble", "jaboo"),
    SWEET: ("sweet potatoes", "patate douce"),
    IRISH: ("irish potatoes", "pomme de terre", "pompiteeroo"),
    TOMATO: ("tomato", "tomate", "menteŋo", "mentengo"),
    PASTE: ("tomato paste", "concentré de tomate"),
    BEEF: ("beef", "boeuf", "nag", "niisoo"),
    COW: ("cow", "vache", "nag", "niisoo"),
    BREAD: ("bread", "pain", "mburu"),
}
PLACES = {1: "Brikama", 2: "Brikamaba", 3: "Serrekunda", 4: "Albert Market", 5: "Farafenni"}


def catalog() -> Catalog:
    products = {
        id_: Product(id_, words[0].replace(" ", "-"), {"en": words[0]}, 1, False, (1,), None)
        for id_, words in NAMES.items()
    }
    places = {
        id_: Place(id_, name.lower(), "daily", name, name, 1, (), id_, None, None, None)
        for id_, name in PLACES.items()
    }
    return Catalog(
        pack_id=1,
        slug="test",
        settings={},
        currency=Currency("GMD", "D"),
        zone="UTC",
        councils={},
        markets=places,
        classes={},
        products=products,
        units={},
        grams={},
        product_words=tuple((word, id_, "") for id_, words in NAMES.items() for word in words),
        market_words=tuple((name, id_, "") for id_, name in PLACES.items()),
    )


CATALOG = catalog()


@pytest.mark.parametrize(
    ("typed", "product"),
    [
        ("onion", ONION),
        ("  ONIONS ", ONION),
        ("oignons", ONION),
        ("onoin", ONION),
        ("oniom", ONION),
        ("sobleh", ONION),
        ("jabo", ONION),
        ("swet potato", SWEET),
        ("sweetpotato", SWEET),
        ("patates douces", SWEET),
        ("irish", IRISH),
        ("pombiteero", IRISH),
        ("tomatoes", TOMATO),
        ("tomates", TOMATO),
        ("mentengoo", TOMATO),
        ("concentre", PASTE),
        ("mbourou", BREAD),
        ("bred", BREAD),
    ],
)
def test_any_spelling_of_any_language_is_sure(typed: str, product: int) -> None:
    assert find_products(CATALOG, typed) == Match(sure=product)


@pytest.mark.parametrize("typed", ["nag", "niisoo", "nak", "niiso"])
def test_a_word_of_two_products_is_asked(typed: str) -> None:
    assert find_products(CATALOG, typed) == Match(choices=(BEEF, COW))


def test_a_word_that_several_names_hold_is_asked() -> None:
    assert find_products(CATALOG, "potatoes") == Match(choices=(SWEET, IRISH))


def test_never_more_choices_than_asked_for() -> None:
    assert find_products(CATALOG, "potatoes", limit=1) == Match(choices=(SWEET,))


@pytest.mark.parametrize(
    "typed", ["", " ", "?!", "x", "on", "15", "1500", "zzzzz", "qwertyuiop", "中文", "🍅", "\0"]
)
def test_what_is_like_nothing_finds_nothing(typed: str) -> None:
    assert find_products(CATALOG, typed) == Match()


def test_a_very_long_text_is_cut_before_it_costs_anything() -> None:
    find_products(CATALOG, "onion " * 10_000)
    assert all(len(key[0]) <= fold.LONGEST for key in search.index_of(CATALOG).products._found)


def test_places_are_found_by_the_same_rules() -> None:
    assert find_places(CATALOG, "brikma") == Match(sure=1)
    assert find_places(CATALOG, "brikama") == Match(sure=1)
    assert find_places(CATALOG, "serekunda") == Match(sure=3)
    assert find_places(CATALOG, "farafeni") == Match(sure=5)
    assert find_places(CATALOG, "albert") == Match(sure=4)
    assert find_places(CATALOG, "nowhere") == Match()


def test_a_catalog_read_anew_keeps_its_index() -> None:
    first = search.index_of(catalog())
    assert search.index_of(catalog()) is first


def test_a_word_added_since_is_found_without_a_new_index() -> None:
    before = catalog()
    assert find_products(before, "zeebulon") == Match()
    index = search.index_of(before)
    after = replace(before, product_words=(*before.product_words, ("zeebulon", ONION, "wo")))
    assert find_products(after, "zeebulon") == Match(sure=ONION)
    assert find_products(after, "zebulon") == Match(sure=ONION)
    assert search.index_of(after) is index


def test_a_word_taken_away_is_found_no_more() -> None:
    before = catalog()
    assert find_products(before, "soble") == Match(sure=ONION)
    fewer = tuple(each for each in before.product_words if each[0] != "soble")
    assert find_products(replace(before, product_words=fewer), "soble") == Match()


def test_words_of_another_pack_are_not_mixed_in() -> None:
    here = catalog()
    other = replace(here, pack_id=2, product_words=(("zeebulon", ONION, "en"),))
    assert find_products(other, "zeebulon") == Match(sure=ONION)
    assert find_products(here, "zeebulon") == Match()
