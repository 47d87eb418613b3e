"""``python -m benchmarks.parts``: what a hop is made of, in one process and without a server.

Prints microseconds for docs/performance.md, of rounds in which every part runs in turn: the median
of the time that passed with its range, and the least that the processor worked. On a shared machine
the first is mostly the waiting for others, and only the last compares two releases.
"""

from __future__ import annotations

import io
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks import world
from benchmarks.hops import HOP_PATH
from trader_platform.app import create_app
from trader_platform.core.config import Settings
from ussd.gateways.africastalking import AfricasTalking
from ussd.state import VERSION, dump, load
from ussd.store import Key
from ussd.wsgi_hop import WsgiHop

DIALOGUE = ("", "3", "3*1")
CODE = "*384*220#"
ROUNDS, DIALOGUES = 15, 60
_sessions = itertools.count()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'market.db'}"
        world.build(url, callers=3 * (ROUNDS + 1) * DIALOGUES + 1)
        app = create_app(Settings.from_env(world.environment(url, folder)))
        took = measure(app)
    for what, rounds in took.items():
        passed, worked = zip(*rounds, strict=True)
        low, high = min(passed), max(passed)
        print(
            f"{what:34} {median(passed):6.0f} us   ({low:.0f} to {high:.0f})"
            f"   worked {min(worked):.0f}"
        )
    pairs = zip(took["hop through Flask's view"], took["hop through the front"], strict=True)
    ratios = sorted(view[1] / front[1] for view, front in pairs)
    print(f"view / front, worked: {ratios[0]:.2f} - {median(ratios):.2f} - {ratios[-1]:.2f}")


def measure(app: Any) -> dict[str, list[tuple[float, float]]]:
    """Microseconds passed and worked, by part and round; the first warms up and does not count."""
    hops, front = app.extensions["hops"], app.wsgi_app
    assert isinstance(front, WsgiHop)
    parse = AfricasTalking().parse
    last = _bodies()
    for body in last:
        _call(front, body)
    parsed = parse(last[-1], "", {})
    key = Key(parsed.gateway, parsed.session_id, _hash(hops), CODE)
    row = hops.store.read(key, first=False, now=0).own
    bound = f"{key.gateway}:{key.session_id}".encode()
    state = load(hops.vault.open(row.state, bound_to=bound), VERSION)
    parts: dict[str, Callable[[], object]] = {
        "hop through Flask's view": lambda: _dialogues(lambda body: _call(front._inner, body)),
        "hop through the front": lambda: _dialogues(lambda body: _call(front, body)),
        "hop, no HTTP": lambda: _dialogues(lambda body: hops.serve(parse(body, "", {}))),
        "the read of a hop": lambda: hops.store.read(key, first=False, now=0),
        "the read of a dial": lambda: hops.store.read(key, first=True, now=0),
        "open and load the state": lambda: load(
            hops.vault.open(row.state, bound_to=bound), VERSION
        ),
        "dump and seal the state": lambda: hops.vault.seal(dump(state), bound_to=bound),
        "parse the form": lambda: parse(last[-1], "", {}),
    }
    took: dict[str, list[tuple[float, float]]] = {what: [] for what in parts}
    for round_ in range(ROUNDS + 1):
        for what, part in parts.items():
            each = 1 if what.startswith("hop") else DIALOGUES * len(DIALOGUE)
            began, worked = time.perf_counter(), time.process_time()
            for _ in range(each):
                part()
            if round_:
                unit = 1e6 / (DIALOGUES * len(DIALOGUE))
                passed = (time.perf_counter() - began) * unit
                took[what].append((passed, (time.process_time() - worked) * unit))
    return took


def _dialogues(send: Callable[[bytes], object]) -> None:
    for _ in range(DIALOGUES):
        for body in _bodies():
            send(body)


def _bodies() -> list[bytes]:
    """A dialogue of a caller of its own: a phone may not dial more than twenty times a minute."""
    number = next(_sessions)
    phone = world.phone_of(number)
    form = {"sessionId": f"parts-{number}", "phoneNumber": phone, "serviceCode": CODE}
    return [urlencode(form | {"networkCode": "1", "text": text}).encode() for text in DIALOGUE]


def _hash(hops: Any) -> str:
    return str(hops.vault.lookup(world.phone_of(0)))


def _call(app: Callable[..., Any], body: bytes) -> bytes:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": HOP_PATH,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    answer = b"".join(app(environ, lambda _status, _headers, _failed=None: None))
    assert answer.startswith(b"CON "), answer
    return answer


if __name__ == "__main__":
    main()
