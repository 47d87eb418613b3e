"""The same act by USSD and by text: rows, audit and receipt are equal but for the channel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, select

from tests.fixtures.sellers import Seller, seller
from tests.fixtures.texting import Line
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.once import Act
from trader_platform.market.models_trade import CallRequest, Listing, Transaction
from trader_platform.traders.models import Person

AWA, BINTA, BUYER, OTHER = "+2203012345", "+2207012345", "+2203099999", "+2203088888"
# What names the row, its owner, its channel or its moment.
OWN = frozenset({
    "id", "trader_id", "listing_id", "subject_id", "actor_id", "channel", "at", "key", "screen",
    "done_at", "posted_at", "recorded_at", "contact_id", "content_hash", "phone_hash",
    "phone_sealed", "created_at",
})  # fmt: skip
OWN_NUMBERS = frozenset({"listing", "sale", "trader", "contact", "person"})


def all_rows(world: World, model: Any) -> list[dict[str, Any]]:
    table: Table = model.__table__
    with world.db.reading() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


def _numbers(value: Any) -> Any:
    """Stored JSON without the ids that must differ."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    return {k: v for k, v in json.loads(value).items() if k not in OWN_NUMBERS}


def pair(world: World) -> tuple[Seller, Seller, Line]:
    """Two traders of the same market who sold onions by the bag before."""
    sellers = [seller(world, AWA), seller(world, BINTA, name="Binta Ceesay")]
    for each in sellers:
        each.post("onion", "bag", 1, 150_000)
    return sellers[0], sellers[1], Line(world)


TABLES = (Listing, Transaction, CallRequest, AuditRow, Act)


def both(
    world: World, by_ussd: Callable[[], object], by_text: Callable[[], object]
) -> list[dict[str, Any]]:
    """Both acts add equal rows to every table of the market; returns the audit rows of one."""
    start = [all_rows(world, table) for table in TABLES]
    by_ussd()
    middle = [all_rows(world, table) for table in TABLES]
    by_text()
    end = [all_rows(world, table) for table in TABLES]
    ones = [added(*pair) for pair in zip(start, middle, strict=True)]
    others = [added(*pair) for pair in zip(middle, end, strict=True)]
    assert ones == others
    assert ones[-1], "nothing was done"
    return ones[-2]


def added(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {repr(row) for row in before}
    return [
        {name: _numbers(value) for name, value in row.items() if name not in OWN}
        for row in after
        if repr(row) not in known
    ]


def test_sell(world: World) -> None:
    awa, _, line = pair(world)
    trail = both(
        world,
        lambda: awa.dial().press("2", "1", "onion", "20", "1500", "1").sees("On sale till"),
        lambda: line.phone(BINTA).texts("SELL onion 20 1500").sees("On sale till"),
    )
    assert [row["action"] for row in trail] == ["listing.post"]


def test_sold(world: World) -> None:
    awa, _, line = pair(world)
    trail = both(
        world,
        lambda: awa.dial().press("2", "3", "1").pick("All sold").sees("Sold"),
        lambda: line.phone(BINTA).texts("SOLD onion").sees("Sold"),
    )
    assert [row["action"] for row in trail] == ["sale.record", "listing.sold"]


def test_sold_and_put_back(world: World) -> None:
    awa, _, line = pair(world)
    sold = awa.dial().press("2", "3", "1").pick("All sold")
    line.phone(BINTA).texts("SOLD onion")
    trail = both(
        world,
        lambda: sold.pick("Not sold, put it back"),
        lambda: line.phone(BINTA).texts("2").sees("On sale again"),
    )
    assert [row["action"] for row in trail] == ["sale.out", "listing.back"]


def test_taken_off_sale(world: World) -> None:
    awa, _, line = pair(world)
    line.phone(BINTA).texts("SELL onion 5 1500")
    awa.dial().press("2", "1", "onion", "5", "1500", "1")
    newest = awa.dial().press("2", "3", "1")
    trail = both(
        world,
        lambda: newest.pick("Stop"),
        lambda: line.phone(BINTA).texts("2").sees("Taken back"),
    )
    assert [row["action"] for row in trail] == ["listing.stop"]


def test_language(world: World) -> None:
    _, _, line = pair(world)
    both(
        world,
        lambda: world.phone(BUYER).dial().press("2"),
        lambda: line.phone(OTHER).texts("LANG french"),
    )
    people = all_rows(world, Person)[-2:]
    one, other = ({k: v for k, v in row.items() if k not in OWN} for row in people)
    assert one == other
    assert one["language"] == "fr"


def test_call(world: World) -> None:
    _, _, line = pair(world)
    world.phone(BUYER).dial().press("1", "2")
    line.phone(OTHER).texts("LANG english")
    line.phone(OTHER).texts("onion serrekunda")
    phone = world.phone(BUYER).dial().press("3", "3", "onion", "serrekunda")
    phone.sees("CON onion").pick("Serrekunda")
    trail = both(
        world,
        lambda: phone.pick("Seller, call me"),
        lambda: line.phone(OTHER).texts("CALL 1").sees("We gave your number"),
    )
    assert [row["action"] for row in trail] == ["call.ask"]
