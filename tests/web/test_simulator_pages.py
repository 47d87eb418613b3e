"""What the two pages tell, demo on and off: by the blueprint alone, without a browser."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ussd.simulator import DemoPerson, SimulatorView, simulator_blueprint

PEOPLE = [DemoPerson("Fatou <onions>", "+2203012345")]


def client(*, demo: bool, docs_url: str = "") -> FlaskClient:
    app = Flask("pages")
    view = SimulatorView(
        demo=demo,
        service_name="Market Line",
        service_code="*384*999#",
        gateway_token="s3cret-token",
        people=lambda: PEOPLE,
        docs_url=docs_url,
    )
    app.register_blueprint(simulator_blueprint(view))
    return app.test_client()


def test_the_phone_is_told_where_and_what_to_dial() -> None:
    html = client(demo=True).get("/phone").text
    found = re.search(r'data-config="([^"]*)"', html)
    assert found is not None
    assert json.loads(unescape(found[1])) == {
        "endpoint": "/ussd/africastalking/s3cret-token",
        "events": "/ussd/africastalking/s3cret-token/events",
        "serviceCode": "*384*999#",
        "people": [{"label": "Fatou <onions>", "number": "+2203012345"}],
        "sms": None,
    }


def test_without_the_demo_there_is_no_phone_and_no_secret() -> None:
    pages = client(demo=False)
    off = pages.get("/phone")
    assert off.status_code == 404
    assert "No browser phone here" in off.text
    landing = pages.get("/")
    assert landing.status_code == 200
    assert "*384*999#" in landing.text
    for page in (off.text, landing.text):
        assert "s3cret-token" not in page
        assert "+2203012345" not in page
        assert "Open the browser phone" not in page


def test_the_landing_page_marks_the_demo() -> None:
    html = client(demo=True).get("/").text
    assert "Demo: made-up people" in html
    assert "+2203012345" in html
    assert "Fatou &lt;onions&gt;" in html
    assert "s3cret-token" not in html


def test_the_documentation_is_linked_where_it_is_on_the_web() -> None:
    address = "https://docs.example.org/"
    assert f'href="{address}"' in client(demo=True, docs_url=address).get("/").text
    assert "README.md and the folder docs/" in client(demo=True).get("/").text


@pytest.mark.parametrize("path", ["/", "/phone", "/phone/static/main.js"])
def test_the_headers_are_strict(path: str) -> None:
    with client(demo=True).get(path) as response:
        headers = response.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_the_pages_hold_no_inline_code_and_nothing_from_elsewhere(path: str) -> None:
    html = client(demo=True).get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r'(?:src|href)="(?!/|#)', html)


def test_a_script_in_a_demo_name_stays_text() -> None:
    PEOPLE.append(DemoPerson("</main><script>1</script>\"'", "+2203012346"))
    try:
        for path in ("/", "/phone"):
            assert "<script>1" not in client(demo=True).get(path).text
    finally:
        PEOPLE.pop()
