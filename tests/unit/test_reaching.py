"""How a command beside a service finds it: what is given, HOST and PORT, the run's note."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trader_platform.commands.reaching import Reach, address, lock_of, note, reach_of
from trader_platform.core.config import DEMO_TOKEN, Settings


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOST", "PORT", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


def noted(data_dir: Path, **env: str) -> Settings:
    """As `trader-platform run` does once it holds the lock."""
    settings = Settings.from_env({"DATA_DIR": str(data_dir), **env})
    lock = os.open(lock_of(data_dir), os.O_RDWR | os.O_CREAT, 0o600)
    note(lock, settings)
    os.close(lock)
    return settings


def test_a_run_is_found_by_its_note(data_dir: Path) -> None:
    settings = noted(data_dir, HOST="0.0.0.0", PORT="8123")
    assert reach_of(None, None) == Reach("http://127.0.0.1:8123", settings.gateway_token)
    noted(data_dir, DEMO="1", PORT="81")  # a shorter note than the one before
    assert reach_of(None, None) == Reach("http://127.0.0.1:81", DEMO_TOKEN)


def test_what_is_given_comes_first(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(data_dir, DEMO="1", PORT="8123")
    assert reach_of("http://there", "t") == Reach("http://there", "t")
    assert reach_of("http://there", None) == Reach("http://there", DEMO_TOKEN)
    monkeypatch.setenv("PORT", "9000")
    assert reach_of(None, None) == Reach("http://127.0.0.1:9000", DEMO_TOKEN)


@pytest.mark.parametrize("left", [None, "", "{", "[]", '{"url": "http://127.0.0.1:1"}'])
def test_without_a_note_there_are_the_defaults(data_dir: Path, left: str | None) -> None:
    if left is not None:
        lock_of(data_dir).write_text(left)
    kept = Settings.from_env({"DATA_DIR": str(data_dir)})
    assert reach_of(None, None) == Reach("http://127.0.0.1:8000", kept.gateway_token)


def test_addresses() -> None:
    assert address("::", 80) == "http://[::1]:80"
    assert address("fd00::1", 80) == "http://[fd00::1]:80"
    assert address("0.0.0.0", "80") == "http://127.0.0.1:80"
