"""Texts coming in: ours on both databases beside the shortest Flask POST, in interleaved rounds.

What is acknowledged must be there: after each run the rows are counted, and one that is missing
voids the whole run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.hops import BARE_ONE, BARE_TWO, CONNECTIONS, POSTGRES, SQLITE, bare, ours
from benchmarks.load import Sample, WrongReply, run_wrk
from benchmarks.servers import Server, running_postgres
from benchmarks.world import CALLERS, TOKEN, build

SCRIPT = Path(__file__).with_name("sms_inbound.lua")
BARE_KEPT = "bare Flask POST, the body synced to SQLite"
INBOUND_PATH = f"/sms/africastalking/{TOKEN}/inbound"


@dataclass
class Listener:
    """One server under load; ``samples`` by number of connections."""

    name: str
    server: Server
    path: str
    expected: str
    stored: Callable[[], int] | None = None
    samples: dict[int, list[Sample]] = field(default_factory=dict)
    peak_mb: float = 0.0


def measure(rounds: int, seconds: int) -> list[Listener]:
    """All, each pressed once a round; raises WrongReply where an acknowledged text is missing."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        listeners = _start(stack, folder)
        for each in listeners:
            _press(each, 64, folder, seconds=2, seed=1)  # callers become contacts
        for number in range(rounds):
            for each in listeners:
                for connections in CONNECTIONS:
                    sample = _press(
                        each, connections, folder, seconds=seconds, seed=number * 100 + connections
                    )
                    each.samples.setdefault(connections, []).append(sample)
            print(f"  round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
        for each in listeners:
            each.peak_mb = each.server.peak_mb()
        return listeners


def _start(stack: ExitStack, folder: Path) -> list[Listener]:
    postgres_folder = folder / "pg"
    postgres_folder.mkdir()
    folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
    cluster = stack.enter_context(running_postgres(postgres_folder))
    cluster.run("CREATE DATABASE market")
    listeners = [
        Listener(name, stack.enter_context(bare(workers)), "/ussd", "CON Prices")
        for name, workers in ((BARE_ONE, 1), (BARE_TWO, 2))
    ]
    kept = stack.enter_context(bare(1, PEER_DB=str(folder / "kept.db")))
    listeners.append(Listener(BARE_KEPT, kept, "/kept", "OK"))
    places = (
        (SQLITE, f"sqlite:///{folder / 'market.db'}", 1),
        (POSTGRES, cluster.url("market"), 2),
    )
    for name, url, workers in places:
        build(url)
        server = stack.enter_context(ours(url, folder, workers=workers))
        listeners.append(Listener(name, server, INBOUND_PATH, "OK", _counter(url)))
    return listeners


def _counter(url: str) -> Callable[[], int]:
    engine = create_engine(url)

    def count() -> int:
        with engine.connect() as connection:
            found: int = connection.execute(text("SELECT count(*) FROM inbound_texts")).scalar_one()
        engine.dispose()
        return found

    return count


def _press(each: Listener, connections: int, folder: Path, *, seconds: int, seed: int) -> Sample:
    before = each.stored() if each.stored else 0
    plan = {"seed": seed, "callers": CALLERS, "path": each.path, "expected": each.expected}
    sample = run_wrk(
        SCRIPT,
        plan,
        port=each.server.port,
        connections=connections,
        seconds=seconds,
        folder=folder,
    )
    if each.stored and each.stored() - before < sample.answered:
        raise WrongReply(f"{each.name}: {sample.answered} texts acknowledged, not all are stored")
    return sample
