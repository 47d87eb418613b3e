"""When a market is held: weekly days, dated closures, and single days that moved. Pure.

A closure wins over everything, because nobody may travel for nothing; then a day that was moved
away, then a day that something was moved to, then the weekly days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from trader_platform.market.catalog import Place

# Beyond this nobody plans: a market closed for longer has no next day.
LOOK_AHEAD_DAYS: Final = 400
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
OPEN: Final = "open"
CLOSED: Final = "closed"
MOVED: Final = "moved"
NOT_TODAY: Final = "not_today"
UNKNOWN: Final = "unknown"
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A dated exception of one market: closed from-until, ``starts_on`` moved, or a festival."""

    market_id: int
    kind: str
    starts_on: date
    ends_on: date
    moved_to: date | None = None
    festival: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How a market stands: ``kind`` is one of the constants above.

    ``day`` is the last closed day of ``closed``, the new day of ``moved``, else None.
    """

    kind: str
    day: date | None = None


def weekdays(place: Place) -> tuple[int, ...]:
    """ISO weekdays of a market; empty where nobody knows them."""
    return place.days or (EVERY_DAY if place.kind == "daily" else ())


def is_open(place: Place, changes: Sequence[Change], day: date) -> bool | None:
    """Whether the market is held on ``day``; None where its day is not known."""
    if _closure(changes, place, day) is not None or _move_from(changes, place, day) is not None:
        return False
    if any(each.moved_to == day for each in _moves(changes, place)):
        return True
    days = weekdays(place)
    return day.isoweekday() in days if days else None


def next_open_day(place: Place, changes: Sequence[Change], after: date) -> date | None:
    """The first day later than ``after`` on which the market is held; None where none is known."""
    if not weekdays(place):
        moved = [x.moved_to for x in _moves(changes, place) if x.moved_to and x.moved_to > after]
        return min((day for day in moved if is_open(place, changes, day)), default=None)
    for ahead in range(1, LOOK_AHEAD_DAYS + 1):
        day = after + timedelta(days=ahead)
        if is_open(place, changes, day):
            return day
    return None


def state_of(place: Place, changes: Sequence[Change], day: date) -> State:
    """How the market stands on ``day``; on a day between, what became of its next weekly day."""
    stands = _changed(place, changes, day)
    if stands is not None:
        return stands
    open_today = is_open(place, changes, day)
    if open_today:
        return State(OPEN)
    if open_today is None:
        return State(UNKNOWN)
    for ahead in range(1, 8):
        coming = day + timedelta(days=ahead)
        if coming.isoweekday() in weekdays(place):
            return _changed(place, changes, coming) or State(NOT_TODAY)
    return State(NOT_TODAY)


def festival_on(place: Place, changes: Sequence[Change], day: date) -> str:
    """The festival that a market keeps on a day, empty on others; of two, the one that began last.

    It changes what is asked, not whether the market is held.
    """
    kept = [
        x
        for x in changes
        if x.market_id == place.id and x.festival and x.starts_on <= day <= x.ends_on
    ]
    return max(kept, key=lambda x: x.starts_on).festival if kept else ""


def coming_changes(changes: Sequence[Change], today: date) -> list[Change]:
    """What is closed or moved from ``today`` on, the earliest first."""
    news = [x for x in changes if not x.festival]
    still = [x for x in news if max(x.ends_on, x.moved_to or x.ends_on) >= today]
    return sorted(still, key=lambda x: (x.starts_on, x.market_id))


def _changed(place: Place, changes: Sequence[Change], day: date) -> State | None:
    closure = _closure(changes, place, day)
    if closure is not None:
        return State(CLOSED, _last_closed(changes, place, closure.ends_on))
    moved = _move_from(changes, place, day)
    return State(MOVED, moved.moved_to) if moved is not None else None


def _last_closed(changes: Sequence[Change], place: Place, until: date) -> date:
    """Closures that follow each other without a day between are one to who reads them."""
    while (following := _closure(changes, place, until + _ONE_DAY)) is not None:
        until = following.ends_on
    return until


def _closure(changes: Sequence[Change], place: Place, day: date) -> Change | None:
    hits = [
        x
        for x in changes
        if x.market_id == place.id and x.kind == "closure" and x.starts_on <= day <= x.ends_on
    ]
    return max(hits, key=lambda x: x.ends_on, default=None)


def _moves(changes: Sequence[Change], place: Place) -> list[Change]:
    return [x for x in changes if x.market_id == place.id and x.kind == "move"]


def _move_from(changes: Sequence[Change], place: Place, day: date) -> Change | None:
    return next((x for x in _moves(changes, place) if x.starts_on == day), None)
