"""What officers ask of the books: arrears, defaulters, expected against collected, registers.

Every figure carries the filter that made it, so that a page can open it to its rows. Lists are
paged by key. A council sees only itself: each query takes the council first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from trader_platform.fees.models_charges import (
    IS_LIVE,
    IS_OPEN,
    Allocation,
    Charge,
    FeeAccount,
)
from trader_platform.fees.models_reports import Report
from trader_platform.market.models import Stall
from trader_platform.payments.models import Payment, Receipt, ReceiptSeries
from trader_platform.staff.models import Badge

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
PAGE: Final = 50
# Days past due, as ageing tables of councils are cut.
BUCKETS: Final = ((0, 7), (8, 30), (31, 90), (91, None))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a figure was made from: a council, perhaps a market, from a day to a day."""

    council_id: int
    first: date
    last: date
    market_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is owed, by how long it has been: ``days`` from-to (to is None: and older)."""

    days: tuple[int, int | None]
    charges: int
    minor: int


@dataclass(frozen=True, slots=True)
class Defaulter:
    """One account that owes, with its oldest day."""

    account_id: int
    trader_id: int | None
    stall: str | None
    owed_minor: int
    since: date


@dataclass(frozen=True, slots=True)
class Collected:
    """What should have come in and what did; ``of`` is a day, a zone or a badge."""

    of: Any
    expected_minor: int
    collected_minor: int
    made_by: Filter


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One receipt of the register; void ones keep their line."""

    receipt_id: int
    series: str
    serial: int
    code: str
    day: date
    amount_minor: int
    badge: str | None
    state: str
    void_reason: str | None


def arrears(connection: Connection, council_id: int, today: date) -> tuple[Ageing, ...]:
    """Arrears by age. What is owed for today is not in arrears yet."""
    c = _charges.c
    found = []
    for low, high in BUCKETS:
        newest = today - timedelta(days=max(low, 1))
        query = select(func.count(), func.coalesce(func.sum(c.outstanding_minor), 0)).where(
            c.council_id == council_id,
            IS_OPEN,
            c.period_to <= newest,
        )
        if high is not None:
            query = query.where(c.period_to >= today - timedelta(days=high))
        count, minor = connection.execute(query).one()
        found.append(Ageing((low, high), count, int(minor)))
    return tuple(found)


def defaulters(
    connection: Connection,
    council_id: int,
    today: date,
    *,
    after: tuple[int, int] | None = None,
    limit: int = PAGE,
) -> tuple[Defaulter, ...]:
    """Accounts in arrears, who owes most first; ``after`` is (owed, account) of the last line."""
    c = _charges.c
    owed = func.sum(c.outstanding_minor)
    query = (
        select(FeeAccount.id, FeeAccount.trader_id, Stall.number, owed, func.min(c.period_from))
        .join(FeeAccount, FeeAccount.id == c.account_id)
        .outerjoin(Stall, Stall.id == FeeAccount.stall_id)
        .where(
            c.council_id == council_id,
            FeeAccount.trader_id.is_not(None),  # nobody knows who a walk-up was
            IS_OPEN,
            c.period_to < today,
        )
        .group_by(FeeAccount.id, FeeAccount.trader_id, Stall.number)
        .order_by(owed.desc(), FeeAccount.id)
        .limit(limit)
    )
    if after is not None:
        query = query.having((owed < after[0]) | ((owed == after[0]) & (FeeAccount.id > after[1])))
    rows = connection.execute(query)
    return tuple(
        Defaulter(account, trader, stall, int(minor), since)
        for account, trader, stall, minor, since in rows
    )


def collected_by_day(connection: Connection, asked: Filter) -> tuple[Collected, ...]:
    """Expected (charges after adjustments) against collected (payments that stand), day by day."""
    expected = _by(connection, _expected(asked, _charges.c.period_from))
    collected = _by(connection, _paid(asked, _payments.c.paid_on))
    return _beside(expected, collected, asked)


def collected_by_zone(connection: Connection, asked: Filter) -> tuple[Collected, ...]:
    """The same by zone of the market; an empty zone is of no stall, or of one in no zone."""
    zone = func.coalesce(Stall.zone, "")
    stalls = (FeeAccount.id, Stall.id == FeeAccount.stall_id)
    expected = (
        _expected(asked, zone)
        .join(FeeAccount, stalls[0] == _charges.c.account_id)
        .outerjoin(Stall, stalls[1])
    )
    paid = (
        _paid(asked, zone)
        .join(FeeAccount, stalls[0] == _payments.c.account_id)
        .outerjoin(Stall, stalls[1])
    )
    return _beside(_by(connection, expected), _by(connection, paid), asked)


def collected_by_badge(connection: Connection, asked: Filter) -> tuple[Collected, ...]:
    """Collected by badge, beside what the charges that its payments filled come to.

    Of whatever day these charges are, and each once for a badge: who takes D5 of a duty of D10 was
    to bring 10 and brought 5. Who was not asked at all is no badge's: she counts in the lines of
    day and zone. Money for days ahead is in collected only, until these days are charged.
    """
    paid = _paid(asked, Badge.number).join(Badge, Badge.id == _payments.c.badge_id)
    return _beside(_by(connection, _filled(asked)), _by(connection, paid), asked)


def register(
    connection: Connection, asked: Filter, *, after: int = 0, limit: int = PAGE
) -> tuple[RegisterLine, ...]:
    """Receipts in the order in which they were issued, good and void."""
    query = _register(asked).where(Receipt.id > after).order_by(Receipt.id).limit(limit)
    return tuple(RegisterLine(*row) for row in connection.execute(query))


def voids(
    connection: Connection, asked: Filter, *, after: int = 0, limit: int = PAGE
) -> tuple[RegisterLine, ...]:
    """Receipts that were taken back, by the day on which they were issued."""
    query = _register(asked).where(Receipt.state == "void", Receipt.id > after)
    return tuple(
        RegisterLine(*row) for row in connection.execute(query.order_by(Receipt.id).limit(limit))
    )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports about one badge: many of them say more than one."""

    badge: str
    reports: int
    right: int
    too_much_minor: int


def report_clusters(connection: Connection, asked: Filter) -> tuple[Cluster, ...]:
    """Overcharge and no-ticket reports by badge, most first."""
    r = Report
    # She may report also what was no more than the duty: that makes nobody else's less.
    more = case((r.paid_minor > r.due_minor, r.paid_minor - r.due_minor), else_=0)
    query = (
        select(r.badge, func.count(), func.sum(case((r.state == "right", 1), else_=0)))
        .add_columns(func.sum(more))
        .where(
            r.council_id == asked.council_id,
            r.badge.is_not(None),
            r.kind.in_(("overcharge", "no_ticket")),
            r.day.between(asked.first, asked.last),
        )
        .group_by(r.badge)
        .order_by(func.count().desc(), r.badge)
    )
    if asked.market_id:
        query = query.where(r.market_id == asked.market_id)
    rows = connection.execute(query)
    return tuple(Cluster(row[0], row[1], int(row[2]), int(row[3])) for row in rows)


def _expected(asked: Filter, of: Any) -> Any:
    c = _charges.c
    query = (
        select(of.label("of"), func.sum(c.amount_minor))
        .select_from(_charges)
        .where(
            c.council_id == asked.council_id,
            IS_LIVE,
            c.period_from.between(asked.first, asked.last),
        )
        .group_by(of)
    )
    return query.where(c.market_id == asked.market_id) if asked.market_id else query


def _paid(asked: Filter, of: Any) -> Any:
    p = _payments.c
    return (
        select(of.label("of"), func.sum(p.amount_minor))
        .select_from(_payments)
        .where(*_stands(asked))
        .group_by(of)
    )


def _filled(asked: Filter) -> Any:
    """What charges come to that payments of the filter filled, by badge; each charge once."""
    p, a, c = _payments.c, _allocations.c, _charges.c
    charges = (
        select(Badge.number, c.id, c.amount_minor)
        .select_from(_payments)
        .join(Badge, Badge.id == p.badge_id)
        .join(_allocations, a.payment_id == p.id)
        .join(_charges, c.id == a.charge_id)
        .where(*_stands(asked), a.undone_by.is_(None))
        .distinct()
        .subquery()
    )
    of = charges.c.number
    return select(of, func.sum(charges.c.amount_minor)).group_by(of)


def _stands(asked: Filter) -> list[ColumnElement[bool]]:
    """Payments of the filter that nobody took back."""
    p = _payments.c
    stands = [
        p.council_id == asked.council_id,
        p.state != "reversed",
        p.paid_on.between(asked.first, asked.last),
    ]
    return [*stands, p.market_id == asked.market_id] if asked.market_id else stands


def _by(connection: Connection, query: Any) -> dict[Any, int]:
    return {of: int(total) for of, total in connection.execute(query)}


def _beside(
    expected: dict[Any, int], collected: dict[Any, int], asked: Filter
) -> tuple[Collected, ...]:
    keys: Sequence[Any] = sorted({*expected, *collected})
    return tuple(Collected(key, expected.get(key, 0), collected.get(key, 0), asked) for key in keys)


def _register(asked: Filter) -> Any:
    query = (
        select(
            Receipt.id,
            ReceiptSeries.holder,
            Receipt.serial,
            Receipt.code,
            Receipt.day,
            _payments.c.amount_minor,
            Badge.number,
            Receipt.state,
            Receipt.void_reason,
        )
        .join(ReceiptSeries, ReceiptSeries.id == Receipt.series_id)
        .join(_payments, _payments.c.id == Receipt.payment_id)
        .outerjoin(Badge, Badge.id == _payments.c.badge_id)
        .where(
            Receipt.council_id == asked.council_id,
            Receipt.day.between(asked.first, asked.last),
        )
    )
    return query.where(_payments.c.market_id == asked.market_id) if asked.market_id else query
