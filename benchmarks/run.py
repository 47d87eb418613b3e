"""``python -m benchmarks.run``: measures, prints the tables and writes ``results.md``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import (
    day,
    duty,
    growth,
    hops,
    imports,
    install,
    report,
    report_books,
    search,
    sections,
    sms_answers,
    sms_drain,
    sms_inbound,
    start,
    tickets,
)
from benchmarks.load import WrongReply

RESULTS = Path(__file__).with_name("results.md")
README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
_NOTES = """\
Made by `make bench`. Shared machines drift: trust the ratios, which come from interleaved rounds
(each contender is pressed once in each round), not the absolute figures.

One closed loop (wrk) presses all contenders: 512 dialogues in turn by known callers, at 8 and 64
connections, every reply compared byte for byte with the one that contender owes for this hop and
market; one wrong or lost reply voids the run. 4,000 synthetic price rows. Each contender finds the
caller by phone at every hop and keeps a session. Ours: encrypted state, translations, paging and
counters, granian with the options of `trader-platform run`, 1 worker on SQLite, 2 on PostgreSQL
(unix socket, fsync on). ussd-menu-builder: one Node process, a menu for each request. anysd:
gunicorn, two synchronous processes. Bare Flask: reads the body and answers; best of 1 or 2 workers.
"""


def main() -> None:
    """Run the parts that were asked for; exit code 1 where the run is void."""
    asked = _arguments()
    began = time.monotonic()
    try:
        lines = list(_measure(asked))
    except install.Missing as missing:
        sys.exit(str(missing))
    except WrongReply as wrong:
        sys.exit(f"The run is void. {wrong}")
    new = "\n".join(lines)
    print(new)
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    tables = into_readme(new)
    RESULTS.write_text("\n".join(["# Measured", "", _NOTES, tables]), encoding="utf-8")
    print(f"written to {RESULTS.name} and README.md", file=sys.stderr)


def into_readme(new: str) -> str:
    """Put what was measured in its sections between the README's two marks; all of them."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    machine = "\n".join(report.machine())
    tables = sections.merged(
        machine + "\n\n" + old[old.index(sections.HEADING) :], new, report.processors()
    )
    README.write_text(f"{before}{BEGIN}\n{tables}{END}{after}", encoding="utf-8")
    return tables


def _measure(asked: argparse.Namespace) -> Iterable[str]:
    install.load_generator()
    for part, lines in PARTS.items():
        if part in asked.only:
            print(f"Measuring: {part} ...", file=sys.stderr, flush=True)
            yield from lines(asked.rounds, asked.seconds)


def _hops(rounds: int, seconds: int) -> Iterable[str]:
    install.node_peer()
    install.anysd_peer()
    return report.hops(hops.measure(rounds, seconds))


# What `--only` names, in the order of the tables.
PARTS: dict[str, Callable[[int, int], Iterable[str]]] = {
    "start": lambda _rounds, _seconds: report.start(start.measure()),
    "hops": _hops,
    "growth": lambda rounds, seconds: report.growth(growth.measure(rounds, seconds)),
    "import": lambda _rounds, seconds: report.imports(imports.measure(seconds)),
    "inbound": lambda rounds, seconds: report.inbound(sms_inbound.measure(rounds, seconds)),
    "answers": lambda _rounds, _seconds: report.answers(sms_answers.measure()),
    "drain": lambda rounds, _seconds: report.drains(sms_drain.measure(rounds)),
    "search": lambda rounds, _seconds: report.search(search.measure(rounds)),
    "tickets": lambda rounds, seconds: report_books.books(tickets.measure(rounds, seconds)),
    "day": lambda _rounds, _seconds: report_books.day(day.measure()),
    "duty": lambda rounds, seconds: report_books.duty(duty.measure(rounds, seconds)),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of each run (3)")
    parser.add_argument(
        "--only", default=",".join(PARTS), help="parts, comma between: " + ", ".join(PARTS)
    )
    asked = parser.parse_args()
    asked.only = asked.only.replace("|", ",").split(",")
    for part in asked.only:
        if part not in PARTS:
            parser.error(f"no part {part!r}")
    return asked


if __name__ == "__main__":
    main()
