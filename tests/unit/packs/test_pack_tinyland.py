"""The tiny pack reads into values that owe nothing to The Gambia."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from trader_platform.core.money import show
from trader_platform.packs.reader import read_pack


def test_settings(tinyland: Path) -> None:
    settings = read_pack(tinyland).settings
    assert show(1250, settings.currency) == "1,250 Ty"
    assert settings.currency.digits == 0
    assert settings.second_currency is None
    assert (settings.timezone, settings.service_code) == ("Asia/Kathmandu", "*77#")
    assert settings.daily_market_weekdays == (1, 2, 3)
    assert [(lang.tag, lang.draft) for lang in settings.languages] == [("eo", False), ("vo", True)]
    assert (settings.help_phone, settings.dial_cost_minor) == ("+9995550100", 2)
    assert settings.also_served == ()


def test_names_have_the_languages_that_the_files_give(tinyland: Path) -> None:
    pack = read_pack(tinyland)
    assert [dict(product.names) for product in pack.products] == [
        {"eo": "beet", "vo": "beto"},
        {"eo": "swede"},
        {"eo": "milk", "vo": "lakto"},
    ]
    assert [product.perishable for product in pack.products] == [None, False, True]
    # a language with no word for many uses its word for one, and none where it has neither
    assert pack.units[1].names == {"eo": ("jug", "jugs"), "vo": ("kruc", "kruc")}
    assert pack.units[2].names == {"eo": ("sack", "sacks")}
    assert (pack.units[0].grams, pack.units[1].millilitres) == (6350, 1500)


def test_places_and_their_days(tinyland: Path) -> None:
    pack = read_pack(tinyland)
    top, foot = pack.markets
    assert (top.aliases, top.latitude, top.region) == (("top place", "upper"), 27.5, "North")
    assert (foot.aliases, foot.latitude, foot.kind) == ((), None, "lumo")
    assert [(day.market, day.weekday) for day in pack.lumo_days] == [("foot", 5)]
    closure, move = pack.calendar
    assert (closure.starts_on, closure.ends_on) == (date(2030, 1, 1), date(2030, 1, 2))
    assert (closure.moved_to, move.moved_to) == (None, date(2030, 1, 5))


def test_a_tariff_is_in_minor_units_of_its_own_currency(tinyland: Path) -> None:
    first, second, third = read_pack(tinyland).tariffs
    assert (first.amount_minor, first.valid_from, first.precision) == (7, date(2029, 1, 1), "year")
    assert (second.amount_minor, second.source_date) == (8, date(2030, 2, 3))
    assert (third.market, third.goods_class) == ("top", "drinks")


def test_a_blank_last_line_is_not_needed(tinyland: Path) -> None:
    whole = read_pack(tinyland)
    for path in tinyland.glob("*.tsv"):
        path.write_text(path.read_text().removesuffix("\n"))
    assert read_pack(tinyland) == whole


def test_no_problem_is_a_pack_of_the_same_rows_in_the_same_order(tinyland: Path) -> None:
    pack = read_pack(tinyland)
    assert [product.slug for product in pack.products] == ["beet", "swede", "milk"]
    assert pack.product_units[0].units == ("sack", "stone")
    assert pack.seasons[0].months == (9, 10)
    assert {row.certainty for row in pack.aliases} == {"inferred"}


def test_the_reader_needs_no_framework_and_no_database() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, trader_platform.packs.reader; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "marshmallow" in told
    assert not {"flask", "sqlalchemy", "redis", "rq", "click"} & set(told)
