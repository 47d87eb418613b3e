"""Advances: money paid before it was owed: bought days first, then in the order in which it came.

Days bought ahead keep the price of the day of purchase: a later rise is booked as a rebate, after
a fall the difference stays as credit. Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Table, bindparam, cast, func, insert, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.fees.models_charges import (
    HAS_LEFT,
    IS_LIVE,
    IS_OPEN,
    Adjustment,
    Advance,
    Allocation,
    Charge,
)
from trader_platform.ledger.chart import ADVANCES, REBATES, RECEIVABLES
from trader_platform.ledger.models import Entry
from trader_platform.ledger.queries import currency_of
from trader_platform.ledger.service import post
from trader_platform.ledger.types import Booking
from trader_platform.payments.models import Payment

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_adjustments: Final[Table] = Adjustment.__table__  # type: ignore[assignment]
_entries: Final[Table] = Entry.__table__  # type: ignore[assignment]
DRAWN: Final = "advance"  # the kind of an entry by which charges draw on advances


@dataclass(frozen=True, slots=True)
class Draw:
    """What one charge takes of one advance, and what is given on top (a price bought before)."""

    charge_id: int
    advance_id: int
    payment_id: int
    taken_minor: int
    rebate_minor: int
    one_day: bool


def draw(charge: Owed, advance: Left) -> Draw | None:
    """How a charge is met by an advance; None where nothing of it is for this charge. Pure.

    A bought day meets the duty of a day that came after the purchase, and no penalty on top of it:
    that was never bought. A price that rose is given. What is more than its days cost is credit,
    for any fee.
    """
    of_the_day = charge.outstanding - min(charge.on_top, charge.outstanding)
    is_day = advance.fee == charge.fee and charge.period_from >= advance.paid_on
    if advance.days_left > 0 and is_day and of_the_day:
        taken = min(of_the_day, advance.price, advance.left)
        rebate = max(min(of_the_day, charge.price) - advance.price, 0)
        return Draw(charge.id, advance.id, advance.payment_id, taken, rebate, one_day=True)
    taken = min(charge.outstanding, advance.left - advance.days_left * advance.price)
    if taken <= 0:
        return None
    return Draw(charge.id, advance.id, advance.payment_id, taken, 0, one_day=False)


@dataclass
class Left:
    """What is left of an advance that was paid on a day."""

    id: int
    payment_id: int
    left: int
    fee: str
    price: int
    days_left: int
    paid_on: date


@dataclass
class Owed:
    """What of a charge is open; ``on_top`` is what was added to its price: penalties."""

    id: int
    fee: str
    outstanding: int
    price: int
    period_from: date
    on_top: int = 0


def meet(charge: Owed, advances: Sequence[Left]) -> list[Draw]:
    """What one charge takes of these advances, and lower both: bought days before plain credit."""
    draws: list[Draw] = []
    for advance in sorted(advances, key=lambda each: (each.days_left <= 0, each.id)):
        made = draw(charge, advance) if charge.outstanding else None
        if made is not None:
            draws.append(made)
            charge.outstanding -= made.taken_minor + made.rebate_minor
            advance.left -= made.taken_minor
            advance.days_left -= made.one_day
    return draws


def use_advances(session: Session, council_id: int, accounts: Sequence[int], *, by: By) -> int:
    """Let the open charges of these accounts draw on their advances; returns by how much.

    One ledger entry for all of it. Safe to repeat: what is drawn is not there any more.
    """
    connection = session.connection()
    if not (some := list(open_advances(connection, accounts))):
        return 0
    # Charges before advances, as a ticket holds them.
    owed = _open_charges(session, some)
    advances = open_advances(connection, some, held=True)
    draws: list[tuple[Draw, Owed]] = []
    for account_id, charges in owed.items():
        for charge in charges:
            draws += [(made, charge) for made in meet(charge, advances.get(account_id, []))]
    if draws:
        _book(session, council_id, draws, by=by)
    return sum(made.taken_minor + made.rebate_minor for made, _ in draws)


def take_rebates_back(session: Session, payment: Any, *, day: date, by: By) -> None:
    """Days that were never paid for keep no price: what they were let off is owed after all.

    For the payment of a ticket that is taken back, once. A day that came to nothing meanwhile (its
    market was closed) stays at nothing.
    """
    a, d = _allocations.c, _adjustments.c
    drawn = select(a.charge_id, a.entry_id).where(a.payment_id == payment.id).distinct().subquery()
    rows = session.execute(
        select(d.charge_id, func.sum(-d.amount_minor).label("minor"))
        .join(drawn, (drawn.c.charge_id == d.charge_id) & (drawn.c.entry_id == d.entry_id))
        .join(_charges, _charges.c.id == d.charge_id)
        .join(_entries, _entries.c.id == d.entry_id)
        .where(_entries.c.kind == DRAWN, d.kind == "rebate")  # not one that an officer gave
        .where(IS_LIVE, _charges.c.amount_minor > 0)
        .group_by(d.charge_id)
        .order_by(d.charge_id)
    ).all()
    total = sum(int(row.minor) for row in rows)
    if not total:
        return
    booking = Booking(
        council_id=payment.council_id,
        kind="rebate",
        key=f"void:{payment.id}:rebate",
        lines=((RECEIVABLES, total), (REBATES, -total)),
        currency=payment.currency,
        effective_date=day,
        content={"charges": [row.charge_id for row in rows]},
    )
    entry_id = post(session, booking, by=by).entry_id
    for row in rows:
        undone = _rebate(
            (row.charge_id, payment.council_id, int(row.minor)), entry_id=entry_id, day=day, by=by
        )
        session.execute(insert(_adjustments), undone | {"reason": "its ticket was taken back"})
        values = {"charge": row.charge_id, "met": -int(row.minor), "rebate": -int(row.minor)}
        session.connection().execute(_LOWER_CHARGE, values)


def _rebate(what: tuple[int, int, int], *, entry_id: int, day: date, by: By) -> dict[str, Any]:
    """A row of adjustments; ``what`` is the charge, its council and what is added to it."""
    charge_id, council_id, minor = what
    return {
        "charge_id": charge_id,
        "council_id": council_id,
        "kind": "rebate",
        "amount_minor": minor,
        "reason": "bought before the price rose",
        "state": "made",
        "made_by": by.actor_id,
        "entry_id": entry_id,
        "day": day,
        "made_at": epoch_ms(by.now),
    }


def open_advances(
    connection: Connection, accounts: Sequence[int], *, held: bool = False
) -> dict[int, list[Left]]:
    """What is left of these accounts' advances, by account; ``held`` until the commit."""
    a, p = _advances.c, _payments.c
    query = (
        select(a.account_id, a.id, a.payment_id, a.left_minor, a.fee, a.price_minor, a.days_left)
        .add_columns(p.paid_on)
        .join(_payments, p.id == a.payment_id)
        .where(a.account_id.in_(accounts), HAS_LEFT)
        .order_by(a.id)
    )
    found: dict[int, list[Left]] = {}
    for account_id, *values in connection.execute(
        query.with_for_update(of=_advances) if held else query
    ):
        found.setdefault(account_id, []).append(Left(*values))
    return found


def move_advances(
    session: Session, old: Sequence[int], new: int, council_id: int, *, by: By
) -> None:
    """What she paid ahead goes with her to another place of this council. Audited."""
    a = _advances.c
    moved = session.execute(
        update(_advances)
        .where(a.account_id.in_(old), HAS_LEFT)
        .values(account_id=new)
        .returning(a.id, a.left_minor)
    ).all()
    for id_, left in sorted(moved):
        record(
            session,
            "advance.move",
            by=by,
            subject=("advance", id_),
            after={"account": new, "left": left},
            council_id=council_id,
        )


def _open_charges(session: Session, accounts: Sequence[int]) -> dict[int, list[Owed]]:
    c, d = _charges.c, _adjustments.c
    on_top = select(func.coalesce(func.sum(d.amount_minor), 0)).where(
        d.charge_id == c.id, d.kind == "penalty", d.state == "made"
    )
    rows = session.execute(
        select(c.account_id, c.id, c.fee, c.outstanding_minor, c.price_minor, c.period_from)
        .add_columns(cast(on_top.scalar_subquery(), BigInteger))
        .where(c.account_id.in_(accounts), IS_OPEN)
        .order_by(c.period_from, c.rank, c.id)
        .with_for_update()
    )
    found: dict[int, list[Owed]] = {}
    for account_id, *values in rows:
        found.setdefault(account_id, []).append(Owed(*values))
    return found


def _book(session: Session, council_id: int, draws: Sequence[tuple[Draw, Owed]], *, by: By) -> None:
    taken = sum(made.taken_minor for made, _ in draws)
    rebate = sum(made.rebate_minor for made, _ in draws)
    lines = [(ADVANCES, taken), (RECEIVABLES, -taken - rebate)]
    if rebate:
        lines.append((REBATES, rebate))
    first = draws[0][0]
    # A charge draws on one advance again where it was owed again: after how many parts is new.
    parts = session.execute(_PARTS, {"charge": first.charge_id}).scalar_one()
    booking = Booking(
        council_id=council_id,
        kind=DRAWN,
        key=f"advance:{first.advance_id}:{first.charge_id}:{parts}",
        lines=tuple(line for line in lines if line[1]),
        currency=currency_of(session.connection(), council_id),
        effective_date=max(owed.period_from for _, owed in draws),
        content={"charges": [made.charge_id for made, _ in draws]},
    )
    entry_id = post(session, booking, by=by).entry_id
    _keep(session, council_id, draws, entry_id=entry_id, by=by)


_PARTS: Final = (
    select(func.count())
    .select_from(_allocations)
    .where(_allocations.c.charge_id == bindparam("charge"))
)
_LOWER_CHARGE: Final = (
    update(_charges)
    .where(_charges.c.id == bindparam("charge"))
    .values(
        outstanding_minor=_charges.c.outstanding_minor - bindparam("met"),
        amount_minor=_charges.c.amount_minor - bindparam("rebate"),
    )
)
_LOWER_ADVANCE: Final = (
    update(_advances)
    .where(_advances.c.id == bindparam("advance"))
    .values(
        left_minor=_advances.c.left_minor - bindparam("taken"),
        days_left=_advances.c.days_left - bindparam("one_day"),
    )
)


def _keep(
    session: Session,
    council_id: int,
    draws: Sequence[tuple[Draw, Owed]],
    *,
    entry_id: int,
    by: By,
) -> None:
    now = epoch_ms(by.now)
    session.execute(
        insert(_allocations),
        [
            {
                "payment_id": made.payment_id,
                "charge_id": made.charge_id,
                "council_id": council_id,
                "amount_minor": made.taken_minor,
                "entry_id": entry_id,
                "made_at": now,
            }
            for made, _ in draws
            if made.taken_minor
        ],
    )
    rebates = [
        _rebate(
            (made.charge_id, council_id, -made.rebate_minor),
            entry_id=entry_id,
            day=owed.period_from,
            by=by,
        )
        for made, owed in draws
        if made.rebate_minor
    ]
    if rebates:
        session.execute(insert(_adjustments), rebates)
    for made, _ in draws:
        met = made.taken_minor + made.rebate_minor
        values = {"charge": made.charge_id, "met": met, "rebate": made.rebate_minor}
        session.connection().execute(_LOWER_CHARGE, values)
        values = {
            "advance": made.advance_id,
            "taken": made.taken_minor,
            "one_day": int(made.one_day),
        }
        session.connection().execute(_LOWER_ADVANCE, values)
