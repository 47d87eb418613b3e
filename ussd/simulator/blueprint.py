"""The landing page and the browser phone: two pages, their static files and strict headers.

Knows only what the caller tells it in `SimulatorView`; never the database, never the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from flask import Blueprint, Response, make_response, render_template

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# Texts as people write them; a test sends each to a service with the demo's people.
EXAMPLES: Final = (
    "oniyon brikama",
    "soble serekunda",
    "tomat latrikunda",
    "cabage brikama",
    "bonga fis serekunda",
)


@dataclass(frozen=True)
class DemoPerson:
    """A made-up person: what to call the phone in the list, and its number in E.164."""

    label: str
    number: str


@dataclass(frozen=True)
class TextRoutes:
    """Where the page posts texts and reports, asks for texts, and the number to text to."""

    inbound: str
    delivery: str
    texts: str
    number: str


def _nobody() -> Sequence[DemoPerson]:
    return ()


@dataclass(frozen=True)
class SimulatorView:
    """What the pages may show.

    `people` is called at each request, because demo people may be loaded after the start.
    `texts` is None where texts go to a real gateway. `docs_url` is where the documentation is read
    on the web; empty means only in the source.
    """

    demo: bool
    service_name: str
    service_code: str
    gateway_token: str
    people: Callable[[], Sequence[DemoPerson]] = _nobody
    texts: TextRoutes | None = None
    docs_url: str = ""


def simulator_blueprint(settings_view: SimulatorView) -> Blueprint:
    """The pages `/` and `/phone` and their files under `/phone/static/`.

    Without `demo` the phone is a 404 and the landing page names no token and no people.
    """
    pages = Blueprint(
        "simulator",
        __name__,
        static_folder="static",
        static_url_path="/phone/static",
        template_folder="templates",
    )

    @pages.get("/")
    def landing() -> Response:
        people = settings_view.people() if settings_view.demo else ()
        return make_response(
            render_template(
                "simulator/landing.html", view=settings_view, people=people, examples=EXAMPLES
            )
        )

    @pages.get("/phone")
    def phone() -> Response:
        if not settings_view.demo:
            return make_response(render_template("simulator/off.html", view=settings_view), 404)
        config = _phone_config(settings_view)
        return make_response(
            render_template(
                "simulator/phone.html", view=settings_view, config=config, example=EXAMPLES[0]
            )
        )

    pages.after_request(_with_headers)
    return pages


def _phone_config(view: SimulatorView) -> dict[str, object]:
    endpoint = f"/ussd/africastalking/{view.gateway_token}"
    return {
        "endpoint": endpoint,
        "events": f"{endpoint}/events",
        "serviceCode": view.service_code,
        "people": [{"label": one.label, "number": one.number} for one in view.people()],
        "sms": asdict(view.texts) if view.texts else None,
    }


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-store"
    return response
