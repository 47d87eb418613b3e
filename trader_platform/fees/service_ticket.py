"""A ticket: charge, payment, allocation, receipt, books, trail and text, in one commit.

Core statements only: a collector's phone waits for this. Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.once import By, Result, once
from trader_platform.core.signing import Signer
from trader_platform.fees.accounts import (
    Payer,
    find_payer,
)
from trader_platform.fees.apportion import Apportioned, apportion
from trader_platform.fees.models_charges import Advance, Allocation, Charge
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.service_charges import (
    NewCharge,
    booking_of,
    keep_charge,
)
from trader_platform.fees.service_owed import (
    NOT_YET,
    TakeTicket,
    may_fill,
    refuse_too_much,
)
from trader_platform.fees.texts import queue_proof
from trader_platform.fees.types import (
    DAILY_DUTY,
    DutyView,
    WrongAmount,
)
from trader_platform.ledger.chart import ADVANCES, COLLECTOR, RECEIVABLES, held_by
from trader_platform.ledger.queries import currency_of
from trader_platform.ledger.service import post_all
from trader_platform.ledger.types import Booking
from trader_platform.payments.service import NewPayment, issue_receipt, keep_payment
from trader_platform.staff.service import authorise
from trader_platform.staff.types import NotAllowed, Role

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]

COLLECTORS: Final = frozenset({Role.COLLECTOR})
MOST_MINOR: Final = 10_000_000  # D100,000: nobody pays more duty in one ticket
_ALLOCATE: Final = insert(_allocations).inline()
_FILL: Final = (
    update(_charges)
    .where(_charges.c.id == bindparam("charge"))
    .values(outstanding_minor=_charges.c.outstanding_minor - bindparam("part"))
)


def take_ticket(session: Session, command: TakeTicket, *, signer: Signer, by: By) -> Result:
    """Take a payment and issue its ticket. Safe to repeat and to race: one key, one ticket.

    Raises NotAllowed for a badge that may not take duty here today, NoOccupant, OtherCouncil,
    MarketClosed, NoTariff, WrongAmount for what is no amount or more than a walk-up owes, and
    PaidToday for more than is owed where nothing is to be paid ahead.
    Returns the ticket's code and number, the days it fills, what is left to pay, and whether the
    payer gets a text.
    """

    def do() -> Result:
        return issue_ticket(session, command, signer=signer, by=by)

    content = {
        "badge": command.badge,
        "market": command.market_id,
        "stall": command.who.stall_id,
        "trader": command.who.trader_id,
        "goods": command.who.goods_class_id,
        "amount": command.amount_minor,
        "day": command.day.date,
        "today": command.today,
        "ahead": command.ahead,
    }
    return once(session, by, kind="ticket.take", content=content, do=do)


def issue_ticket(
    session: Session, command: TakeTicket, *, signer: Signer, by: By, mends: str | None = None
) -> Result:
    """Part of an act: take the payment and issue its ticket.

    ``mends`` is the code of her ticket in whose place it stands; her text says so.
    """
    payer, tariff = _payer(session, command, by)
    account_id, owed, today, raised = may_fill(session, command, payer, tariff, by=by)
    named = (today.id,) if today is not None and command.today else ()
    filled = apportion(command.amount_minor, owed, named=named)
    refuse_too_much(command, payer, owed, filled, tariff=tariff)
    new = NewPayment(
        council_id=payer.place.council_id,
        market_id=payer.place.market_id,
        account_id=account_id,
        channel="cash",
        amount_minor=command.amount_minor,
        currency=_currency(session, payer, tariff),
        paid_on=local_day(by.now, command.zone),
        source=command.source,
        badge_id=command.badge_id,
    )
    payment_id, entry_id, raised_id = _book(session, command, new, filled, raised, by=by)
    _allocate(session, filled, new, raised_id, payment_id=payment_id, entry_id=entry_id, by=by)
    left = sum(x.outstanding_minor for x in owed) + filled.rest_minor - command.amount_minor
    ahead = _pay_ahead(session, filled.rest_minor, new, payment_id, tariff=tariff, by=by)
    issued = issue_receipt(
        session,
        payment_id,
        new,
        holder=command.badge,
        says=_says(command, payer, account_id, filled),
        signer=signer,
    )
    result: Result = {
        "payment": payment_id,
        "code": issued.code,
        "serial": issued.serial,
        "market": new.market_id,
        "stall": payer.stall_id,
        "number": payer.stall_number,
        "trader": payer.trader_id,
        "amount": command.amount_minor,
        "days": [day.isoformat() for day in days_of(filled)],
        "left": left,
        "ahead": filled.rest_minor,
        "ahead_days": ahead,
    }
    proof = {**result, "badge": command.badge, "mends": mends}
    result["text"] = queue_proof(session, proof, now=by.now, zone=command.zone)
    _audit(session, command, result, new.council_id, by)
    return result


def _currency(session: Session, payer: Payer, tariff: DutyView | None) -> str:
    if tariff is not None:
        return tariff.currency
    return currency_of(session.connection(), payer.place.council_id)


def _payer(session: Session, command: TakeTicket, by: By) -> tuple[Payer, DutyView | None]:
    """Who pays and what the duty is there; refuses what this badge may not take."""
    if not 1 <= command.amount_minor <= MOST_MINOR:
        raise WrongAmount(amount=command.amount_minor, least=1, most=MOST_MINOR)
    connection = session.connection()
    payer = find_payer(connection, command.who, market_id=command.market_id, day=command.day.date)
    badge = authorise(
        session,
        command.staff_id,
        payer.place.council_id,
        COLLECTORS,
        day=local_day(by.now, command.zone),
        market_id=payer.place.market_id,
        badge_id=command.badge_id,
    )
    if badge != command.badge:
        raise NotAllowed(staff=command.staff_id, badge=command.badge_id)
    return payer, tariff_for(connection, DAILY_DUTY, payer.place, command.day)


def _says(
    command: TakeTicket, payer: Payer, account_id: int, filled: Apportioned
) -> dict[str, object]:
    """What the receipt states: place, badge, and what was really filled."""
    return {
        "account": account_id,
        "stall": payer.stall_id,
        "badge": command.badge,
        "filled": [[x.charge.fee, x.charge.period_from, x.amount_minor] for x in filled.filled],
        "ahead": filled.rest_minor,
    }


def days_of(filled: Apportioned) -> list[date]:
    """The days that a payment really filled, the earliest first."""
    return sorted({each.charge.period_from for each in filled.filled})


def _book(
    session: Session,
    command: TakeTicket,
    new: NewPayment,
    filled: Apportioned,
    raised: NewCharge | None,
    *,
    by: By,
) -> tuple[int, int, int]:
    """Cash in the collector's hand against what was owed, the rest as an advance.

    Before it, in the same statements, today's duty where this ticket raises it. Returns the ids
    of the payment, of its entry, and of the charge that was raised.
    """
    paid = new.amount_minor - filled.rest_minor
    lines: list[tuple[str, int]] = [(held_by(COLLECTOR, command.badge), new.amount_minor)]
    if paid:
        lines.append((RECEIVABLES, -paid))
    if filled.rest_minor:
        lines.append((ADVANCES, -filled.rest_minor))
    booking = Booking(
        council_id=new.council_id,
        kind="cash",
        key=f"{by.key}:cash",
        lines=tuple(lines),
        currency=new.currency,
        effective_date=new.paid_on,
        content={"account": new.account_id, "badge": command.badge},
    )
    bookings, charge_id = [booking], NOT_YET
    if raised is not None:
        bookings = [booking_of(raised, key=f"{by.key}:charge"), booking]
    posted = post_all(session, bookings, by=by)
    entry_id = posted[-1].entry_id
    if raised is not None:
        paid = sum(x.amount_minor for x in filled.filled if x.charge.id == NOT_YET)
        charge_id = keep_charge(
            session, raised, paid_minor=paid, entry_id=posted[0].entry_id, by=by
        )
    payment_id, _ = keep_payment(session, new, entry_id=entry_id, by=by)
    return payment_id, entry_id, charge_id


def _allocate(
    session: Session,
    filled: Apportioned,
    new: NewPayment,
    raised_id: int,
    *,
    payment_id: int,
    entry_id: int,
    by: By,
) -> None:
    """Say which charges were filled; the one that this ticket raised was kept as filled."""
    now = epoch_ms(by.now)
    rows: Sequence[dict[str, Any]] = [
        {
            "payment_id": payment_id,
            "charge_id": raised_id if each.charge.id == NOT_YET else each.charge.id,
            "council_id": new.council_id,
            "amount_minor": each.amount_minor,
            "entry_id": entry_id,
            "made_at": now,
        }
        for each in filled.filled
    ]
    before = [x for x in filled.filled if x.charge.id != NOT_YET]
    parts = [{"charge": x.charge.id, "part": x.amount_minor} for x in before]
    if rows:
        session.connection().execute(_ALLOCATE, rows)
    if parts:
        session.connection().execute(_FILL, parts)


def _pay_ahead(
    session: Session,
    rest_minor: int,
    new: NewPayment,
    payment_id: int,
    *,
    tariff: DutyView | None,
    by: By,
) -> int:
    """Keep what is left over: whole days at today's price, whatever the price will be then.

    Returns how many days; less than a day is credit that the next charge draws on.
    """
    if not rest_minor or tariff is None:
        return 0
    price = tariff.amount_minor
    days = rest_minor // price if price and tariff.per == "day" else 0
    values = {
        "account_id": new.account_id,
        "payment_id": payment_id,
        "council_id": new.council_id,
        "amount_minor": rest_minor,
        "left_minor": rest_minor,
        "fee": DAILY_DUTY if days else "",
        "price_minor": price if days else 0,
        "days": days,
        "days_left": days,
        "made_at": epoch_ms(by.now),
    }
    session.connection().execute(insert(_advances), values)
    return days


def _audit(session: Session, command: TakeTicket, result: Result, council_id: int, by: By) -> None:
    after = {name: result[name] for name in ("payment", "code", "amount", "stall", "days", "ahead")}
    record(
        session,
        "ticket.take",
        by=by,
        subject=("payment", result["payment"]),
        after={**after, "badge": command.badge},
        council_id=council_id,
    )
