"""Everybody whose menu differs, and the ways that lead where a crawler cannot get by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from tests.fixtures.collectors import collectors
from tests.fixtures.phone import Phone
from tests.fixtures.stalls import market_id
from tests.fixtures.world import SUNDAY, World
from tests.guards.budget_duty import tours_duty
from tests.guards.budget_staff import work_tours
from trader_platform.market.catalog import Catalog
from trader_platform.market.models import MarketChange, Pack
from trader_platform.market.search import Match, find_places, find_products
from trader_platform.messaging.models import Contact
from trader_platform.traders.models import Person

SELLER, NEWCOMER, RURAL, NOWHERE, BUYER, LEAVER, HELD, STRANGER, FULL = (
    f"+22030000{place:02d}" for place in range(9)
)
SENEGALESE = "+221771234567"
OWING = "+2203020003"
UNCHARGED = "+2203000010"
CRAWLED = (SELLER, NEWCOMER, BUYER, STRANGER, LEAVER, HELD, SENEGALESE, OWING)
GOODS = ("onion", "tomato", "okra", "carrot", "cabbage", "bonga")


def join(world: World, number: str, *, card: str = "", market: str = "1", **more: str) -> Phone:
    """A trader, joined by the keys."""
    phone = world.phone(number).dial().press("1", "1", "1")
    phone.press(card, "1") if card else phone.press("1", market)
    if more.get("unknown"):
        phone.press("2")
    return phone.press("1", "Demo Awa")


def settle(world: World, card: str) -> None:
    """Make the people, their goods and sales, and a pack that knows every optional thing."""
    know_costs_and_rates(world)
    join(world, SELLER, card=card)
    for word in GOODS:
        world.phone(SELLER).dial("2*1").press(word, "20", "1", "25", "1")
    for word in GOODS[:2]:
        world.phone(SELLER).dial("2*5*2").press(word, "1500")
    world.phone(SELLER).dial("5*3*3").press("3")
    join(world, NEWCOMER)
    join(world, RURAL, market="Basse")
    join(world, UNCHARGED, market="lamin")
    join(world, NOWHERE, market="xqzvw", unknown="yes")
    collectors(world, stalls=6)
    for number in (BUYER, SENEGALESE, LEAVER, HELD):
        world.phone(number).dial().press("1", "2")
    many_seen(world)
    mark(world, LEAVER, leave_at=SUNDAY + timedelta(days=7))
    mark(world, HELD, held=True)


def know_costs_and_rates(world: World) -> None:
    with world.db.transaction() as session:
        pack = session.scalars(select(Pack)).one()
        known = json.loads(pack.settings)
        known |= {"dial_cost_minor": 100, "text_cost_minor": 100, "help_phone": "+2200000000"}
        known["second_currency"] |= {"rate": "8.5", "rate_date": "2026-11-01"}
        pack.settings = json.dumps(known)
    world.hops.catalogs.forget()


def many_seen(world: World) -> None:
    """Prices by enough people to be usual, few, and none."""
    for buyer in range(4):
        number = f"+22070000{buyer:02d}"
        world.phone(number).dial().press("1", "2")
        world.phone(number).dial("3*4").press("onion", "1", f"{20 + buyer}", "Serrekunda")
        world.phone(number).dial("3*1").press("Serrekunda")
        world.phone(number).dial("3*4").press("onion", "1", f"{20 + buyer}")


def mark(world: World, number: str, **values: object) -> None:
    from trader_platform.core import phone as phones

    parsed = phones.parse(number)
    assert parsed is not None
    with world.db.transaction() as session:
        hashed = world.vault.lookup(parsed.key)
        session.execute(update(Person).where(Person.phone_hash == hashed).values(values))


def close_a_lumo(world: World) -> None:
    day = SUNDAY.date()
    with world.db.transaction() as session:
        session.add(
            MarketChange(
                market_id=market_id(world, "farafenni"),
                kind="closure",
                starts_on=day,
                ends_on=day + timedelta(days=3),
            )
        )


def unsure(catalog: Catalog, find: Callable[..., Match]) -> str:
    """A word that fits several."""
    letters = "aeiou bcdfgklmnst"
    for word in (a + b + c for a in letters for b in letters for c in letters):
        match = find(catalog, word.strip())
        if match.sure is None and len(match.choices) > 1:
            return word.strip()
    raise AssertionError("no word is unsure")


def tours(world: World) -> list[Phone]:
    """Ways that end on screens which a first answer would have taken away."""
    calls = [tired(world), refused(world)]
    catalog = world.hops.catalogs.get(1)
    product, place = unsure(catalog, find_products), unsure(catalog, find_places)
    ways: list[tuple[str, str, list[str]]] = [
        (BUYER, "6*1*1", []),
        (BUYER, "4*5", []),
        (NOWHERE, "1", []),
        (RURAL, "1", []),
        (UNCHARGED, "1", []),
        (UNCHARGED, "5*2", []),
        (BUYER, "5*2", []),
        (BUYER, "3", ["77", "77", "77"]),
        (SELLER, "2*3*1", ["2"]),
        (SELLER, "2*3*1", ["2", "3"]),
        (SELLER, "2*3*1", ["3"]),
        (SELLER, "2*3*1", ["3", "30"]),
        (SELLER, "2*3*1", ["4"]),
        (SELLER, "2*1", [product]),
        (BUYER, "4*4", [place]),
        (BUYER, "4*4", ["Bansang"]),
        (BUYER, "4*4", ["Bansang", "1"]),
        (BUYER, "4*4", ["Bansang", "1", "3"]),
        (BUYER, "3*3", ["tomato", "1"]),
        (SENEGALESE, "3*2", ["onion", "Serrekunda"]),
        (SENEGALESE, "3*2", ["onion"]),
    ]
    phones = [world.phone(number).dial(tail).press(*then) for number, tail, then in ways]
    strange = world.phone("+2203999999").dial().press("1", "1", "1", "1", place)
    return [*phones, *calls, strange, full(world), *work_tours(world), *tours_duty(world)]


def tired(world: World) -> Phone:
    """A buyer who asked for more calls than one may in a day."""
    phone = world.phone("+2207000091").dial().press("1", "2")
    for word in GOODS:
        phone.dial("3*3").press(f"{word} serrekunda", "1", "1")
    return phone


def refused(world: World) -> Phone:
    """A buyer who asks for a call of a seller who stopped all texts."""
    phone = world.phone("+2207000092").dial().press("1", "2")
    with world.db.transaction() as session:
        session.execute(update(Contact).values(stopped="all"))
    phone.dial("3*3").press("tomato serrekunda", "1", "1")
    with world.db.transaction() as session:
        session.execute(update(Contact).values(stopped=""))
    return phone


def full(world: World) -> Phone:
    """A trader with as many goods as fit."""
    join(world, FULL)
    for _ in range(20):
        world.phone(FULL).dial("2*1").press("onion", "20", "1", "25", "1").press("1")
        world.phone(FULL).dial("2*2").press("1")
    return world.phone(FULL).dial("2*1")
