"""What is booked, and why a booking is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trader_platform.core.errors import DomainError, NotFound


class NotEnough(DomainError):
    """An account that may not go below zero would."""

    code = "not_enough"


class EntryGone(NotFound):
    """There is no such entry in this council's books."""

    code = "entry_gone"


class ReversedBefore(DomainError):
    """An entry is reversed at most once."""

    code = "reversed_before"


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry to be posted: ``lines`` are (account code, minor units), debits positive.

    ``key`` is unique for ever; ``content`` is what was asked, hashed beside it. All in one
    ``currency`` and council.
    """

    council_id: int
    kind: str
    key: str
    lines: tuple[tuple[str, int], ...]
    currency: str
    effective_date: date
    content: Mapping[str, object]
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """``repeated`` where the key was booked before: nothing was added now."""

    entry_id: int
    repeated: bool = False
