"""Booking and reversing. Flushes, never commits; Core statements, for every ticket passes here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, TypeAlias

from sqlalchemy import (
    BindParameter,
    Connection,
    Date,
    Table,
    TextClause,
    Update,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import IdempotencyConflict
from trader_platform.core.once import By
from trader_platform.ledger.chart import heading
from trader_platform.ledger.models import Entry, GuardedBalance, LedgerAccount, Posting
from trader_platform.ledger.types import Booking, EntryGone, NotEnough, Posted, ReversedBefore

Lines: TypeAlias = tuple[tuple[str, int], ...]

_accounts: Final[Table] = LedgerAccount.__table__  # type: ignore[assignment]
_entries: Final[Table] = Entry.__table__  # type: ignore[assignment]
_postings: Final[Table] = Posting.__table__  # type: ignore[assignment]
_held: Final[Table] = GuardedBalance.__table__  # type: ignore[assignment]

_BY_KEY: Final = select(
    _entries.c.id, _entries.c.request_hash, _entries.c.effective_date, _entries.c.reverses
).where(_entries.c.idem_key == bindparam("key"))
# A fixed number of codes: a list that grows costs the driver as much as the statement itself.
CODES: Final = 4
# A ticket books two entries at most: what was owed, and the cash.
ENTRIES: Final = 2
_BY_CODE: Final = select(
    *(_accounts.c.id, _accounts.c.code),
    # Entries of the same keys on the way: each statement is paid for by who waits for a ticket.
    select(_entries.c.id)
    .where(_entries.c.idem_key.in_([bindparam(f"key{at}") for at in range(ENTRIES)]))
    .limit(1)
    .scalar_subquery()
    .label("entry_id"),
).where(
    _accounts.c.council_id == bindparam("council"),
    _accounts.c.code.in_([bindparam(f"code{at}") for at in range(CODES)]),
)
_NEW_ACCOUNT: Final = insert(_accounts).returning(_accounts.c.id)


@cache
def _insert_entries(entries: int) -> TextClause:
    """All entries of an act in one statement: drivers send a list of rows one by one."""
    own = ("kind", "key", "hash", "dated", "reverses")
    rows = ", ".join(
        f"(:council, {', '.join(f':{name}{at}' for name in own)}, :now, :actor_kind, :actor, :open)"
        for at in range(entries)
    )
    columns = "council_id, kind, idem_key, request_hash, effective_date, reverses, recorded_at"
    columns += ", actor_kind, actor_id, posted"
    sql = f"INSERT INTO ledger_entries ({columns}) VALUES {rows} RETURNING id, idem_key"  # noqa: S608 - no input
    dated = [bindparam(f"dated{at}", type_=Date) for at in range(entries)]
    return text(sql).bindparams(*dated)


@cache
def _insert_lines(lines: int) -> TextClause:
    """All lines of an act's entries in one statement."""
    own = ("entry", "account", "dated", "minor")
    rows = ", ".join(
        f"(:council, {', '.join(f':{name}{at}' for name in own)})" for at in range(lines)
    )
    columns = "council_id, entry_id, account_id, day, amount_minor"
    statement = text(f"INSERT INTO postings ({columns}) VALUES {rows}")  # noqa: S608 - no input
    return statement.bindparams(*(bindparam(f"dated{at}", type_=Date) for at in range(lines)))


@cache
def _seal(entries: int) -> Update:
    ids: list[BindParameter[int]] = [bindparam(f"entry{at}") for at in range(entries)]
    return update(_entries).where(_entries.c.id.in_(ids)).values(posted=bindparam("sealed"))


_MOVE_HELD: Final = (
    update(_held)
    .where(
        _held.c.account_id == bindparam("account"),
        _held.c.held_minor + bindparam("moved") >= 0,
    )
    .values(held_minor=_held.c.held_minor + bindparam("moved"))
)


def post(session: Session, booking: Booking, *, by: By) -> Posted:
    """Book one balanced entry and seal it. Safe to repeat under the same key.

    Raises ValueError where lines do not balance, IdempotencyConflict for a known key with other
    content, NotEnough where a guarded account would go below zero. What races under one key, or
    to open one account, meets at a unique constraint (IntegrityError): the caller tries again.
    """
    (posted,) = post_all(session, [booking], by=by)
    return posted


def post_all(session: Session, bookings: Sequence[Booking], *, by: By) -> list[Posted]:
    """Book the entries of one act of one council (``ENTRIES`` at most) as ``post`` books one."""
    for booking in bookings:
        if len(booking.lines) < 2 or sum(amount for _, amount in booking.lines) != 0:
            raise ValueError("an entry needs two lines that balance")
    if len({booking.council_id for booking in bookings}) != 1 or len(bookings) > ENTRIES:
        raise ValueError("entries that are booked together are few, and of one council")
    connection = session.connection()
    accounts, is_known = _accounts_of(connection, bookings)
    if is_known:
        return [_known(connection, each) or post(session, each, by=by) for each in bookings]
    for booking in bookings:
        for code in sorted({code for code, _ in booking.lines} - set(accounts)):
            accounts[code] = _open_account(connection, booking, code)
    ids = _open(connection, bookings, by)
    _write_lines(connection, bookings, ids, accounts)
    connection.execute(
        _seal(len(ids)), {"sealed": True, **{f"entry{at}": id_ for at, id_ in enumerate(ids)}}
    )
    _move_guarded(connection, [line for each in bookings for line in each.lines], accounts)
    return [Posted(id_) for id_ in ids]


def reverse(
    session: Session, entry_id: int, *, key: str, day: date, by: By, lines: Lines | None = None
) -> Posted:
    """Answer an entry by its opposite; ``lines`` where the way back is another (cash handed over).

    Raises EntryGone, ReversedBefore, NotEnough. Safe to repeat under the same key.
    """
    entry = session.execute(select(_entries).where(_entries.c.id == entry_id)).first()
    if entry is None:
        raise EntryGone(entry=entry_id)
    booked = session.execute(
        select(_accounts.c.code, _accounts.c.currency, _postings.c.amount_minor)
        .join(_accounts, _accounts.c.id == _postings.c.account_id)
        .where(_postings.c.entry_id == entry_id)
        .order_by(_postings.c.id)
    ).all()
    booking = Booking(
        council_id=entry.council_id,
        kind=f"{entry.kind}.reversal",
        key=key,
        lines=lines or tuple((row.code, -row.amount_minor) for row in booked),
        currency=booked[0].currency,
        effective_date=day,
        content={"reverses": entry_id},
        reverses=entry_id,
    )
    taken = session.execute(
        select(_entries.c.id).where(_entries.c.reverses == entry_id, _entries.c.idem_key != key)
    ).first()
    if taken is not None:
        raise ReversedBefore(entry=entry_id)
    return post(session, booking, by=by)


def request_hash(booking: Booking) -> str:
    """What was asked, hashed under the booking's own key: equal requests under two keys differ.

    Not its day, nor what it reverses: these stand in the entry itself.
    """
    asked = [booking.council_id, booking.kind, booking.lines, booking.currency]
    content = json.dumps(
        [asked, booking.content], sort_keys=True, default=str, separators=(",", ":")
    )
    key = hashlib.blake2b(booking.key.encode(), digest_size=32).digest()
    return hashlib.blake2b(content.encode(), digest_size=16, key=key).hexdigest()


def _known(connection: Connection, booking: Booking) -> Posted | None:
    known = connection.execute(_BY_KEY, {"key": booking.key}).first()
    if known is None:
        return None
    asked = (request_hash(booking), booking.effective_date, booking.reverses)
    if (known.request_hash, known.effective_date, known.reverses) != asked:
        raise IdempotencyConflict(entry=known.id)
    return Posted(known.id, repeated=True)


def _open(connection: Connection, bookings: Sequence[Booking], by: By) -> list[int]:
    values: dict[str, object] = {
        "council": bookings[0].council_id,
        "now": epoch_ms(by.now),
        "actor_kind": by.actor_kind,
        "actor": by.actor_id,
        "open": False,
    }
    for at, booking in enumerate(bookings):
        values |= {
            f"kind{at}": booking.kind,
            f"key{at}": booking.key,
            f"hash{at}": request_hash(booking),
            f"dated{at}": booking.effective_date,
            f"reverses{at}": booking.reverses,
        }
    rows = connection.execute(_insert_entries(len(bookings)), values)
    ids = {key: int(id_) for id_, key in rows}
    return [ids[booking.key] for booking in bookings]


def _write_lines(
    connection: Connection,
    bookings: Sequence[Booking],
    ids: Sequence[int],
    accounts: Mapping[str, int],
) -> None:
    values: dict[str, object] = {"council": bookings[0].council_id}
    at = 0
    for booking, entry_id in zip(bookings, ids, strict=True):
        for code, amount in booking.lines:
            values |= {
                f"entry{at}": entry_id,
                f"account{at}": accounts[code],
                f"dated{at}": booking.effective_date,
                f"minor{at}": amount,
            }
            at += 1
    connection.execute(_insert_lines(at), values)


def _accounts_of(
    connection: Connection, bookings: Sequence[Booking]
) -> tuple[dict[str, int], bool]:
    """Ids of the accounts by code, as far as they are open, and whether a key was booked."""
    is_known: bool | None = None
    codes = sorted({code for booking in bookings for code, _ in booking.lines})
    keys = {f"key{at}": bookings[min(at, len(bookings) - 1)].key for at in range(ENTRIES)}
    found: dict[str, int] = {}
    for first in range(0, len(codes), CODES):
        some = codes[first : first + CODES]
        asked: dict[str, object] = {
            f"code{at}": some[min(at, len(some) - 1)] for at in range(CODES)
        }
        asked |= {"council": bookings[0].council_id, **keys}
        for id_, code, entry_id in connection.execute(_BY_CODE, asked):
            found[code], is_known = id_, entry_id is not None
    if is_known is None:  # the council's first entry, or another request under these keys
        is_known = any(connection.execute(_BY_KEY, {"key": b.key}).first() for b in bookings)
    return found, is_known


def _open_account(connection: Connection, booking: Booking, code: str) -> int:
    chart = heading(code)
    values = {
        "council_id": booking.council_id,
        "code": code,
        "kind": chart.kind,
        "currency": booking.currency,
        "guarded": chart.guarded,
    }
    id_ = int(connection.execute(_NEW_ACCOUNT, values).scalar_one())
    if chart.guarded:
        connection.execute(insert(_held), {"account_id": id_, "held_minor": 0})
    return id_


def _move_guarded(
    connection: Connection, lines: Iterable[tuple[str, int]], accounts: Mapping[str, int]
) -> None:
    """Move what holders hold, in the order of accounts: two bookings never lock crosswise."""
    moved: dict[str, int] = {}
    for code, amount in lines:
        if heading(code).guarded:
            moved[code] = moved.get(code, 0) + amount
    for code in sorted(moved, key=accounts.__getitem__):
        if moved[code] == 0:
            continue
        values = {"account": accounts[code], "moved": moved[code]}
        if connection.execute(_MOVE_HELD, values).rowcount != 1:
            raise NotEnough(account=accounts[code])
