"""HTTP to a gateway: kept connections, short time-outs, and what each failure certainly means.

Knows no gateway's fields. ``requests`` is imported when the first call is made: a web process
parses callbacks and calls nobody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from trader_platform.core.errors import (
    BadConfig,
    GatewayError,
    Permanent,
    Retryable,
    Throttled,
    UnknownOutcome,
)

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS: Final = 3.05
READ_SECONDS: Final = 5.0
_MOST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway answered; header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON, whatever type its header says. Raises UnknownOutcome."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UnknownOutcome("answered, but not in JSON") from error


class Wire:
    """Calls to one gateway; safe to share between threads.

    ``connections`` are kept open at most; ``read_seconds`` bounds the wait for the answer, all of
    it, so that a gateway that hangs or drips holds nobody longer.
    """

    def __init__(self, *, connections: int = 16, read_seconds: float = READ_SECONDS) -> None:
        self._connections, self._read_seconds = connections, read_seconds

    def post(self, url: str, **request: Any) -> Answer:
        """Send once, never again by itself; ``request`` is as for ``requests.post``.

        Raises Retryable where nothing was sent, BadConfig where it never will be, UnknownOutcome
        where it may have been.
        """
        from urllib3.exceptions import HTTPError

        until = time.monotonic() + CONNECT_SECONDS + self._read_seconds
        try:
            with self._session.post(
                url,
                timeout=(CONNECT_SECONDS, self._read_seconds),
                allow_redirects=False,  # a redirected POST may be sent twice
                stream=True,
                **request,
            ) as answer:
                body = b"".join(_chunks(answer, until))
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, body, headers)
        except (OSError, HTTPError) as error:  # requests' own errors are OSErrors
            raise _meaning(error) from error

    @cached_property
    def _session(self) -> requests.Session:
        from http.cookiejar import DefaultCookiePolicy

        import requests
        from requests.adapters import HTTPAdapter

        session = requests.Session()
        # A cookie jar is state that threads would share.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        pool = HTTPAdapter(pool_connections=4, pool_maxsize=self._connections, max_retries=0)
        session.mount("http://", pool)
        session.mount("https://", pool)
        return session


def refuse(answer: Answer) -> GatewayError:
    """The error for an answer that is not 2xx: which of them certainly took nothing.

    500, 502 and 504 say that something broke on the way, perhaps after the texts were taken.
    """
    what = f"http {answer.status}"
    if answer.status in {429, 503}:
        return Throttled(what, after_seconds=_after_seconds(answer))
    if answer.status in {408, 425}:
        return Retryable(what)
    if answer.status >= 500 or answer.status < 200:
        return UnknownOutcome(what)
    if 300 <= answer.status < 400 or answer.status in {401, 402, 403, 404, 405, 407, 410}:
        return BadConfig(what)
    return Permanent(what)


def _chunks(answer: requests.Response, until: float) -> Iterator[bytes]:
    """The body as it comes, until the deadline or more of it than any gateway says."""
    size = 0
    while chunk := answer.raw.read1(64 * 1024, decode_content=True):
        size += len(chunk)
        if size > _MOST_BYTES or time.monotonic() > until:
            raise UnknownOutcome("answered too much or too slowly")
        yield chunk


def _meaning(error: Exception) -> GatewayError:
    import requests
    from urllib3.exceptions import NewConnectionError

    names = {type(cause).__name__ for cause in _causes(error)}
    if "SSLCertVerificationError" in names:
        return BadConfig("the gateway's certificate is not valid")
    not_connected = isinstance(error, requests.exceptions.ConnectTimeout)
    if not_connected or any(isinstance(cause, NewConnectionError) for cause in _causes(error)):
        return Retryable("no connection")
    if isinstance(error, ValueError):  # requests' name for an address that is none
        return BadConfig("the gateway's address cannot be used")
    return UnknownOutcome(type(error).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps; urllib3 hides the first cause in ``reason`` or ``args``."""
    seen: set[int] = set()
    open_: list[BaseException] = [error]
    while open_:
        cause = open_.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inside = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        open_ += [each for each in inside if isinstance(each, BaseException)]


def _after_seconds(answer: Answer) -> float | None:
    """Retry-After in seconds; its form as a date is not used by any gateway here."""
    given = answer.headers.get("retry-after", "").strip()
    return float(given) if given.isascii() and given.isdigit() and len(given) < 6 else None
