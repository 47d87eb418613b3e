"""``/phone/texts``: what a browser phone is told of its texts. DEMO only: it knows no password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, request

from sms.simulator.centre import Centre
from trader_platform.core.clock import Clock, epoch_ms
from trader_platform.core.db import Database
from trader_platform.core.phone import parse
from trader_platform.messaging.queries_states import heard_states, sent_states

PATH: Final = "/phone/texts"
MOST_WATCHED: Final = 100
_MAX_BODY: Final = 16 * 1024


def texts_blueprint(
    db: Database, centre: Centre, *, clock: Clock, heard_by: str, cost: Callable[[int], str]
) -> Blueprint:
    """The one route of the browser phones' texts; not to be registered outside DEMO.

    ``heard_by`` is the gateway whose form the phones post to us in; ``cost`` words an amount.
    """
    blueprint = Blueprint("texts", __name__)

    @blueprint.post(PATH)
    def texts() -> Response:
        """New texts of ``phone`` after the id ``after``, and what became of those in ``watch``
        (sent to it) and ``said`` (sent by it). A POST, so that no log holds the number.
        """
        if (request.content_length or 0) > _MAX_BODY:
            abort(413)
        phone, after = parse(request.form.get("phone", "")), request.form.get("after", "0")
        if phone is None or not (after.isascii() and after.isdigit() and len(after) < 19):
            abort(400)
        arrived = centre.arrived(phone.key, int(after))
        watched = [*_ids("watch"), *(text.provider_id for text in arrived)]
        with db.reading() as connection:
            sent = sent_states(connection, "simulator", watched) if watched else []
            said = _ids("said")
            heard = heard_states(connection, heard_by, said) if said else []
        body: dict[str, Any] = {
            "now_ms": epoch_ms(clock.now()),
            "texts": [asdict(text) for text in arrived],
            "sent": [asdict(one) | {"cost": _worded(one.cost_minor, cost)} for one in sent],
            "said": [asdict(one) for one in heard],
        }
        return _private(jsonify(body))

    return blueprint


def _ids(field: str) -> list[str]:
    return [one for one in request.form.get(field, "").split(",") if one][:MOST_WATCHED]


def _worded(amount_minor: int | None, cost: Callable[[int], str]) -> str:
    return "" if amount_minor is None else cost(amount_minor)


def _private(response: Response) -> Response:
    response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
    return response
