"""``/ussd/<gateway>/<token>``: checks token and size, parses, answers. No rule lives here."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request

from trader_platform.core.errors import BadRequest
from ussd.gateways.base import Gateway, Reply
from ussd.hop import Hops

log = structlog.get_logger("ussd")
MAX_BODY: Final = 16 * 1024
MAX_DRAIN: Final = 4 * 1024 * 1024


def ussd_blueprint(hops: Hops, *, gateways: Mapping[str, Gateway], token: str) -> Blueprint:
    """The routes of every USSD gateway of this installation."""
    blueprint = Blueprint("ussd", __name__)
    secret = token.encode()

    @blueprint.route("/ussd/<gateway>/<given>", methods=["POST", "GET"])
    def hop(gateway: str, given: str) -> Response:
        adapter = _adapter(gateways, gateway, given, secret)
        query = dict(request.args.items())
        reply = answer(hops, adapter, _body(), request.content_type or "", query)
        return Response(reply.body, content_type=reply.content_type)

    @blueprint.post("/ussd/<gateway>/<given>/events")
    def events(gateway: str, given: str) -> Response:
        """The gateway's notice that a dialogue ended; useful to count, needed for nothing."""
        _adapter(gateways, gateway, given, secret)
        _body()
        return Response("OK", mimetype="text/plain")

    return blueprint


def answer(
    hops: Hops, adapter: Gateway, body: bytes, content_type: str, query: Mapping[str, str]
) -> Reply:
    """What goes back for one request under the right token; never raises."""
    try:
        parsed = adapter.parse(body, content_type, query)
    except BadRequest as error:
        log.warning("ussd_bad_request", gateway=adapter.name, why=str(error))
        return adapter.render(hops.notices.error(""), None)
    if parsed.ended:
        return Reply(b"", "text/plain; charset=utf-8")
    return adapter.render(hops.serve(parsed), parsed)


def _adapter(gateways: Mapping[str, Gateway], gateway: str, given: str, secret: bytes) -> Gateway:
    known = hmac.compare_digest(given.encode(), secret)
    adapter = gateways.get(gateway)
    if adapter is None or not known:
        abort(404)
    return adapter


def _body() -> bytes:
    """At most 16 KiB; more is never a hop: it is let go by, and answered as a bad one.

    It is read to its end where that is near, for a gateway that is still sending when the answer
    comes sees a broken line instead of the answer.
    """
    if (request.content_length or 0) <= MAX_BODY:
        return request.stream.read(MAX_BODY)
    left = MAX_DRAIN
    while left > 0 and (chunk := request.stream.read(64 * 1024)):
        left -= len(chunk)
    return b""
