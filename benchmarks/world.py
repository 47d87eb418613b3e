"""Databases to measure on: the Gambian pack, known callers and plainly synthetic prices.

No number here was seen in a market: each is computed from its place in a table.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from trader_platform.commands.packs import load_pack
from trader_platform.core import migrate
from trader_platform.core import phone as phones
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.market.catalog import Catalog, Catalogs

MARKETS: Final = 20
PRODUCTS: Final = 10
WEEKS: Final = 20
CALLERS: Final = 12_000
PHONE: Final = "220%07d"
FIRST_PHONE: Final = 3_000_000
TOKEN: Final = "token-of-the-benchmark"
DATA_KEY: Final = bytes(range(32))
LOOKUP_KEY: Final = b"lookup-key-of-the-benchmark-long-enough"


def environment(url: str, folder: Path) -> dict[str, str]:
    """Settings of a server on a world."""
    return {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "s" * 40,
        "DATA_KEYS": "bench:" + base64.b64encode(DATA_KEY).decode(),
        "LOOKUP_KEY": LOOKUP_KEY.decode(),
        "SIGNING_KEYS": "bench:" + base64.b64encode(DATA_KEY).decode(),
        "GATEWAY_TOKEN": TOKEN,
    }


def phone_of(caller: int) -> str:
    """The phone of a caller, from 0."""
    return "+" + PHONE % (FIRST_PHONE + caller)


@dataclass(frozen=True)
class Price:
    """One synthetic week of one product in one market; ``market`` and ``product`` count from 0."""

    market: int
    product: int
    week_of: date
    usual_minor: int


def prices() -> Iterator[Price]:
    """4,000 rows, the newest week first."""
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    for week in range(WEEKS):
        for market in range(MARKETS):
            for product in range(PRODUCTS):
                usual = 100 * (10 + (market * 37 + product * 101 + week * 13) % 290)
                yield Price(market, product, monday - timedelta(weeks=week), usual)


@dataclass(frozen=True)
class Names:
    """What the pack calls the markets and products in use, and their ids."""

    markets: tuple[tuple[int, str], ...]
    products: tuple[tuple[int, str, int], ...]  # id, name, id of its first unit

    @property
    def proof(self) -> list[list[str]]:
        """Lines of which *My market* must show at least one, by market."""
        lines: list[list[str]] = [[] for _ in self.markets]
        for price in list(prices())[: MARKETS * PRODUCTS]:
            name = self.products[price.product][1]
            lines[price.market].append(f"{name} D{price.usual_minor // 100}")
        return lines


def names_of(catalog: Catalog) -> Names:
    """The first markets and products of the pack."""
    markets = list(catalog.markets.values())[:MARKETS]
    products = [each for each in catalog.products.values() if each.units][:PRODUCTS]
    return Names(
        tuple((each.id, each.short_name) for each in markets),
        tuple((each.id, each.name("en"), each.units[0]) for each in products),
    )


def build(url: str, *, callers: int = CALLERS, spread: int = 1) -> Names:
    """A migrated database with pack, ``callers`` traders (ids ``spread`` apart) and prices."""
    migrate.upgrade(url)
    db = Database(url, lock_wait_seconds=20)
    try:
        load_pack(db, "gambia")
        catalog = Catalogs(db).for_code("*384*220#")
        names = names_of(catalog)
        with db.write.begin() as connection:
            _callers(connection, catalog, names, callers=callers, spread=spread)
            _price_weeks(connection, names)
    finally:
        db.dispose()
    settle(url)
    return names


def settle(url: str) -> None:
    """Let the planner know the tables, and fold SQLite's log into its file."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        if url.startswith("sqlite"):
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def _callers(
    connection: Connection, catalog: Catalog, names: Names, *, callers: int, spread: int
) -> None:
    vault = Vault({"bench": DATA_KEY}, LOOKUP_KEY)
    goods = next(iter(catalog.classes))
    people, traders = [], []
    for caller in range(callers):
        phone = phones.parse(phone_of(caller))
        assert phone is not None
        phone_hash = vault.lookup(phone.key)
        people.append(
            {
                "id": (caller + 1) * spread,
                "pack": catalog.pack_id,
                "hash": phone_hash,
                "sealed": vault.seal(phone.e164.encode(), bound_to=phone_hash.encode()),
                "market": names.markets[caller % MARKETS][0],
                "goods": goods,
                "now": _moment(),
            }
        )
    traders = people
    connection.execute(
        text(
            "INSERT INTO people (id, pack_id, phone_hash, phone_sealed, name, language,"
            " number_shown, market_id, consent_at, consent_version, held, created_at) VALUES (:id,"
            " :pack, :hash, :sealed, 'Caller', 'en', 'asked', :market, :now, 1, false, :now)"
        ),
        people,
    )
    connection.execute(
        text(
            "INSERT INTO traders (id, person_id, market_id, goods_class_id, status, joined_at)"
            " VALUES (:id, :id, :market, :goods, 'active', :now)"
        ),
        traders,
    )


def _price_weeks(connection: Connection, names: Names) -> None:
    rows: list[dict[str, Any]] = [
        {
            "market": names.markets[price.market][0],
            "product": names.products[price.product][0],
            "unit": names.products[price.product][2],
            "week": price.week_of,
            "seen": price.week_of,
            "low": price.usual_minor * 8 // 10,
            "usual": price.usual_minor,
            "high": price.usual_minor * 12 // 10,
        }
        for price in prices()
    ]
    connection.execute(
        text(
            "INSERT INTO price_weeks (market_id, product_id, unit_id, wholesale, week_of, reports,"
            " low_minor, first_quartile_minor, median_minor, third_quartile_minor, high_minor,"
            " last_seen_on) VALUES (:market, :product, :unit, false, :week, 9, :low, :low, :usual,"
            " :high, :high, :seen)"
        ),
        rows,
    )


def _moment() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def build_peer(path: Path, names: Names) -> None:
    """The same callers, markets and price rows in the tables that the peers' dialogues read."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        PRAGMA journal_mode=WAL;
        CREATE TABLE people (phone TEXT PRIMARY KEY, name TEXT, language TEXT, market_id INTEGER);
        CREATE TABLE markets (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE prices (market_id INTEGER, product TEXT, rank INTEGER, low INTEGER,
            usual INTEGER, high INTEGER, reports INTEGER, week_of TEXT);
        CREATE INDEX prices_of_market ON prices (market_id, week_of, rank);
        CREATE TABLE sessions (id TEXT PRIMARY KEY, phone TEXT, data TEXT, touched_at INTEGER);
        CREATE TABLE acts (key TEXT PRIMARY KEY, kind TEXT, result TEXT, done_at TEXT);
        CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT, actor TEXT, action TEXT,
            subject TEXT, before TEXT, after TEXT);
        """
    )
    connection.executemany(
        "INSERT INTO people VALUES (?, 'Caller', 'en', ?)",
        ((phone_of(caller), caller % MARKETS) for caller in range(CALLERS)),
    )
    connection.executemany(
        "INSERT INTO markets VALUES (?, ?)", enumerate(name for _, name in names.markets)
    )
    connection.executemany(
        "INSERT INTO prices VALUES (?, ?, ?, ?, ?, ?, 9, ?)",
        (
            (
                *(price.market, names.products[price.product][1], price.product),
                *(price.usual_minor * 8 // 10, price.usual_minor, price.usual_minor * 12 // 10),
                price.week_of.isoformat(),
            )
            for price in prices()
        ),
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()
