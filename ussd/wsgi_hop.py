"""The hop in front of Flask: nine of ten requests are one plain POST and need no framework.

What is not exactly that (another path, a wrong token, a query, a body of unknown or undue size)
is handed on to Flask, so that there is one place that refuses and both give the same answers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ussd.blueprint import MAX_BODY, answer
from ussd.gateways.base import Gateway
from ussd.hop import Hops

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


class WsgiHop:
    """A WSGI callable around another: answers hops itself, hands on everything else."""

    def __init__(
        self, inner: WSGIApplication, hops: Hops, *, gateways: Mapping[str, Gateway], token: str
    ) -> None:
        self._inner, self._hops = inner, hops
        self._gateways, self._secret = gateways, token.encode()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """One request, as PEP 3333 has it."""
        adapter = self._adapter(environ)
        if adapter is None:
            return self._inner(environ, start)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        reply = answer(self._hops, adapter, body, environ.get("CONTENT_TYPE", ""), {})
        length = str(len(reply.body))
        start("200 OK", [("Content-Type", reply.content_type), ("Content-Length", length)])
        return [reply.body]

    def _adapter(self, environ: dict[str, Any]) -> Gateway | None:
        """The gateway of a plain hop under the right token; None where Flask is to answer."""
        parts = environ["PATH_INFO"].split("/")
        if len(parts) != 4 or parts[0] or parts[1] != "ussd":
            return None
        length = environ.get("CONTENT_LENGTH") or ""
        plain = environ["REQUEST_METHOD"] == "POST" and not environ.get("QUERY_STRING")
        if not plain or not length.isdecimal() or int(length) > MAX_BODY:
            return None
        known = hmac.compare_digest(parts[3].encode(), self._secret)
        return self._gateways.get(parts[2]) if known else None
