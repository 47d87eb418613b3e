"""The tables of what the books cost, and of the duty screens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.day import STALLS as STALLS_OF_A_COUNCIL
from benchmarks.duty import CONNECTIONS, DIALOGUE, LARGE, SMALL, Duty
from benchmarks.load import Sample
from benchmarks.report import Goal
from benchmarks.tickets import POSTINGS, Books

TICKETS = {"SQLite": Goal(350), "PostgreSQL": Goal(300)}


def books(found: Sequence[Books]) -> Iterator[str]:
    """Rates and ratios, then what runs once a day, then the parts of an entry."""
    yield "\n### Tickets and books\n"
    yield "A ticket is one commit: charge, payment, allocation, receipt, two entries, trail, text."
    yield "A bare transaction posts one entry of two lines, in the same layer and the same rounds."
    yield ""
    yield (
        "| min – **median** – max of rounds | "
        + " | ".join(f"{x.database}, writers: {x.writers}" for x in found)
        + " |"
    )
    yield "|---|" + "---|" * len(found)
    yield _row("tickets/s", found, lambda x: _rate(x, TICKETS[x.database]))
    yield _row("bare transactions/s", found, lambda x: _spread(x.bare))
    yield _row("ticket ÷ bare", found, lambda x: _judged(_ratios(x), Goal(0.2)))
    yield _row("processor time of a ticket", found, lambda x: f"{x.ticket_cpu_us:,.0f} µs")
    name = f"`check ledger`, {POSTINGS:,} postings"
    yield _row(name, found, lambda x: _once(x.checked, Goal(20, least=False), None))
    yield _row("sealing one entry", found, _sealing)
    yield _row("signing one receipt", found, lambda x: f"{x.sign_us:.0f} µs")
    yield _row("chaining one entry, after the commit", found, lambda x: f"{x.chain_us:.0f} µs")


def day(found: Mapping[str, dict[str, float]]) -> Iterator[str]:
    """The job that raises a day's duty."""
    yield "\n### A day's duty\n"
    yield f"The job of 00:05 for {STALLS_OF_A_COUNCIL:,} stalls that were never charged before."
    yield "On SQLite with the pauses that leave hops the lock; PostgreSQL has none."
    yield ""
    yield "| | time | peak RSS |"
    yield "|---|---|---|"
    for database, run in found.items():
        yield f"| {database} | {_once(run, Goal(20, least=False), Goal(300, least=False))} |"


def duty(found: Sequence[Duty]) -> Iterator[str]:
    """Delay of the duty screens, and whether they stay as quick."""
    yield "\n### Duty screens\n"
    yield f"A dialogue of {DIALOGUE.name}; its delays at {CONNECTIONS} connections, served as hops"
    yield "are; time of a hop on many charges as a multiple of the same on few, one at a time."
    yield ""
    yield "| | " + " | ".join(each.database for each in found) + " |"
    yield "|---|" + "---|" * len(found)
    for charges in (SMALL, LARGE):
        cells = (_delays(each.together[charges]) for each in found)
        yield f"| {charges:,} charges: hops/s · p50 / p99 | " + " | ".join(cells) + " |"
    flat = Goal(1.15, least=False)
    cells = (_judged(each.ratios, flat) for each in found)
    yield f"| {LARGE:,} charges ÷ {SMALL:,}: min – **median** – max | " + " | ".join(cells) + " |"


def _delays(samples: Sequence[Sample]) -> str:
    rate, p50, p99 = (
        median(getattr(each, name) for each in samples) for name in ("rate", "p50_ms", "p99_ms")
    )
    goal = Goal(12, least=False)
    return f"{rate:,.0f} · {p50:.1f} / {p99:.1f} ms ({goal.words}: {goal.verdict(p99)})"


def _row(name: str, found: Sequence[Books], cell: object) -> str:
    assert callable(cell)
    return f"| {name} | " + " | ".join(cell(each) for each in found) + " |"


def _spread(values: Sequence[float]) -> str:
    form = ",.0f" if max(values) > 100 else ".2f"
    return f"{min(values):{form}} – **{median(values):{form}}** – {max(values):{form}}"


def _judged(values: Sequence[float], goal: Goal) -> str:
    return f"{_spread(values)} ({goal.words}: {goal.verdict(median(values))})"


def _rate(books: Books, goal: Goal) -> str:
    return _judged(books.tickets, goal)


def _ratios(books: Books) -> list[float]:
    return [x / y for x, y in zip(books.tickets, books.bare, strict=True)]


def _once(run: dict[str, float], seconds: Goal, memory: Goal | None) -> str:
    took, peak = run["seconds"], run["peak_mib"]
    text = f"{took:.1f} s ({seconds.words}: {seconds.verdict(took)}), {peak:.0f} MiB"
    return text if memory is None else f"{text} ({memory.words}: {memory.verdict(peak)})"


def _sealing(books: Books) -> str:
    """A writer's time of an entry with the triggers on less the same with them off."""
    sealed, loose = (books.writers * 1e6 / median(x) for x in (books.bare, books.unsealed))
    return f"{sealed - loose:+.0f} µs of {sealed:.0f}"
