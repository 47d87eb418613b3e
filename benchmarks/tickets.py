"""What the books cost: tickets beside bare entries, the check."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.books_worker import STALLS
from benchmarks.books_world import (
    Badge,
    add_entries,
    build,
    without_seals,
)
from benchmarks.servers import ROOT, running_postgres
from trader_platform.core.supervisor import DieWithParent

WRITERS: Final = {"SQLite": 1, "PostgreSQL": 8}
POSTINGS: Final = 1_000_000
LONG: Final = 3_600.0  # seconds: work that ends by itself


@dataclass
class Books:
    """One database: rates a second by round, seconds and MiB of what runs once."""

    database: str
    writers: int
    tickets: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    unsealed: list[float] = field(default_factory=list)
    ticket_cpu_us: float = 0.0
    checked: dict[str, float] = field(default_factory=dict)
    chain_us: float = 0.0  # for one entry
    sign_us: float = 0.0


def measure(rounds: int, seconds: int) -> list[Books]:
    """Both databases."""
    return [_measure(name, url_of, rounds, seconds) for name, url_of in databases()]


def databases() -> Iterator[tuple[str, Callable[[str], str]]]:
    """SQLite, then PostgreSQL: what it is called, and a new database's address by its name."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield "SQLite", lambda each: f"sqlite:///{folder / each}.db"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "pg").mkdir(parents=True)
        folder.chmod(0o755)
        with running_postgres(folder / "pg") as cluster:

            def made(each: str) -> str:
                cluster.run(f"CREATE DATABASE {each}")
                return cluster.url(each)

            yield "PostgreSQL", made


def _measure(database: str, url_of: Any, rounds: int, seconds: int) -> Books:
    books = Books(database, WRITERS[database])
    _rates(books, url_of("rates"), url_of("unsealed"), rounds, seconds)
    _say(f"{database}: {books.tickets}")
    _checks(books, url_of("ledger"))
    _say(f"{database}: {books.checked}")
    return books


def _rates(books: Books, url: str, unsealed: str, rounds: int, seconds: int) -> None:
    badges = build(url, stalls=STALLS * books.writers, badges=books.writers)
    apart = build(unsealed, stalls=1, badges=books.writers)
    without_seals(unsealed)
    for day in range(rounds + 1):
        tickets = run("tickets", url, seconds, _told(badges, day))
        bare = run("bare", url, seconds, _told(badges, day))
        loose = run("bare", unsealed, seconds, _told(apart, day))
        if day:  # the first opens the accounts and warms the caches
            kinds = ((books.tickets, tickets), (books.bare, bare), (books.unsealed, loose))
            for kept, runs in kinds:
                kept.append(sum(run["done"] / run["seconds"] for run in runs))
            books.ticket_cpu_us = min(run["cpu_us"] for run in tickets)
    (signed,) = run("sign", url, 0.5, [None])
    books.sign_us = signed["p50_us"]


def _told(badges: Sequence[Badge], day: int) -> list[dict[str, Any]]:
    """Each writer has a badge and stalls of its own; no day comes twice."""
    return [
        {"badge": asdict(badge), "first_stall": 1 + at * STALLS, "day": day * 1000}
        for at, badge in enumerate(badges)
    ]


def _checks(books: Books, url: str) -> None:
    build(url, stalls=1)
    add_entries(url, POSTINGS // 2)
    (chained,) = run("chain", url, LONG, [None])
    books.chain_us = 1e6 * chained["seconds"] / (POSTINGS // 2)
    (books.checked,) = run("check", url, LONG, [POSTINGS])


def run(kind: str, url: str, seconds: float, told: Sequence[Any]) -> list[dict[str, float]]:
    """As many processes as there are arguments; they begin at once."""
    with _processes([[kind, url, str(seconds), json.dumps(each)] for each in told]) as running:
        for process in running:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"a process for {kind} did not start")
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate()[0]) for process in running]


@contextmanager
def _processes(arguments: Sequence[list[str]]) -> Iterator[list[subprocess.Popen[str]]]:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.books_worker", *each],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=DieWithParent(),
        )
        for each in arguments
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait(10)


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)
