"""A ticket: charge, payment, allocation, receipt, books, trail and text, in one commit.

Core statements only: a collector's phone waits for this. Flushes, never commits.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.once import By, Result, once
from trader_platform.core.signing import Signer
from trader_platform.fees.accounts import Payer, Who, account_of, find_payer
from trader_platform.fees.apportion import Apportioned, apportion
from trader_platform.fees.models_charges import IS_OPEN, Advance, Allocation, Charge
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.service_advance import use_advances
from trader_platform.fees.service_charges import (
    NewCharge,
    booking_of,
    keep_charge,
    live_charge,
    walk_up_number,
)
from trader_platform.fees.texts import queue_proof
from trader_platform.fees.types import (
    DAILY_DUTY,
    Day,
    DutyView,
    MarketClosed,
    NoTariff,
    OpenCharge,
    PaidToday,
    WrongAmount,
)
from trader_platform.ledger.chart import ADVANCES, COLLECTOR, RECEIVABLES, held_by
from trader_platform.ledger.service import post_all
from trader_platform.ledger.types import Booking
from trader_platform.payments.service import NewPayment, issue_receipt, keep_payment
from trader_platform.staff.service import authorise
from trader_platform.staff.types import NotAllowed, Role

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]

COLLECTORS: Final = frozenset({Role.COLLECTOR})
# Of a charge that is raised by this ticket: the youngest of its period, so that it is filled last.
NOT_YET: Final = sys.maxsize
MOST_MINOR: Final = 10_000_000  # D100,000: nobody pays more duty in one ticket
_OPEN: Final = (
    select(
        *(_charges.c.id, _charges.c.fee, _charges.c.period_from, _charges.c.period_to),
        *(_charges.c.rank, _charges.c.outstanding_minor),
    )
    .where(
        _charges.c.account_id == bindparam("account"),
        IS_OPEN,
    )
    .order_by(_charges.c.period_from, _charges.c.rank, _charges.c.id)
    .with_for_update()
)
_ALLOCATE: Final = insert(_allocations).inline()
_FILL: Final = (
    update(_charges)
    .where(_charges.c.id == bindparam("charge"))
    .values(outstanding_minor=_charges.c.outstanding_minor - bindparam("part"))
)


@dataclass(frozen=True, slots=True)
class TakeTicket:
    """Cash that a collector was given, by whom and for what.

    ``today`` says that it is for today's duty first; without it the oldest duty comes first.
    ``open_today`` is the market calendar's word on the day (None where nobody knows it).
    Without ``ahead`` no more is taken than is owed: what the payer was told is paid meanwhile.
    """

    staff_id: int
    badge_id: int
    badge: str
    market_id: int
    who: Who
    amount_minor: int
    day: Day
    zone: str
    today: bool = True
    open_today: bool | None = True
    ahead: bool = True
    source: str = "ussd"


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
    account_id, has_advance = account_of(session, payer)
    raised = _todays_charge(command, payer, account_id, tariff=tariff, by=by)
    owed, today = _owed(session, command, payer, account_id, raised)
    if today is None or today.id != NOT_YET:
        raised = None
    named = (today.id,) if today is not None and command.today else ()
    filled = apportion(command.amount_minor, owed, named=named)
    if filled.rest_minor and not command.ahead:
        raise PaidToday(market=payer.place.market_id)
    new = NewPayment(
        council_id=payer.place.council_id,
        market_id=payer.place.market_id,
        account_id=account_id,
        channel="cash",
        amount_minor=command.amount_minor,
        currency=tariff.currency,
        paid_on=local_day(by.now, command.zone),
        source=command.source,
        badge_id=command.badge_id,
    )
    payment_id, entry_id, raised_id = _book(session, command, new, filled, raised, by=by)
    _allocate(session, filled, new, raised_id, payment_id=payment_id, entry_id=entry_id, by=by)
    left = sum(x.outstanding_minor for x in owed) + filled.rest_minor - command.amount_minor
    if left and has_advance:  # less than a day that an earlier payment left over
        left -= use_advances(session, new.council_id, [account_id], by=by)
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


def _payer(session: Session, command: TakeTicket, by: By) -> tuple[Payer, DutyView]:
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
    tariff = tariff_for(connection, DAILY_DUTY, payer.place, command.day)
    if tariff is None:
        raise NoTariff(market=payer.place.market_id)
    return payer, tariff


def _owed(
    session: Session, command: TakeTicket, payer: Payer, account_id: int, todays: NewCharge | None
) -> tuple[list[OpenCharge], OpenCharge | None]:
    """What the account owes, held until the commit, and today's duty, paid or not.

    Today's has no id yet where nobody raised it. A walk-up pays for this one ticket, and no more
    than it: what others left open is not hers.
    """
    asked = {"account": account_id}
    rows = () if payer.walk_up else session.connection().execute(_OPEN, asked).all()
    owed, today = [OpenCharge(*row) for row in rows], None
    if todays is not None:
        period = (todays.fee, todays.period_from, todays.period_to)
        known = [x for x in owed if (x.fee, x.period_from, x.period_to) == period]
        today = known[0] if known else live_charge(session, todays)
        if today is None:
            duty = todays.tariff
            today = OpenCharge(NOT_YET, *period, duty.rank, duty.amount_minor)
            owed.append(today)
    if payer.walk_up:
        most = today.outstanding_minor if today else 0
        if command.amount_minor > most:
            raise WrongAmount(amount=command.amount_minor, least=1, most=most)
        owed = [today] if today else []
    return owed, today


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


def _todays_charge(
    command: TakeTicket, payer: Payer, account_id: int, *, tariff: DutyView, by: By
) -> NewCharge | None:
    """Today's duty, to be raised where nobody did; None where the ticket is for old duty only."""
    if command.open_today is False:
        if command.today:
            raise MarketClosed(market=payer.place.market_id)
        return None
    if not tariff.amount_minor:
        return None  # a day that is free
    if not command.today and tariff.accrues == "traded":
        return None  # who pays old duty has not said that she trades today
    return NewCharge(
        account_id=account_id,
        council_id=payer.place.council_id,
        market_id=payer.place.market_id,
        fee=DAILY_DUTY,
        period_from=command.day.date,
        period_to=command.day.date,
        tariff=tariff,
        unit_no=walk_up_number(by.key) if payer.walk_up else 0,
    )


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
    tariff: DutyView,
    by: By,
) -> int:
    """Keep what is left over: whole days at today's price, whatever the price will be then.

    Returns how many days; less than a day is credit that the next charge draws on.
    """
    if not rest_minor:
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
