"""PRICE, LUMO, HELP and lists: what anybody may ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.fixtures.prices import fill, seen
from tests.fixtures.sellers import seller
from tests.fixtures.texting import Line, Texting
from tests.fixtures.world import World
from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.market.catalog import Catalog
from trader_platform.market.service_calendar import announce_change, closure, move
from trader_platform.messaging.kinds import KINDS, QUESTION_SECONDS
from trader_platform.messaging.models import Message

AWA, BINTA = "+2203012345", "+2207012345"
BUYER, SENEGAL = "+2203099999", "+221771234567"


def told(ids: dict[str, int], place: str, goods: str, *prices: int, unit: str = "kg") -> list[Any]:
    return [
        seen(ids, at=place, goods=goods, unit=unit, price_minor=price, n=n)
        for n, price in enumerate(prices)
    ]


def test_price_at_a_place_and_around_it(world: World, ids: dict[str, int]) -> None:
    fill(
        world,
        [
            *told(ids, "brikama", "onion", 3500, 4000, 5000),
            *told(ids, "serrekunda", "onion", 4500),
            *told(ids, "bakau", "onion", 6000),
        ],
    )
    phone = Line(world).phone(BUYER).texts("PRICE onion brikama")
    phone.reads(
        "onion, one kg, Brikama: D35 to D50, most pay D40. 3 reports, Sun 22 Nov."
        " MORE for other places."
    )
    phone.texts("more").sees("onion, 1 kg:\nBrikama D40\n", "Serrekunda D45")
    world.clock.move(minutes=3)
    phone.texts("MORE").sees("That was all.")


def test_price_of_one_report(world: World, ids: dict[str, int]) -> None:
    fill(world, told(ids, "brikama", "onion", 4000))
    Line(world).phone(BUYER).texts("price of onions at Brikama").reads(
        "onion, one kg, Brikama: only 1 report, Sun 22 Nov: D40."
    )


def test_price_without_a_place_is_of_her_market_else_of_the_first_that_has_one(
    world: World, ids: dict[str, int]
) -> None:
    fill(world, [*told(ids, "brikama", "onion", 4000), *told(ids, "serrekunda", "onion", 4500)])
    seller(world, AWA, market="brikama")
    line = Line(world)
    line.phone(AWA).texts("PRICE onion").sees("Brikama", "D40")
    line.phone(BUYER).texts("PRICE onion").sees("Serrekunda", "D45")


def test_no_price_there_but_elsewhere_and_none_at_all(world: World, ids: dict[str, int]) -> None:
    fill(world, told(ids, "serrekunda", "onion", 4500))
    line = Line(world)
    line.phone(BUYER).texts("PRICE onion brikama").sees("onion, 1 kg:\nSerrekunda D45")
    line.phone(BUYER).texts("PRICE tomato").reads(
        "No price of tomato yet. To see who sells it text tomato"
    )


def test_price_that_is_not_understood(world: World) -> None:
    phone = Line(world).phone(BUYER)
    phone.texts("PRICE").reads("Price of what? Text PRICE and a product, like PRICE rice")
    phone.texts("PRICE xqzwv").sees("We do not know")
    phone.texts("PRICE onyan").sees("Did you mean").texts("1").sees("No price of onion yet.")
    phone.texts("PRICE onion xqzwv").sees("onion: we know no place xqzwv.")
    phone.texts("Price is not everything in this life my dear brother").sees("We do not know")


def test_price_in_french_and_in_wolof_words(world: World, ids: dict[str, int]) -> None:
    fill(world, told(ids, "brikama", "onion", 3500, 4000, 5000))
    phone = Line(world).phone(BUYER).texts("LANG francais")
    phone.texts("prix oignon brikama").sees("oignon", "Brikama", "D40", "dim 22 nov")
    phone.texts("njëg soble brikama").sees("oignon", "Brikama", "D40")


def test_a_phone_of_the_neighbour_is_served_in_full(world: World, ids: dict[str, int]) -> None:
    fill(world, told(ids, "brikama", "onion", 3500, 4000, 5000))
    Line(world).phone(SENEGAL).texts("PRICE onion brikama").sees("Brikama", "D40", "3 reports")


def test_lumo_of_a_day(world: World) -> None:
    phone = Line(world).phone(BUYER)
    phone.texts("LUMO monday").sees("Lumo on Mon 23 Nov: Wassu")
    phone.texts("lumo tomorrow").sees("Lumo on Mon 23 Nov: Wassu")
    phone.texts("lumo lundi").sees("Lumo on Mon 23 Nov: Wassu")
    phone.texts("lumo altine").sees("Lumo on Mon 23 Nov: Wassu")
    phone.texts("LUMO").sees("Lumo on Sun 22 Nov: ")


def test_a_day_without_lumo_names_the_next(world: World, catalog: Catalog) -> None:
    days = {x for place in catalog.markets.values() if place.kind == "lumo" for x in place.days}
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    line = Line(world)
    for at, name in enumerate(names, 1):
        phone = line.phone(f"+22030999{at:02d}").texts(f"lumo {name}")
        phone.sees("Lumo on") if at in days else phone.sees("No lumo on", "Next: ")


def test_lumo_of_a_place(world: World) -> None:
    phone = Line(world).phone(BUYER)
    phone.texts("lumo wassu").reads("Wassu lumo: each Monday. Not today. Next: Mon 23 Nov")
    phone.texts("Wasu lumo").sees("Wassu lumo: each Monday.")
    phone.texts("LUMO banjul").sees("Albert Market: Open today")
    phone.texts("LUMO xqzwv").reads(
        "We know no lumo xqzwv. Text a day, like LUMO monday, or a place, like LUMO wassu"
    )


def test_lumo_that_is_closed_or_moved(world: World, ids: dict[str, int]) -> None:
    by = By("closing", "en", world.clock.now(), "system", "test", "job")
    with world.db.transaction() as session:
        announce_change(session, closure(ids["wassu"], date(2026, 11, 20), date(2026, 11, 29)), by)
    with world.db.transaction() as session:
        moved = move(ids["farafenni"], date(2026, 11, 22), date(2026, 11, 24))
        announce_change(session, moved, By("moving", *vars_of(by)))
    phone = Line(world).phone(BUYER)
    phone.texts("LUMO wassu").sees("Closed till Sun 29 Nov", "Next: Mon 30 Nov")
    phone.texts("LUMO farafenni").sees("Moved to Tue 24 Nov")
    phone.texts("LUMO tuesday").sees("Farafenni")


def vars_of(by: By) -> tuple[Any, ...]:
    return by.language, by.now, by.actor_kind, by.actor_id, by.channel


def test_lumo_in_french(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("LANG french")
    phone.texts("LUMO wassu").sees("Wassu", "lundi", "lun 23 nov")
    phone.texts("louma lundi").sees("lun 23 nov", "Wassu")


def test_help(world: World) -> None:
    seller(world, AWA)
    line = Line(world)
    phone = line.phone(BUYER)
    phone.texts("HELP").reads(
        "Text: onion brikama = who sells. PRICE rice. LUMO monday. CALL 1. MORE. STOP."
        " Traders: text HELP 2. Or dial *384*220#"
    )
    phone.texts("help 2").sees("SELL onion 20 1500. SOLD onion. DUTY.")
    phone.texts("help sell").sees("SELL onion 20 1500.")
    phone.texts("*384*220#").sees("onion brikama = who sells")
    line.phone(AWA).texts("Help!").sees("SELL onion 20 1500.")


def test_no_text_names_a_command_that_does_not_work(world: World) -> None:
    seller(world, AWA).post()
    line = Line(world)
    for words in ("HELP", "HELP 2", "onion", "tomato", "PRICE tomato", "qqzzv", "wwqqz", "STOP"):
        line.phone(BUYER).texts(words)
    said = " ".join(words for _, words in line.sent)
    for word in ("WANT", "ALERT", "TICKET", "BADGE"):
        assert word not in said


def test_a_command_that_comes_later_searches_its_goods(world: World) -> None:
    seller(world, AWA).post()
    line = Line(world)
    line.phone(BUYER).texts("WANT 20 bags onion").sees("onion, one bag\n1 Serrekunda")
    line.phone(BUYER).texts("ALERT onion").sees("onion, one bag\n1 Serrekunda")


def test_digits_without_a_list_and_out_of_its_range(world: World) -> None:
    seller(world, AWA).post()
    line = Line(world)
    phone = line.phone(BUYER)
    phone.texts("1").reads("You have no open list here. Text a product, like rice")
    phone.texts("MORE").sees("You have no open list here.")
    phone.texts("onion").texts("5").reads("The list has 1 to 1. Text one of these.")
    phone.texts("0").sees("The list has 1 to 1.")
    phone.texts("77").sees("The list has 1 to 1.")
    phone.texts("1").sees("Awa, Serrekunda")


def test_a_list_lapses_after_half_an_hour_and_no_older_one_comes_back(world: World) -> None:
    made = seller(world, AWA)
    made.post()
    line = Line(world)
    phone = line.phone(BUYER).texts("onion")
    world.clock.move(minutes=20)
    phone.texts("onyan").sees("Did you mean")
    world.clock.move(minutes=29)
    phone.texts("1").sees("onion, one bag")
    world.clock.move(minutes=31)
    phone.texts("1").sees("You have no open list here.")


def test_a_question_is_open_for_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of today's texts is one: the kind is made one here."""
    asks = replace(KINDS["search.mean"], offers_seconds=QUESTION_SECONDS)
    monkeypatch.setitem(KINDS, "search.mean", asks)
    seller(world, AWA).post()
    phone = Line(world).phone(BUYER)
    phone.texts("onyan").sees("Did you mean")
    world.clock.move(hours=23, minutes=59)
    phone.texts("1").sees("onion, one bag")
    phone.texts("onyan").sees("Did you mean")
    world.clock.move(hours=24, minutes=1)
    phone.texts("1").sees("You have no open list here.")


def test_only_a_list_that_was_sent_counts(world: World) -> None:
    seller(world, AWA).post()
    line = Line(world)
    phone = line.phone(BUYER).texts("onyan").sees("Did you mean")
    line.arrive(BUYER, "onion")
    line.answer()  # its answer waits still, so the phone shows the older list
    line.arrive(BUYER, "1")
    line.answer()
    first, second = (words for _, words in line.deliver())
    assert first == second
    phone.texts("1").sees("Awa, Serrekunda: 20 bags onion")


def _two_lists(world: World) -> tuple[Line, Texting]:
    seller(world, AWA).post("onion", "bag", 3, 150_000)
    seller(world, BINTA, name="Binta Ceesay").post("tomato", "kg", 3, 5_000)
    line = Line(world)
    return line, line.phone(BUYER).texts("onion").sees("onion")


def _newest_is(world: World, state: str) -> None:
    now = epoch_ms(world.clock.now())
    with world.db.transaction() as session:
        newest = select(func.max(Message.id)).scalar_subquery()
        change = update(Message).where(Message.id == newest)
        session.execute(change.values(state=state, sent_at=now))


def test_a_list_in_its_call_may_be_on_the_phone_already(world: World) -> None:
    line, phone = _two_lists(world)
    line.arrive(BUYER, "tomato")
    line.answer()
    _newest_is(world, "sending")
    phone.texts("1").sees("tomato")


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_a_list_that_the_phone_never_got_leaves_the_one_before(world: World, state: str) -> None:
    _, phone = _two_lists(world)
    phone.texts("tomato").sees("tomato")
    _newest_is(world, state)
    phone.texts("1").sees("onion")
