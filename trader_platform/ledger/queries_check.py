"""Whether the books are whole: L1, L2, L7, L11 and L12, derived from entries and postings alone.

Nothing here trusts a cached figure or a trigger. Reads go in streams, so that a million postings
cost seconds and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, case, func, or_, select

from trader_platform.core.signing import is_signed
from trader_platform.ledger.models import (
    ChainLink,
    DailyHead,
    Entry,
    GuardedBalance,
    LedgerAccount,
    Posting,
    SigningKey,
)
from trader_platform.ledger.service_chain import head_content, link_hash

_accounts: Final[Table] = LedgerAccount.__table__  # type: ignore[assignment]
_entries: Final[Table] = Entry.__table__  # type: ignore[assignment]
_postings: Final[Table] = Posting.__table__  # type: ignore[assignment]
_held: Final[Table] = GuardedBalance.__table__  # type: ignore[assignment]
_links: Final[Table] = ChainLink.__table__  # type: ignore[assignment]
_heads: Final[Table] = DailyHead.__table__  # type: ignore[assignment]
_keys: Final[Table] = SigningKey.__table__  # type: ignore[assignment]

SHOWN: Final = 5  # findings of one kind; one is enough to stop for
STREAM: Final = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: its number in the list of rules, and which row breaks it."""

    rule: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """``drift_minor`` sums how far cached figures are from the postings they follow from."""

    entries: int
    postings: int
    linked: int
    drift_minor: int
    findings: tuple[Finding, ...]


def check_books(connection: Connection) -> Checked:
    """Check all councils' books; findings are empty where they are whole."""
    count = select(func.count())
    drift, held = _guarded(connection)
    linked, chained = _chain(connection)
    return Checked(
        entries=connection.execute(count.select_from(_entries)).scalar_one(),
        postings=connection.execute(count.select_from(_postings)).scalar_one(),
        linked=linked,
        drift_minor=drift,
        findings=(*_unbalanced(connection), *_unposted(connection), *held, *chained),
    )


def trial_balance(connection: Connection, council_id: int, as_of: Any) -> dict[str, int]:
    """Every account's balance at the end of a day, debits positive, from postings alone."""
    rows = connection.execute(
        select(_accounts.c.code, func.sum(_postings.c.amount_minor))
        .join(_accounts, _accounts.c.id == _postings.c.account_id)
        .where(_postings.c.council_id == council_id, _postings.c.day <= as_of)
        .group_by(_accounts.c.code)
        .order_by(_accounts.c.code)
    )
    return {code: int(total) for code, total in rows}


def published_keys(connection: Connection) -> dict[str, bytes]:
    """Public halves of all keys that ever signed, by id."""
    rows = connection.execute(select(_keys.c.key_id, _keys.c.public).order_by(_keys.c.key_id))
    return {row.key_id: row.public for row in rows}


def _unbalanced(connection: Connection) -> Iterator[Finding]:
    currencies = func.count(_accounts.c.currency.distinct())
    strangers = func.sum(case((_accounts.c.council_id != _postings.c.council_id, 1), else_=0))
    rows = connection.execute(
        select(_postings.c.entry_id, func.sum(_postings.c.amount_minor).label("total"))
        .join(_accounts, _accounts.c.id == _postings.c.account_id)
        .group_by(_postings.c.entry_id)
        .having(
            or_(
                func.sum(_postings.c.amount_minor) != 0,
                func.count() < 2,
                currencies != 1,
                strangers > 0,
            )
        )
        .limit(SHOWN)
    )
    for row in rows:
        yield Finding("L1", f"entry {row.entry_id} does not balance: {row.total}")


def _unposted(connection: Connection) -> Iterator[Finding]:
    rows = connection.execute(select(_entries.c.id).where(~_entries.c.posted).limit(SHOWN))
    for row in rows:
        yield Finding("L2", f"entry {row.id} was committed without being posted")


def _guarded(connection: Connection) -> tuple[int, list[Finding]]:
    """What holders hold against their postings: cached, derived, and never below zero."""
    derived = func.coalesce(func.sum(_postings.c.amount_minor), 0)
    rows = connection.execute(
        select(_accounts.c.id, _accounts.c.code, _held.c.held_minor, derived.label("derived"))
        .outerjoin(_held, _held.c.account_id == _accounts.c.id)
        .outerjoin(_postings, _postings.c.account_id == _accounts.c.id)
        .where(_accounts.c.guarded)
        .group_by(_accounts.c.id, _accounts.c.code, _held.c.held_minor)
    ).all()
    drift, findings = 0, []
    for row in rows:
        apart = abs((row.held_minor or 0) - row.derived)
        drift += apart
        if apart or row.derived < 0:
            what = f"account {row.id}: {row.held_minor} kept, {row.derived} booked"
            findings.append(Finding("L7", what))
    return drift, findings[:SHOWN]


def _chain(connection: Connection) -> tuple[int, list[Finding]]:
    linked, findings = 0, []
    heads = _heads_by_place(connection)
    before: dict[int, tuple[int, str]] = {}
    for link, entry, lines in _links_with_entries(connection):
        linked += 1
        seq, hash_before = before.get(link.council_id, (0, ""))
        right = link_hash(hash_before, entry, lines)
        if link.seq != seq + 1 or link.hash != right:
            findings.append(Finding("L11", f"link {link.seq} of council {link.council_id}"))
        before[link.council_id] = (link.seq, link.hash)
        for head in heads.pop((link.council_id, link.seq), []):
            if head.hash != link.hash or not _is_signed(head):
                findings.append(Finding("L11", f"head of {head.day}, council {head.council_id}"))
        if len(findings) >= SHOWN:
            break
    else:
        lost = [head for each in heads.values() for head in each]
        findings += [Finding("L11", f"head of {x.day} has no link") for x in lost]
    return linked, findings[:SHOWN]


def _heads_by_place(connection: Connection) -> dict[tuple[int, int], list[Row[Any]]]:
    rows = connection.execute(
        select(_heads, _keys.c.public).outerjoin(_keys, _keys.c.key_id == _heads.c.key_id)
    )
    found: dict[tuple[int, int], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.council_id, row.seq), []).append(row)
    return found


def _is_signed(head: Row[Any]) -> bool:
    content = head_content(head.council_id, head.day, head.seq, head.hash)
    return head.public is not None and is_signed(head.public, content, head.signature)


_LINKED: Final = (
    select(
        _links.c.council_id.label("chain"),
        _links.c.seq,
        _links.c.hash,
        _entries,
        _postings.c.account_id,
        _postings.c.amount_minor,
    )
    .join(_entries, _entries.c.id == _links.c.entry_id)
    .join(_postings, _postings.c.entry_id == _links.c.entry_id)
    .order_by(_links.c.council_id, _links.c.seq, _postings.c.id)
)


@dataclass(frozen=True, slots=True)
class _Link:
    council_id: int
    seq: int
    hash: str


def _links_with_entries(
    connection: Connection,
) -> Iterator[tuple[_Link, Row[Any], list[tuple[int, int]]]]:
    """Every link with its entry and postings, in the order of each council's chain."""
    rows: Iterable[Row[Any]] = connection.execution_options(yield_per=STREAM).execute(_LINKED)
    held: Row[Any] | None = None
    lines: list[tuple[int, int]] = []
    for row in rows:
        if held is not None and (row.chain, row.seq) != (held.chain, held.seq):
            yield _Link(held.chain, held.seq, held.hash), held, lines
            lines = []
        held = row
        lines.append((row.account_id, row.amount_minor))
    if held is not None:
        yield _Link(held.chain, held.seq, held.hash), held, lines
