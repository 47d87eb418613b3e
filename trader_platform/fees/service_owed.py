"""What a ticket may fill: today's duty, what is owed here, and of places that she left. No commits.

Part of taking a ticket (``service_ticket``), which alone calls it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from trader_platform.core.once import By
from trader_platform.fees.accounts import Accounts, Payer, Who, accounts_of, open_account
from trader_platform.fees.apportion import Apportioned
from trader_platform.fees.models_charges import IS_OPEN, Charge
from trader_platform.fees.service_advance import move_advances, use_advances
from trader_platform.fees.service_charges import (
    NewCharge,
    booking_of,
    keep_charge,
    live_charge,
    walk_up_number,
)
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
from trader_platform.ledger.service import post

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
# Of a charge that is raised by this ticket: the youngest of its period, so that it is filled last.
NOT_YET: Final = sys.maxsize
_OPEN: Final = (
    select(
        _charges.c.account_id,
        *(_charges.c.id, _charges.c.fee, _charges.c.period_from, _charges.c.period_to),
        *(_charges.c.rank, _charges.c.outstanding_minor),
    )
    .where(
        _charges.c.account_id.in_(bindparam("accounts", expanding=True)),
        IS_OPEN,
    )
    .order_by(_charges.c.period_from, _charges.c.rank, _charges.c.id)
    .with_for_update()
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


class MayFill(NamedTuple):
    """What a ticket may fill; ``raised`` is today's duty where it is to be raised with it."""

    account_id: int
    owed: list[OpenCharge]
    today: OpenCharge | None
    raised: NewCharge | None


def may_fill(
    session: Session, command: TakeTicket, payer: Payer, tariff: DutyView | None, *, by: By
) -> MayFill:
    """What she owes after what she paid ahead is used, held until the commit.

    Raises MarketClosed, and WrongAmount for more than a walk-up owes.
    """
    accounts = accounts_of(session.connection(), payer, command.day.date)
    here = open_account(session, payer) if accounts.here is None else accounts.here
    hers = (here, *accounts.left)
    raised = _todays_charge(command, payer, here, tariff=tariff, by=by)
    owed, today = _owed(session, command, payer, hers, raised)
    if accounts.with_advance:
        is_new = today is not None and today.id == NOT_YET
        _draw_ahead(session, payer, here, accounts, raised if is_new else None, by=by)
        owed, today = _owed(session, command, payer, hers, raised)
    if today is None or today.id != NOT_YET:
        raised = None
    return MayFill(here, owed, today, raised)


def _todays_charge(
    command: TakeTicket, payer: Payer, account_id: int, *, tariff: DutyView | None, by: By
) -> NewCharge | None:
    """Today's duty, to be raised where nobody did; None where the ticket is for old duty only."""
    if command.open_today is False:
        if command.today:
            raise MarketClosed(market=payer.place.market_id)
        return None
    if tariff is None or not tariff.amount_minor:
        return None  # a day that is free, or a place that owes rent and no duty
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


def _owed(
    session: Session,
    command: TakeTicket,
    payer: Payer,
    accounts: Sequence[int],
    todays: NewCharge | None,
) -> tuple[list[OpenCharge], OpenCharge | None]:
    """What she owes here and of places she left, held until the commit, and today's duty.

    Today's has no id yet where nobody raised it. A walk-up pays for this one ticket, and no more
    than it: what others left open is not hers.
    """
    asked = {"accounts": accounts}
    rows = () if payer.walk_up else session.connection().execute(_OPEN, asked).all()
    owed, today = [OpenCharge(*row) for _, *row in rows], None
    if todays is not None:
        period = (todays.fee, todays.period_from, todays.period_to)
        here = {row.id for row in rows if row.account_id == todays.account_id}
        known = [x for x in owed if (x.fee, x.period_from, x.period_to) == period and x.id in here]
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


def _draw_ahead(
    session: Session,
    payer: Payer,
    here: int,
    accounts: Accounts,
    raised: NewCharge | None,
    *,
    by: By,
) -> None:
    """What she paid ahead meets what she owes before she is asked for more.

    Today's duty (``raised``) is raised for it: the job that does may not have run yet.
    """
    council_id = payer.place.council_id
    if accounts.with_advance & set(accounts.left):
        use_advances(session, council_id, accounts.left, by=by)
        move_advances(session, accounts.left, here, council_id, by=by)
    if raised is not None:
        entry = post(session, booking_of(raised, key=f"{by.key}:charge"), by=by)
        keep_charge(session, raised, paid_minor=0, entry_id=entry.entry_id, by=by)
    use_advances(session, council_id, [here], by=by)


def refuse_too_much(
    command: TakeTicket,
    payer: Payer,
    owed: Sequence[OpenCharge],
    filled: Apportioned,
    *,
    tariff: DutyView | None,
) -> None:
    """More than is owed is only taken where days ahead have a price and somebody counts them."""
    most = sum(each.outstanding_minor for each in owed)
    if tariff is None and not most:
        raise NoTariff(market=payer.place.market_id)
    if filled.rest_minor and not command.ahead:
        raise PaidToday(market=payer.place.market_id)
    if filled.rest_minor and (tariff is None or command.open_today is None):
        raise WrongAmount(amount=command.amount_minor, least=1, most=most)
