"""Settings: defaults, every problem at once, kept keys, and nothing secret in a repr."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import time
from pathlib import Path

import pytest

from trader_platform.core.config import ConfigError, Settings, python_version_problem

KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://market:hush-hush@db.example/market",
    "REDIS_URL": "redis://queue.example:6379/0",
    "SECRET_KEY": "s" * 40,
    "DATA_KEYS": f"b:{KEY},a:{base64.b64encode(b'a' * 32).decode()}",
    "LOOKUP_KEY": "l" * 32,
    "SIGNING_KEYS": f"s:{KEY}",
    "GATEWAY_TOKEN": "t" * 16,
}


def embedded(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"DATA_DIR": str(tmp_path), **env})


def problems(env: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(env)
    return caught.value.problems


def test_nothing_set_means_embedded_files_under_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env({})
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/market.db"
    assert (settings.embedded, settings.demo) == (True, False)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.ussd_service_code == "*384*220#"
    assert settings.redis_url == ""


def test_generated_keys_are_kept_for_every_later_command(tmp_path: Path) -> None:
    first, second = embedded(tmp_path), embedded(tmp_path)
    assert first == second
    assert len(first.gateway_token) >= 32
    assert [len(key) for key in first.data_keys.values()] == [32]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert embedded(tmp_path / "other").secret_key != first.secret_key


def test_a_key_in_the_environment_wins_and_is_not_written_down(tmp_path: Path) -> None:
    settings = embedded(tmp_path, SECRET_KEY="x" * 32)
    assert settings.secret_key == "x" * 32
    assert "SECRET_KEY" not in json.loads((tmp_path / "keys.json").read_text())


def test_two_first_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    code = (
        "from trader_platform.core.config import Settings; import os;"
        "print(Settings.from_env(os.environ).secret_key)"
    )
    env = {**os.environ, "DATA_DIR": str(tmp_path)}
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    seen = {process.communicate(timeout=30)[0] for process in running}
    assert len(seen) == 1
    assert all(process.returncode == 0 for process in running)


def test_a_damaged_key_file_is_told_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{half")
    assert problems({"DATA_DIR": str(tmp_path)}) == [
        f"DATA_DIR: {tmp_path}/keys.json is damaged: restore it from a backup"
    ]
    assert (tmp_path / "keys.json").read_text() == "{half"


def test_demo_has_a_known_token_unless_one_is_set(tmp_path: Path) -> None:
    assert embedded(tmp_path, DEMO="1").gateway_token == "demo"
    assert embedded(tmp_path, DEMO="1", GATEWAY_TOKEN="mine-1").gateway_token == "mine-1"
    assert embedded(tmp_path, DEMO="1").sms_gateway == "simulator"


def test_production_reads_everything_and_generates_nothing(tmp_path: Path) -> None:
    settings = Settings.from_env({**PRODUCTION, "DATA_DIR": str(tmp_path / "none")})
    assert settings.database_url == "postgresql+psycopg://market:hush-hush@db.example/market"
    assert not settings.embedded
    assert list(settings.data_keys) == ["b", "a"]
    assert not (tmp_path / "none").exists()


def test_production_names_each_missing_key() -> None:
    found = problems({"DATABASE_URL": "postgres://db/market"})
    assert [line.split(" is missing")[0] for line in found] == [
        "SECRET_KEY",
        "DATA_KEYS",
        "LOOKUP_KEY",
        "SIGNING_KEYS",
        "GATEWAY_TOKEN",
    ]


@pytest.mark.parametrize(
    ("label", "env", "line"),
    [
        ("port is a word", {"PORT": "eighty"}, "PORT must be a whole number from 1 to 65535"),
        ("port too high", {"PORT": "70000"}, "PORT must be a whole number from 1 to 65535"),
        ("host", {"HOST": "not a host"}, "HOST must be an address"),
        ("database", {"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL must be a URL"),
        ("redis", {"REDIS_URL": "localhost:6379"}, "REDIS_URL must be a URL"),
        ("data keys", {"DATA_KEYS": "k1:short"}, "DATA_KEYS: key 1 is not id:base64"),
        ("second key", {"DATA_KEYS": f"a:{KEY},{KEY}"}, "DATA_KEYS: key 2 is not id:base64"),
        ("twice", {"DATA_KEYS": f"a:{KEY},a:{KEY}"}, "DATA_KEYS: the id 'a' is there twice"),
        ("lookup", {"LOOKUP_KEY": "short"}, "LOOKUP_KEY is too short"),
        ("secret", {"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ("signing", {"SIGNING_KEYS": "x"}, "SIGNING_KEYS: key 1 is not id:base64"),
        ("token signs", {"GATEWAY_TOKEN": "a/" * 16}, "GATEWAY_TOKEN may hold letters"),
        ("token length", {"GATEWAY_TOKEN": "abc"}, "GATEWAY_TOKEN is too short"),
        ("code", {"USSD_SERVICE_CODE": "384"}, "USSD_SERVICE_CODE must be a code such as"),
        ("gateway", {"SMS_GATEWAY": "pigeon"}, "SMS_GATEWAY must be one of simulator"),
        ("base url", {"AFRICASTALKING_BASE_URL": "ftp://x"}, "AFRICASTALKING_BASE_URL must be"),
        ("kannel url", {"KANNEL_SENDSMS_URL": "x"}, "KANNEL_SENDSMS_URL must be a URL"),
        ("chunk", {"SMS_CHUNK": "0"}, "SMS_CHUNK must be a whole number from 1 to 1000"),
        ("parallel", {"SMS_PARALLEL": "65"}, "SMS_PARALLEL must be a whole number from 1"),
        ("route form", {"SMS_ROUTES": "2203=simulator"}, "SMS_ROUTES: '2203=simulator' is not"),
        ("route to", {"SMS_ROUTES": "+220=pigeon"}, "SMS_ROUTES: '+220=pigeon' is not"),
        ("itself", {"SMS_ROUTES": "+2=simulator|simulator"}, "SMS_ROUTES: '+2=simulator|"),
        ("twice", {"SMS_ROUTES": "+2=simulator,+2=simulator"}, "SMS_ROUTES: the prefix '+2'"),
        ("rate", {"SMS_RATES": "simulator=fast"}, "SMS_RATES: 'simulator=fast' is not"),
        ("phone url", {"SMSGATE_MESSAGES_URL": "x"}, "SMSGATE_MESSAGES_URL must be a URL"),
        ("demo", {"DEMO": "maybe"}, "DEMO must be 1 or 0"),
        ("proxies", {"TRUSTED_PROXIES": "many"}, "TRUSTED_PROXIES must be a whole number"),
        ("read only", {"READ_ONLY_UNTIL": "25:00"}, "READ_ONLY_UNTIL must be a time such as"),
    ],
)
def test_one_wrong_value_is_one_clear_line(
    tmp_path: Path, label: str, env: dict[str, str], line: str
) -> None:
    found = problems({**PRODUCTION, "DATA_DIR": str(tmp_path), **env})
    assert len(found) == 1, label
    assert found[0].startswith(line), label


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {
        "DATA_DIR": str(tmp_path / "file"),
        "PORT": "0",
        "SMS_GATEWAY": "kannel",
        "LOOKUP_KEY": "x",
    }
    found = "\n".join(problems(env))
    for part in ("DATA_DIR", "PORT", "KANNEL_SENDSMS_URL", "KANNEL_PASSWORD", "LOOKUP_KEY"):
        assert part in found


def test_routes_and_rates_of_texts_are_read(tmp_path: Path) -> None:
    settings = embedded(
        tmp_path, SMS_ROUTES=" +2203=simulator, +=simulator,", SMS_RATES="kannel=20,smsgate=1"
    )
    assert settings.sms_routes == {"+2203": ("simulator",), "+": ("simulator",)}
    assert settings.sms_rates == {"kannel": 20, "smsgate": 1}
    assert (settings.sms_chunk, settings.sms_parallel) == (100, 16)


def test_every_gateway_that_a_route_names_needs_its_account(tmp_path: Path) -> None:
    routes = "+2203=kannel|smsgate,+220=africastalking"
    found = problems({"DATA_DIR": str(tmp_path), "SMS_ROUTES": routes, "KANNEL_USERNAME": "us"})
    assert [line.split(" is missing")[0] for line in found] == [
        "AFRICASTALKING_USERNAME",
        "AFRICASTALKING_API_KEY",
        "KANNEL_SENDSMS_URL",
        "KANNEL_PASSWORD",
        "SMSGATE_MESSAGES_URL",
        "SMSGATE_USERNAME",
        "SMSGATE_PASSWORD",
        "SMSGATE_SIGNING_KEY",
    ]


def test_a_data_dir_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = problems({"DATA_DIR": str(tmp_path / "file" / "below")})
    assert found == [
        f"DATA_DIR {tmp_path}/file/below cannot be written: "
        "give its owner the right to, or name another"
    ]


def test_read_only_hours_are_read(tmp_path: Path) -> None:
    assert embedded(tmp_path, READ_ONLY_UNTIL="06:30").read_only_until == time(6, 30)


def test_no_secret_is_shown() -> None:
    texts = ("AFRICASTALKING_API_KEY", "KANNEL_PASSWORD", "SMSGATE_PASSWORD", "SMSGATE_SIGNING_KEY")
    settings = Settings.from_env({**PRODUCTION, **dict.fromkeys(texts, "at-secret")})
    for secret in ("hush-hush", "s" * 40, "l" * 32, "t" * 16, "kkkk", "at-secret"):
        assert secret not in repr(settings)


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        embedded(tmp_path).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("version", "good"),
    [((3, 10, 9), False), ((3, 11, 0), True), ((3, 13, 1), True), ((3, 14), False)],
)
def test_python_versions(version: tuple[int, ...], *, good: bool) -> None:
    assert (python_version_problem(version) is None) == good
