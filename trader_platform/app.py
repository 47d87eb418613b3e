"""Composition of the web process: with worker and cli, all that knows every transport."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from sms.blueprint import Hearing, sms_blueprint
from sms.gateways.registry import build_gateways, own_senders
from sms.inbox import Inbox
from sms.reports import Reports
from sms.simulator.blueprint import PATH as TEXTS_PATH
from sms.simulator.blueprint import texts_blueprint
from sms.simulator.centre import Centre
from sms.wsgi_texts import WsgiTexts
from trader_platform.core import money
from trader_platform.core.clock import Clock, SystemClock, epoch_ms
from trader_platform.core.config import Settings
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.logging import configure
from trader_platform.core.metrics import OLDEST_DUE_SECONDS, TEXTS
from trader_platform.core.metrics import page as metrics_page
from trader_platform.core.queues import BackgroundBell, Doorbell, queue_url
from trader_platform.core.signing import Signer
from trader_platform.demo_people import OFFICERS, PEOPLE
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging.queries_outbox import due_now
from trader_platform.web.receipts import receipts_blueprint
from ussd.blueprint import ussd_blueprint
from ussd.gateways.africastalking import AfricasTalking
from ussd.gateways.base import Gateway
from ussd.gateways.mapped import SHAPES, Mapped
from ussd.hop import Hops
from ussd.limits import DialLimit
from ussd.notices import Notices
from ussd.screens import load_screens
from ussd.simulator.blueprint import (
    DemoPerson,
    SimulatorView,
    TextRoutes,
    simulator_blueprint,
)
from ussd.wsgi_hop import WsgiHop

# The browser phones text as Africa's Talking hands texts on, to the short code of the demo.
_HEARD_BY: Final = "africastalking"
_TEXT_TO: Final = "2200"


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """The WSGI application of one process; to be made after a server has forked."""
    configure()
    load_screens()
    app = Flask(__name__, static_folder=None)
    db = Database(settings.database_url)
    db.ring = BackgroundBell(Doorbell(lambda: queue_url(settings))).ring
    clock = clock or SystemClock()
    hops = make_hops(settings, db, clock)
    gateways = _gateways(settings)
    token = settings.gateway_token
    app.register_blueprint(ussd_blueprint(hops, gateways=gateways, token=token))
    hearing, texts = _hearing(settings, db, hops), build_gateways(settings, clock=clock)
    app.register_blueprint(sms_blueprint(hearing, gateways=texts, token=token))
    inner: Any = app.wsgi_app
    if settings.trusted_proxies:  # else anybody could name another address as his own
        inner = ProxyFix(inner, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
    heard = WsgiTexts(inner, hearing, gateways=texts, token=token)
    app.wsgi_app = WsgiHop(heard, hops, gateways=gateways, token=token)  # type: ignore[method-assign, assignment]
    app.register_blueprint(
        receipts_blueprint(
            db,
            vault=hops.vault,
            clock=hops.clock,
            catalogs=hops.catalogs,
            service_code=settings.ussd_service_code,
        )
    )
    app.register_blueprint(simulator_blueprint(_simulator(settings)))
    if _texts_are_simulated(settings):
        app.register_blueprint(_texts(settings, db, hops.catalogs, clock))
    _register_health(app, db)
    app.extensions["hops"] = hops
    return app


def make_hops(settings: Settings, db: Database, clock: Clock) -> Hops:
    """The USSD service on a database, as the web process and the tests use it."""
    until = settings.read_only_until
    return Hops(
        db,
        vault=Vault(settings.data_keys, settings.lookup_key),
        clock=clock,
        catalogs=Catalogs(db),
        limit=DialLimit(None if settings.demo else 20),
        notices=Notices(read_only_until=until.strftime("%H:%M") if until else None),
        signer=Signer(settings.signing_keys) if settings.signing_keys else None,
    )


def _hearing(settings: Settings, db: Database, hops: Hops) -> Hearing:
    parts: Any = {"vault": hops.vault, "clock": hops.clock}
    inbox = Inbox(db, catalogs=hops.catalogs, own=own_senders(settings), **parts)
    return Hearing(
        receive=inbox.receive,
        report=Reports(db, **parts).take,
        opt_out=inbox.opt_out,
        ring=db.ring,
    )


def _simulator(settings: Settings) -> SimulatorView:
    return SimulatorView(
        demo=settings.demo,
        service_name="Market Line",
        gateway_token=settings.gateway_token if settings.demo else "",
        service_code=settings.ussd_service_code,
        people=lambda: [DemoPerson(x.name, x.phone) for x in (*PEOPLE, *OFFICERS)],
        texts=_text_routes(settings) if _texts_are_simulated(settings) else None,
    )


def _texts_are_simulated(settings: Settings) -> bool:
    return settings.demo and settings.sms_gateway == "simulator"


def _text_routes(settings: Settings) -> TextRoutes:
    token = settings.gateway_token
    return TextRoutes(
        inbound=f"/sms/{_HEARD_BY}/{token}/inbound",
        delivery=f"/sms/simulator/{token}/delivery",
        texts=TEXTS_PATH,
        number=_TEXT_TO,
    )


def _texts(settings: Settings, db: Database, catalogs: Catalogs, clock: Clock) -> Blueprint:
    def cost(amount_minor: int) -> str:
        return money.show(amount_minor, catalogs.for_code("").currency)

    centre = Centre(settings.data_dir, clock)
    return texts_blueprint(db, centre, clock=clock, heard_by=_HEARD_BY, cost=cost)


def _gateways(settings: Settings) -> dict[str, Gateway]:
    adapters: list[Gateway] = [AfricasTalking()]
    adapters += [Mapped(shape, settings.ussd_service_code) for shape in SHAPES.values()]
    return {adapter.name: adapter for adapter in adapters}


def _gauge_texts(db: Database) -> None:
    """The same in every process; where the database is away the last figures stay."""
    try:
        with db.reading() as connection:
            now = due_now(connection, epoch_ms(SystemClock().now()))
    except SQLAlchemyError:
        return
    for state, many in (("due", now.due), ("sending", now.sending), ("unknown", now.unknown)):
        TEXTS.labels(state).set(many)
    OLDEST_DUE_SECONDS.set(now.oldest_due_seconds)


def _register_health(app: Flask, db: Database) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/metrics")
    def metrics() -> Response:
        _gauge_texts(db)
        return Response(metrics_page(), mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Any:
        try:
            with db.reading() as connection:
                connection.execute(text("SELECT count(*) FROM packs")).scalar_one()
        except SQLAlchemyError:
            return Response("the database does not answer\n", status=503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")
