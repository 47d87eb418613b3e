"""`trader-platform pack`: what an operator sees, and what it leaves behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from trader_platform.commands.packs import pack
from trader_platform.core.db import Database
from trader_platform.market.models import Pack, ServiceCode

TINYLAND = Path(__file__).parents[1] / "fixtures" / "packs" / "tinyland"


class Terminal:
    """An operator's terminal with a DATA_DIR of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(pack, list(words), env={"DATA_DIR": str(self.data_dir)})

    def packs(self) -> list[str]:
        database = Database(f"sqlite:///{self.data_dir / 'market.db'}")
        with database.reading() as connection:
            slugs = connection.execute(select(Pack.slug).order_by(Pack.id)).scalars().all()
        database.dispose()
        return list(slugs)

    def codes(self) -> dict[str, int]:
        database = Database(f"sqlite:///{self.data_dir / 'market.db'}")
        with database.reading() as connection:
            rows = connection.execute(select(ServiceCode.code, ServiceCode.pack_id)).all()
        database.dispose()
        return {row.code: row.pack_id for row in rows}


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    shutil.copyfile(sqlite_template, data_dir / "market.db")
    return Terminal(data_dir)


def test_a_dry_run_shows_the_table_and_writes_nothing(terminal: Terminal) -> None:
    seen = terminal.types("load", str(TINYLAND), "--dry-run")
    assert seen.exit_code == 0, seen.output
    lines = seen.output.splitlines()
    assert lines[0].split() == ["new", "changed", "retired", "same"]
    assert ["products", "3", "0", "0", "0"] in [line.split() for line in lines]
    assert "+ councils: hill" in lines
    assert lines[-1].startswith("Would change ")
    assert terminal.packs() == []


def test_loading_twice(terminal: Terminal) -> None:
    first = terminal.types("load", "gambia")
    assert first.exit_code == 0, first.output
    assert "+ products: and 171 more" in first.output
    second = terminal.types("load", "gambia")
    assert second.output.splitlines()[-1] == "Changed 0 rows."
    assert terminal.packs() == ["gambia"]


def test_every_problem_of_a_pack_is_a_line_and_nothing_is_loaded(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(TINYLAND, tmp_path / "tinyland"))
    for file, old, new in [
        ("products.tsv", "\tbeet\t", "\tbeet of the hills\t"),
        ("tariffs.tsv", "hill\ttop", "hall\ttop"),
    ]:
        text = (path / file).read_text()
        (path / file).write_text(text.replace(old, new, 1))
    seen = terminal.types("load", str(path))
    assert seen.exit_code == 2
    assert seen.stderr.splitlines() == [
        "products.tsv:2: short_name: 'beet of the hills' is 17 septets: shorten it to 14 or fewer",
        "tariffs.tsv:4: council: 'hall' is not in councils.tsv: add it there, or mend it"
        " (did you mean hill?)",
    ]
    assert terminal.packs() == []


def test_an_unknown_pack(terminal: Terminal) -> None:
    seen = terminal.types("load", "atlantis")
    assert (seen.exit_code, seen.stderr) == (
        2,
        "No pack 'atlantis': give a folder, or one of gambia\n",
    )


def test_binding_a_code(terminal: Terminal) -> None:
    terminal.types("load", "gambia")
    terminal.types("load", str(TINYLAND))
    seen = terminal.types("bind", "*384*221#", "tinyland")
    assert (seen.exit_code, seen.output) == (0, "*384*221# is answered by tinyland.\n")
    assert terminal.codes() == {"*384*220#": 1, "*77#": 2, "*384*221#": 2}


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("384", "gambia", "'384' is no service code: write it like *384*220#"),
        ("*384*221#", "atlantis", "No pack 'atlantis' is loaded. Loaded: gambia"),
    ],
)
def test_what_cannot_be_bound(terminal: Terminal, code: str, name: str, says: str) -> None:
    terminal.types("load", "gambia")
    seen = terminal.types("bind", code, name)
    assert (seen.exit_code, seen.stderr.strip()) == (2, says)
    assert terminal.codes() == {"*384*220#": 1}


@pytest.mark.parametrize("words", [("load", "gambia"), ("bind", "*1#", "gambia")])
def test_a_database_without_tables_is_one_clear_line(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    seen = Terminal(tmp_path / "empty").types(*words)
    assert seen.exit_code == 2
    assert seen.stderr.startswith("The database cannot be used: no such table")
    assert seen.stderr.rstrip().endswith("Try `trader-platform db upgrade`, then again")
    assert seen.stderr.count("\n") == 1
