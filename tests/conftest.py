"""What every test stands on. Fixtures live in tests/fixtures/, one module a subject."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

from tests.fixtures.memory import keep_files_in_memory

keep_files_in_memory()

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.world",
    "tests.fixtures.prices",
    "tests.fixtures.outbox_service",
    "tests.fixtures.processes",
]


class NetworkRefused(RuntimeError):
    """A test reached for something outside this machine."""


def _is_loopback(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _refuse_other_machines(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and args[0].family in {socket.AF_INET, socket.AF_INET6}:
        host = args[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host or ""
    if not _is_loopback(name):
        raise NetworkRefused(f"tests stay on this machine, this one reached for {name}")


# An audit hook sees every socket of this process, whichever library opens it.
sys.addaudithook(_refuse_other_machines)
