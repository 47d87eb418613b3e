"""Writes about market days: what callers tell, and closures and moves. Flushes, never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.market.calendar import Change
from trader_platform.market.models import DayTold, Market, MarketChange

FESTIVAL_LETTERS: Final = 20
# A year of the moon is 354 days: the same festival nearer than this is the same one, moved.
NEAR_BY: Final = timedelta(days=60)
_SAID: Final = ("starts_on", "ends_on", "moved_to", "festival")


class BadChange(DomainError):
    """The dates of a closure or move do not fit each other."""

    code = "bad_change"


@dataclass(frozen=True, slots=True)
class DaySaid:
    """A caller says on which ISO weekday a market is held."""

    person_id: int
    market_id: int
    weekday: int


def tell_day(session: Session, command: DaySaid, by: By) -> Result:
    """Keep what a caller knows of a market's day, for the council to check. Safe to repeat."""
    content = {
        "person": command.person_id,
        "market": command.market_id,
        "weekday": command.weekday,
    }

    def do() -> Result:
        market = _market(session, command.market_id)
        said = DayTold(
            market_id=market.id,
            person_id=command.person_id,
            weekday=command.weekday,
            told_at=by.now,
        )
        session.add(said)
        session.flush()
        record(
            session,
            "market.day_told",
            by=by,
            subject=("market", market.id),
            after={"weekday": command.weekday},
            council_id=market.council_id,
        )
        return {"market": market.id, "weekday": command.weekday}

    return once(session, by, kind="market.day_told", content=content, do=do)


def announce_change(session: Session, change: Change, by: By) -> Result:
    """Close a market from-until, move one day of it, or name a festival. Safe to repeat.

    Raises BadChange where the dates are in a wrong order, and NotFound for an unknown market. A
    change of the same kind and first day is replaced, and a festival that was announced for other
    days near by: the moon decides late. Where it says the same, nothing is written.
    """
    content = {
        "market": change.market_id,
        "kind": change.kind,
        "starts_on": change.starts_on,
        "ends_on": change.ends_on,
        "moved_to": change.moved_to,
        "festival": change.festival,
    }
    if change.ends_on < change.starts_on or (change.kind == "move") != bool(change.moved_to):
        raise BadChange(market=change.market_id)
    if (change.kind == "festival") != (0 < len(change.festival) <= FESTIVAL_LETTERS):
        raise BadChange(market=change.market_id)
    if change.moved_to == change.starts_on:
        raise BadChange(market=change.market_id)

    def do() -> Result:
        market = _market(session, change.market_id)
        row = session.execute(_same(change)).scalar_one_or_none()
        before = None if row is None else {name: getattr(row, name) for name in _SAID}
        said = {name: getattr(change, name) for name in _SAID}
        if row is not None and before == said:
            return {"change": row.id}
        if row is None:
            row = MarketChange(market_id=market.id, kind=change.kind)
            session.add(row)
        for name, value in said.items():
            setattr(row, name, value)
        session.flush()
        record(
            session,
            f"market.{change.kind}",
            by=by,
            subject=("market", market.id),
            before=before,
            after=content,
            council_id=market.council_id,
        )
        return {"change": row.id}

    return once(session, by, kind="market.change", content=content, do=do)


def withdraw_closure(session: Session, market_id: int, first: date, by: By) -> Result:
    """A closure that began (or was to begin) on ``first`` is no more. Safe to repeat.

    What its days were let off is asked again by the job. Raises NotFound.
    """

    def do() -> Result:
        market = _market(session, market_id)
        row = session.execute(_same(closure(market_id, first, first))).scalar_one_or_none()
        if row is None:
            raise NotFound(market=market_id)
        before = {name: getattr(row, name) for name in _SAID}
        session.delete(row)
        session.flush()
        record(
            session,
            "market.reopen",
            by=by,
            subject=("market", market.id),
            before=before,
            council_id=market.council_id,
        )
        return {"market": market.id}

    content = {"market": market_id, "first": first}
    return once(session, by, kind="market.reopen", content=content, do=do)


def closure(market_id: int, first: date, last: date) -> Change:
    """Closed from ``first`` to ``last``, both days included."""
    return Change(market_id, "closure", first, last)


def move(market_id: int, day: date, to: date) -> Change:
    """The market of ``day`` is held on ``to`` instead."""
    return Change(market_id, "move", day, day, to)


def festival(market_id: int, name: str, first: date, last: date) -> Change:
    """The days on which a market asks what it asks at this festival, both included."""
    return Change(market_id, "festival", first, last, festival=name)


def _market(session: Session, market_id: int) -> Market:
    market = session.get(Market, market_id)
    if market is None:
        raise NotFound(market=market_id)
    return market


def _same(change: Change) -> Select[MarketChange]:
    found = select(MarketChange).where(
        MarketChange.market_id == change.market_id, MarketChange.kind == change.kind
    )
    if change.kind != "festival":
        return found.where(MarketChange.starts_on == change.starts_on)
    first, last = change.starts_on - NEAR_BY, change.starts_on + NEAR_BY
    return found.where(
        MarketChange.festival == change.festival, MarketChange.starts_on.between(first, last)
    )
