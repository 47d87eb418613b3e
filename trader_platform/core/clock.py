"""Time is injected: nothing else in the code base asks the system for the hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Anything that knows the time; tests hand in one that they can move."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class MovableClock:
    """A clock that stands still until told to move (tests, simulations)."""

    at: datetime

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.at

    def move(self, **delta: float) -> None:
        """Move by a ``timedelta`` given as keywords; negative values step back."""
        self.at += timedelta(**delta)


def local_day(at: datetime, zone: str) -> date:
    """The market day that ``at`` (UTC) falls on in the pack's time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def epoch(at: datetime) -> int:
    """Whole seconds since 1970, the form in which hot tables keep time."""
    return int(at.timestamp())


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, the form of moments in tables that are drained in bulk."""
    return int(at.timestamp() * 1000)
