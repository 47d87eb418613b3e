"""Who may do what for a council, and why somebody may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trader_platform.core.errors import DomainError, NotFound


class Role(StrEnum):
    """Held at one market (collector, master) or in the whole council."""

    COLLECTOR = "collector"
    MASTER = "master"
    CASHIER = "cashier"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"


class NotAllowed(DomainError):
    """Who asks has no such role in this council, at this market, on this day."""

    code = "not_allowed"


class SamePerson(DomainError):
    """Who made it may not be who says yes to it."""

    code = "same_person"


class StaffGone(NotFound):
    """There is no such person among this council's staff."""

    code = "staff_gone"


class WrongPin(DomainError):
    """``left`` tries are left before the PIN is locked."""

    code = "wrong_pin"


class PinLocked(DomainError):
    """Too many wrong PINs, or none was ever set; ``hours`` to wait, 0 where only a person helps."""

    code = "pin_locked"


@dataclass(frozen=True, slots=True)
class Duty:
    """One role a person holds on a day; ``market_id`` empty: everywhere in the council."""

    role: Role
    market_id: int | None


@dataclass(frozen=True, slots=True)
class BadgeHolder:
    """Who works with a phone on a day: her badge and all that she may do."""

    staff_id: int
    council_id: int
    name: str
    badge_id: int
    badge: str
    ends_on: date | None
    duties: tuple[Duty, ...]

    def may(self, role: Role, market_id: int | None = None) -> bool:
        """Whether she holds a role, at this market where one is named."""
        return any(
            duty.role == role and (market_id is None or duty.market_id in {None, market_id})
            for duty in self.duties
        )

    def markets(self, role: Role) -> tuple[int, ...]:
        """The markets where she holds a role, in the order in which she got them."""
        return tuple(
            duty.market_id
            for duty in self.duties
            if duty.role == role and duty.market_id is not None
        )


@dataclass(frozen=True, slots=True)
class BadgeSeen:
    """What anybody may know of a badge: ``ends_on`` past means it ended."""

    staff_id: int
    number: str
    name: str
    council_id: int
    starts_on: date
    ends_on: date | None
    markets: tuple[int, ...]  # where it takes duty on the day asked about; empty: nowhere
    anywhere: bool  # in the whole council


@dataclass(frozen=True, slots=True)
class StaffPhone:
    """Somebody of a council who can be texted; the number is bound to its hash."""

    staff_id: int
    phone_hash: str
    sealed: bytes
