"""Gateways of this machine over real HTTP: they answer as told and keep what they were asked."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

JSON = "application/json"
TEXT = "text/plain; charset=UTF-8"


@dataclass(frozen=True)
class Call:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        """As a form."""
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class FakeGateway(ABC):
    """``mode`` is how it answers: ``ok``, a status, or a fault (see ``_FAULTS``).

    ``taken`` holds number and words of each text that it took, ``connections`` counts them.
    """

    busy: ClassVar[Said] = Said(503, TEXT, b"later")
    stranger: ClassVar[Said] = Said(401, TEXT, b"The supplied authentication is invalid")

    def __init__(self) -> None:
        self.mode = "ok"
        self.late_seconds = 1.0
        self.calls: list[Call] = []
        self.taken: list[tuple[str, str]] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def accept(self, call: Call) -> Said:
        """Take the texts of a call and say so; for each gateway its own."""

    def take(self, number: str, words: str) -> int:
        """Keep one text; its number in the order of arrival."""
        with self.lock:
            self.taken.append((number, words))
            return len(self.taken)

    def said(self, call: Call) -> Said:
        """The answer in modes that answer at all."""
        if self.mode.isdigit():
            return {
                "401": self.stranger,
                "503": self.busy,
                "429": Said(429, TEXT, b"slow down", {"Retry-After": "7"}),
                "302": Said(302, TEXT, b"", {"Location": f"{self.url}/elsewhere"}),
            }.get(self.mode, Said(int(self.mode), TEXT, b"broken"))
        if self.mode == "words":
            self.accept(call)
            return Said(200, "text/html", b"<html>Welcome</html>")
        return self.accept(call)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    fake: FakeGateway
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.fake.lock:
            self.fake.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.path, headers, body)
        with self.fake.lock:
            self.fake.calls.append(call)
        fault = _FAULTS.get(self.fake.mode)
        if fault:
            fault(self, call)
        else:
            self.say(self.fake.said(call))

    def say(self, said: Said) -> None:
        self.send_response(said.status)
        self.send_header("Content-Type", said.content_type)
        self.send_header("Content-Length", str(len(said.body)))
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _hang(handler: _Handler, call: Call) -> None:
    handler.fake.released.wait(30)
    handler.close_connection = True


def _drop(handler: _Handler, call: Call) -> None:
    handler.close_connection = True


def _drip(handler: _Handler, call: Call) -> None:
    said = handler.fake.accept(call)
    handler.send_response(said.status)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.fake.released.wait(0.1):
        try:
            handler.wfile.write(b" ")
        except OSError:
            break
    handler.close_connection = True


def _half(handler: _Handler, call: Call) -> None:
    said = handler.fake.accept(call)
    handler.send_response(said.status)
    handler.send_header("Content-Length", str(len(said.body) + 10))
    handler.end_headers()
    handler.wfile.write(said.body)
    handler.close_connection = True


def _late(handler: _Handler, call: Call) -> None:
    said = handler.fake.accept(call)
    handler.fake.released.wait(handler.fake.late_seconds)
    try:
        handler.say(said)
    except OSError:
        handler.close_connection = True


def _twice(handler: _Handler, call: Call) -> None:
    said = handler.fake.accept(call)
    handler.say(said)
    handler.say(said)


_FAULTS: dict[str, Callable[[_Handler, Call], None]] = {
    "hang": _hang,
    "drop": _drop,
    "drip": _drip,
    "half": _half,
    "late": _late,
    "twice": _twice,
}


class FakeAfricasTalking(FakeGateway):
    """``code`` and ``status`` are said of each recipient, of some numbers others (``special``)."""

    content_type = JSON

    def __init__(self) -> None:
        super().__init__()
        self.special: dict[str, dict[str, Any] | None] = {}
        self.answer: Any = None

    def accept(self, call: Call) -> Said:
        """201 and an entry for each number."""
        if self.answer is not None:
            return Said(201, self.content_type, json.dumps(self.answer).encode())
        numbers = call.form["to"][0].split(",")
        entries = [self._entry(number, call.form["message"][0]) for number in numbers]
        data = {
            "Message": f"Sent to {len(numbers)}/{len(numbers)} Total Cost: GMD 0.25",
            "Recipients": [entry for entry in entries if entry],
        }
        return Said(201, self.content_type, json.dumps({"SMSMessageData": data}).encode())

    def _entry(self, number: str, words: str) -> dict[str, Any] | None:
        entry = {"number": number, "cost": "GMD 0.2500", "status": "Success", "statusCode": 101}
        if number in self.special:
            other = self.special[number]
            return None if other is None else entry | other
        return entry | {"messageId": f"ATXid_{self.take(number, words):032x}"}


class FakeKannel(FakeGateway):
    """``words`` is what it says of a text that it took."""

    stranger = Said(403, TEXT, b"Authorization failed for sendsms")
    busy = Said(503, TEXT, b"Temporal failure, try again later.")
    words = b"0: Accepted for delivery"

    def accept(self, call: Call) -> Said:
        """202 and Kannel's words; as the real one, it takes no form."""
        if not call.headers["content-type"].startswith("text/plain"):
            return Said(400, TEXT, b"Invalid content-type")
        if "x-kannel-from" not in call.headers:
            return Said(400, TEXT, b"Sender missing and no global set, rejected")
        self.take(call.headers["x-kannel-to"], call.body.decode())
        return Said(202, TEXT, self.words)


class FakeSmsGate(FakeGateway):
    """Cloud or phone: both speak alike."""

    busy = Said(503, JSON, b'{"error": "QueueLimitExceeded", "message": "queue limits exceeded"}')
    stranger = Said(401, JSON, b'{"message": "Unauthorized"}')
    state = "Pending"

    def accept(self, call: Call) -> Said:
        """202, the call's id and its state."""
        asked = json.loads(call.body)
        for number in asked["phoneNumbers"]:
            self.take(number, asked["textMessage"]["text"])
        answer = {"id": asked["id"], "state": self.state, "recipients": []}
        return Said(202, JSON, json.dumps(answer).encode())


@contextmanager
def running(fake: FakeGateway) -> Iterator[FakeGateway]:
    """Stopped at the end."""
    try:
        yield fake
    finally:
        fake.stop()
