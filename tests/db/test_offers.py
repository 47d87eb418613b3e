"""Who sells: near first, page by page, by the index on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import event, func, insert, select, text

from tests.fixtures.sellers import Seller, by, seller
from tests.fixtures.world import World
from trader_platform.core.errors import DomainError
from trader_platform.core.once import Result
from trader_platform.market import service_listings as service
from trader_platform.market.models_trade import Listing, Transaction
from trader_platform.market.queries_listings import (
    Cursor,
    Offer,
    SameGoods,
    find_offer,
    list_offers,
    others_ask,
)
from trader_platform.market.types import ListingOf
from trader_platform.traders.models import Person

PLACES = ("brikama", "serrekunda", "latrikunda", "wassu", "farafenni")


def sellers(world: World) -> dict[str, Seller]:
    return {
        place: seller(world, f"+22030{number:05d}", market=place, name=f"Awa{number}")
        for number, place in enumerate(PLACES)
    }


def offers(world: World, who: Seller, limit: int = 12, after: Cursor | None = None) -> list[Offer]:
    with world.db.reading() as connection:
        found = list_offers(
            connection,
            who.product("onion"),
            who.market,
            world.clock.now(),
            limit=limit,
            after=after,
        )
    return list(found)


def test_her_market_then_her_council_then_the_rest(world: World) -> None:
    people = sellers(world)
    for who in people.values():
        who.post()
        who.post("tomato", "kg")
    found = offers(world, people["serrekunda"])
    slugs = [people["serrekunda"].catalog.markets[x.market].slug for x in found]
    assert slugs[:2] == ["serrekunda", "latrikunda"]
    assert sorted(slugs) == sorted(PLACES)
    assert {x.name for x in found} == {f"Awa{n}" for n in range(5)}
    assert all(x.number_shown == "asked" for x in found)


def test_without_a_market_every_place_is_shown(world: World) -> None:
    people = sellers(world)
    for who in people.values():
        who.post()
    nowhere = seller(world, "+2203099999", market=None)
    assert len(offers(world, nowhere)) == len(PLACES)


def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    people = sellers(world)
    for who in people.values():
        for number in range(1, 4):
            who.post(quantity=number)
    buyer = people["latrikunda"]
    everything = offers(world, buyer, limit=100)
    assert len(everything) == 15
    paged: list[Offer] = []
    while page := offers(world, buyer, limit=4, after=paged[-1].cursor if paged else None):
        assert len(page) <= 4
        paged += page
    assert paged == everything
    own = [x.quantity for x in everything if x.market == buyer.market]
    assert own == [3, 2, 1]


def test_only_what_a_buyer_can_get_is_shown(world: World) -> None:
    people = sellers(world)
    posted = {place: who.post()["listing"] for place, who in people.items()}
    buyer = people["brikama"]
    with world.db.transaction() as session:
        session.get_one(Person, people["wassu"].person).held = True
        session.get_one(Person, people["latrikunda"].person).leave_at = world.clock.now()
        gone = ListingOf(people["serrekunda"].trader, posted["serrekunda"], "UTC")
        service.stop(session, gone, by=by(world))
    shown = {x.id for x in offers(world, buyer)}
    assert shown == {posted["brikama"], posted["farafenni"]}
    with world.db.reading() as connection:
        now = world.clock.now()
        assert find_offer(connection, posted["wassu"], now) is None
        assert (find_offer(connection, posted["brikama"], now) or 0) == offers(world, buyer)[0]
    world.clock.move(days=30)
    assert offers(world, buyer) == []


def test_what_others_ask_leaves_out_her_own(world: World) -> None:
    people = sellers(world)
    awa = people["brikama"]
    awa.post(price=1_000)
    same = SameGoods(awa.market or 0, awa.product("onion"), awa.unit("bag"), awa.trader)
    with world.db.reading() as connection:
        assert others_ask(connection, same, world.clock.now()) is None
    binta = seller(world, "+2203099999", market="brikama", name="Binta")
    for price in (140_000, 120_000, 900_000):
        binta.post(price=price)
    with world.db.reading() as connection:
        asked = others_ask(connection, same, world.clock.now())
    assert asked is not None
    assert (asked.low, asked.usual, asked.high) == (120_000, 140_000, 900_000)


def crowd(world: World, who: Seller, rows: int) -> None:
    """So many goods on sale everywhere that a planner has a reason to use an index."""
    now, products = world.clock.now(), list(who.catalog.products.values())
    places = list(who.catalog.markets)
    goods = [
        {
            "trader_id": who.trader,
            "market_id": places[number % len(places)],
            "product_id": products[number % 17].id,
            "unit_id": products[number % 17].units[0],
            "quantity": 5,
            "quantity_left": 5,
            "price_minor": 1_000 + number,
            "currency": "GMD",
            "status": "open",
            "posted_at": now,
            "expires_at": now + timedelta(days=number % 40 - 30),
            "expires_on": (now + timedelta(days=number % 40 - 30)).date(),
            "channel": "ussd",
        }
        for number in range(rows)
    ]
    with world.db.transaction() as session:
        session.execute(insert(Listing), goods)
        if not world.db.is_sqlite:
            session.execute(text("ANALYZE listings"))


def plans(world: World, who: Seller) -> list[str]:
    """The plan of every statement by which offers are read."""
    statements: list[tuple[str, object]] = []

    def note(_c: object, _u: object, statement: str, values: object, *_: object) -> None:
        statements.append((statement, values))

    event.listen(world.db.read, "before_cursor_execute", note)
    assert offers(world, who)
    event.remove(world.db.read, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if world.db.is_sqlite else "EXPLAIN "
    made = []
    with world.db.reading() as connection:
        for statement, values in statements:
            rows = connection.exec_driver_sql(explain + statement, values)  # type: ignore[arg-type]
            made.append("\n".join(str(row[-1]) for row in rows))
    return made


def test_offers_are_read_by_the_index_and_never_scanned(world: World) -> None:
    awa = seller(world)
    crowd(world, awa, 6_000)
    made = plans(world, awa)
    assert len(made) >= 2
    for plan in made:
        assert "ix_listings_for_sale" in plan
        assert "SCAN listings" not in plan
        assert "Seq Scan on listings" not in plan
        assert "TEMP B-TREE" not in plan


def at_once(world: World, who: Seller, listing: int, keys: list[str]) -> list[Result | str]:
    """Sell a listing out in as many threads as there are keys, as the hop would: trying again."""
    results: list[Result | str] = []
    start = threading.Barrier(len(keys))

    def work(key: str) -> None:
        start.wait()
        for _ in range(50):
            try:
                with world.db.transaction() as session:
                    named = ListingOf(who.trader, listing, "UTC")
                    results.append(service.sell_out(session, named, by=by(world, key)))
                return
            except DomainError as error:
                results.append(error.code)
                return
            except Exception as error:  # noqa: BLE001 (locked or raced: whatever the driver calls it)
                last = error
        results.append(type(last).__name__)

    threads = [threading.Thread(target=work, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_copies_of_one_act_get_one_answer(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    results = at_once(world, awa, listing, ["same"] * 8)
    assert len(results) == 8
    assert all(result == results[0] for result in results)
    assert not isinstance(results[0], str)


def test_two_lines_that_race_make_one_sale(world: World) -> None:
    awa = seller(world)
    listing = awa.post()["listing"]
    results = at_once(world, awa, listing, ["one", "two", "three", "four"])
    assert sorted(x if isinstance(x, str) else "sold" for x in results) == [
        "listing_gone",
        "listing_gone",
        "listing_gone",
        "sold",
    ]
    with world.db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Transaction)) == 1
        assert session.get_one(Listing, listing).status == "sold"
