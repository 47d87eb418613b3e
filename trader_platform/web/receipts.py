"""``/r/<code>``: a ticket checked by anyone who holds its code; ``/r/keys``: what signed them.

Nothing personal is on the page: place, day, badge and amount. A code that no ticket has is a page
with a sentence, 404; who asks many of those has to wait (429), a right code is always answered.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import Final

import structlog
from flask import Blueprint, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import DBAPIError

from trader_platform.core import i18n, money
from trader_platform.core.clock import Clock, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.fees.service_codes import Answer, Worth, ask_code, known_code
from trader_platform.ledger.queries_check import published_keys
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.payments.codes import show_code

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_RETRY_AFTER: Final = {429: "900", 503: "5"}
log = structlog.get_logger("web")
LANGUAGES: Final = ("en", "fr")
_STATUS: Final = {Worth.NONE: 404, Worth.TYPED: 404, Worth.SLOW: 429}


def receipts_blueprint(
    db: Database, *, vault: Vault, clock: Clock, catalogs: Catalogs, service_code: str
) -> Blueprint:
    """The pages, of the country whose pack answers ``service_code``."""
    pages = Blueprint(
        "receipts",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/r/static",
    )

    @pages.get("/r/")
    def ask() -> Response:
        typed = request.args.get("code", "")[:40]
        if typed:
            return check(typed)
        return _page("receipts/ask.html", 200)

    @pages.get("/r/<code>")
    def check(code: str) -> Response:
        now = clock.now()
        catalog = catalogs.for_code(service_code)
        asker = vault.lookup(f"address:{request.remote_addr}")
        with db.reading() as connection:
            answer = known_code(connection, code[:40])
        if answer is None:
            with db.transaction() as session:
                answer = ask_code(
                    session,
                    code[:40],
                    asker=asker,
                    channel="web",
                    now=now,
                    today=local_day(now, catalog.zone),
                )
        return _page("receipts/ticket.html", _STATUS.get(answer.worth, 200), answer, catalog)

    @pages.get("/r/keys")
    def keys() -> Response:
        with db.reading() as connection:
            found = published_keys(connection)
        shown = {name: base64.b64encode(public).decode() for name, public in found.items()}
        return jsonify({"algorithm": "Ed25519", "keys": shown})

    @pages.errorhandler(DBAPIError)
    def away(error: DBAPIError) -> Response:
        log.warning("receipt_database_away", error=type(error).__name__)
        return _page("receipts/away.html", 503)

    return pages


def _page(
    template: str, status: int, answer: Answer | None = None, catalog: Catalog | None = None
) -> Response:
    shown = _shown(answer, catalog) if answer and answer.ticket and catalog else {}
    language = request.accept_languages.best_match(LANGUAGES, default=i18n.SOURCE)
    say = partial(i18n.say, language)
    worth = answer.worth.value if answer else ""
    body = render_template(template, worth=worth, shown=shown, language=language, _=say)
    response = make_response(body, status)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    if status in _RETRY_AFTER:
        response.headers["Retry-After"] = _RETRY_AFTER[status]
    return response


def _shown(answer: Answer, catalog: Catalog) -> dict[str, str]:
    """What the page says of a ticket, in words."""
    ticket = answer.ticket
    assert ticket is not None
    market = catalog.markets.get(ticket.market_id)
    return {
        "code": show_code(answer.code),
        "market": market.name if market else "",
        "stall": ticket.stall or "",
        "day": ticket.day.strftime("%d.%m.%Y"),
        "badge": ticket.badge or "",
        "amount": money.show(ticket.amount_minor, catalog.currency),
        "voided_on": answer.voided_on.strftime("%d.%m.%Y") if answer.voided_on else "",
    }
