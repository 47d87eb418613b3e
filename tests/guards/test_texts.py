"""Every text, in every language, with anything that the caps allow, is one segment and whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms.texts import TEXTS, render
from sms.texts_values import Reader
from sms.texts_worst import worst_catalog, worst_params, worst_people
from trader_platform.commands import translations as tool
from trader_platform.core.caps import CAPS
from trader_platform.core.gsm import SCREEN_SEPTETS, is_plain
from trader_platform.core.money import Currency, show
from trader_platform.market.catalog import Catalog, Product, Unit
from trader_platform.market.types import MOST_AMOUNT, MOST_QUANTITY, most_price
from trader_platform.messaging.kinds import KINDS

WELCOME_SEPTETS = 120
OWN_UNITS = {"search.sellers", "search.far"}  # their rows may bring a unit each
CATALOG, PEOPLE, PARAMS = worst_catalog(), worst_people(), worst_params()
LANGUAGES = ["en", *tool.LANGUAGES]
MONEY = re.compile(r"D[\d,.]*\d")


def check(kind: str, text: str) -> None:
    assert text
    assert len(text) <= (WELCOME_SEPTETS if kind.startswith("welcome.") else SCREEN_SEPTETS)
    assert is_plain(text)
    assert not set("{}") & set(text)
    assert text == text.strip()
    assert "  " not in text


def test_every_kind_has_words_and_no_other_has() -> None:
    assert set(TEXTS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_the_longest_of_everything_fits(kind: str) -> None:
    for language, answerable in product(LANGUAGES, (True, False)):
        text = render(kind, PARAMS, language, CATALOG, people=PEOPLE, answerable=answerable)
        check(kind, text)
        assert set(MONEY.findall(text)) <= whole(PARAMS, CATALOG)


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_amounts_of_a_longer_currency_stay_whole(kind: str) -> None:
    francs = replace(
        CATALOG,
        currency=Currency("XOF", "CFAF", 0, mark_first=False),
        settings={**CATALOG.settings, "second_currency": None},
    )
    top = most_price(francs.currency)
    kilo = (top * 1000 + 499) // 999
    rows = [{**row, "price": top, "usual": top} for row in PARAMS["rows"]]
    values = {**PARAMS, "price": top, "low": top - 1, "usual": top, "high": top, "rows": rows}
    for language, answerable in product(LANGUAGES, (True, False)):
        text = render(kind, values, language, francs, people=PEOPLE, answerable=answerable)
        check(kind, text)
        # A number that was cut would stand without its mark, or with fewer digits.
        shown = {show(values[each], francs.currency) for each in ("price", "low", "amount")}
        numbers = set(re.findall(r"\d+(?:,\d+)+(?: CFAF)?", text))
        assert numbers <= shown | {"9,999", "1,500 CFAF", show(kilo, francs.currency)}


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_who_cannot_answer_is_never_told_to_text(kind: str) -> None:
    for language in LANGUAGES:
        text = render(kind, PARAMS, language, CATALOG, people=PEOPLE, answerable=False)
        assert not re.search(r"\b[Tt]ext [A-Z1-9]|\bTapez [A-Z1-9]|MORE|HELP|STOP\b(?! ALL)", text)


def names(cap: str) -> st.SearchStrategy[str]:
    """Names of a pack or a person: letters that GSM-7 has, and some that it has not."""
    return st.text("WiéàŋœÀç'-", min_size=1, max_size=CAPS[cap])


prices = st.integers(1, most_price(CATALOG.currency))
counts = st.integers(1, MOST_QUANTITY)
days = st.dates(date(2024, 1, 1), date(2030, 1, 1)).map(date.isoformat)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    return replace(
        CATALOG,
        products={1: Product(1, "p", {"en": draw(names("product"))}, 1, False, (1,), None)},
        markets={1: replace(CATALOG.markets[1], short_name=draw(names("market")))},
        units={1: Unit(1, "u", {"en": [draw(names("unit")), draw(names("units"))]}, None)},
        grams={(1, 1): draw(st.integers(1, 200_000))},
    )


@st.composite
def params(draw: st.DrawFn) -> dict[str, Any]:
    rows = st.fixed_dictionaries(
        {
            **dict.fromkeys(("product", "market", "unit"), st.just(1)),
            "qty": counts,
            "price": prices,
        },
    ).map(lambda row: {**row, "usual": row["price"]})
    low, usual, high = sorted((draw(prices), draw(prices), draw(prices)))
    drawn = {
        "qty": draw(counts),
        "price": draw(prices),
        "low": low,
        "usual": usual,
        "high": high,
        "amount": draw(st.integers(1, MOST_AMOUNT)),
        "date": draw(days),
        "date2": draw(days),
        "n": draw(st.integers(1, 10**6)),
        "word": draw(st.text(max_size=40)),
        "days": draw(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True)),
        "state": draw(st.sampled_from(["open", "closed", "moved", "not_today", "unknown"])),
        "rows": draw(st.lists(rows, min_size=1, max_size=9)),
        "news": draw(st.text(min_size=1, max_size=100).filter(str.isalnum)),
    }
    return {**PARAMS, **drawn}


@given(
    kind=st.sampled_from(sorted(TEXTS)),
    language=st.sampled_from(LANGUAGES),
    catalog=catalogs(),
    values=params(),
    answerable=st.booleans(),
)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_within_the_caps_is_one_segment_with_whole_amounts(
    kind: str, language: str, catalog: Catalog, values: dict[str, Any], answerable: bool
) -> None:
    if kind in OWN_UNITS and len(values["rows"]) % 2:
        values = {name: value for name, value in values.items() if name != "unit"}
    text = render(kind, values, language, catalog, people=PEOPLE, answerable=answerable)
    check(kind, text)
    assert set(MONEY.findall(text)) <= whole(values, catalog)


def whole(values: dict[str, Any], catalog: Catalog) -> set[str]:
    """Every amount that a text of these values may show."""
    unit_prices = [values[each] for each in ("price", "low", "usual", "high")]
    unit_prices += [row["price"] for row in values["rows"]]
    grams = catalog.grams_of(1, 1)
    assert grams is not None
    unit_prices += [(price * 1000 + grams // 2) // grams for price in unit_prices]
    shown = {show(each, catalog.currency, exact=False) for each in unit_prices}
    exact = (values["amount"], values["due"], values["due"])
    return shown | {show(each, catalog.currency) for each in exact} | {"D1,500"}


def test_the_command_measures_every_text() -> None:
    found = json.loads(CliRunner().invoke(tool.translations, ["texts", "--json"]).output)
    assert set(found) == set(KINDS)
    assert set(found["sell.done"]) == set(LANGUAGES)
    reader = Reader("en", CATALOG, PEOPLE)
    assert found["sell.done"]["en"] == len(TEXTS["sell.done"].whole(reader, PARAMS))
    table = CliRunner().invoke(tool.translations, ["texts"]).output.splitlines()
    assert len(table) == len(KINDS) + 2
    assert re.fullmatch(
        r"search\.sellers( +\d{3}\*){5}", table[1 + sorted(KINDS).index("search.sellers")]
    )


def test_a_short_first_answer_welcomes_a_new_phone_and_a_long_one_does_not() -> None:
    short = render("sell.bad", {"first": True}, "en", CATALOG, answerable=False)
    assert short.startswith("To sell dial")
    assert "Dial" in short
    assert len(short) <= SCREEN_SEPTETS
    assert short != render("sell.bad", {}, "en", CATALOG, answerable=False)
    long = render("help.one", {"first": True}, "en", CATALOG)
    assert long == render("help.one", {}, "en", CATALOG)
