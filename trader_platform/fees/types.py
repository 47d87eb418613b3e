"""What the fee domain hands out and is asked for, as frozen values, and why it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trader_platform.core.errors import DomainError, NotFound

DAILY_DUTY = "daily_duty"
CLOSED = "closed_day"  # the kind of an adjustment: there was no market
CANTEEN_RENT = "canteen_rent"  # owed by who holds a canteen
WANTERR = "wanterr"  # the place at a festival


class NoTariff(NotFound):
    """No tariff is known for this fee, place and day: nothing may be asked."""

    code = "no_tariff"


class MarketClosed(DomainError):
    """No duty is taken at this market on this day."""

    code = "market_closed"


class NoOccupant(NotFound):
    """Nobody holds this stall today."""

    code = "no_occupant"


class WrongAmount(DomainError):
    """An amount below ``least`` or above ``most``, in minor units."""

    code = "wrong_amount"


class PaidToday(DomainError):
    """What was to be paid was paid meanwhile, by another ticket."""

    code = "paid_today"


class OtherCouncil(DomainError):
    """The stall stands in another council."""

    code = "other_council"


class ChargeGone(NotFound):
    """There is no such live charge in this council."""

    code = "charge_gone"


class TicketGone(NotFound):
    """No ticket of this badge has this code, or it is taken back already."""

    code = "ticket_gone"


@dataclass(frozen=True, slots=True)
class DutyView:
    """The fee of one period, and what we know it from.

    ``date_precision`` says how much of ``valid_from`` is known: ``day``, ``month`` or ``year``.
    ``certainty`` other than ``sourced`` means: our reading, not to be held against anybody.
    ``accrues`` is ``held`` or ``traded``; ``rank`` orders fees when a payment is apportioned.
    """

    tariff_id: int
    amount_minor: int
    currency: str
    valid_from: date
    date_precision: str
    source_date: date | None
    certainty: str
    source: str
    bylaw: str
    accrues: str
    rank: int
    per: str
    market_id: int | None
    goods_class_id: int | None
    space_class: str
    day_type: str
    festival: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for what a fee is asked."""

    council_id: int
    market_id: int
    goods_class_id: int
    space_class: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A market day: of what type (``lumo`` or plain), and of which festival, if of one."""

    date: date
    day_type: str = ""
    festival: str = ""


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """A charge that is not paid up."""

    id: int
    fee: str
    period_from: date
    period_to: date
    rank: int
    outstanding_minor: int
