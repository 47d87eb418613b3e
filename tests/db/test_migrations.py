"""Revisions go up, down and up again on both databases, and make what the models describe."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from trader_platform.core import migrate
from trader_platform.core.db import Base, Database

MODELS = (
    "trader_platform.core.once",
    "trader_platform.audit.models",
    "trader_platform.traders.models",
    "trader_platform.market.models",
    "trader_platform.market.models_trade",
    "trader_platform.market.models_stalls",
    "trader_platform.fees.models",
    "trader_platform.fees.models_charges",
    "trader_platform.fees.models_reports",
    "trader_platform.ledger.models",
    "trader_platform.payments.models",
    "trader_platform.staff.models",
    "trader_platform.messaging.models",
    "ussd.models",
)


def load_models() -> None:
    for name in MODELS:
        import_module(name)


def test_up_down_up(database: Database, db_url: str) -> None:
    migrate.downgrade(db_url)
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(db_url)
    migrate.upgrade(db_url)
    with database.reading() as connection:
        assert migrate.current(connection) == migrate.head()
        assert "people" in inspect(connection).get_table_names()


def test_tables_are_what_the_models_say(database: Database) -> None:
    load_models()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name(database: Database) -> None:
    load_models()
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"


def test_every_models_module_is_known_here() -> None:
    """A table that no revision makes would pass unseen otherwise."""
    root = Path(__file__).resolve().parents[2]
    found = {
        str(path.relative_to(root).with_suffix("")).replace("/", ".")
        for package in ("trader_platform", "ussd", "sms")
        for path in (root / package).rglob("*.py")
        if re.search(r"^class \w+\(Base\):", path.read_text("utf-8"), re.M)
    }
    assert found == set(MODELS)


def test_one_head_and_it_is_written_down() -> None:
    written = (migrate.SCRIPTS / ".current-head").read_text("utf-8").strip()
    assert written == migrate.head()
