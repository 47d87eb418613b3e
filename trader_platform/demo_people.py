"""Who the demo is made of: plainly made-up names, numbers kept for the demo, invented prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from trader_platform.market.queries_stalls import make_card


@dataclass(frozen=True, slots=True)
class Goods:
    """Something that a demo person sells: product and unit by slug, a price in whole dalasi."""

    product: str
    unit: str
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A made-up trader. ``stall`` is the painted number, None for who has no stall."""

    name: str
    phone: str
    language: str
    market: str
    goods_class: str
    stall: str | None
    number_shown: str
    goods: tuple[Goods, ...]


def _person(
    at: int, name: str, market: str, goods_class: str, *goods: Goods, **other: Any
) -> DemoPerson:
    phone = other.pop("phone", f"+22039900{at:02d}")
    shown, language = other.pop("shown", "asked"), other.pop("language", "en")
    stall = other.pop("stall", None)
    return DemoPerson(f"Demo-{name}", phone, language, market, goods_class, stall, shown, goods)


_ONION: Final = Goods("onion", "bag", 900, 20)
_TOMATO: Final = Goods("tomato", "kg", 60, 35)
_RICE: Final = Goods("rice", "bag-50kg", 1900, 12)
_GROUNDNUT: Final = Goods("groundnut", "big-cup", 90, 40)
_BONGA: Final = Goods("bonga", "kg", 55, 60)
_OIL: Final = Goods("vegetable-oil", "litre", 95, 24)
PEOPLE: Final = (
    _person(1, "Awa", "serrekunda", "greens", _ONION, _TOMATO, stall="S104", shown="all"),
    _person(2, "Binta", "serrekunda", "fish", _BONGA, stall="S117"),
    _person(3, "Fatou", "latrikunda", "fish", Goods("ladyfish", "kg", 180, 25), stall="L7"),
    _person(4, "Isatou", "latrikunda", "greens", _TOMATO, Goods("okra", "kg", 50, 15), stall="L22"),
    _person(5, "Lamin", "bakoteh", "grain", _RICE, stall="B12", shown="all"),
    _person(6, "Kaddy", "bakoteh", "oil-spice", _OIL, Goods("sugar", "kg", 60, 50), stall="B31"),
    _person(7, "Modou", "brikama", "nuts", _GROUNDNUT, stall="K5"),
    _person(8, "Jainaba", "brikama", "greens", _ONION, Goods("cabbage", "piece", 40, 30)),
    _person(9, "Ebrima", "albert-market", "cloth", Goods("cloth", "metre", 120, 80), stall="A40"),
    _person(10, "Sirra", "wassu", "nuts", _GROUNDNUT, Goods("beans", "kg", 70, 18)),
    _person(11, "Musa", "farafenni", "grain", _RICE, Goods("maize", "kg", 30, 90), shown="nobody"),
    _person(
        *(12, "Coumba", "farafenni", "greens", _ONION, Goods("mango", "heap", 25, 40)),
        phone="+221779900012",
        language="fr",
    ),
)


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """A made-up badge holder. Badges that begin with 0 are never drawn for anybody real."""

    name: str
    phone: str
    role: str
    market: str
    badge: str
    pin: str


DUTY_MARKET: Final = "serrekunda"
OFFICERS: Final = (
    DemoOfficer("Demo-Collector", "+2203990051", "collector", DUTY_MARKET, "00013", "4826"),
    DemoOfficer("Demo-Master", "+2203990052", "master", DUTY_MARKET, "00021", "7391"),
)
# Stalls that nobody has claimed: whoever tries the service out can join with their cards.
FREE_STALLS: Final = (("serrekunda", "S120"), ("bakoteh", "B50"), ("brikama", "K9"))


def demo_cards() -> Iterator[tuple[str, str, str]]:
    """Market, painted number and card of each demo stall, the free ones last."""
    taken = [(person.market, person.stall) for person in PEOPLE if person.stall]
    for number, (market, stall) in enumerate([*taken, *FREE_STALLS], start=1):
        yield market, stall, make_card(f"9{number:04d}")
