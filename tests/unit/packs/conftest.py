"""A copy of the tiny pack that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

TINYLAND = Path(__file__).parents[2] / "fixtures" / "packs" / "tinyland"


@pytest.fixture
def tinyland(tmp_path: Path) -> Path:
    """The folder of a fresh copy."""
    return Path(shutil.copytree(TINYLAND, tmp_path / "tinyland"))
