"""The World Food Programme's price file: rows, units and names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from trader_platform.core.gsm import septets
from trader_platform.market import wfp, wfp_words
from trader_platform.market.wfp import BadFile, Refused, WfpPrice

SMALL = Path(__file__).parents[2] / "fixtures" / "wfp" / "ghana_small.csv"


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_each_row_is_a_price_or_is_refused_with_its_line() -> None:
    rows = list(wfp.read(lines(SMALL.read_text("utf-8"))))
    assert len(rows) == 15
    refused = {row.line: row.reason for row in rows if isinstance(row, Refused)}
    assert refused == {
        10: wfp.PRICE,
        11: wfp.FORECAST,
        12: wfp.DATE,
        15: wfp.TYPE,
        16: wfp.COLUMNS,
    }
    first = rows[0]
    assert isinstance(first, WfpPrice)
    assert (first.day, first.price, first.wholesale) == (date(2026, 10, 15), Decimal("10.5"), False)
    assert (first.place.ref, first.place.region, first.place.latitude) == ("901", "Coast", 5.5)
    assert (first.goods.ref, first.goods.category) == ("71", "cereals and tubers")


def test_a_file_without_tags_ids_or_known_order_is_read_too() -> None:
    text = "price,currency,unit,commodity,market,date\n3.5,GHS,KG,Maize,Old Town,2020-01-15\n"
    (row,) = wfp.read(lines(text))
    assert isinstance(row, WfpPrice)
    assert (row.place.ref, row.goods.ref, row.wholesale) == ("old town", "maize", False)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "date,market\n"])
def test_a_file_of_another_form_is_one_clear_line(text: str) -> None:
    with pytest.raises(BadFile, match="no column"):
        list(wfp.read(lines(text)))


def test_a_key_names_place_goods_unit_kind_and_day_and_fits() -> None:
    rows = [row for row in wfp.read(lines(SMALL.read_text("utf-8"))) if isinstance(row, WfpPrice)]
    keys = [row.source_key(3) for row in rows]
    assert keys[0] == "wfp:3:901:71:KG:r:2026-10-15"
    assert rows[0].source_key(4) != keys[0]
    long = rows[0]._replace(unit="x" * 200)
    assert len(long.source_key(3)) <= 120
    assert long.source_key(3) != long._replace(unit="x" * 201).source_key(3)


@pytest.mark.parametrize(
    ("price", "digits", "minor"), [("10.5", 2, 1050), ("11.255", 2, 1126), ("12.5", 0, 13)]
)
def test_prices_become_whole_minor_units(price: str, digits: int, minor: int) -> None:
    assert wfp.minor(Decimal(price), digits) == minor


@pytest.mark.parametrize(
    ("text", "slug", "grams", "millilitres"),
    [
        ("KG", "kg", 1000, None),
        ("100 KG", "lot-100-kg", 100_000, None),
        ("12.5 kg", "lot-12-5-kg", 12_500, None),
        ("400 G", "lot-400-g", 400, None),
        ("Pound", "lot-454-g", 454, None),
        ("L", "litre", None, 1000),
        ("1.5 L", "lot-1-5-l", None, 1500),
        ("750 ML", "lot-750-ml", None, 750),
        ("Bunch", "bunch", None, None),
        ("Unit", "piece", None, None),
        ("Dozen", "dozen", None, None),
        ("Head", "head", None, None),
        ("30 pcs", "lot-30", None, None),
        ("100 Tubers", "lot-100-tubers", None, None),
    ],
)
def test_units_are_understood_and_can_be_said_on_a_phone(
    text: str, slug: str, grams: int | None, millilitres: int | None
) -> None:
    unit = wfp_words.measure(text)
    assert unit is not None
    assert (unit.slug, unit.grams, unit.millilitres) == (slug, grams, millilitres)
    assert unit.one[0].isalpha()
    assert (septets(unit.one) or 99) <= 10
    assert (septets(unit.many) or 99) <= 11


@pytest.mark.parametrize("text", ["", "Day", "Month", "USD/LCU", "kWh", "0 KG", "1.5 pcs", "12"])
def test_what_is_no_unit_of_goods_is_refused(text: str) -> None:
    assert wfp_words.measure(text) is None


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Maize", "maize"),
        ("Rice (local)", "rice local"),
        ("Meat (chicken)", "chicken"),
        ("Fish (mackerel, fresh)", "mackerel fresh"),
        ("Plantains (apentu)", "apentu"),
        ("Groundnuts (shelled)", "groun. shelled"),
    ],
)
def test_names_are_shortened_to_what_people_say(name: str, short: str) -> None:
    assert wfp_words.short_name(name) == short
    assert wfp_words.short_name(name, [short]) != short


def test_a_place_keeps_its_first_name() -> None:
    assert wfp_words.short_place("Sekondi/Takoradi") == "Sekondi"
    assert wfp_words.short_place("Sekondi/Takoradi", ["sekondi"]) == "Sekondi 2"
    assert wfp_words.short_place("Ho") == "Ho"
