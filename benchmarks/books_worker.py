"""One process of the books' benchmark: does one kind of work, prints what it took as JSON.

``python -m benchmarks.books_worker KIND URL SECONDS ARGUMENT``; waits for a line on its standard
input, so that many begin at once.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from benchmarks.books_world import DUTY, FIRST, SIGNER, Badge, by, place_of
from benchmarks.world import environment
from trader_platform.core.config import Settings
from trader_platform.core.db import Database
from trader_platform.fees.accounts import Who
from trader_platform.fees.queries_check import check_fees
from trader_platform.fees.service_council import set_charging
from trader_platform.fees.service_owed import TakeTicket
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.types import Day
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.fees import raise_charges
from trader_platform.ledger.queries_check import check_books
from trader_platform.ledger.service import post
from trader_platform.ledger.service_chain import link
from trader_platform.ledger.types import Booking

ZONE: Final = "Africa/Banjul"
TRIES: Final = 5
WARM: Final = 30
STALLS: Final = 100  # of one writer, taken in turn; then the next day


def main() -> None:
    """Warm up, wait, work, tell."""
    kind, url, seconds, argument = sys.argv[1:]
    db = Database(url, lock_wait_seconds=20)
    steps = KINDS[kind](db, url, json.loads(argument))
    if kind in {"tickets", "bare"}:
        for step in itertools.islice(steps, WARM):  # statements compiled, prepared, accounts open
            step()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(_work(steps, float(seconds))), flush=True)


def _work(steps: Iterator[Callable[[], object]], seconds: float) -> dict[str, Any]:
    times, began = [], time.perf_counter()
    processor = time.process_time()
    for step in steps:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
        if time.perf_counter() - began > seconds:
            break
    took = time.perf_counter() - began
    times.sort()
    return {
        "done": len(times),
        "seconds": took,
        "cpu_us": 1e6 * (time.process_time() - processor) / len(times),
        "p50_us": 1e6 * times[len(times) // 2],
        "p99_us": 1e6 * times[len(times) * 99 // 100],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _tickets(db: Database, url: str, told: dict[str, Any]) -> Iterator[Callable[[], object]]:
    badge, place, first = Badge(**told["badge"]), place_of(url), told["first_stall"]
    for number in itertools.count():
        command = TakeTicket(
            staff_id=badge.staff_id,
            badge_id=badge.badge_id,
            badge=badge.number,
            market_id=place.market,
            who=Who(stall_id=1_000_000 + first + number % STALLS),
            amount_minor=DUTY,
            day=Day(FIRST + timedelta(days=told["day"] + number // STALLS)),
            zone=ZONE,
        )
        key = f"bench:{badge.number}:{told['day']}:{number}"

        def step(command: TakeTicket = command, key: str = key) -> None:
            _try(db, lambda s: take_ticket(s, command, signer=SIGNER, by=by(key)))

        yield step


def _try(db: Database, act: Callable[[Session], object]) -> None:
    """As callers do: who opens one account at once meets at its key and tries again."""
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            with db.transaction() as session:
                act(session)
                return
        except IntegrityError:
            if not tries_left:
                raise


def _bare(db: Database, url: str, told: dict[str, Any]) -> Iterator[Callable[[], object]]:
    badge, place = Badge(**told["badge"]), place_of(url)
    for number in itertools.count():
        booking = Booking(
            council_id=place.council,
            kind="cash",
            key=f"bare:{badge.number}:{told['day']}:{number}",
            lines=((f"1200:{badge.number}", DUTY), ("1100", -DUTY)),
            currency="GMD",
            effective_date=FIRST,
            content={},
        )

        def step(booking: Booking = booking) -> None:
            _try(db, lambda session: post(session, booking, by=by(booking.key)))

        yield step


def _sign(_db: Database, _url: str, _told: object) -> Iterator[Callable[[], object]]:
    return itertools.repeat(lambda: SIGNER.sign(b"0" * 64))


def _raise(db: Database, url: str, stalls: int) -> Iterator[Callable[[], object]]:
    """The job of 00:05 as a worker runs it, with its turns and pauses; charging begins today."""
    council, now = place_of(url).council, datetime.now(UTC)
    with db.transaction() as session:
        set_charging(session, council, on=True, by=replace(by("charging"), now=now))
    context = JobContext(Settings.from_env(environment(url, Path(gettempdir()))), db)

    def step() -> None:
        assert raise_charges(context) == stalls

    yield step


def _chain(db: Database, url: str, _told: object) -> Iterator[Callable[[], object]]:
    def step() -> None:
        while True:
            with db.transaction() as session:
                if not link(session, place_of(url).council):
                    return

    yield step


def _check(db: Database, _url: str, postings: int) -> Iterator[Callable[[], object]]:
    def step() -> None:
        with db.snapshot() as connection:
            checked = check_books(connection)
            check_fees(connection)
        assert (checked.postings, checked.findings) == (postings, ())

    yield step


KINDS: Final = {
    "tickets": _tickets,
    "bare": _bare,
    "sign": _sign,
    "raise": _raise,
    "chain": _chain,
    "check": _check,
}

if __name__ == "__main__":
    main()
