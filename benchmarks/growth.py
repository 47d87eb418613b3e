"""Whether a hop stays as quick when a thousand traders have become a million."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.hops import HOP_PATH, ours
from benchmarks.load import PRICES, Sample, Target, learn, press
from benchmarks.servers import Server, small_and_large
from benchmarks.world import Names, build, settle

SMALL: Final = 1_000
LARGE: Final = 1_000_000
CONNECTIONS: Final = 1  # one dialogue's hop after the other: the time of a hop, not a queue's

_FILL = {
    "people": (
        "INSERT INTO people (id, pack_id, phone_hash, name, language, number_shown, market_id,"
        " held, created_at) SELECT i, 1, {hash}, 'Filler', 'en', 'asked', {market}, false, {now}"
        " FROM n"
    ),
    "traders": (
        "INSERT INTO traders (id, person_id, market_id, goods_class_id, status, joined_at)"
        " SELECT i, i, {market}, 1, 'active', {now} FROM n"
    ),
    "listings": (
        "INSERT INTO listings (id, trader_id, market_id, product_id, unit_id, quantity,"
        " quantity_left, price_minor, currency, status, posted_at, expires_at, expires_on, channel)"
        " SELECT i, i, {market}, {product}, 1, 5, 5, 1000 + i % 5000, 'GMD',"
        " CASE WHEN i % 20 = 1 THEN 'open' ELSE 'sold' END, {now}, {now}, {today}, 'ussd' FROM n"
    ),
    "ussd_sessions": (
        "INSERT INTO ussd_sessions (gateway, session_id, phone_hash, service_code, hop, version,"
        " redial, state, trail, language, pack_id, status, started_at, touched_at)"
        " SELECT 'africastalking', 'ATUid_' || {hash}, {hash}, '*384*220#', 3, 1, 'R0', {blob},"
        " 'home@1,price.home@2,price.mine@3,', 'en', 1, 'ended', {then}, {then} FROM n"
    ),
}
_SQLITE = {
    "n": "WITH RECURSIVE all_n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM all_n WHERE i < {last}),"
    " n AS (SELECT i FROM all_n WHERE i % {spread} <> 0)",
    "hash": "lower(hex(randomblob(16)))",
    "blob": "randomblob(320)",
    "now": "'2026-01-01 09:00:00'",
    "today": "'2026-01-01'",
}
_POSTGRES = {
    "n": "WITH n AS (SELECT i FROM generate_series(1, {last}) AS all_n(i) WHERE i % {spread} <> 0)",
    "hash": "md5('filler ' || i)",
    "blob": "decode(repeat(md5('state ' || i), 20), 'hex')",
    "now": "timestamptz '2026-01-01 09:00:00+00'",
    "today": "date '2026-01-01'",
}


@dataclass
class Pair:
    """The same service on a small and a large database, pressed in turns."""

    database: str
    small: list[Sample] = field(default_factory=list)
    large: list[Sample] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Time of a hop on the large one as a multiple of the small one's, by round."""
        return [s.rate / x.rate for s, x in zip(self.small, self.large, strict=True)]


def measure(rounds: int, seconds: int) -> list[Pair]:
    """Both databases."""
    return [
        _pair(database, urls, folder, rounds=rounds, seconds=seconds)
        for database, urls, folder in small_and_large()
    ]


def _pair(database: str, urls: list[str], folder: Path, *, rounds: int, seconds: int) -> Pair:
    pair = Pair(database)
    names = build(urls[0], callers=SMALL)
    fill(urls[0], last=2 * SMALL, spread=2, people=False)
    build(urls[1], callers=SMALL, spread=LARGE // SMALL)
    fill(urls[1], last=LARGE, spread=LARGE // SMALL)
    print(f"  {database}: filled", file=sys.stderr, flush=True)
    with ExitStack() as stack:
        targets = []
        for url in urls:
            server = stack.enter_context(ours(url, folder, workers=1, DEMO="1"))
            targets.append(_learn(server, names))
        for number in range(rounds + 1):
            for target, kept in zip(targets, (pair.small, pair.large), strict=True):
                sample = press(
                    target,
                    PRICES,
                    connections=CONNECTIONS,
                    seconds=seconds,
                    seed=number + 1,
                    folder=folder,
                    callers=SMALL,
                )
                if number:  # the first warms the caches of both
                    kept.append(sample)
    return pair


def _learn(server: Server, names: Names) -> Target:
    return learn(server.port, HOP_PATH, PRICES, names.proof)


def fill(url: str, *, last: int, spread: int, people: bool = True) -> None:
    """Rows around the callers', in one statement a table; ids that are callers' stay free."""
    engine = create_engine(url, poolclass=NullPool)
    is_sqlite = url.startswith("sqlite")
    words = {
        **(_SQLITE if is_sqlite else _POSTGRES),
        "market": "1 + i % 20",
        "product": "1 + i % 100",
        "then": "1700000000000 + i",
    }
    numbers = words.pop("n").format(last=last, spread=spread)
    with engine.begin() as connection:
        if is_sqlite:
            for pragma in ("cache_size=-600000", "synchronous=OFF", "temp_store=MEMORY"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table, rows in _FILL.items():
            if not people and table in ("people", "traders"):
                continue
            statement = rows.format(**words).replace(" SELECT ", f" {numbers} SELECT ", 1)
            connection.exec_driver_sql(statement.replace("%", "%%") if not is_sqlite else statement)
    settle(url)
    if is_sqlite:
        os.sync()
