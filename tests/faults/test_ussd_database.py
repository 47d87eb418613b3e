"""The database locked, full or gone: an END within three seconds, and nothing half done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import create_engine, func, select, text

from tests.fixtures.served import ROOT
from tests.fixtures.world import World
from trader_platform.core.db import Database
from trader_platform.core.once import Act
from trader_platform.core.pace import turn
from trader_platform.traders.models import Person

LIMIT_SECONDS = 3.0


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Somebody else holds the database and does not let go."""
    if world.db.is_sqlite:
        with closing(sqlite3.connect(str(world.db.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    engine = create_engine(world.url)
    with engine.begin() as other:
        other.execute(text("LOCK TABLE people, ussd_sessions, acts IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


def test_a_hop_is_written_where_another_process_sees_it(world: World) -> None:
    """Autocommit under a ``begin`` listener would lose exactly this."""
    world.phone().dial()
    script = (
        "import sys; from sqlalchemy import create_engine, text;"
        "print(create_engine(sys.argv[1]).connect()"
        ".execute(text('SELECT count(*) FROM ussd_sessions')).scalar_one())"
    )
    seen = subprocess.run(
        [sys.executable, "-c", script, world.url], capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "1"


def test_hops_planned_on_an_empty_table_do_not_read_all_of_it_later(world: World) -> None:
    """A prepared statement keeps its plan: made today, it must also do when a million rows came."""
    if world.db.is_sqlite:
        return
    with world.db.reading() as connection:
        connection.execute(text("ANALYZE ussd_sessions, acts, people, traders"))
    phones = [world.phone(f"+22030000{number:02d}").dial() for number in range(8)]
    for phone in phones:
        phone.press("1", "00")
    world.hops.store.close()  # its backend counts for all to see when it ends
    with world.db.reading() as connection:
        scans = text("SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = :table")
        read = {"table": "ussd_sessions"}
        until = time.monotonic() + 5
        while not (found := connection.execute(scans, read).one())[1]:
            assert time.monotonic() < until
            time.sleep(0.05)
    assert found[0] <= 1  # the ANALYZE above


def test_thirty_two_phones_at_a_locked_database_are_answered_in_time(world: World) -> None:
    known = world.phone("+2203000000").dial().press("1")
    phones = [world.phone(f"+22030000{number:02d}") for number in range(1, 33)]
    with locked(world), ThreadPoolExecutor(32) as pool:
        started = time.perf_counter()
        screens = list(pool.map(lambda phone: phone.dial().screen, phones))
        assert time.perf_counter() - started < LIMIT_SECONDS
        assert {screen[:4] for screen in screens} == {"END "}
        known.press("2").sees("END The line was cut.")
    time.sleep(1.1)
    known.send().sees("1 My duty")
    phones[0].dial().sees("1 English")


def test_one_unlucky_wait_does_not_turn_away_who_comes_after(world: World) -> None:
    """Beside busy writers one wait in a hundred is in vain; the others are not to fail by it."""
    first, second, third = (world.phone(f"+220300000{number}") for number in range(3))
    with locked(world):
        first.dial().sees("END ")
    second.dial().sees("1 English")  # the lock was free: from here on a wait is worth while
    taken = Event()

    def hold_for_a_moment() -> None:
        with locked(world):
            taken.set()
            time.sleep(0.03)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold_for_a_moment)
        assert taken.wait(5)
        third.dial().sees("1 English")
        held.result()


@pytest.mark.parametrize(("jobs", "turns"), [(1, 20), (8, 5)])
def test_no_hop_is_cut_beside_jobs_that_write_without_end(
    world: World, jobs: int, turns: int
) -> None:
    """A slow machine's turns take long; the pause after each grows with it, and is for all jobs."""
    job = Database(world.url, lock_wait_seconds=20)
    touched = text("UPDATE markets SET name = name WHERE id = :id")

    def write(market: int) -> None:
        for _ in range(turns):
            with turn(job) as session:
                session.execute(touched, {"id": market})
                time.sleep(0.02)

    with ThreadPoolExecutor(jobs) as pool:
        writing = [pool.submit(write, 1 + market) for market in range(jobs)]
        dialled = 0
        while not all(each.done() for each in writing):
            world.phone(f"+2203{dialled:06d}").dial().press("1").sees("What do you want?")
            dialled += 1
        for each in writing:
            each.result()
    job.dispose()
    assert dialled


def test_an_act_at_a_locked_database_is_not_done_and_can_be_repeated(world: World) -> None:
    phone = world.phone().dial()
    with locked(world):
        phone.press("1").sees("END The line was cut.")
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Person)).scalar_one() == 0
    time.sleep(1.1)
    phone.send().sees("What do you want?")
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Act)).scalar_one() == 1


def test_a_database_that_is_gone_is_an_end(world: World) -> None:
    phone = world.phone().dial()
    world.hops.store.close()
    world.db.dispose()
    with away(world):
        started = time.perf_counter()
        phone.press("1").sees("END ")
        assert time.perf_counter() - started < LIMIT_SECONDS
    time.sleep(1.1)
    phone.send().sees("What do you want?")


@contextmanager
def away(world: World) -> Iterator[None]:
    """The database's name leads nowhere for a while."""
    if world.db.is_sqlite:
        here = Path(str(world.db.url.database))
        there = here.with_suffix(".away")
        here.rename(there)
        here.mkdir()
        yield
        here.rmdir()
        there.rename(here)
        return
    name = world.db.url.database
    engine = create_engine(world.db.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.execute(text(f"ALTER DATABASE {name} RENAME TO {name}_away"))
        yield
        admin.execute(text(f"ALTER DATABASE {name}_away RENAME TO {name}"))
    engine.dispose()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.fixtures.world import *
from sqlalchemy import select, func
from trader_platform.traders.models import Person
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
url = sys.argv[1]
world = World(url, Database(url), MovableClock(SUNDAY))
phone = world.phone().dial()
size = Path(world.db.url.database + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
print(phone.press("1").screen)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
import time; time.sleep(1.1)
print(phone.send().screen)
with world.db.reading() as connection:
    print(connection.execute(select(func.count()).select_from(Person)).scalar_one(), "people")
"""


def test_a_full_disk_is_an_end_and_the_act_is_done_once_later(
    sqlite_world: Path, tmp_path: Path
) -> None:
    """The kernel refuses every byte beyond a limit, as a full disk does."""
    path = tmp_path / "market.db"
    path.write_bytes(sqlite_world.read_bytes())
    url = f"sqlite:///{path}"
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, url], capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    assert "END The line was cut." in ran.stdout
    assert "What do you want?" in ran.stdout
    assert ran.stdout.strip().endswith("1 people")
