"""Raising charges, one by one and for a whole day in sets. Flushes, never commits.

A charge is raised once under (account, fee, period): the job, a ticket and a second run of either
meet at the same unique index. A set has one ledger entry; its lines are the sums of its charges.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.fees.models_charges import IS_LIVE, Charge
from trader_platform.fees.types import DutyView, OpenCharge
from trader_platform.ledger.chart import INCOME_OF_FEE, RECEIVABLES
from trader_platform.ledger.types import Booking

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_NEW: Final = insert(_charges).returning(_charges.c.id)
_LIVE: Final = select(
    *(_charges.c.id, _charges.c.fee, _charges.c.period_from, _charges.c.period_to),
    *(_charges.c.rank, _charges.c.outstanding_minor),
).where(
    _charges.c.account_id == bindparam("account"),
    _charges.c.fee == bindparam("asked"),
    _charges.c.period_from == bindparam("first"),
    _charges.c.period_to == bindparam("last"),
    _charges.c.unit_no == bindparam("unit"),
    IS_LIVE,
)


@dataclass(frozen=True, slots=True)
class NewCharge:
    """One fee of one period for an account; ``unit_no`` tells walk-ups of a day apart."""

    account_id: int
    council_id: int
    market_id: int
    fee: str
    period_from: date
    period_to: date
    tariff: DutyView
    unit_no: int = 0


def live_charge(session: Session, new: NewCharge) -> OpenCharge | None:
    """The charge of that fee and period where it was raised before, paid or not."""
    asked = {
        "account": new.account_id,
        "asked": new.fee,
        "first": new.period_from,
        "last": new.period_to,
        "unit": new.unit_no,
    }
    row = session.connection().execute(_LIVE, asked).first()
    return OpenCharge(*row) if row else None


def booking_of(new: NewCharge, *, key: str) -> Booking:
    """The entry that raises a charge: its account owes, the council has earned."""
    amount = new.tariff.amount_minor
    return Booking(
        council_id=new.council_id,
        kind="charge",
        key=key,
        lines=((RECEIVABLES, amount), (INCOME_OF_FEE[new.fee], -amount)),
        currency=new.tariff.currency,
        effective_date=new.period_from,
        content={"account": new.account_id, "fee": new.fee, "from": new.period_from},
    )


def keep_charge(session: Session, new: NewCharge, *, paid_minor: int, entry_id: int, by: By) -> int:
    """Keep a charge that ``entry_id`` booked, of which the act that raises it fills a part.

    Returns its id. What races meets at the unique index (IntegrityError): the caller tries again.
    """
    amount = new.tariff.amount_minor
    values = {
        "account_id": new.account_id,
        "council_id": new.council_id,
        "market_id": new.market_id,
        "fee": new.fee,
        "period_from": new.period_from,
        "period_to": new.period_to,
        "unit_no": new.unit_no,
        "tariff_id": new.tariff.tariff_id,
        "rank": new.tariff.rank,
        "price_minor": amount,
        "amount_minor": amount,
        "outstanding_minor": amount - paid_minor,
        "status": "live",
        "entry_id": entry_id,
        "raised_at": epoch_ms(by.now),
    }
    return int(session.connection().execute(_NEW, values).scalar_one())


def walk_up_number(key: str) -> int:
    """A number of its own for each walk-up, the same whenever the same request is repeated."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=7).digest())
