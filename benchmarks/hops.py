"""Rates and delays of one hop: ours on both databases beside the peers, in interleaved rounds."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.install import ANYSD_VENV, PEERS
from benchmarks.load import LANGUAGE, PRICES, Dialogue, Sample, Target, learn, press
from benchmarks.servers import Server, granian, running_postgres, running_valkey, serving
from benchmarks.world import TOKEN, Names, build, build_peer, environment

HOP_PATH = f"/ussd/africastalking/{TOKEN}"
CONNECTIONS = (8, 64)
SQLITE, POSTGRES = "ours, SQLite", "ours, PostgreSQL"
BUILDER, ANYSD, BARE = "ussd-menu-builder + SQLite", "anysd + Redis", "bare Flask POST"
BARE_ONE, BARE_TWO = f"{BARE}, 1 worker", f"{BARE}, 2 workers"


@dataclass
class Contender:
    """One server under load; ``samples`` by dialogue and number of connections."""

    name: str
    server: Server
    path: str
    dialogues: tuple[Dialogue, ...]
    targets: dict[str, Target] = field(default_factory=dict)
    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)
    peak_mb: float = 0.0


def measure(rounds: int, seconds: int) -> list[Contender]:
    """All contenders, each pressed once a round; raises WrongReply where any answers wrongly."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        contenders = _start(stack, folder)
        for each in contenders:
            _press(each, folder, seconds=1, seed=1, keep=False)
        for number in range(rounds):
            for each in contenders:
                _press(each, folder, seconds=seconds, seed=10 + number, keep=True)
            print(f"  round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
        for each in contenders:
            each.peak_mb = each.server.peak_mb()
        return contenders


def _start(stack: ExitStack, folder: Path) -> list[Contender]:
    postgres_folder = folder / "pg"
    postgres_folder.mkdir()
    folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
    cluster = stack.enter_context(running_postgres(postgres_folder))
    cluster.run("CREATE DATABASE market")
    names = build(f"sqlite:///{folder / 'market.db'}")
    build(cluster.url("market"))
    build_peer(folder / "builder.db", names)
    build_peer(folder / "anysd.db", names)
    both, reads = (PRICES, LANGUAGE), (PRICES,)
    started = [
        Contender(BARE_ONE, stack.enter_context(bare(1)), "/ussd", reads),
        Contender(BARE_TWO, stack.enter_context(bare(2)), "/ussd", reads),
        _ours(stack, SQLITE, f"sqlite:///{folder / 'market.db'}", folder, workers=1),
        _ours(stack, POSTGRES, cluster.url("market"), folder, workers=2),
        Contender(BUILDER, stack.enter_context(_builder(folder)), "/ussd", both),
        Contender(ANYSD, stack.enter_context(_anysd(folder)), "/ussd", both),
    ]
    for each in started:
        for dialogue in each.dialogues:
            each.targets[dialogue.name] = learn(
                each.server.port, each.path, dialogue, _proof(each, dialogue, names)
            )
    return started


def _proof(contender: Contender, dialogue: Dialogue, names: Names) -> list[list[str]]:
    """What the last reply must show, so that nobody is measured while answering nonsense."""
    if contender.name.startswith(BARE):
        return [["Prices"] for _ in names.markets]
    return names.proof if dialogue is PRICES else [["English"] for _ in names.markets]


def _ours(stack: ExitStack, name: str, url: str, folder: Path, *, workers: int) -> Contender:
    server = stack.enter_context(ours(url, folder, workers=workers))
    return Contender(name, server, HOP_PATH, (PRICES, LANGUAGE))


@contextmanager
def ours(url: str, folder: Path, *, workers: int, **more: str) -> Iterator[Server]:
    """Our web process on a database, with the options of `trader-platform run`."""
    with serving(
        lambda port: granian(port, workers, "wsgi:app"),
        environment(url, folder) | more,
        path="/readyz",
    ) as server:
        yield server


@contextmanager
def bare(workers: int, **env: str) -> Iterator[Server]:
    """The ceiling: a Flask view that reads the body and answers."""
    app = "benchmarks.peers.bare_flask:app"
    with serving(lambda port: granian(port, workers, app), env) as server:
        yield server


@contextmanager
def _builder(folder: Path) -> Iterator[Server]:
    env = {"PEER_DB": str(folder / "builder.db"), "NODE_ENV": "production"}
    with serving(lambda _port: ["node", "ussd_menu_builder.js"], env, PEERS) as server:
        yield server


@contextmanager
def _anysd(folder: Path) -> Iterator[Server]:
    """anysd as it is measured in its own world: gunicorn, two synchronous processes."""
    home = folder / "anysd"
    home.mkdir()
    with running_valkey(home) as redis_port:
        config = home / "config.yaml"
        config.write_text(
            f"development:\n  redis:\n    host: 127.0.0.1\n    port: {redis_port}\n    db: 0\n"
        )
        env = {"PEER_DB": str(folder / "anysd.db"), "ANYSD_CONFIG_FILE": str(config)}
        python = str(ANYSD_VENV / "bin/python")
        options = ["-m", "gunicorn", "--workers", "2", "--log-level", "error"]
        with serving(
            lambda port: [python, *options, "--bind", f"127.0.0.1:{port}", "anysd_app:app"],
            {**env, "PYTHONPATH": ""},
            PEERS,
        ) as server:
            yield server


def _press(each: Contender, folder: Path, *, seconds: int, seed: int, keep: bool) -> None:
    for place, dialogue in enumerate(each.dialogues):
        for connections in CONNECTIONS:
            sample = press(
                each.targets[dialogue.name],
                dialogue,
                connections=connections,
                seconds=seconds,
                seed=seed * 1000 + place * 100 + connections,
                folder=folder,
            )
            if keep:
                each.samples.setdefault((dialogue.name, connections), []).append(sample)
