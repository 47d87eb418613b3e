"""Turns measurements into the tables of ``results.md``: ratios with their spread, and verdicts."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.growth import LARGE, SMALL, Pair
from benchmarks.hops import (
    ANYSD,
    BARE_ONE,
    BARE_TWO,
    BUILDER,
    CONNECTIONS,
    POSTGRES,
    SQLITE,
    Contender,
)
from benchmarks.imports import ROWS, Imports
from benchmarks.load import LANGUAGE, PRICES, Dialogue, Sample
from benchmarks.search import ALIASES, OURS, TEXT, Search
from benchmarks.sms_answers import A_SECOND, SECONDS, Answers
from benchmarks.sms_drain import ALLOWED, FEW, MANY, SLOW_MS, TEXTS, Measured
from benchmarks.sms_inbound import BARE_KEPT, Listener
from benchmarks.sms_worker import CHUNK, PARALLEL
from benchmarks.start import Start


@dataclass(frozen=True)
class Goal:
    """A figure to hold; ``least`` where more is better."""

    must: float
    stretch: float | None = None
    least: bool = True

    def verdict(self, value: float) -> str:
        """In words, for the last column."""
        sign = 1 if self.least else -1
        if self.stretch is not None and sign * value >= sign * self.stretch:
            return "stretch met"
        return "must met" if sign * value >= sign * self.must else "**missed**"

    @property
    def words(self) -> str:
        """``≥ 0.4 / 0.65``."""
        stretch = "" if self.stretch is None else f" / {self.stretch:g}"
        return f"{'≥' if self.least else '≤'} {self.must:,g}{stretch}"


RATIOS = (
    (SQLITE, BUILDER, Goal(1.0, 3.0)),
    (SQLITE, "", Goal(0.40, 0.65)),
    (POSTGRES, "", Goal(0.20, 0.35)),
    (SQLITE, ANYSD, Goal(2.5, 3.5)),
    (POSTGRES, ANYSD, Goal(1.2, 1.9)),
)
DELAYS = {SQLITE: {8: Goal(12, 6, False), 64: Goal(40, 15, False)}}
DELAYS[POSTGRES] = {8: Goal(15, 8, False), 64: Goal(85, 45, False)}
MEMORY = Goal(150, 120, False)


def processors() -> str:
    """How many of which kind."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = next((x.split(":")[1].strip() for x in cpu.splitlines() if "model name" in x), "?")
    count = cpu.count("processor\t:")
    return f"{count} × {model}"


def machine() -> Iterator[str]:
    """What else was measured on, without any name of it."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    packages = ("flask", "granian", "sqlalchemy", "psycopg")
    system = f"{platform.system()} {platform.machine()}"
    yield f"{memory:.0f} GiB, {system},"
    yield f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
    yield ", ".join(f"{each} {version(each)}" for each in packages) + "."


def hops(contenders: Sequence[Contender]) -> Iterator[str]:
    """Rates, delays, memory; then the ratios."""
    by_name = {each.name: each for each in contenders}
    for dialogue in (PRICES, LANGUAGE):
        yield f"\n### A dialogue of {dialogue.name}\n"
        yield "| requests/s · p50/p99 ms (median of rounds) | c=8 | c=64 | peak RSS MB |"
        yield "|---|---|---|---|"
        for each in contenders:
            if dialogue in each.dialogues:
                cells = [_cell(each.samples[dialogue.name, c]) for c in CONNECTIONS]
                yield f"| {each.name} | {' | '.join(cells)} | {each.peak_mb:.0f} |"
        yield "\n| ratio of rates: min – **median** – max | c=8 | c=64 | must / stretch | verdict |"
        yield "|---|---|---|---|---|"
        for name, beside, goal in RATIOS:
            yield from _ratio(by_name, dialogue, name, beside, goal)
    yield "\n### Delay and memory\n"
    yield "| | p99 at c=8 | p99 at c=64 | peak RSS of a process |"
    yield "|---|---|---|---|"
    for name, goals in DELAYS.items():
        each = by_name[name]
        cells = []
        for c, goal in goals.items():
            p99 = median(s.p99_ms for s in each.samples[PRICES.name, c])
            cells.append(f"{p99:.1f} ms ({goal.words}: {goal.verdict(p99)})")
        rss = f"{each.peak_mb:.0f} MB ({MEMORY.words}: {MEMORY.verdict(each.peak_mb)})"
        yield f"| {name} | {' | '.join(cells)} | {rss} |"


def _cell(samples: Sequence[Sample]) -> str:
    rate, p50, p99 = (
        median(getattr(s, name) for s in samples) for name in ("rate", "p50_ms", "p99_ms")
    )
    return f"{rate:,.0f} · {p50:.1f}/{p99:.1f}"


def _ratio(
    by_name: dict[str, Contender], dialogue: Dialogue, name: str, beside: str, goal: Goal
) -> Iterator[str]:
    if not beside and dialogue is LANGUAGE:
        return  # bare Flask writes nothing: there is nothing to compare an act with
    medians, cells, used = [], [], beside
    for c in CONNECTIONS:
        used = beside or best_bare(by_name, c)
        shown = PRICES if not beside else dialogue
        ratios = sorted(
            mine.rate / other.rate
            for mine, other in zip(
                by_name[name].samples[dialogue.name, c],
                by_name[used].samples[shown.name, c],
                strict=True,
            )
        )
        medians.append(median(ratios))
        cells.append(f"{ratios[0]:.2f} – **{median(ratios):.2f}** – {ratios[-1]:.2f}")
    if dialogue is LANGUAGE:
        yield f"| {name} ÷ {used} | {' | '.join(cells)} | | |"
        return
    worst = min(medians)
    against = used if beside else "bare Flask POST, its best"
    yield (f"| {name} ÷ {against} | {' | '.join(cells)} | {goal.words} | {goal.verdict(worst)} |")


def best_bare(by_name: dict[str, Contender], connections: int) -> str:
    """Bare Flask is allowed the number of workers that suits it best."""
    return max(
        (BARE_ONE, BARE_TWO),
        key=lambda name: median(s.rate for s in by_name[name].samples[PRICES.name, connections]),
    )


def growth(pairs: Sequence[Pair]) -> Iterator[str]:
    """Flat or not."""
    goal = Goal(1.15, least=False)
    yield f"\n### {SMALL:,} beside {LARGE:,} traders, listings and sessions\n"
    yield "| one hop after the other | small | large | time, large ÷ small | must | |"
    yield "|---|---|---|---|---|---|"
    for each in pairs:
        small, large = (1e6 / median(s.rate for s in x) for x in (each.small, each.large))
        ratios = sorted(each.ratios)
        spread = f"{ratios[0]:.2f} – **{median(ratios):.2f}** – {ratios[-1]:.2f}"
        yield (
            f"| {each.database} | {small:.0f} µs | {large:.0f} µs | {spread} | {goal.words} |"
            f" {goal.verdict(median(ratios))} |"
        )


def imports(found: Imports) -> Iterator[str]:
    """The rate of the import, and the delay that it causes."""
    goal = Goal(20_000)
    yield "\n### The bulk import\n"
    rate = found.rows_per_second
    yield (
        f"`prices import-wfp` of {ROWS:,} rows on SQLite, no server beside it:"
        f" {rate:,.0f} rows/s ({goal.words}: {goal.verdict(rate)})\n"
    )
    yield "| hop p99 at c=8 | quiet | while it runs (worst of runs) | must | |"
    yield "|---|---|---|---|---|"
    for each in found.beside:
        most = 50.0 if each.database == "SQLite" else 3 * each.quiet.p99_ms
        verdict = Goal(most, least=False).verdict(each.p99_ms)
        yield (
            f"| {each.database} | {each.quiet.p99_ms:.1f} ms | {each.p99_ms:.1f} ms"
            f" ({len(each.during)}) | ≤ {most:.0f} ms | {verdict} |"
        )


def inbound(listeners: Sequence[Listener]) -> Iterator[str]:
    """Texts that come in; the must of PostgreSQL is a rate, SQLite's is beside bare Flask."""
    yield "\n### Texts coming in\n"
    yield "Each acknowledged text was counted in the database after its run.\n"
    yield "| texts/s · p50/p99 ms (median of rounds) | c=8 | c=64 | peak RSS MB |"
    yield "|---|---|---|---|"
    for each in listeners:
        cells = [_cell(each.samples[c]) for c in CONNECTIONS]
        yield f"| {each.name} | {' | '.join(cells)} | {each.peak_mb:.0f} |"
    by_name = {each.name: each for each in listeners}
    rates = [median(s.rate for s in by_name[POSTGRES].samples[c]) for c in CONNECTIONS]
    yield "\n| | c=8 | c=64 | must | |"
    yield "|---|---|---|---|---|"
    goal = Goal(1000)
    cells = [f"{rate:,.0f}/s" for rate in rates]
    yield f"| {POSTGRES} | {' | '.join(cells)} | {goal.words} | {goal.verdict(min(rates))} |"
    best = {
        c: max((BARE_ONE, BARE_TWO), key=lambda n: median(s.rate for s in by_name[n].samples[c]))
        for c in CONNECTIONS
    }
    kept = dict.fromkeys(CONNECTIONS, BARE_KEPT)
    best_name = "bare Flask POST, its best"
    yield _beside(by_name, SQLITE, best, best_name, goal=Goal(0.35))
    yield _beside(by_name, SQLITE, kept, BARE_KEPT)
    yield _beside(by_name, BARE_KEPT, best, best_name)


def _beside(
    by_name: dict[str, Listener],
    mine: str,
    others: dict[int, str],
    name: str,
    *,
    goal: Goal | None = None,
) -> str:
    """A row of ratios, by number of connections."""
    ratios = []
    for c, other in others.items():
        pairs = zip(by_name[mine].samples[c], by_name[other].samples[c], strict=True)
        ratios.append(sorted(x.rate / y.rate for x, y in pairs))
    cells = [f"{x[0]:.2f} – **{median(x):.2f}** – {x[-1]:.2f}" for x in ratios]
    judged = " | "
    if goal is not None:
        judged = f"{goal.words} | {goal.verdict(min(median(x) for x in ratios))}"
    return f"| {mine} ÷ {name} | {' | '.join(cells)} | {judged} |"


def drains(found: Measured) -> Iterator[str]:
    """The outbox; every text is counted at its end, as handed over or still queued."""
    yield f"\n### Texts going out: {TEXTS:,} notices to a gateway on this machine\n"
    yield f"{PARALLEL} calls in flight, {CHUNK} recipients a call; claimed, checked, worded, handed"
    yield "over and recorded. On SQLite with the pauses that leave hops their time.\n"
    yield "| texts/s (rounds: least – **median** – most) | SQLite | PostgreSQL | must | |"
    yield "|---|---|---|---|---|"
    rows: list[tuple[str, list[list[float]], Goal]] = [
        ("gateway at 0 ms a call", [x.quick.rates for x in found.drains], Goal(10_000)),
        (
            f"at {SLOW_MS} ms, as a part of the {ALLOWED:,.0f}/s it allows",
            [[rate / ALLOWED for rate in x.slow.rates] for x in found.drains],
            Goal(0.9),
        ),
        (
            f"{MANY:,} in the outbox ÷ {FEW:,}",
            [
                [many / few for many, few in zip(x.many.rates, x.few.rates, strict=True)]
                for x in found.drains
            ],
            Goal(0.8),
        ),
    ]
    for name, by_database, goal in rows:
        cells = [_spread(values) for values in by_database]
        verdict = goal.verdict(min(median(values) for values in by_database))
        yield f"| {name} | {' | '.join(cells)} | {goal.words} | {verdict} |"
    peaks = [max(y.peak_mib for y in (x.quick, x.slow, x.many)) for x in found.drains]
    memory = Goal(250, least=False)
    cells = [f"{peak:.0f}" for peak in peaks]
    yield f"| peak RSS, MiB | {' | '.join(cells)} | {memory.words} | {memory.verdict(max(peaks))} |"
    sdk = median(found.sdk.rates)
    yield f"\nThe plain SDK, one text a call at 0 ms, in the same rounds: {sdk:,.0f}/s, and nothing"
    yield "claimed, checked or recorded."


def _spread(values: Sequence[float]) -> str:
    least, most = min(values), max(values)
    form = ",.0f" if most > 100 else ".2f"
    return f"{least:{form}} – **{median(values):{form}}** – {most:{form}}"


# Rate a second, p99 in ms, share right first; None where nothing is asked of it.
SEARCH = {
    OURS: (Goal(5_000), Goal(1, least=False), Goal(0.97)),
    TEXT: (Goal(1_000), Goal(5, least=False), None),
}


def search(found: Search) -> Iterator[str]:
    """What one search costs, and how often its first answer was right."""
    yield f"\n### Search at {ALIASES:,} aliases, in process\n"
    yield "| one query after the other, each with a typing error | a second | p99 | right first |"
    yield "|---|---|---|---|"
    for each in found.finders:
        values = (each.rate, each.p99_ms, each.right_first)
        shown = (f"{each.rate:,.0f}", f"{each.p99_ms:.2f} ms", f"{100 * each.right_first:.1f} %")
        goals = SEARCH.get(each.name, (None, None, None))
        cells = [
            text if goal is None else f"{text} ({goal.words}: {goal.verdict(value)})"
            for text, value, goal in zip(shown, values, goals, strict=True)
        ]
        yield f"| {each.name} | {' | '.join(cells)} |"
    yield (
        f"\nThe index: made in {found.build_ms:.0f} ms, {found.index_mb:.1f} MB; a word added to it"
        f" {found.added_ms:.1f} ms."
    )


def answers(found: Answers) -> Iterator[str]:
    """From a text to its answer."""
    half, most = Goal(300, least=False), Goal(1000, least=False)
    p50, p95 = found.at(0.5) * 1000, found.at(0.95) * 1000
    yield "\n### From a text to its answer at the gateway\n"
    yield f"`trader-platform run` on SQLite, {A_SECOND} texts a second for {SECONDS} s, each from"
    yield "another phone, while the demo month plays in the background:"
    yield f"p50 {p50:.0f} ms ({half.words}: {half.verdict(p50)}), p95 {p95:.0f} ms"
    yield f"({most.words}: {most.verdict(p95)}), the slowest {found.at(1) * 1000:.0f} ms."


def start(found: Start) -> Iterator[str]:
    """Seconds."""
    goal = Goal(5, least=False)
    yield "\n### Start\n"
    yield (
        f"`trader-platform run`: ready {found.first:.1f} s after the first start,"
        f" {found.second:.1f} s after the second ({goal.words}: {goal.verdict(found.second)}),"
        f" gone {found.stopping:.1f} s after Ctrl-C."
    )
    goal = Goal(30, least=False)
    yield (
        f"The demo month in its background: {found.month:.0f} s"
        f" ({goal.words}: {goal.verdict(found.month)})."
    )
