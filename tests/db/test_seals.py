"""The triggers that seal books, receipts and audit, attacked by raw SQL on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.fixtures.books import DAY, booking, by, council_of
from tests.fixtures.world import World
from trader_platform.audit.service import record
from trader_platform.core.signing import Signer
from trader_platform.ledger.service import post
from trader_platform.ledger.service_chain import link, sign_day

TRIGGERS = {
    "sqlite": {
        *(f"ledger_entries_{x}" for x in ("insert", "update", "delete")),
        "postings_open",
        *(
            f"{table}_no_{x}"
            for table in (
                *("audit", "postings", "ledger_accounts", "ledger_chain", "daily_heads"),
                *("signing_keys", "receipts", "allocations"),
            )
            for x in ("update", "delete", "replace")
        ),
        "occupancies_no_overlap_INSERT",
        "occupancies_no_overlap_UPDATE",
    },
    "postgresql": {
        *(f"ledger_entries_{x}" for x in ("insert", "update", "delete", "truncate")),
        "postings_open",
        *(
            f"{table}_{x}"
            for table in (
                *("audit", "postings", "ledger_accounts", "ledger_chain", "daily_heads"),
                "signing_keys",
            )
            for x in ("append_only", "truncate")
        ),
        *(
            f"{table}_{x}"
            for table in ("receipts", "allocations")
            for x in ("no_update", "no_delete", "truncate")
        ),
    },
}
# What must fail on a posted entry with its two postings, a link, a head, a key and an audit row.
ATTACKS = (
    "UPDATE postings SET amount_minor = 1",
    "UPDATE postings SET entry_id = entry_id + 1",
    "DELETE FROM postings",
    "INSERT INTO postings (entry_id, account_id, council_id, day, amount_minor)"
    " SELECT entry_id, account_id, council_id, day, 5 FROM postings LIMIT 1",
    "UPDATE ledger_entries SET posted = false",
    "UPDATE ledger_entries SET kind = 'other'",
    "UPDATE ledger_entries SET posted = true",
    "DELETE FROM ledger_entries",
    "INSERT INTO ledger_entries (council_id, kind, idem_key, request_hash, effective_date,"
    " recorded_at, actor_kind, actor_id, posted) SELECT council_id, kind, 'forged', request_hash,"
    " effective_date, recorded_at, actor_kind, actor_id, true FROM ledger_entries LIMIT 1",
    "UPDATE ledger_accounts SET code = '1300'",
    "DELETE FROM ledger_accounts",
    "UPDATE ledger_chain SET hash = 'x'",
    "DELETE FROM ledger_chain",
    "UPDATE daily_heads SET hash = 'x'",
    "DELETE FROM daily_heads",
    "DELETE FROM signing_keys",
    "UPDATE audit SET action = 'other'",
    "DELETE FROM audit",
)
ONLY_SQLITE = (
    "REPLACE INTO ledger_entries SELECT * FROM ledger_entries LIMIT 1",
    "REPLACE INTO postings SELECT * FROM postings LIMIT 1",
    "REPLACE INTO ledger_accounts SELECT * FROM ledger_accounts LIMIT 1",
    "REPLACE INTO audit SELECT * FROM audit LIMIT 1",
    "INSERT OR REPLACE INTO ledger_chain SELECT * FROM ledger_chain LIMIT 1",
)
ONLY_POSTGRESQL = tuple(
    f"TRUNCATE {table} CASCADE"
    for table in (
        *("postings", "ledger_entries", "ledger_accounts", "ledger_chain", "daily_heads"),
        *("audit", "receipts", "allocations", "signing_keys"),
    )
)


@pytest.fixture
def books(world: World) -> World:
    with world.db.transaction() as session:
        council = council_of(session)
        post(session, booking(council, "a"), by=by())
        link(session, council)
        sign_day(session, council, DAY, Signer({"k1": bytes(32)}))
        record(session, "test", by=by(), subject=("entry", 1))
    return world


def run(world: World, *statements: str) -> None:
    with world.db.write.begin() as connection:
        for each in statements:
            connection.execute(text(each))


def _rows(world: World) -> list[object]:
    tables = ("ledger_entries", "postings", "ledger_accounts", "ledger_chain", "audit")
    with world.db.reading() as connection:
        return [connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables]


def test_no_raw_statement_changes_what_is_sealed(books: World) -> None:
    more = ONLY_SQLITE if books.db.is_sqlite else ONLY_POSTGRESQL
    before = _rows(books)
    for attack in (*ATTACKS, *more):
        with pytest.raises(DBAPIError):
            run(books, attack)
    assert _rows(books) == before


def test_an_entry_that_does_not_balance_is_not_posted(books: World) -> None:
    opened = (
        "INSERT INTO ledger_entries (council_id, kind, idem_key, request_hash, effective_date,"
        " recorded_at, actor_kind, actor_id, posted) SELECT council_id, kind, 'b', request_hash,"
        " effective_date, recorded_at, actor_kind, actor_id, false FROM ledger_entries LIMIT 1"
    )
    one_line = (
        "INSERT INTO postings (entry_id, account_id, council_id, day, amount_minor)"
        " SELECT (SELECT max(id) FROM ledger_entries), account_id, council_id, day, 5"
        " FROM postings LIMIT 1"
    )
    post_it = "UPDATE ledger_entries SET posted = true WHERE idem_key = 'b'"
    for statements in ((opened,), (opened, one_line), (opened, one_line, one_line)):
        with pytest.raises(DBAPIError):
            run(books, *statements, post_it)


def test_every_trigger_is_there(world: World) -> None:
    """Alembic's batch mode drops triggers without a word: this list is what must stand."""
    name = "sqlite" if world.db.is_sqlite else "postgresql"
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if world.db.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with world.db.reading() as connection:
        found = set(connection.execute(text(query)).scalars())
    assert found == TRIGGERS[name]
