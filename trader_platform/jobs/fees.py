"""The books by the clock: a day's charges at 00:05 of each council, links, daily heads, a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from trader_platform.core.clock import local_day
from trader_platform.core.once import By
from trader_platform.core.pace import turn
from trader_platform.core.signing import Signer
from trader_platform.fees.calendar import (
    Charging,
    Festival,
    charged_and_closed,
    charging_councils,
    credited_and_held,
    festivals,
    open_markets,
)
from trader_platform.fees.queries_check import check_fees
from trader_platform.fees.queries_raise import CHUNK, LONG_CHUNK, Period, ToRaise, find_due
from trader_platform.fees.queries_relief import reliefs_to_do
from trader_platform.fees.service_raise import raise_found
from trader_platform.fees.service_relief import credit_closed_day, relieve, reopen_day
from trader_platform.fees.types import DAILY_DUTY, WANTERR
from trader_platform.jobs.context import JobContext
from trader_platform.ledger.queries_check import check_books
from trader_platform.ledger.service_chain import link, sign_day, unsigned_days

AT: Final = timedelta(minutes=5)  # after midnight in the council's own zone
BACK_DAYS: Final = 7  # days that a stopped worker may have missed
TRIES: Final = 3
log = structlog.get_logger("fees")


def raise_charges(context: JobContext) -> int:
    """Raise what is due of a council's last days and festivals, month and year; returns how many.

    Safe to repeat and to stop anywhere. Before five past midnight a day has not begun.
    """
    now = datetime.now(UTC)
    made = 0
    for council in _councils(context):
        today = local_day(now - AT, council.zone)
        days = [today - timedelta(days=back) for back in range(BACK_DAYS, -1, -1)]
        with context.db.reading() as connection:
            kept = festivals(connection, council, days[0], today)
        for fee in _due(days, kept, council.since or days[0]):
            made += _raise(context, council, fee, now)
        for day in days:
            _follow_calendar(context, council, day, now)
    _relieve(context, now)
    return made


def chain(context: JobContext) -> int:
    """Link what was booked since, and sign the head of each day that is over.

    Also of those that a stopped worker missed.
    """
    now, linked = datetime.now(UTC), 0
    for council in _councils(context):
        while count := _link(context, council.id, whole=False):
            linked += count
        yesterday = local_day(now - AT, council.zone) - timedelta(days=1)
        if context.settings.signing_keys:
            signer = Signer(context.settings.signing_keys)
            with turn(context.db) as session:
                for day in unsigned_days(session, council.id, yesterday):
                    sign_day(session, council.id, day, signer)
    return linked


def check(context: JobContext) -> int:
    """The nightly check: how many invariants are broken. Each is logged as an error."""
    for council in _councils(context):
        while _link(context, council.id, whole=True):
            pass  # until nothing is left to link
    with context.db.snapshot() as connection:
        books = check_books(connection)
        findings = (*books.findings, *check_fees(connection))
    for finding in findings:
        log.error("ledger.broken", rule=finding.rule, what=finding.what)
    log.info("ledger.checked", entries=books.entries, drift=books.drift_minor, broken=len(findings))
    return len(findings)


def _councils(context: JobContext) -> tuple[Charging, ...]:
    with context.db.reading() as connection:
        return charging_councils(connection)


def _link(context: JobContext, council_id: int, *, whole: bool) -> int:
    try:
        with turn(context.db) as session:
            return link(session, council_id, whole=whole)
    except IntegrityError:
        return 0  # another worker linked these: the next run goes on after them


@dataclass(frozen=True, slots=True)
class _Fee:
    """``until`` is of a festival: until when who comes owes it."""

    name: str
    first: date
    last: date
    feast: Festival | None = None
    until: date | None = None


def _due(days: Sequence[date], kept: Sequence[Festival], since: date) -> list[_Fee]:
    """The duty of these days, festivals, the rent of the month and the licence of the year.

    In the order in which they begin, none that began before ``since``.
    """
    month = days[-1].replace(day=1)
    year = month.replace(month=1)
    fees = [_Fee(DAILY_DUTY, day, day) for day in days]
    fees += [_Fee(WANTERR, x.first, x.last, x, min(x.last, days[-1])) for x in kept]
    fees.append(_Fee("canteen_rent", month, _last_of_month(month)))
    fees.append(_Fee("licence", year, date(year.year, 12, 31)))
    return sorted((fee for fee in fees if fee.first >= since), key=lambda fee: fee.first)


def _raise(context: JobContext, council: Charging, fee: _Fee, now: datetime) -> int:
    is_daily, made = fee.name == DAILY_DUTY, 0
    period = Period(council.id, fee.name, fee.first, fee.last, fee.until)
    if fee.feast is not None:
        held, period = fee.feast.markets, replace(period, apart=fee.feast.apart)
    else:
        with context.db.reading() as connection:
            held = open_markets(connection, council, fee.first, closed_too=not is_daily)
    for hawkers in (False, True) if is_daily else (False,):
        look = partial(
            find_due,
            period=period,
            open_markets=held,
            today=local_day(now, council.zone),
            hawkers=hawkers,
            limit=CHUNK if context.db.is_sqlite else LONG_CHUNK,
        )
        made += _raise_all(context, look, now)
    return made


def _raise_all(context: JobContext, look: Callable[..., ToRaise], now: datetime) -> int:
    made, last = 0, 0
    while not context.stopping.is_set():
        charges, after = _chunk(context, look, last, now)
        made += charges
        if after is None:
            break
        last = after
    return made


def _chunk(
    context: JobContext, look: Callable[..., ToRaise], after: int, now: datetime
) -> tuple[int, int | None]:
    """Charges made, and the last place looked at; again where a ticket raised one meanwhile."""
    for tries_left in range(TRIES - 1, -1, -1):
        with context.db.reading() as connection:
            found = look(connection, after=after)
        if found.is_nothing:
            break
        by = By(f"{found.period.key}:{after}", "en", now, "job", "raise", "job")
        try:
            with turn(context.db) as session:
                return raise_found(session, found, by=by), found.last
        except IntegrityError:
            if not tries_left:
                raise
    return 0, found.last


def _follow_calendar(context: JobContext, council: Charging, day: date, now: datetime) -> None:
    """A closure that was entered after the day's duty was raised, or taken back since."""
    with context.db.reading() as connection:
        closed = charged_and_closed(connection, council, day)
        held = credited_and_held(connection, council, day)
    for act, markets in ((credit_closed_day, closed), (reopen_day, held)):
        for market_id in markets:
            key = f"{act.__name__}:{market_id}:{day}"
            by = By(key, "en", now, "job", "closed", "job")
            _to_the_end(context, act, council.id, market_id, day, by=by)


def _relieve(context: JobContext, now: datetime) -> None:
    """Relief that was granted since the last run, and what was raised since for its days.

    Also of a council that charges no more: what it raised is owed still.
    """
    since = now.date() - timedelta(days=BACK_DAYS + 1)
    with context.db.reading() as connection:
        granted = reliefs_to_do(connection, since)
    for id_ in granted:
        by = By(f"relief:{id_}", "en", now, "job", "relief", "job")
        _to_the_end(context, relieve, id_, by=by)


def _to_the_end(context: JobContext, act: Callable[..., int], *of: object, by: By) -> None:
    """Turn after turn, until one has nothing to do."""
    done, tries_left = 1, TRIES
    while done and not context.stopping.is_set():
        try:
            with turn(context.db) as session:
                done = act(session, *of, by=by)
        except DBAPIError:  # a ticket had the same rows: its lock, or a deadlock with it
            tries_left -= 1
            if not tries_left:
                raise


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
