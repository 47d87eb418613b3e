"""The settings of one installation: read once from the environment, frozen, all problems at once.

Without DATABASE_URL the installation is embedded: files in DATA_DIR, keys made on the first start.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any, Final

from trader_platform.core import keyfile
from trader_platform.core.config_texts import Routes, read_texts
from trader_platform.core.environment import Reader

DEMO_TOKEN: Final = "demo"  # noqa: S105 - known on purpose, DEMO only
_GENERATED: Final = ("SECRET_KEY", "DATA_KEYS", "LOOKUP_KEY", "SIGNING_KEYS", "GATEWAY_TOKEN")
_WHY: Final = {
    "SECRET_KEY": "it signs sessions; at least 32 random characters",
    "DATA_KEYS": "they encrypt phone numbers; id:base64 of 32 random bytes",
    "LOOKUP_KEY": "it keys the hashes of phone numbers; at least 32 random characters",
    "SIGNING_KEYS": "they sign tickets and daily heads (Ed25519); id:base64 of 32 random bytes",
    "GATEWAY_TOKEN": "it is the secret part of the gateways' addresses; at least 16 characters",
}
_SHORTEST_PYTHON, _LONGEST_PYTHON = (3, 11), (3, 13)


class ConfigError(Exception):
    """The environment cannot be used; ``problems`` has one line for each thing to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _secret(default: Any) -> Any:
    if isinstance(default, dict):
        return field(default_factory=dict, repr=False)
    return field(default=default, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation is told from outside; secrets stay out of ``repr``."""

    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    redis_url: str = _secret("")  # empty: the embedded Valkey, see core.valkey
    embedded: bool = True
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0  # how many proxies of ours stand in front
    ussd_service_code: str = "*384*220#"
    read_only_until: time | None = None
    secret_key: str = _secret("")
    data_keys: Mapping[str, bytes] = _secret({})
    lookup_key: bytes = _secret(b"")
    signing_keys: Mapping[str, bytes] = _secret({})
    gateway_token: str = _secret("")
    sms_gateway: str = "simulator"
    sms_routes: Routes = field(default_factory=dict)
    sms_chunk: int = 100  # recipients of one call, where the gateway takes several
    sms_parallel: int = 16  # calls in flight
    sms_rates: Mapping[str, int] = field(default_factory=dict)  # texts a second, by gateway
    africastalking_username: str = ""
    africastalking_api_key: str = _secret("")
    africastalking_sender_id: str = ""
    africastalking_base_url: str = ""
    kannel_sendsms_url: str = ""
    kannel_username: str = ""
    kannel_password: str = _secret("")
    kannel_sender_id: str = ""
    kannel_callback_url: str = ""
    smsgate_messages_url: str = ""
    smsgate_username: str = ""
    smsgate_password: str = _secret("")
    smsgate_signing_key: str = _secret("")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read and check ``env``; raises ConfigError with all problems.

        An embedded installation gets its DATA_DIR and missing keys made here. Safe to repeat.
        """
        reader = Reader(env)
        data_dir = Path(reader.text("DATA_DIR", "data")).expanduser().absolute()
        database_url = _database_url(reader, data_dir)
        embedded = database_url.startswith("sqlite")
        demo = reader.flag("DEMO")
        if embedded:
            _prepare(reader, data_dir)
        keys = _keys(reader, data_dir, embedded=embedded, demo=demo)
        values = _transport(reader) | read_texts(reader) | _secrets(reader, keys, demo=demo)
        if reader.problems:
            raise ConfigError(reader.problems)
        return cls(
            data_dir=data_dir, database_url=database_url, embedded=embedded, demo=demo, **values
        )


def python_version_problem(version: tuple[int, ...] = sys.version_info[:3]) -> str | None:
    """A line that says what to install, where this Python is outside the supported range."""
    if _SHORTEST_PYTHON <= tuple(version[:2]) <= _LONGEST_PYTHON:
        return None
    return f"Python {version[0]}.{version[1]} is not supported: use Python 3.11, 3.12 or 3.13"


def secret_field_names() -> frozenset[str]:
    """Names of the fields that must never be shown, for redaction elsewhere."""
    return frozenset(each.name for each in fields(Settings) if not each.repr)


def _database_url(reader: Reader, data_dir: Path) -> str:
    given = reader.url("DATABASE_URL", ("postgresql", "postgres", "postgresql+psycopg", "sqlite"))
    if not given:
        return f"sqlite:///{data_dir / 'market.db'}"
    # psycopg 3 is the one driver; the short forms that hosting panels hand out mean it too.
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", given)


def _prepare(reader: Reader, data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(data_dir, os.W_OK | os.X_OK) and data_dir.is_dir()
    except OSError:
        usable = False
    if not usable:
        reader.problems.append(
            f"DATA_DIR {data_dir} cannot be written: give its owner the right to, or name another"
        )


def _keys(reader: Reader, data_dir: Path, *, embedded: bool, demo: bool) -> dict[str, str]:
    keys = {name: reader.text(name) for name in _GENERATED}
    if demo and not keys["GATEWAY_TOKEN"]:
        keys["GATEWAY_TOKEN"] = DEMO_TOKEN
    missing = [name for name, value in keys.items() if not value]
    if not embedded:
        for name in missing:
            reader.required(name, _WHY[name])
    elif missing and not reader.problems:
        # With a problem already, the start fails anyway: leave no key behind in a wrong place.
        try:
            kept = keyfile.load_or_make(data_dir, missing)
            keys.update({name: kept[name] for name in missing})
        except (keyfile.KeyFileError, OSError) as error:
            reader.problems.append(f"DATA_DIR: {error}")
    return keys


def _secrets(reader: Reader, keys: Mapping[str, str], *, demo: bool) -> dict[str, Any]:
    token = keys["GATEWAY_TOKEN"]
    if token and not re.fullmatch(r"[A-Za-z0-9_.~-]+", token):
        reader.problems.append("GATEWAY_TOKEN may hold letters, digits and - _ . ~ only")
    reader.long_enough("GATEWAY_TOKEN", token, least=4 if demo else 16)
    lookup_key = reader.long_enough("LOOKUP_KEY", keys["LOOKUP_KEY"], least=32)
    return {
        "secret_key": reader.long_enough("SECRET_KEY", keys["SECRET_KEY"], least=32),
        "data_keys": reader.keys("DATA_KEYS", keys["DATA_KEYS"]),
        "lookup_key": lookup_key.encode(),
        "signing_keys": reader.keys("SIGNING_KEYS", keys["SIGNING_KEYS"]),
        "gateway_token": token,
    }


def _transport(reader: Reader) -> dict[str, Any]:
    host = r"[A-Za-z0-9.:_-]+"
    code = r"\*[0-9]+(\*[0-9]+)*#"
    return {
        "redis_url": reader.url("REDIS_URL", ("redis", "rediss", "unix")),
        "host": reader.matching("HOST", "127.0.0.1", host, "an address such as 127.0.0.1"),
        "port": reader.number("PORT", 8000, lowest=1, highest=65535),
        "trusted_proxies": reader.number("TRUSTED_PROXIES", 0, lowest=0, highest=10),
        "ussd_service_code": reader.matching(
            "USSD_SERVICE_CODE", "*384*220#", code, "a code such as *384*220#"
        ),
        "read_only_until": reader.clock_time("READ_ONLY_UNTIL"),
    }
