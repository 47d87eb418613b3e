"""Whether charges, payments, receipts and the books agree: L5, L6, L9, L10 and L12.

Derived from rows, trusting no cached figure; the ledger's own check is ``ledger.queries_check``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, and_, case, func, select
from sqlalchemy.sql import Select

from trader_platform.core.signing import is_signed
from trader_platform.fees.models_charges import IS_LIVE, Adjustment, Advance, Allocation, Charge
from trader_platform.fees.service_adjust import ALONE_MINOR, MADE_ALONE
from trader_platform.ledger.models import LedgerAccount, Posting, SigningKey
from trader_platform.ledger.queries_check import SHOWN, STREAM, Finding
from trader_platform.payments.models import Payment, Receipt, ReceiptSeries
from trader_platform.payments.service import chained

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]
_receipts: Final[Table] = Receipt.__table__  # type: ignore[assignment]

_LIVE: Final = (
    select(
        _allocations.c.charge_id,
        func.sum(_allocations.c.amount_minor).label("paid"),
    )
    .where(_allocations.c.undone_by.is_(None))
    .group_by(_allocations.c.charge_id)
    .subquery()
)


def check_fees(connection: Connection) -> tuple[Finding, ...]:
    """Findings are empty where all agrees; at most a few of each rule."""
    return tuple(
        finding
        for rule in (
            _charge_amounts,
            _second_persons,
            _outstanding,
            _payments_allocated,
            _control_accounts,
        )
        for finding in rule(connection)
    ) + tuple(_receipts_whole(connection))


def _charge_amounts(connection: Connection) -> Iterator[Finding]:
    """A charge comes to its price and its adjustments; one live charge a fee and period (L6)."""
    made = (
        select(Adjustment.charge_id, func.sum(Adjustment.amount_minor).label("changed"))
        .where(Adjustment.state == "made")
        .group_by(Adjustment.charge_id)
        .subquery()
    )
    right = _charges.c.price_minor + func.coalesce(made.c.changed, 0)
    query = (
        select(_charges.c.id)
        .outerjoin(made, made.c.charge_id == _charges.c.id)
        .where(IS_LIVE, _charges.c.amount_minor != right)
    )
    yield from _each(connection, query, "L6", "charge {0} is not its price and adjustments")
    c = _charges.c
    twice = (
        select(func.min(c.id))
        .where(IS_LIVE)
        .group_by(c.account_id, c.fee, c.period_from, c.period_to, c.unit_no)
        .having(func.count() > 1)
    )
    yield from _each(connection, twice, "L6", "charge {0} is raised twice")


def _second_persons(connection: Connection) -> Iterator[Finding]:
    """No charge was changed by more than officers may without a second person (L10)."""
    alone = (
        select(Adjustment.charge_id)
        .where(MADE_ALONE)
        .group_by(Adjustment.charge_id)
        .having(func.sum(func.abs(Adjustment.amount_minor)) > ALONE_MINOR)
    )
    yield from _each(connection, alone, "L10", "charge {0} was changed with no second person")


def _outstanding(connection: Connection) -> Iterator[Finding]:
    """What is outstanding is the amount less what is allocated, and never below zero (L5)."""
    paid = func.coalesce(_LIVE.c.paid, 0)
    query = (
        select(_charges.c.id)
        .outerjoin(_LIVE, _LIVE.c.charge_id == _charges.c.id)
        .where(
            IS_LIVE,
            _charges.c.outstanding_minor != _charges.c.amount_minor - paid,
        )
    )
    yield from _each(connection, query, "L5", "charge {0} is not what is left of it")


def _payments_allocated(connection: Connection) -> Iterator[Finding]:
    """No payment fills more than it is; what is left over is its advance (L5)."""
    filled = (
        select(_allocations.c.payment_id, func.sum(_allocations.c.amount_minor).label("filled"))
        .where(_allocations.c.undone_by.is_(None))
        .group_by(_allocations.c.payment_id)
        .subquery()
    )
    left = (
        select(_advances.c.payment_id, func.sum(_advances.c.left_minor).label("left_over"))
        .group_by(_advances.c.payment_id)
        .subquery()
    )
    used = func.coalesce(filled.c.filled, 0) + func.coalesce(left.c.left_over, 0)
    query = (
        select(_payments.c.id)
        .outerjoin(filled, filled.c.payment_id == _payments.c.id)
        .outerjoin(left, left.c.payment_id == _payments.c.id)
    )
    booked = query.where(_payments.c.state != "reversed", used != _payments.c.amount_minor)
    yield from _each(connection, booked, "L5", "payment {0} is not its allocations and advance")
    over = query.where(_payments.c.state == "reversed", used > _payments.c.amount_minor)
    yield from _each(connection, over, "L5", "reversed payment {0} still fills more than it was")


def _control_accounts(connection: Connection) -> Iterator[Finding]:
    """Receivables are what charges are outstanding, advances what payments left over (L12)."""
    for code, table, column, sign in (
        ("1100", _charges, _charges.c.outstanding_minor, 1),
        ("2100", _advances, _advances.c.left_minor, -1),
    ):
        of = case((IS_LIVE, column), else_=0) if table is _charges else column
        derived = dict(
            connection.execute(
                select(table.c.council_id, func.sum(of)).group_by(table.c.council_id)
            ).all()
        )
        booked = dict(
            connection.execute(
                select(LedgerAccount.council_id, func.sum(Posting.amount_minor))
                .join(
                    Posting,
                    and_(Posting.account_id == LedgerAccount.id),
                )
                .where(LedgerAccount.code == code)
                .group_by(LedgerAccount.council_id)
            ).all()
        )
        yield from _compare(code, derived, booked, sign)


def _compare(
    code: str, derived: Mapping[Any, Any], booked: Mapping[Any, Any], sign: int
) -> Iterator[Finding]:
    for council_id in {*derived, *booked}:
        rows = int(derived.get(council_id) or 0)
        books = int(booked.get(council_id) or 0) * sign
        if rows != books:
            yield Finding("L12", f"account {code} of council {council_id}: {rows}, books {books}")


def _receipts_whole(connection: Connection) -> Iterator[Finding]:
    """Gapless, chained, signed, and void exactly where the payment was reversed (L9).

    The signature of a series' last receipt is over a hash of all before it, so one is enough.
    """
    r = _receipts.c
    public = dict(connection.execute(select(SigningKey.key_id, SigningKey.public)).all())
    rows = connection.execution_options(yield_per=STREAM).execute(
        select(
            *(r.id, r.series_id, r.serial, r.content, r.content_hash, r.key_id, r.signature),
            *(r.state, Payment.state.label("paid")),
        )
        .join(Payment, Payment.id == r.payment_id)
        .order_by(r.series_id, r.serial)
    )
    found = 0
    last: dict[int, Row[Any]] = {}  # the last receipt of each series
    for row in rows:
        before = last.get(row.series_id)
        wrong = _receipt_wrong(row, before)
        if wrong and found < SHOWN:
            found += 1
            yield Finding("L9", f"receipt {row.id} {wrong}")
        last[row.series_id] = row
    for series in connection.execute(select(ReceiptSeries)).all():
        end = last.get(series.id)
        if end is None or (end.serial, end.content_hash) != (series.last_serial, series.last_hash):
            yield Finding("L9", f"series {series.id} does not end where its receipts do")
        elif not _is_signed(end, public.get(end.key_id)):
            yield Finding("L9", f"receipt {end.id} is not signed by a key of ours")


def _is_signed(row: Any, key: bytes | None) -> bool:
    return key is not None and is_signed(key, row.content_hash.encode(), row.signature)


def _receipt_wrong(row: Any, before: Any) -> str | None:
    if row.serial != (before.serial if before else 0) + 1:
        return "leaves a gap before it"
    if row.content_hash != chained(before.content_hash if before else "", row.content):
        return "is not chained to the one before"
    if (row.state == "void") != (row.paid == "reversed"):
        return "and its payment differ on whether it was taken back"
    return None


def _each(connection: Connection, query: Select[Any], rule: str, what: str) -> Iterator[Finding]:
    for (id_,) in connection.execute(query.limit(SHOWN)):
        yield Finding(rule, what.format(id_))
