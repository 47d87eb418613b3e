"""The longest of everything that a pack and the caps allow, to measure texts by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sms.texts import TEXTS
from sms.texts_values import People, Reader
from trader_platform.core.caps import CAPS
from trader_platform.core.money import Currency
from trader_platform.market.catalog import Catalog, CouncilView, GoodsClass, Place, Product, Unit
from trader_platform.market.types import MOST_AMOUNT, MOST_QUANTITY, most_price
from trader_platform.messaging.kinds import KINDS

_DALASI: Final = Currency("GMD", "D")
# "Wed 23 Sep" is as long as a day may be; a price with bututs is shorter than one of D99,999.
_DAY: Final = "2026-09-23"


def worst_catalog() -> Catalog:
    """One of each thing, all with the longest name that a pack may give it."""

    def long(cap: str) -> str:
        return "W" * CAPS[cap]

    return Catalog(
        pack_id=1,
        slug="worst",
        settings={
            "service_code": "*" + "3" * (CAPS["dial"] - 2) + "#",
            "languages": [
                {"tag": tag, "name": long("language")} for tag in ("en", "fr", "mnk", "wo", "ff")
            ],
            "second_currency": {
                "code": "XOF",
                "mark": "CFA",
                "rate": "8.5",
                "rate_date": "2026-11-01",
            },
        },
        currency=_DALASI,
        zone="Africa/Banjul",
        councils={1: CouncilView(1, "w", long("council"), long("council"), None, False)},
        markets={
            1: Place(1, "w", "lumo", long("market"), long("market"), 1, (3,), 1, None, None, None)
        },
        classes={1: GoodsClass(1, "w", {"en": long("goods")})},
        products={1: Product(1, "w", {"en": long("product")}, 1, False, (1,), None)},
        units={1: Unit(1, "w", {"en": [long("unit"), long("units")]}, None)},
        grams={(1, 1): 999},
    )


def worst_people() -> People:
    """A person and a contact."""
    phone = "+" + "9" * (CAPS["phone"] - 1)
    name = "W" * CAPS["name"]
    phones = {("person", 1): phone, ("contact", 1): phone}
    return People(names={1: name}, officers={1: name}, phones=phones)


def worst_params() -> dict[str, Any]:
    """A value for every parameter that any text has."""
    price = most_price(_DALASI)
    row = {"product": 1, "unit": 1, "market": 1, "qty": MOST_QUANTITY, "price": price}
    return {
        **row,
        "product2": 1,
        "council": 1,
        "goods": 1,
        "low": price - _DALASI.unit,
        "usual": price,
        "high": price,
        "amount": MOST_AMOUNT,
        "due": MOST_AMOUNT,
        "date": _DAY,
        "date2": _DAY,
        "days": [1, 2, 3, 4, 5, 6, 7],
        "state": "closed",
        "until": _DAY,
        "since": _DAY,
        "told": _DAY,
        "sure": True,
        "time": "18:30",
        "n": 9999,
        "word": "W" * CAPS["word"],
        "code": "7KQ2M9XD",
        "code2": "7KQ2M9XD",
        "badge": "48217",
        "staff": 1,
        "ref": "104582",
        "filled": [_DAY] * 365,
        "ahead": 9999,
        "old": MOST_AMOUNT,
        "held": MOST_AMOUNT,
        "paid": MOST_AMOUNT,
        "open": 9999,
        "why": "pressed_wrong",
        "month": "2026-09-01",
        "person": 1,
        "contact": 1,
        "stall": "W" * CAPS["stall"],
        "language": "en",
        "topic": "council",
        "topics": sorted({kind.topic for kind in KINDS.values() if kind.topic}),
        "news": "W" * 100,
        "rows": [{**row, "usual": price} for _ in range(9)],
    }


def worst_septets(kind: str, languages: Iterable[str]) -> dict[str, int]:
    """How long a text is in each language with the longest of everything, before it is made to fit.

    The longer one of what is said to who can answer the sender and to who cannot.
    """
    catalog, people, params = worst_catalog(), worst_people(), worst_params()

    def size(language: str, answerable: bool) -> int:
        reader = Reader(language, catalog, people, answerable)
        return len(TEXTS[kind].whole(reader, params))

    return {tag: max(size(tag, True), size(tag, False)) for tag in languages}
