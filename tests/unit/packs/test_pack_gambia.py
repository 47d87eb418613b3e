"""The Gambian pack: it reads, it is honest about what it knows, and its README counts it right."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import trader_platform.packs
from trader_platform.core.gsm import downgrade, is_plain
from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import Pack

GAMBIA = Path(trader_platform.packs.__file__).parent / "gambia"


@cache
def _gambia() -> Pack:
    return read_pack(GAMBIA)


def test_what_is_not_known_is_left_out() -> None:
    settings = _gambia().settings
    assert (settings.help_phone, settings.dial_cost_minor, settings.text_cost_minor) == (None,) * 3
    assert settings.second_currency is not None
    assert settings.second_currency.code == "XOF"
    known = {day.market for day in _gambia().lumo_days}
    unknown = {m.slug for m in _gambia().markets if m.kind == "lumo"} - known
    assert unknown == {"bansang", "bureng", "ker-pateh"}
    assert all(market.latitude is None for market in _gambia().markets)


@pytest.mark.parametrize(
    ("market", "weekday"),
    [("farafenni", 7), ("wassu", 1), ("wellingara-ba", 3), ("kaur", 4), ("brikamaba", 6)],
)
def test_lumo_days(market: str, weekday: int) -> None:
    days = [day.weekday for day in _gambia().lumo_days if day.market == market]
    assert days == [weekday]


def test_every_council_has_a_market() -> None:
    pack = _gambia()
    assert {market.council for market in pack.markets} == {
        council.slug for council in pack.councils
    }


def test_menu_languages_in_the_order_of_the_first_menu() -> None:
    languages = _gambia().settings.languages
    assert [language.name for language in languages] == [
        "English", "Francais", "Mandinka", "Wolof", "Pulaar",
    ]  # fmt: skip
    assert [language.tag for language in languages if language.draft] == ["mnk", "wo", "ff"]


def test_local_names_are_the_sourced_words_only() -> None:
    pack = _gambia()
    words = {
        (alias.product, alias.language, _folded(alias.word))
        for alias in pack.aliases
        if alias.certainty == "sourced"
    }
    for product in pack.products:
        for tag in ("mnk", "wo", "ff"):
            name = product.names.get(tag)
            assert name is None or (product.slug, tag, name) in words, (product.slug, tag, name)


def _folded(word: str) -> str:
    return word if is_plain(word) else downgrade(word)


def test_every_shown_name_can_be_typed() -> None:
    pack = _gambia()
    words = {(alias.product, alias.word) for alias in pack.aliases}
    for product in pack.products:
        for tag in ("en", "fr"):
            name = product.names.get(tag)
            assert name is None or (product.slug, name.lower()) in words, (product.slug, name)


def test_tariffs_of_one_key_follow_one_another() -> None:
    rents = [
        (tariff.amount_minor, tariff.valid_from)
        for tariff in _gambia().tariffs
        if tariff.fee == "canteen_rent" and tariff.market is None
    ]
    assert rents == [(50_000, date(2020, 1, 1)), (65_000, date(2024, 3, 1))]
    fish = [t for t in _gambia().tariffs if t.goods_class == "fish"]
    assert [(t.market, t.amount_minor, t.certainty) for t in fish] == [
        ("latrikunda", 2000, "sourced")
    ]


def test_a_cup_names_its_tin_and_has_no_weight() -> None:
    weights = {unit.slug: unit.grams for unit in _gambia().units}
    assert (weights["big-cup"], weights["middle-cup"], weights["small-cup"]) == (None,) * 3
    assert (weights["kg"], weights["bag-50kg"]) == (1000, 50_000)
    assert {conversion.product for conversion in _gambia().conversions} == {"tomato-paste"}


def test_the_readme_counts_the_rows() -> None:
    readme = (GAMBIA / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)\.tsv` \| ([\d,]+) \|", readme, flags=re.MULTILINE))
    pack = _gambia()
    assert {name: int(count.replace(",", "")) for name, count in told.items()} == {
        path.stem: len(getattr(pack, path.stem)) for path in GAMBIA.glob("*.tsv")
    }


def test_the_readme_counts_how_sure_the_search_words_are() -> None:
    readme = (GAMBIA / "README.md").read_text(encoding="utf-8")
    for certainty in ("sourced", "likely", "unsure"):
        count = sum(alias.certainty == certainty for alias in _gambia().aliases)
        assert f"{count:,} {certainty}" in readme
