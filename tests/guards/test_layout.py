"""The shape of the code: caps on size, and no package outside the import contracts."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES, FUNCTION_LINES = 400, 60


def sources() -> Iterator[Path]:
    for folder in ("trader_platform", "ussd", "sms", "tests", "migrations", "benchmarks"):
        found = (ROOT / folder).rglob("*.py")
        yield from (path for path in found if "node_modules" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_top_package_is_in_the_layers_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {each["id"]: each for each in config["tool"]["importlinter"]["contracts"]}
    named = set(" ".join(contracts["layers"]["layers"]).replace("|", " ").replace(":", " ").split())
    here = {"ussd", "sms"}
    for path in (ROOT / "trader_platform").iterdir():
        if (path.is_dir() and any(path.glob("*.py"))) or path.suffix == ".py":
            here.add(f"trader_platform.{path.stem}")
    assert named == here - {"trader_platform.__init__"}


def test_every_package_has_an_init() -> None:
    packages = {path.parent for path in sources() if ROOT / "tests" not in path.parents}
    bare = {
        str(folder.relative_to(ROOT))
        for folder in packages
        if not (folder / "__init__.py").exists()
    }
    # Scripts that are run or loaded by path, not imported.
    assert {
        each for each in bare if each.split("/")[0] not in {"migrations", "benchmarks"}
    } == set()


def test_no_file_is_longer_than_the_cap() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_the_cap() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": lines
        for path in sources()
        if path.parent.name != "versions"  # a migration is a list of tables, not logic
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    banned = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert [str(path) for path in sources() if path.stem in banned] == []


def test_conftest_stays_small() -> None:
    assert len((ROOT / "tests/conftest.py").read_text().splitlines()) < 150


def test_no_test_is_left_out() -> None:
    """A skip hides what is broken; what cannot run here is made to."""
    marks = ("pytest.mark." + "skip", "pytest.mark." + "xfail", "pytest." + "skip(")
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [mark for mark in marks if mark in text], path
