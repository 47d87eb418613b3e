"""One drain in a process of its own: ``python -m … DATABASE_URL GATEWAY_URL MOST_SECONDS``.

Prints as JSON how many texts the gateway took, in how many seconds, and this process's peak memory.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.world import DATA_KEY, LOOKUP_KEY
from sms.gateways.africastalking import AfricasTalking
from sms.gateways.registry import Gateways
from sms.gateways.wire import Wire
from sms.plan import Planner
from sms.sender import Pace, Sender
from trader_platform.core import memory
from trader_platform.core.clock import MovableClock
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.market.catalog import Catalogs

# A notice leaves by day only; a bench may run at night.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
PARALLEL, CHUNK = 16, 100


def main() -> None:
    """Drain until nothing is due, or until the time is over."""
    url, gateway, most_seconds = sys.argv[1:]
    db = Database(url, lock_wait_seconds=5.0)
    wire = Wire(connections=PARALLEL)
    adapter = AfricasTalking(
        username="bench", api_key="k", base_url=gateway, most_recipients=CHUNK, wire=wire
    )
    gateways, catalogs = Gateways([adapter], default=adapter.name), Catalogs(db)
    clock, vault = MovableClock(NOON), Vault({"bench": DATA_KEY}, LOOKUP_KEY)
    planner = Planner(db, vault=vault, clock=clock, catalogs=catalogs, gateways=gateways)
    sender = Sender(
        db,
        planner,
        gateways=gateways,
        catalogs=catalogs,
        clock=clock,
        pace=Pace(parallel=PARALLEL),
    )
    import_module("sms.gateways.africastalking_sdk")  # else loaded by the first call
    memory.freeze()  # as the worker does
    stopping = threading.Event()
    timer = threading.Timer(float(most_seconds), stopping.set)
    timer.daemon = True
    timer.start()
    began = time.monotonic()
    texts = sender.drain(stopping=stopping)
    seconds = time.monotonic() - began
    status = Path("/proc/self/status").read_text()
    peak_kib = int(status.partition("VmHWM:")[2].split()[0])
    print(
        json.dumps(
            {
                "texts": texts,
                "seconds": seconds,
                "peak_mib": peak_kib / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
