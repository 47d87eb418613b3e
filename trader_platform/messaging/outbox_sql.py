"""Statements of the outbox that differ between the two databases, and how sets of ids are given.

The drain reads and writes by the hundred thousand, so its statements are text on the driver: the
ORM would cost more than the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

_HOLES: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "skip_locked": "",
        "for_update": "",
        "ids": "(SELECT value FROM json_each(:ids))",
        "words": "(SELECT value FROM json_each(:words))",
        "results": "(SELECT json_extract(value, '$[0]') AS id,"
        " json_extract(value, '$[1]') AS provider,"
        " json_extract(value, '$[2]') AS cost FROM json_each(:results))",
        "no": "0",
    },
    "postgresql": {
        "skip_locked": "FOR UPDATE SKIP LOCKED",
        "for_update": "FOR NO KEY UPDATE",
        "ids": "(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:ids AS json)))",
        "words": "(SELECT value FROM json_array_elements_text(CAST(:words AS json)))",
        "results": "(SELECT CAST(value ->> 0 AS bigint) AS id, value ->> 1 AS provider,"
        " CAST(value ->> 2 AS integer) AS cost FROM json_array_elements(CAST(:results AS json)))",
        "no": "false",
    },
}


@lru_cache(maxsize=64)
def _statement(dialect: str, sql: str) -> TextClause:
    for hole, words in _HOLES[dialect].items():
        sql = sql.replace("{" + hole + "}", words)
    return text(sql)


def run(session: Session, sql: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """Run one statement with its ``{holes}`` filled for this database; the rows it returns."""
    connection = session.connection()
    result = connection.execute(_statement(connection.dialect.name, sql), values)
    return result.fetchall() if result.returns_rows else []


def run_many(session: Session, sql: str, values: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement for each of ``values``; none of them is no statement."""
    if values:
        connection = session.connection()
        connection.execute(_statement(connection.dialect.name, sql), values)


def look(connection: Connection, sql: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """The same for a read outside a transaction."""
    return connection.execute(_statement(connection.dialect.name, sql), values).fetchall()


def ids(values: Iterable[int | str | tuple[Any, ...]]) -> str:
    """A set as ``{ids}``, ``{words}`` or ``{results}`` takes it: one parameter, however many."""
    return json.dumps(list(values), separators=(",", ":"))
