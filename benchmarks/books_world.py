"""Councils to measure on: stalls, badges, charges and books in bulk, written around the services.

All of it is plainly synthetic. Triggers are off while rows are filled in, and on again after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.world import DATA_KEY, LOOKUP_KEY, phone_of, settle
from trader_platform.commands.packs import load_pack
from trader_platform.core import migrate
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import By
from trader_platform.core.phone import parse
from trader_platform.core.signing import Signer
from trader_platform.ledger.service_chain import publish_keys
from trader_platform.staff import service as staff
from trader_platform.staff.types import Role

FIRST: Final = date(2026, 1, 1)
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUTY: Final = 1000
SIGNER: Final = Signer({"bench": DATA_KEY})
CHARGES_EACH: Final = 50  # of one account: fifty market days
_PLACE: Final = f"(i - i / {CHARGES_EACH} * {CHARGES_EACH})"  # of a charge among its account's
_HOLDERS: Final = (
    "INSERT INTO people (id, pack_id, phone_hash, phone_sealed, name, language, number_shown,"
    " market_id, held, created_at)"
    " SELECT i, 1, 'bench' || i, {seal}, 'Bench', 'en', 'asked', {market}, false, {now} FROM n",
    "INSERT INTO contacts (id, pack_id, phone_hash, phone_sealed, stopped, stopped_topics,"
    " opted_out, misses, capped_count, created_at)"
    " SELECT i, 1, 'bench' || i, {seal}, '', '', false, 0, 0, 0 FROM n",
    "INSERT INTO traders (id, person_id, market_id, goods_class_id, status, joined_at)"
    " SELECT i, i, {market}, 1, 'active', {now} FROM n",
    "INSERT INTO stalls (id, market_id, number, card, demo)"
    " SELECT 1000000 + i, {market}, '' || i, '' || i, true FROM n",
    "INSERT INTO occupancies (stall_id, share, trader_id, council_id, starts_on, entered_by)"
    " SELECT 1000000 + i, 1, i, {council}, {first}, 'bench' FROM n",
)
_ACCOUNTS: Final = (
    "INSERT INTO fee_accounts (id, key, council_id, market_id, stall_id, trader_id,"
    " goods_class_id, space_class)"
    " SELECT i, 'stall:' || (1000000 + i) || ':trader:' || i, {council}, {market}, 1000000 + i, i,"
    " 1, '' FROM n"
)
_ENTRIES: Final = (
    "INSERT INTO ledger_entries (id, council_id, kind, idem_key, request_hash, effective_date,"
    " recorded_at, actor_kind, actor_id, posted)"
    " SELECT i, {council}, 'charge', 'bench:' || i, 'bench', {first}, i, 'job', 'bench', true"
    " FROM n"
)
_POSTINGS: Final = (
    "INSERT INTO postings (entry_id, account_id, council_id, day, amount_minor)"
    " SELECT i, CASE WHEN {half} THEN 1 ELSE 2 END, {council}, {first},"
    " CASE WHEN {half} THEN 1000 ELSE -1000 END FROM n"
)
_CHARGES: Final = (
    "INSERT INTO charges (account_id, council_id, market_id, fee, period_from, period_to, unit_no,"
    " tariff_id, rank, price_minor, amount_minor, outstanding_minor, status, entry_id, raised_at)"
    f" SELECT 1 + (i - 1) / {CHARGES_EACH}, {{council}}, {{market}}, 'daily_duty', {{day}},"
    f" {{day}}, 0, 1, 0, 1000, 1000, CASE WHEN {_PLACE} < 10 THEN 1000 ELSE 0 END,"
    " 'live', 1, 0 FROM n"
)


@dataclass(frozen=True)
class Badge:
    """A collector, as a worker process is told of him."""

    staff_id: int
    badge_id: int
    number: str


@dataclass(frozen=True)
class Place:
    """The council that is measured and its market."""

    council: int
    market: int


def build(url: str, *, stalls: int, badges: int = 1) -> list[Badge]:
    """A migrated database with the pack, its council's stalls, their holders and collectors."""
    migrate.upgrade(url)
    db = Database(url, lock_wait_seconds=20)
    load_pack(db, "gambia")
    place = place_of(url)
    with db.write.begin() as connection:
        for statement in _HOLDERS:
            _fill(connection, statement, stalls, place)
        connection.execute(
            text(
                "INSERT INTO tariffs (council_id, market_id, goods_class_id, fee, per, accrues,"
                " amount_minor, currency, valid_from, date_precision, certainty, source)"
                " VALUES (:council, :market, 1, 'daily_duty', 'day', 'held', :duty, 'GMD', :first,"
                " 'day', 'sourced', 'made up for the benchmark')"
            ),
            {"council": place.council, "market": place.market, "duty": DUTY, "first": FIRST},
        )
    made = [_badge(db, place, number) for number in range(badges)]
    db.dispose()
    settle(url)
    return made


def place_of(url: str) -> Place:
    """The same market of the pack each time."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        found = text("SELECT council_id, id FROM markets WHERE slug = 'latrikunda'")
        return Place(*connection.execute(found).one())


def add_charges(url: str, charges: int) -> None:
    """So many charges, a hundred for each account, ten of them open."""
    place = place_of(url)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        _fill(connection, _ACCOUNTS, charges // CHARGES_EACH, place)
        _entries(connection, 1, place)
        _fill(connection, _CHARGES, charges, place)
    settle(url)


def add_entries(url: str, entries: int) -> None:
    """So many posted entries of two postings each."""
    place = place_of(url)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        _entries(connection, entries, place)
    settle(url)


def add_callers(url: str, callers: int) -> None:
    """Give the first so many holders phones that dial, and open their council's books to them."""
    vault, place = Vault({"bench": DATA_KEY}, LOOKUP_KEY), place_of(url)
    phones_ = [parse(phone_of(number)) for number in range(callers)]
    rows = [{"id": at, "hash": vault.lookup(x.key)} for at, x in enumerate(phones_, 1) if x]
    agreed = "UPDATE people SET phone_hash = :hash, consent_at = created_at, consent_version = 1"
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"{agreed} WHERE id = :id"), rows)
        charging = text("UPDATE councils SET charging = true WHERE id = :id")
        connection.execute(charging, {"id": place.council})
    settle(url)


def _entries(connection: Connection, entries: int, place: Place) -> None:
    accounts = text(
        "INSERT INTO ledger_accounts (id, council_id, code, kind, currency, guarded)"
        " VALUES (1, :council, '1100', 'asset', 'GMD', false),"
        " (2, :council, '4100', 'income', 'GMD', false)"
    )
    connection.execute(accounts, {"council": place.council})
    triggers = _off(connection)
    _fill(connection, _ENTRIES, entries, place)
    for half in ("1 = 1", "1 = 0"):
        _fill(connection, _POSTINGS.replace("{half}", half), entries, place)
    for trigger in triggers:
        connection.exec_driver_sql(trigger)


def _off(connection: Connection) -> list[str]:
    """Take the seals off; returns what puts them on again."""
    if connection.dialect.name == "postgresql":
        tables = ("ledger_entries", "postings")
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        " AND tbl_name IN ('ledger_entries', 'postings')"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return [sql for _, sql in found]


def without_seals(url: str) -> None:
    """For measuring what the seals cost, and for nothing else."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        _off(connection)


def _fill(connection: Connection, statement: str, rows: int, place: Place) -> None:
    sqlite = connection.dialect.name == "sqlite"
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        if sqlite
        else f"WITH n AS (SELECT i FROM generate_series(1, {rows}) AS all_n(i))"
    )
    words = {
        "council": place.council,
        "market": place.market,
        "seal": "x'00'" if sqlite else "decode('00', 'hex')",
        "now": "'2026-01-01 09:00:00'" if sqlite else "timestamptz '2026-01-01 09:00:00+00'",
        "first": f"'{FIRST}'" if sqlite else f"date '{FIRST}'",
        "day": f"date('{FIRST}', '+' || {_PLACE} || ' days')"
        if sqlite
        else f"date '{FIRST}' + {_PLACE}::int",
    }
    into, _, select = statement.format(**words).partition(" SELECT ")
    # SQLite takes the numbers before INSERT, PostgreSQL too.
    connection.exec_driver_sql(f"{numbers} {into} SELECT {select}")


def _badge(db: Database, place: Place, number: int) -> Badge:
    with db.transaction() as session:
        publish_keys(session, SIGNER)
        new = staff.NewStaff(place.council, f"Bench-{number}")
        vault = Vault({"bench": DATA_KEY}, LOOKUP_KEY)
        staff_id = staff.add_staff(session, new, vault=vault, by=by(f"s{number}"))["staff"]
        at = {"market_id": place.market, "starts_on": FIRST, "by": by(f"a{number}")}
        staff.assign(session, staff_id, Role.COLLECTOR, **at)
        badge = staff.give_badge(session, staff_id, starts_on=FIRST, by=by(f"b{number}"))
    return Badge(staff_id, badge["badge"], badge["number"])


def by(key: str) -> By:
    """At noon of the day that is measured."""
    return By(key, "en", NOON, "staff", "1", "ussd")
