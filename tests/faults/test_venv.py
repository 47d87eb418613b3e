"""`make venv` where there is no Python for it: one clear line, and nothing half made."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "cat", "cksum", "rm", "touch", "tail")
OLD = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.1"\nexit 1\n'
# It passes as a good Python until it is to make the environment.
WITHOUT_VENV = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p .venv; echo "Traceback"; echo "No module named venv"; exit 1 ;;
    "--version ") echo "Python 3.12.1" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The script and what it reads, with a PATH that holds its tools and no Python."""
    for name in (".ci/venv", "pyproject.toml", "requirements/runtime.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in (*TOOLS, "mkdir"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def put(clone: Path, name: str, script: str) -> None:
    path = clone / "bin" / name
    path.write_text(script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def venv(clone: Path, **env: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [clone / ".ci/venv"],
        env={"PATH": os.fspath(clone / "bin"), **env},
        capture_output=True,
        text=True,
    )
    assert not (clone / ".venv").exists()
    return done.returncode, done.stderr.splitlines()


def test_no_python_at_all_is_one_line(clone: Path) -> None:
    code, lines = venv(clone)
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("No Python 3.11, 3.12 or 3.13 found: install one")


def test_only_an_old_python_is_the_same_line(clone: Path) -> None:
    put(clone, "python3", OLD)
    assert venv(clone)[1][0].startswith("No Python 3.11, 3.12 or 3.13 found")


def test_a_named_python_that_does_not_fit_is_one_line(clone: Path) -> None:
    put(clone, "old-python", OLD)
    code, lines = venv(clone, PYTHON="old-python")
    assert code == 2
    assert lines == [
        "PYTHON=old-python is not Python 3.11, 3.12 or 3.13: install one of them, or name another."
    ]


def test_a_python_without_its_venv_module_is_one_line(clone: Path) -> None:
    put(clone, "python3.12", WITHOUT_VENV)
    code, lines = venv(clone)
    assert code == 2
    assert len(lines) == 1
    assert "apt-get install python3-venv" in lines[0]
    assert lines[0].endswith("No module named venv")
