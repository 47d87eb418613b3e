"""`trader-platform keys rotate` on an installation of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.phone import Phone
from tests.fixtures.world import SUNDAY
from trader_platform.app import make_hops
from trader_platform.commands.packs import load_pack
from trader_platform.core import migrate
from trader_platform.core.clock import MovableClock
from trader_platform.core.config import Settings
from trader_platform.core.db import Database
from ussd.screens import load_screens


def command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("trader-platform"))
    return subprocess.run([program, *arguments], env=env, capture_output=True, text=True)


def test_phones_are_found_and_read_after_every_key_was_renewed(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), "DEMO": "1", "PATH": os.environ["PATH"]}
    settings = Settings.from_env(env)
    migrate.upgrade(settings.database_url)
    db = Database(settings.database_url)
    load_pack(db, "gambia")
    load_screens()
    Phone(make_hops(settings, db, MovableClock(SUNDAY))).dial().press("1", "2")

    rotated = command(env, "keys", "rotate", "--lookup")
    assert rotated.returncode == 0, rotated.stderr
    assert "1 phones looked at, 1 brought under key k2." in rotated.stdout
    kept = json.loads((tmp_path / "keys.json").read_text("utf-8"))
    assert [key.split(":")[0] for key in kept["DATA_KEYS"].split(",")] == ["k2", "k1"]

    renewed = Settings.from_env(env)
    assert renewed.lookup_key != settings.lookup_key
    phone = Phone(make_hops(renewed, db, MovableClock(SUNDAY))).dial()
    phone.sees("CON Market Line\n1 My duty")
    assert "1 English" not in phone.screen
    db.dispose()
