"""The duty screens, served: with a thousand charges and with a million."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.books_world import CHARGES_EACH, add_callers, add_charges, build
from benchmarks.hops import HOP_PATH, ours
from benchmarks.load import Dialogue, Sample, Target, learn, press
from benchmarks.servers import small_and_large
from benchmarks.world import MARKETS

SMALL: Final = 1_000
LARGE: Final = 1_000_000
DIALOGUE: Final = Dialogue(
    "four hops: home, My duty, Pay, What it is for", ("", "1", "1*1", "1*1*4")
)
# Every caller owes the same ten old days.
_PROOF: Final = [["You owe for"]] * MARKETS
CONNECTIONS: Final = 8  # for the delay; one at a time for whether it is flat
DIALOGUES: Final = 16  # no phone has two at once, with a thousand charges either
WORKERS: Final = {"SQLite": 1, "PostgreSQL": 2}


@dataclass
class Duty:
    """One database: samples by round, on few charges and on many."""

    database: str
    alone: dict[int, list[Sample]] = field(default_factory=lambda: {SMALL: [], LARGE: []})
    together: dict[int, list[Sample]] = field(default_factory=lambda: {SMALL: [], LARGE: []})

    @property
    def ratios(self) -> list[float]:
        """Time of a hop on the large one as a multiple of the small one's, by round."""
        pairs = zip(self.alone[SMALL], self.alone[LARGE], strict=True)
        return [small.rate / large.rate for small, large in pairs]


def measure(rounds: int, seconds: int) -> list[Duty]:
    """Both databases."""
    return [
        _measure(database, urls, folder, rounds, seconds)
        for database, urls, folder in small_and_large()
    ]


def _measure(database: str, urls: Sequence[str], folder: Path, rounds: int, seconds: int) -> Duty:
    duty = Duty(database)
    with ExitStack() as stack:
        targets: dict[int, Target] = {}
        for url, charges in zip(urls, (SMALL, LARGE), strict=True):
            build(url, stalls=charges // CHARGES_EACH)
            add_charges(url, charges)
            add_callers(url, charges // CHARGES_EACH)
            server = stack.enter_context(ours(url, folder, workers=WORKERS[database], DEMO="1"))
            targets[charges] = learn(server.port, HOP_PATH, DIALOGUE, _PROOF)
        print(f"  {database}: filled", file=sys.stderr, flush=True)
        for number in range(rounds + 1):
            for kept, connections in ((duty.alone, 1), (duty.together, CONNECTIONS)):
                for charges, target in targets.items():
                    sample = press(
                        target,
                        DIALOGUE,
                        connections=connections,
                        seconds=seconds,
                        seed=10 * number + connections,
                        folder=folder,
                        callers=charges // CHARGES_EACH,
                        dialogues=DIALOGUES,
                    )
                    if number:  # the first warms the caches of both
                        kept[charges].append(sample)
    return duty
