"""From a text to its answer at the gateway: embedded mode, twenty texts a second.

`trader-platform run` with everything it starts, the demo month it plays in the background included;
a gateway on this machine that notes when it is handed each answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from benchmarks.load import WrongReply
from benchmarks.servers import ROOT, free_port
from trader_platform.core.supervisor import DieWithParent

A_SECOND: Final = 20
SECONDS: Final = 20
_PATIENCE_SECONDS: Final = 30.0
_ASKED: Final = ("onion", "rice brikama", "tomato", "oniyon", "bonga fish", "price sugar", "lumo")


@dataclass(frozen=True)
class Answers:
    """Seconds from the first byte of each text until the gateway was handed its answer, sorted."""

    seconds: list[float]

    def at(self, part: float) -> float:
        """The delay that this part of the texts stayed under."""
        return self.seconds[min(int(len(self.seconds) * part), len(self.seconds) - 1)]


class _Gateway:
    """As Africa's Talking answers; notes when each number was first handed a text."""

    def __init__(self) -> None:
        self.handed: dict[str, float] = {}
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                now = time.perf_counter()
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                numbers = dict(urllib.parse.parse_qsl(form))["to"].split(",")
                for number in numbers:
                    gateway.handed.setdefault(number, now)
                taken = [_taken(number) for number in numbers]
                said = {"SMSMessageData": {"Message": "Sent", "Recipients": taken}}
                body = json.dumps(said).encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def _taken(number: str) -> dict[str, object]:
    return {
        "number": number,
        "messageId": f"ATXid_{number.lstrip('+')}",
        "cost": "GMD 0.2500",
        "status": "Success",
        "statusCode": 101,
    }


def measure() -> Answers:
    """Each text comes from a phone of its own; one that is not answered voids the run."""
    gateway = _Gateway()
    with _running(gateway.url) as url, ThreadPoolExecutor(8) as pool:
        began = time.perf_counter()
        sent: dict[str, float] = {}
        for number in range(A_SECOND * SECONDS):
            time.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
            phone = f"+22036{number:05d}"
            sent[phone] = time.perf_counter()
            pool.submit(_text, url, phone, _ASKED[number % len(_ASKED)])
        until = time.perf_counter() + _PATIENCE_SECONDS
        while len(gateway.handed) < len(sent) and time.perf_counter() < until:
            time.sleep(0.05)
    gateway.server.shutdown()
    if set(gateway.handed) != set(sent):
        raise WrongReply(f"{len(gateway.handed)} of {len(sent)} texts were answered")
    return Answers(sorted(gateway.handed[phone] - at for phone, at in sent.items()))


def _text(url: str, phone: str, words: str) -> None:
    form = {"id": f"bench-{phone}", "from": phone, "to": "2200", "text": words}
    body = urllib.parse.urlencode(form | {"date": "2026-11-22 09:00:00"}).encode()
    urllib.request.urlopen(f"{url}/sms/africastalking/demo/inbound", body, 10).close()


@contextmanager
def _running(gateway_url: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-c", "from trader_platform.cli import main; main()", "run"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(Path(folder)),
                "PORT": str(port),
                "DEMO": "1",
                "SMS_GATEWAY": "africastalking",
                "AFRICASTALKING_USERNAME": "sandbox",
                "AFRICASTALKING_API_KEY": "bench",
                "AFRICASTALKING_BASE_URL": gateway_url,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=DieWithParent(),
        )
        assert process.stdout is not None
        try:
            if not any(line.startswith("Ready:") for line in process.stdout):
                raise RuntimeError("`trader-platform run` did not become ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
