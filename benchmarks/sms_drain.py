"""How fast the outbox drains: notices to a gateway on this machine, beside the plain SDK."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.load import WrongReply
from benchmarks.servers import ROOT, Postgres, running_postgres
from benchmarks.sms_worker import CHUNK, NOON, PARALLEL
from benchmarks.world import DATA_KEY, LOOKUP_KEY, settle
from trader_platform.commands.packs import load_pack
from trader_platform.core import migrate
from trader_platform.core import phone as phones
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.supervisor import DieWithParent

TEXTS: Final = 100_000
FEW: Final = 10_000
MANY: Final = 1_000_000
SLOW_MS: Final = 200
ALLOWED: Final = PARALLEL * CHUNK * 1000 / SLOW_MS  # what a gateway at that latency allows
_ONE_BY_ONE: Final = 2_000
_GROWTH_SECONDS: Final = 8
_NEWS: Final = json.dumps({"council": 1, "news": "The water point at Serrekunda is open"})


@dataclass
class Drained:
    """One contender: texts a second in each round, and the most memory it ever took."""

    rates: list[float] = field(default_factory=list)
    peak_mib: float = 0.0


@dataclass
class Drains:
    """Everything measured on one database."""

    database: str
    quick: Drained = field(default_factory=Drained)
    slow: Drained = field(default_factory=Drained)
    few: Drained = field(default_factory=Drained)
    many: Drained = field(default_factory=Drained)


@dataclass
class Measured:
    """Both databases, and the plain SDK."""

    drains: list[Drains]
    sdk: Drained


def measure(rounds: int) -> Measured:
    """All contenders, in turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        quick, slow = (stack.enter_context(_gateway(ms)) for ms in (0, SLOW_MS))
        cluster = stack.enter_context(running_postgres(folder / "pg"))
        bases: list[_Base] = [_Sqlite(folder), _Postgres(cluster)]
        measured = Measured([Drains(base.name) for base in bases], Drained())
        for _ in range(rounds):
            _plain_sdk(quick, measured.sdk)
            for base, drains in zip(bases, measured.drains, strict=True):
                _drain(base, TEXTS, quick, drains.quick)
                _drain(base, TEXTS, slow, drains.slow)
                for rows, kept in ((FEW, drains.few), (MANY, drains.many)):
                    _drain(base, rows, quick, kept, most_seconds=_GROWTH_SECONDS)
        return measured


class _Base(ABC):
    """A database with the pack and its readers, to copy for each drain."""

    name = ""

    @abstractmethod
    def fresh(self) -> str:
        """URL of a new copy with an empty outbox."""

    @abstractmethod
    def forget(self) -> None:
        """The copy is not needed any more."""


class _Sqlite(_Base):
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._base, self._copy = folder / "base.db", folder / "drain.db"
        _build(f"sqlite:///{self._base}")

    def fresh(self) -> str:
        shutil.copyfile(self._base, self._copy)
        return f"sqlite:///{self._copy}"

    def forget(self) -> None:
        for each in self._copy.parent.glob(f"{self._copy.name}*"):
            each.unlink()


class _Postgres(_Base):
    name = "PostgreSQL"

    def __init__(self, cluster: Postgres) -> None:
        self._cluster = cluster
        cluster.run("CREATE DATABASE base")
        _build(cluster.url("base"))

    def fresh(self) -> str:
        self._cluster.run("CREATE DATABASE drain TEMPLATE base")
        return self._cluster.url("drain")

    def forget(self) -> None:
        self._cluster.run("DROP DATABASE drain WITH (FORCE)")


def _build(url: str) -> None:
    """Pack and readers. No cap and no budget: what is measured is how fast, not whether."""
    migrate.upgrade(url)
    db = Database(url, lock_wait_seconds=20)
    load_pack(db, "gambia")
    vault, now = Vault({"bench": DATA_KEY}, LOOKUP_KEY), int(NOON.timestamp() * 1000)
    readers = []
    for at in range(TEXTS):
        phone = phones.parse(f"+220{3_000_000 + at}")
        assert phone is not None
        key = vault.lookup(phone.key)
        sealed = vault.seal(phone.e164.encode(), bound_to=key.encode())
        readers.append({"id": at + 1, "hash": key, "sealed": sealed, "now": now})
    with db.write.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO contacts (id, pack_id, phone_hash, phone_sealed, stopped,"
                " stopped_topics, opted_out, misses, capped_count, created_at)"
                " VALUES (:id, 1, :hash, :sealed, '', '', false, 0, 0, :now)"
            ),
            readers,
        )
        settings = json.loads(connection.execute(text("SELECT settings FROM packs")).scalar_one())
        settings["sms"] = {**settings["sms"], "texts_a_day": 1000}
        settings["sms"].pop("budget_a_day_minor", None)
        connection.execute(text("UPDATE packs SET settings = :s"), {"s": json.dumps(settings)})
    db.dispose()
    settle(url)


def _fill(url: str, rows: int) -> None:
    """So many notices, due now; each reader gets one in turn."""
    is_sqlite = url.startswith("sqlite")
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        if is_sqlite
        else f"WITH n AS (SELECT i FROM generate_series(1, {rows}) AS all_n(i))"
    )
    now = int(NOON.timestamp() * 1000) - 1000
    day = f"'{NOON:%Y-%m-%d}'" if is_sqlite else f"date '{NOON:%Y-%m-%d}'"
    statement = (
        f"{numbers} INSERT INTO messages (id, reason, kind, priority, contact_id, pack_id,"
        " council_id, day, params, act_at, due_at, state, attempts, refused_by, segments)"
        f" SELECT i, 'bench:' || i, 'council.says', 3, 1 + i - i / {TEXTS} * {TEXTS}, 1, 1, {day},"
        f" '{_NEWS}', {now}, {now}, 'queued', 0, '', 0 FROM n"
    )
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    settle(url)


def _drain(
    base: _Base, rows: int, gateway: str, kept: Drained, *, most_seconds: float = 600
) -> None:
    url = base.fresh()
    try:
        _fill(url, rows)
        argv = [
            sys.executable,
            "-m",
            "benchmarks.sms_worker",
            url,
            gateway,
            str(most_seconds),
        ]
        run = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
        told = json.loads(run.stdout)
        _see_that_none_is_lost(url, rows, told["texts"])
    finally:
        base.forget()
    kept.rates.append(told["texts"] / told["seconds"])
    kept.peak_mib = max(kept.peak_mib, told["peak_mib"])


def _see_that_none_is_lost(url: str, rows: int, texts: int) -> None:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        found = connection.execute(text("SELECT state, count(*) FROM messages GROUP BY state"))
        states = dict(found.tuples().all())
    wanted = {"accepted": texts, "queued": rows - texts}
    if states != {state: count for state, count in wanted.items() if count}:
        raise WrongReply(f"The outbox says {states}, the drain handed {texts} over")


def _plain_sdk(gateway: str, kept: Drained) -> None:
    """The provider's SDK as its manual shows it, a text a call."""
    argv = [sys.executable, "-c", _PLAIN, gateway, str(_ONE_BY_ONE)]
    run = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    kept.rates.append(_ONE_BY_ONE / float(run.stdout))


_PLAIN: Final = """
import sys, time
from africastalking.SMS import SMSService
sms = SMSService("bench", "k")
sms._baseUrl = sys.argv[1] + "/version1"
began = time.monotonic()
for at in range(int(sys.argv[2])):
    sms.send("Gambia: The water point at Serrekunda is open", [f"+220{3000000 + at}"])
print(time.monotonic() - began)
"""


@contextmanager
def _gateway(latency_ms: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sms_gateway", str(latency_ms)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=DieWithParent(),
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait(10)
