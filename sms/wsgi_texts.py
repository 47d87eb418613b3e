"""Callbacks in front of Flask: nearly all are one plain POST, and a framework doubles their cost.

What is not exactly that (another method, a wrong token, a query, a body of unknown or undue size)
is handed on to Flask, so that there is one place that refuses and both give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from sms.blueprint import KINDS, MAX_BODY, Hearing, answer, find_adapter
from sms.gateways.base import Request, SmsGateway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_STATUS: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class WsgiTexts:
    """A WSGI callable around another: answers callbacks itself, hands on everything else."""

    def __init__(
        self,
        inner: WSGIApplication,
        hearing: Hearing,
        *,
        gateways: Mapping[str, SmsGateway],
        token: str,
    ) -> None:
        self._inner, self._hearing = inner, hearing
        self._gateways, self._secret = gateways, token.encode()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """One request, as PEP 3333 has it."""
        parts = environ["PATH_INFO"].split("/")
        adapter = self._adapter(environ, parts)
        if adapter is None:
            return self._inner(environ, start)
        asked = Request(
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])),
            environ.get("CONTENT_TYPE", ""),
            headers=_headers(environ),
        )
        ack = answer(self._hearing, adapter, parts[4], asked)
        body = ack.body.encode()
        start(
            _STATUS[ack.status],
            [("Content-Type", ack.content_type), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _adapter(self, environ: Mapping[str, Any], parts: list[str]) -> SmsGateway | None:
        """The gateway of a plain callback under the right token; None where Flask is to answer."""
        if len(parts) != 5 or parts[0] or parts[1] != "sms" or parts[4] not in KINDS:
            return None
        length = environ.get("CONTENT_LENGTH") or ""
        plain = environ["REQUEST_METHOD"] == "POST" and not environ.get("QUERY_STRING")
        if not plain or not length.isdecimal() or int(length) > MAX_BODY:
            return None
        # PEP 3333: the path comes as Latin-1, whatever it is.
        given = parts[3].encode("latin-1").decode("utf-8", "replace")
        return find_adapter(self._gateways, parts[2], given, self._secret)


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers that adapters read are all of their own making: ``X-…``."""
    return {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_X_")
    }
