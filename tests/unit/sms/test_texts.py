"""What texts say, word for word, and how they get shorter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sms.texts import render
from sms.texts_values import People, clean_word, day_param
from sms.texts_worst import worst_catalog
from trader_platform.core.money import Currency
from trader_platform.market.catalog import Catalog, Place, Product, Unit

ONION, TOMATO, BAG, KG, BRIKAMA, BANSANG, AWA = 1, 2, 1, 2, 1, 2, 7
PEOPLE = People({AWA: "Awa"}, {("person", AWA): "+2207012345", ("contact", 9): "+2203012345"})
GOODS = {"product": ONION, "unit": BAG, "market": BRIKAMA, "qty": 20, "price": 150_000}


def gambia(**changes: Any) -> Catalog:
    """A market day in few rows."""
    worst = worst_catalog()
    names = {"en": "onion", "fr": "oignon"}
    catalog = replace(
        worst,
        settings={**worst.settings, "service_code": "*384*220#", "second_currency": None},
        markets={
            BRIKAMA: replace(worst.markets[1], name="Brikama", short_name="Brikama"),
            BANSANG: Place(
                2, "bansang", "lumo", "Bansang", "Bansang", 1, (4,), 2, None, None, None
            ),
        },
        products={
            ONION: Product(1, "onion", names, 1, False, (BAG,), None),
            TOMATO: Product(2, "tomato", {"en": "tomato"}, 1, True, (BAG,), None),
        },
        units={
            BAG: Unit(1, "bag", {"en": ["bag", "bags"], "fr": ["sac", "sacs"]}, None),
            KG: Unit(2, "kg", {"en": ["kg", "kg"]}, 1000),
        },
        grams={(ONION, BAG): 25_000},
    )
    return replace(catalog, **changes)


def said(kind: str, language: str = "en", *, answerable: bool = True, **params: Any) -> str:
    return render(kind, params, language, gambia(), people=PEOPLE, answerable=answerable)


def rows(*markets: int) -> list[dict[str, int]]:
    return [{"market": each, "qty": 20, "price": 150_000} for each in markets]


def test_prices_stand_first_then_the_sellers() -> None:
    text = said(
        "search.sellers",
        product=ONION,
        unit=BAG,
        usual=145_000,
        rows=rows(BRIKAMA, BANSANG),
    )
    assert text == (
        "onion, one bag, most pay D1,450\n1 Brikama 20, D1,500, kg D60\n"
        "2 Bansang 20, D1,500, kg D60\n"
        "Text 1 for more of it, or MORE"
    )


def test_sellers_of_several_measures_say_their_own() -> None:
    mixed = [{**each, "unit": unit} for each, unit in zip(rows(1, 2), (BAG, KG), strict=True)]
    text = said("search.sellers", product=ONION, rows=mixed, more=False)
    assert text == (
        "onion\n1 Brikama 20 bags, D1,500, kg D60\n2 Bansang 20 kg, D1,500\nText 1 for more of it"
    )


def test_one_of_something_is_said_in_the_singular() -> None:
    assert said("sold.back", **{**GOODS, "qty": 1}) == (
        "On sale again: 1 bag onion. One bag for D1,500"
    )


@pytest.mark.parametrize(
    ("answerable", "end"),
    [
        (True, "Sold? Text SOLD onion or dial *384*220*2*3#. One bag for D1,500"),
        (False, "Sold? Dial *384*220*2*3#. One bag for D1,500"),
    ],
)
def test_who_cannot_answer_is_told_what_to_dial(answerable: bool, end: str) -> None:
    text = said("listing.done", answerable=answerable, date="2026-11-22", **GOODS)
    assert text == f"On sale till Sun 22 Nov: 20 bags onion. {end}"


def test_french_counts_and_dates_its_own_way() -> None:
    text = said("listing.done", "fr", date="2026-11-22", **GOODS)
    assert text == (
        "En vente, fin dim 22 nov: 20 sacs oignon. Vendu ? Tapez SOLD oignon ou composez"
        " *384*220*2*3#. Par sac: D1,500"
    )


def test_a_seller_without_a_name_or_stall_is_a_seller() -> None:
    text = said("search.seller", person=404, n=2, **GOODS)
    assert text == (
        "Seller, Brikama: 20 bags onion, one bag for D1,500, 1 kg D60."
        " Text CALL 2 and the seller calls you."
    )
    assert said("search.seller", person=AWA, stall="B10", n=2, **GOODS).startswith(
        "Awa, Brikama B10: 20"
    )


def test_phones_come_from_the_one_who_is_named() -> None:
    assert said("call.open", person=AWA, **GOODS) == (
        "Call Awa on +2207012345: onion, one bag for D1,500"
    )
    assert said("call.seller", contact=9, **GOODS).endswith("Please call +2203012345")
    assert said("call.open", person=404, **GOODS) == "This is not on sale any more."
    assert said("call.seller", contact=404, **GOODS).endswith("for D1,500. The number is gone.")


def test_what_was_erased_leaves_a_whole_sentence() -> None:
    assert said("welcome.trader", person=404).startswith("You have joined. Dial *384*220#")
    assert said("welcome.trader", person=AWA).startswith("You have joined, Awa. Dial")


def test_one_report_and_one_price() -> None:
    seen = {"product": ONION, "unit": BAG, "market": BRIKAMA, "date": "2026-11-20"}
    assert said("price.few", n=1, usual=12_550, **seen).startswith(
        "onion, one bag, Brikama: only 1 report, Fri 20 Nov: D125.50."
    )
    prices = {"low": 140_000, "usual": 150_000, "high": 165_000}
    assert said("price.answer", n=12, **prices, **seen) == (
        "onion, one bag, Brikama: D1,400 to D1,650, most pay D1,500. 12 reports, Fri 20 Nov."
        " MORE for other places."
    )
    alike = dict.fromkeys(prices, 150_000)
    assert "Brikama: D1,500. 12 reports" in said("price.answer", n=12, **alike, **seen)


def test_francs_only_at_a_dated_rate() -> None:
    params = {**GOODS, "low": 1, "usual": 150_000, "high": 2, "n": 9, "date": "2023-07"}
    assert "CFA" not in said("price.answer.cfa", **params)
    second = worst_catalog().settings["second_currency"]
    dated = gambia(settings={**gambia().settings, "second_currency": second})
    assert render("price.answer.cfa", params, "en", dated) == (
        "onion, one bag, Brikama: most pay D1,500, near 12,750 CFA. 9 reports, Jul 2023."
        " MORE for other places."
    )


@pytest.mark.parametrize(
    ("number", "end"),
    [(1, "Text 1"), (2, "Text 1 or 2"), (3, "Text 1, 2 or 3"), (5, "Text the number")],
)
def test_the_digits_are_those_of_the_list(number: int, end: str) -> None:
    text = said("search.which", rows=[{"product": ONION}] * number)
    assert text.splitlines() == [
        "Which one?",
        *(f"{at} onion" for at in range(1, number + 1)),
        end,
    ]


def test_what_cannot_be_echoed_is_not() -> None:
    assert said("unknown.first", word="swet  potatoes").startswith(
        "We do not know: swet potatoe. Text one product"
    )
    for word in ("", "😀😀", "??"):
        assert said("unknown.first", word=word).startswith("We could not read your text. Text")
    assert clean_word("  a\n b ") == "a b"
    assert clean_word("\u00b8onion \u00b8 rice") == "onion rice"


def test_a_parameter_that_is_missing_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        said("sell.done", product=ONION, unit=BAG, qty=20, price=1)
    with pytest.raises(KeyError):
        said("no.such.kind")


def test_a_month_stands_for_a_day_whose_year_could_be_mistaken() -> None:
    today = date(2026, 11, 22)
    assert day_param(date(2026, 11, 20), today) == "2026-11-20"
    assert day_param(date(2023, 7, 15), today) == "2023-07"


def test_names_give_way_before_numbers_and_spare_words_before_names() -> None:
    long = gambia(
        products={ONION: Product(1, "o", {"en": "onions of Oman"}, 1, False, (BAG,), None)},
        markets={
            each: Place(each, "w", "daily", "Wellingara Ba", "Wellingara Ba", 1, (), 1, *[None] * 3)
            for each in (1, 2)
        },
    )
    params = {"product": ONION, "unit": BAG, "usual": 999_900, "rows": rows(1, 2, 1)}
    text = render("search.sellers", params, "en", long)
    assert text.splitlines()[:2] == [
        "onions of Oman, one bag, most pay D9,999",
        "1 Wellingara Ba 20, D1,500",
    ]
    francs = replace(long, currency=Currency("XOF", "CFAF", 0, mark_first=False))
    huge = {**params, "rows": [{**each, "price": 9_999_999, "qty": 9999} for each in rows(1, 2, 1)]}
    text = render("search.sellers", huge, "en", francs)
    assert len(text) <= 160
    assert text.count("9,999, 9,999,999 CFAF") == 3
