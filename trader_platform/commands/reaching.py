"""How a command beside a running service finds it: its address and the gateways' secret."""

from __future__ import annotations

import os
from pathlib import Path

from trader_platform.core import keyfile
from trader_platform.core.config import DEMO_TOKEN


def reachable(host: str) -> str:
    """A server that listens everywhere is reached on loopback; an IPv6 address wants brackets."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def kept_token() -> str:
    """The token that the installation in DATA_DIR made for itself, else the demo's."""
    data_dir = Path(os.environ.get("DATA_DIR") or "data").expanduser()
    if os.environ.get("DEMO"):
        return DEMO_TOKEN
    try:
        return keyfile.load_or_make(data_dir, []).get("GATEWAY_TOKEN", DEMO_TOKEN)
    except (keyfile.KeyFileError, OSError):
        return DEMO_TOKEN
