"""Keeping payments and issuing receipts. Flushes, never commits; Core statements."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session
from stdnum import damm

from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.core.signing import Signer
from trader_platform.payments.codes import make_code
from trader_platform.payments.models import Payment, Receipt, ReceiptSeries

_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]
_receipts: Final[Table] = Receipt.__table__  # type: ignore[assignment]
_series: Final[Table] = ReceiptSeries.__table__  # type: ignore[assignment]

_NEW_PAYMENT: Final = insert(_payments).returning(_payments.c.id)
_NEW_RECEIPT: Final = insert(_receipts).inline()
_FIND_SERIES: Final = (
    select(_series.c.id, _series.c.last_serial, _series.c.last_hash)
    .where(
        _series.c.council_id == bindparam("council"),
        _series.c.year == bindparam("year_of"),
        _series.c.holder == bindparam("held_by"),
    )
    .with_for_update()
)
_NEW_SERIES: Final = insert(_series).returning(_series.c.id)
_MOVE_SERIES: Final = (
    update(_series)
    .where(_series.c.id == bindparam("series"))
    .values(last_serial=bindparam("serial"), last_hash=bindparam("hashed"))
)


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money that came in; ``payer`` is the keyed hash of the phone that paid, where one did."""

    council_id: int
    market_id: int
    account_id: int
    channel: str
    amount_minor: int
    currency: str
    paid_on: date
    source: str
    badge_id: int | None = None
    payer: str | None = None
    provider: str | None = None
    provider_txid: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A receipt as its payer gets it."""

    code: str
    serial: int


def keep_payment(session: Session, new: NewPayment, *, entry_id: int, by: By) -> tuple[int, str]:
    """Keep a payment that ``entry_id`` booked; returns its id and our reference.

    Once under ``by.key``: the act that calls it keeps that key. Races meet at unique constraints.
    """
    our_ref = _reference()
    now = epoch_ms(by.now)
    values = {
        "idem_key": by.key,
        "council_id": new.council_id,
        "market_id": new.market_id,
        "account_id": new.account_id,
        "channel": new.channel,
        "provider": new.provider,
        "provider_txid": new.provider_txid,
        "our_ref": our_ref,
        "payer": new.payer,
        "amount_minor": new.amount_minor,
        "currency": new.currency,
        "fee_minor": 0,
        "badge_id": new.badge_id,
        "source": new.source,
        "paid_on": new.paid_on,
        "paid_at": now,
        "recorded_at": now,
        "state": "booked",
        "entry_id": entry_id,
    }
    return int(session.connection().execute(_NEW_PAYMENT, values).scalar_one()), our_ref


def issue_receipt(
    session: Session,
    payment_id: int,
    new: NewPayment,
    *,
    holder: str,
    says: Mapping[str, Any],
    signer: Signer,
) -> Issued:
    """Issue the next receipt of a series: gapless, chained to the one before, signed.

    The series row is held until the commit, so two tickets of one badge go one after the other
    and two badges never wait for each other. ``says`` is what the receipt states beside its own
    number, code and amount: ids, numbers and days, no name and no phone.
    """
    year = new.paid_on.year
    asked = {"council": new.council_id, "year_of": year, "held_by": holder}
    connection = session.connection()
    row = connection.execute(_FIND_SERIES, asked).first()
    if row is None:
        opened = {"council_id": new.council_id, "year": year, "holder": holder}
        values = {**opened, "last_serial": 0, "last_hash": ""}
        series, serial, before = int(connection.execute(_NEW_SERIES, values).scalar_one()), 1, ""
    else:
        series, serial, before = row.id, row.last_serial + 1, row.last_hash
    code = make_code()
    content = content_of(new, holder=holder, serial=serial, code=code, says=says)
    hashed = chained(before, content)
    signature = signer.sign(hashed.encode())
    connection.execute(
        _NEW_RECEIPT,
        {
            "series_id": series,
            "serial": serial,
            "code": code,
            "payment_id": payment_id,
            "council_id": new.council_id,
            "day": new.paid_on,
            "content": content,
            "content_hash": hashed,
            "key_id": signature.key_id,
            "signature": signature.value,
            "state": "good",
        },
    )
    connection.execute(_MOVE_SERIES, {"series": series, "serial": serial, "hashed": hashed})
    return Issued(code, serial)


def void_receipt(session: Session, payment_id: int, *, day: date, reason: str) -> str:
    """Mark the receipt of a payment as taken back; its number and code stay. Returns the code.

    The triggers let this happen once. Raises NoResultFound where it is void already.
    """
    statement = (
        update(_receipts)
        .where(_receipts.c.payment_id == payment_id, _receipts.c.state == "good")
        .values(state="void", voided_on=day, void_reason=reason[:18])
        .returning(_receipts.c.code)
    )
    return str(session.execute(statement).scalar_one())


def content_of(
    new: NewPayment, *, holder: str, serial: int, code: str, says: Mapping[str, Any]
) -> str:
    """What a receipt states, as it is hashed and signed: JSON with sorted keys."""
    content = {
        "v": 1,
        "series": [new.council_id, new.paid_on.year, holder],
        "serial": serial,
        "code": code,
        "amount": new.amount_minor,
        "currency": new.currency,
        "market": new.market_id,
        "channel": new.channel,
        "paid_on": new.paid_on.isoformat(),
        **says,
    }
    return json.dumps(content, sort_keys=True, default=str, separators=(",", ":"))


def chained(before: str, content: str) -> str:
    """SHA-256 over the receipt before and this one's content, in hex."""
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def _reference() -> str:
    """Twelve drawn digits and a Damm check digit: what a payer may have to type."""
    digits = f"{secrets.randbelow(10**12):012d}"
    return digits + str(damm.calc_check_digit(digits))
