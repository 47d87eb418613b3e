"""``/ussd/<gateway>/<token>``: checks token and size, parses, answers. No rule lives here."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request

from trader_platform.core.errors import BadRequest
from ussd.gateways.base import Gateway, UssdRequest
from ussd.hop import Hops

log = structlog.get_logger("ussd")
MAX_BODY: Final = 16 * 1024


def ussd_blueprint(hops: Hops, *, gateways: Mapping[str, Gateway], token: str) -> Blueprint:
    """The routes of every USSD gateway of this installation."""
    blueprint = Blueprint("ussd", __name__)
    secret = token.encode()

    @blueprint.route("/ussd/<gateway>/<given>", methods=["POST", "GET"])
    def hop(gateway: str, given: str) -> Response:
        adapter = _adapter(gateways, gateway, given, secret)
        body, content_type, query = _body(), request.content_type or "", request.args
        try:
            parsed = adapter.parse(body, content_type, _single(query))
        except BadRequest as error:
            log.warning("ussd_bad_request", gateway=gateway, why=str(error))
            return _answer(adapter, hops.notices.error(""), None)
        if parsed.ended:
            return Response(status=200, mimetype="text/plain")
        return _answer(adapter, hops.serve(parsed), parsed)

    @blueprint.post("/ussd/<gateway>/<given>/events")
    def events(gateway: str, given: str) -> Response:
        """The gateway's notice that a dialogue ended; useful to count, needed for nothing."""
        _adapter(gateways, gateway, given, secret)
        _body()
        return Response("OK", mimetype="text/plain")

    return blueprint


def _adapter(gateways: Mapping[str, Gateway], gateway: str, given: str, secret: bytes) -> Gateway:
    known = hmac.compare_digest(given.encode(), secret)
    adapter = gateways.get(gateway)
    if adapter is None or not known:
        abort(404)
    return adapter


def _body() -> bytes:
    """At most 16 KiB; more is never a hop, and is answered as a bad one instead of read."""
    if (request.content_length or 0) > MAX_BODY:
        return b""
    return request.stream.read(MAX_BODY)


def _single(query: Mapping[str, str]) -> dict[str, str]:
    return dict(query.items())


def _answer(adapter: Gateway, screen: str, parsed: UssdRequest | None) -> Response:
    reply = adapter.render(screen, parsed)
    return Response(reply.body, content_type=reply.content_type)
