"""What the job of 00:05 costs: a day's duty of a big council, with the pauses that hops get."""

from __future__ import annotations

from typing import Final

from benchmarks.books_world import build
from benchmarks.tickets import LONG, databases, run

STALLS: Final = 100_000


def measure() -> dict[str, dict[str, float]]:
    """Seconds and MiB, by database."""
    found = {}
    for database, url_of in databases():
        url = url_of("day")
        build(url, stalls=STALLS)
        (found[database],) = run("raise", url, LONG, [STALLS])
    return found
