"""The bulk import of a price file: its rate alone, and what a hop feels while it runs."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from benchmarks.hops import HOP_PATH, ours
from benchmarks.load import PRICES, Sample, learn, press
from benchmarks.servers import ROOT, running_postgres
from benchmarks.world import Names, build, environment
from trader_platform.core.supervisor import DieWithParent

ROWS: Final = 200_000
CONNECTIONS: Final = 8
MOST_RUNS: Final = 10
_HEAD: Final = (
    "date,admin1,admin2,market,market_id,latitude,longitude,category,commodity,commodity_id,unit,"
    "priceflag,pricetype,currency,price,usdprice\n"
    "#date,#adm1+name,#adm2+name,#loc+market+name,#loc+market+code,#geo+lat,#geo+lon,#item+type,"
    "#item+name,#item+code,#item+unit,#item+price+flag,#item+price+type,#currency+code,#value,"
    "#value+usd\n"
)
_GOODS: Final = (
    ("Maize", "51", "KG"),
    ("Rice (local)", "71", "KG"),
    ("Cassava", "125", "KG"),
    ("Yam", "124", "KG"),
    ("Tomatoes", "99", "KG"),
)


@dataclass(frozen=True)
class Beside:
    """Delays of a hop without the import, and in each run while it went on."""

    database: str
    quiet: Sample
    during: list[Sample]

    @property
    def p99_ms(self) -> float:
        """The worst run's."""
        return max(each.p99_ms for each in self.during)


@dataclass(frozen=True)
class Imports:
    """``rows_per_second`` includes the start of the command."""

    rows_per_second: float
    seconds: int
    beside: list[Beside]


def synthetic_file(path: Path, rows: int = ROWS) -> None:
    """A price file in the World Food Programme's form; its markets and prices are computed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(_HEAD)
        out = csv.writer(file, lineterminator="\n")
        for number in range(rows):
            market, rest = number % 50, number // 50
            name, code, unit = _GOODS[rest % len(_GOODS)]
            day = date(2006, 1, 15) + timedelta(days=rest // len(_GOODS))
            place = [f"REGION {market % 10}", f"DISTRICT {market}", f"Synthetic {market}"]
            price = 100 + (market * 7 + rest * 3) % 60
            goods = ["cereals and tubers", name, code, unit, "actual", "Retail", "GMD"]
            prices = [f"{price / 10:.2f}", f"{price / 100:.2f}"]
            out.writerow([day, *place, 9000 + market, 7.5, -1.2, *goods, *prices])


def measure(seconds: int) -> Imports:
    """Alone on SQLite; then beside a loaded server on each database."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "wfp_food_prices_synthetic.csv"
        synthetic_file(file)
        url = f"sqlite:///{folder / 'alone.db'}"
        build(url, callers=1000)
        began = time.monotonic()
        _finish(_import(url, folder, file, "--alone"))
        took = time.monotonic() - began
        (folder / "pg").mkdir()
        cluster = stack.enter_context(running_postgres(folder / "pg"))
        cluster.run("CREATE DATABASE market")
        beside = []
        for database, url, workers in (
            ("SQLite", f"sqlite:///{folder / 'beside.db'}", 1),
            ("PostgreSQL", cluster.url("market"), 2),
        ):
            names = build(url)
            beside.append(
                _beside(database, url, names, folder, file=file, workers=workers, seconds=seconds)
            )
        return Imports(ROWS / took, took, beside)


def _beside(
    database: str,
    url: str,
    names: Names,
    folder: Path,
    *,
    file: Path,
    workers: int,
    seconds: int,
) -> Beside:
    with ours(url, folder, workers=workers) as server:
        target = learn(server.port, HOP_PATH, PRICES, names.proof)

        def load(seed: int) -> Sample:
            return press(
                target,
                PRICES,
                connections=CONNECTIONS,
                seconds=seconds,
                seed=seed,
                folder=folder,
            )

        load(1)
        quiet = load(2)
        during = []
        importing = _import(url, folder, file, "--beside")
        while importing.poll() is None:
            during.append(load(3 + len(during)))
            if len(during) == MOST_RUNS:
                importing.kill()  # it has been felt long enough
                importing.wait()
                return Beside(database, quiet, during)
        _finish(importing)
        return Beside(database, quiet, during)


def _finish(importing: subprocess.Popen[bytes]) -> None:
    if importing.wait():
        raise RuntimeError(f"`trader-platform prices import-wfp` ended with {importing.returncode}")


def _import(url: str, folder: Path, file: Path, how: str) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-c", "from trader_platform.cli import main; main()"]
    return subprocess.Popen(
        [*program, "prices", "import-wfp", how, str(file)],
        cwd=ROOT,
        env=environment(url, folder),
        stdout=subprocess.DEVNULL,
        preexec_fn=DieWithParent(),
    )
