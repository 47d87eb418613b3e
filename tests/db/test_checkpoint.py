"""SQLite's log is folded into the file beside the requests."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from trader_platform.core.checkpoint import STATEMENTS, Checkpoints
from trader_platform.core.driver import Driver


def test_a_busy_driver_folds_the_log_by_itself(tmp_path: Path) -> None:
    path = _database(tmp_path)
    driver = Driver(make_url(f"sqlite:///{path}"), durable=False, prepare_threshold=None)
    with closing(sqlite3.connect(path)) as reader:  # the last to close would fold as well
        assert _in_the_file(path) == 0
        for number in range(2 * STATEMENTS):
            driver.run("INSERT INTO hops VALUES (?)", (number,), patience_ms=500)
        _wait_for_folds()  # a copy taken in the middle of one is torn
        assert _in_the_file(path) > 0
        assert reader.execute("SELECT count(*) FROM hops").fetchone() == (2 * STATEMENTS,)
        driver.dispose()


def test_a_fold_waits_for_nobody_and_nobody_for_it(tmp_path: Path) -> None:
    path = _database(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("INSERT INTO hops VALUES (1)")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO hops VALUES (2)")
        fold = threading.Thread(target=Checkpoints(str(path)).fold)
        fold.start()
        fold.join(10)
        assert not fold.is_alive()
        assert _in_the_file(path) == 1
        writer.execute("COMMIT")
        assert writer.execute("SELECT count(*) FROM hops").fetchone() == (2,)


def test_a_log_that_cannot_be_folded_harms_nobody(tmp_path: Path) -> None:
    Checkpoints(str(tmp_path / "nowhere" / "market.db")).fold()
    assert not (tmp_path / "nowhere").exists()


def _database(folder: Path) -> Path:
    path = folder / "market.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE hops (number INTEGER)")
    return path


def _wait_for_folds() -> None:
    for fold in threading.enumerate():
        if fold.name == "checkpoint":
            fold.join(30)
            assert not fold.is_alive()


def _in_the_file(path: Path) -> int:
    """Rows in the file alone, as if its log had been lost."""
    alone = path.with_name("alone.db")
    shutil.copy(path, alone)
    with closing(sqlite3.connect(f"file:{alone}?immutable=1", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM hops").fetchone()[0])
