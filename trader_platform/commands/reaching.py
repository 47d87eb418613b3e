"""How a command beside a running service finds it: its address and the gateways' secret."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final, NamedTuple

from trader_platform.core import keyfile
from trader_platform.core.config import DEMO_TOKEN, Settings

_LOCK: Final = "run.lock"


class Reach(NamedTuple):
    """Where a service answers, and the secret part of its gateways' addresses."""

    url: str
    token: str


def lock_of(data_dir: Path) -> Path:
    """What `trader-platform run` holds while it runs, and notes in how it is reached."""
    return data_dir / _LOCK


def reachable(host: str) -> str:
    """A server that listens everywhere is reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def address(host: str, port: int | str) -> str:
    """Of a service that listens there; an IPv6 address wants brackets."""
    host = reachable(host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def note(lock: int, settings: Settings) -> None:
    """Write into the held lock how this run is reached: the demo's secret is not the kept one."""
    reach = Reach(address(settings.host, settings.port), settings.gateway_token)
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(reach._asdict()).encode(), 0)


def reach_of(url: str | None, token: str | None) -> Reach:
    """What was given, then HOST and PORT, then what the run in DATA_DIR noted, then the defaults.

    The note of a run that is over leads nowhere, as any address of a service that does not run.
    """
    data_dir = Path(os.environ.get("DATA_DIR") or "data").expanduser()
    noted = _noted(data_dir)
    if not url and ("HOST" in os.environ or "PORT" in os.environ or noted is None):
        url = address(os.environ.get("HOST", ""), os.environ.get("PORT") or 8000)
    if not token:
        token = noted.token if noted else _kept_token(data_dir)
    return Reach(url or (noted.url if noted else ""), token)


def _noted(data_dir: Path) -> Reach | None:
    try:
        return Reach(**json.loads(lock_of(data_dir).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # no run here, or one of an older version: its lock is empty


def _kept_token(data_dir: Path) -> str:
    if os.environ.get("DEMO"):
        return DEMO_TOKEN
    try:
        return keyfile.load_or_make(data_dir, []).get("GATEWAY_TOKEN", DEMO_TOKEN)
    except (keyfile.KeyFileError, OSError):
        return DEMO_TOKEN
