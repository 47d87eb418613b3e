"""``/sms/<gateway>/<token>/…``: checks token and size, parses, stores, and only then acknowledges.

What each answer makes a gateway do decides it. Whatever is not 200, Africa's Talking sends again
each minute for 12 hours, Kannel as often as it is told to, a phone 14 times in two days. So:
stored, or stored before: the gateway's own ack. Not readable, and never will be: the same ack and
a line in the log, for the thousandth copy says no more than the first. Database away: 503, for
the copy is the text. A wrong signature: 403, for once the key is mended the copies are good.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from sms.gateways.base import Ack, InboundSms, OptOut, Report, Request, SmsGateway
from trader_platform.core.errors import BadRequest, Busy, Forbidden
from trader_platform.core.metrics import TEXTS_HEARD

MAX_BODY: Final = 16 * 1024
MAX_DRAIN: Final = 4 * 1024 * 1024
_AWAY: Final = Ack(503, "try again\n")
_STRANGER: Final = Ack(403, "wrong signature\n")
# Kannel asks by GET or POST, as its service is written; the others post.
_GETS: Final = frozenset({"kannel"})

_log = structlog.get_logger("sms")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What becomes of each kind of callback. Each is durable when it returns, and safe to repeat.

    ``receive`` says whether the text is new; ``ring`` wakes a worker and returns at once.
    """

    receive: Callable[[InboundSms], bool]
    report: Callable[[Report], object]
    opt_out: Callable[[OptOut], object]
    ring: Callable[[str], object]


def sms_blueprint(hearing: Hearing, *, gateways: Mapping[str, SmsGateway], token: str) -> Blueprint:
    """The callbacks of every SMS gateway of this installation."""
    blueprint = Blueprint("sms", __name__)
    secret = token.encode()

    @blueprint.route("/sms/<gateway>/<given>/<what>", methods=["GET", "POST"])
    def callback(gateway: str, given: str, what: str) -> Response:
        adapter = find_adapter(gateways, gateway, given, secret)
        if adapter is None or what not in KINDS:
            abort(404)
        if request.method == "GET" and gateway not in _GETS:
            abort(405)
        query = request.query_string.decode("latin-1")
        asked = Request(_body(), request.content_type or "", query, dict(request.headers))
        ack = answer(hearing, adapter, what, asked)
        return Response(ack.body, ack.status, content_type=ack.content_type)

    return blueprint


def find_adapter(
    gateways: Mapping[str, SmsGateway], gateway: str, given: str, secret: bytes
) -> SmsGateway | None:
    """The gateway under the right token, in the same time for every wrong one."""
    known = hmac.compare_digest(given.encode(), secret)
    return gateways.get(gateway) if known else None


def answer(hearing: Hearing, adapter: SmsGateway, what: str, asked: Request) -> Ack:
    """What goes back for one callback under the right token; never raises."""
    try:
        outcome = KINDS[what](hearing, adapter, asked)
    except BadRequest as error:
        outcome = "unreadable"
        _log.warning("sms.unreadable", gateway=adapter.name, what=what, why=str(error))
    except Forbidden as error:
        outcome = "stranger"
        _log.warning("sms.stranger", gateway=adapter.name, what=what, why=str(error))
    except (Busy, SQLAlchemyError) as error:
        outcome = "away"
        _log.error("sms.database_away", gateway=adapter.name, error=type(error).__name__)
    except Exception:  # noqa: BLE001
        # The edge of texts: our own fault is no reason to lose one. The gateway sends it again.
        outcome = "error"
        _log.exception("sms.error", gateway=adapter.name, what=what)
    TEXTS_HEARD.labels(adapter.name, what, outcome).inc()
    return {"stranger": _STRANGER, "away": _AWAY, "error": _AWAY}.get(outcome, adapter.ack)


def _inbound(hearing: Hearing, adapter: SmsGateway, asked: Request) -> str:
    if not hearing.receive(adapter.parse_inbound(asked)):
        return "repeated"
    hearing.ring("sms.answer")
    return "taken"


def _delivery(hearing: Hearing, adapter: SmsGateway, asked: Request) -> str:
    report = adapter.parse_report(asked)
    if report is None:
        return "nothing"
    hearing.report(report)
    return "taken"


def _optout(hearing: Hearing, adapter: SmsGateway, asked: Request) -> str:
    notice = adapter.parse_optout(asked)
    if notice is None:
        return "nothing"
    hearing.opt_out(notice)
    return "taken"


KINDS: Final[Mapping[str, Callable[[Hearing, SmsGateway, Request], str]]] = {
    "inbound": _inbound,
    "delivery": _delivery,
    "optout": _optout,
}


def _body() -> bytes:
    """At most 16 KiB; no text is longer, so more is read as nothing at all.

    It is read to its end where that is near, for a gateway that is still sending when the answer
    comes sees a broken line instead of the answer, and sends again.
    """
    if (request.content_length or 0) <= MAX_BODY:
        return request.stream.read(MAX_BODY)
    left = MAX_DRAIN
    while left > 0 and (chunk := request.stream.read(64 * 1024)):
        left -= len(chunk)
    return b""
