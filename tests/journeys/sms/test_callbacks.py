"""Callbacks at the edge: what is stored, what is acknowledged, and what must be sent again."""

from __future__ import annotations

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from sms.blueprint import MAX_BODY, Hearing, sms_blueprint
from sms.gateways.base import OptOut
from sms.gateways.registry import build_gateways
from sms.inbox import Inbox
from sms.reports import Reports
from sms.wsgi_texts import WsgiTexts
from tests.fixtures.served import TOKEN, served
from tests.fixtures.world import World
from trader_platform.core.clock import epoch, epoch_ms
from trader_platform.core.config import Settings
from trader_platform.core.phone import Phone
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging.service import contact_of_phone, queue
from trader_platform.messaging.types import Outgoing

FORM = "application/x-www-form-urlencoded"
SMS = {"from": "+2203012345", "to": "220", "text": "oniyon brikama", "id": "ATXid_1"}
KEY = "key-in-the-app"


@dataclass
class Ears:
    """The callbacks of an installation on the world's database, without a server around."""

    world: World
    client: FlaskClient
    rings: list[str] = field(default_factory=list)

    def post(self, path: str, form: dict[str, str] | bytes, **more: Any) -> TestResponse:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        return self.client.post(path, data=body, content_type=FORM, **more)

    def text(self, token: str = TOKEN, **fields: str) -> TestResponse:
        return self.post(f"/sms/africastalking/{token}/inbound", SMS | fields)

    def stored(self, columns: str = "gateway, provider_id, state") -> list[tuple[Any, ...]]:
        with self.world.db.reading() as connection:
            found = connection.execute(text(f"SELECT {columns} FROM inbound_texts ORDER BY id"))
            return [tuple(row) for row in found]


@pytest.fixture(params=["in front", "Flask alone"])
def ears(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Ears:
    settings = Settings.from_env(
        {"DATA_DIR": str(tmp_path), "SMSGATE_SIGNING_KEY": KEY, "GATEWAY_TOKEN": TOKEN}
    )
    inbox = Inbox(
        world.db, vault=world.vault, clock=world.clock, catalogs=Catalogs(world.db), own=("220",)
    )
    reports = Reports(world.db, vault=world.vault, clock=world.clock)
    rings: list[str] = []
    hearing = Hearing(inbox.receive, reports.take, inbox.opt_out, rings.append)
    app = Flask(__name__)
    gateways = build_gateways(settings, clock=world.clock)
    app.register_blueprint(sms_blueprint(hearing, gateways=gateways, token=TOKEN))
    if request.param == "in front":
        front = WsgiTexts(app.wsgi_app, hearing, gateways=gateways, token=TOKEN)
        app.wsgi_app = front  # type: ignore[method-assign]
    return Ears(world, app.test_client(), rings)


def test_a_text_is_stored_and_then_acknowledged_and_rung_for(ears: Ears) -> None:
    answer = ears.text()
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "OK", "text/plain")
    assert ears.stored() == [("africastalking", "ATXid_1", "waiting")]
    assert ears.rings == ["sms.answer"]


def test_a_repeat_is_200_and_nothing_else(ears: Ears) -> None:
    answers = [ears.text() for _ in range(100)]
    assert {(each.status_code, each.text) for each in answers} == {(200, "OK")}
    assert len(ears.stored()) == 1
    assert ears.rings == ["sms.answer"]


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("a wrong token", f"/sms/africastalking/{TOKEN}x/inbound"),
        ("another alphabet", "/sms/africastalking/ŋŋŋ/inbound"),
        ("no such gateway", f"/sms/pigeon/{TOKEN}/inbound"),
        ("no such notice", f"/sms/africastalking/{TOKEN}/unbound"),
        ("no notice", f"/sms/africastalking/{TOKEN}"),
    ],
)
def test_what_is_not_there(ears: Ears, label: str, path: str) -> None:
    assert ears.post(path, SMS).status_code == 404
    assert ears.stored() == []


@pytest.mark.parametrize("gateway", ["africastalking", "smsgate"])
def test_only_kannel_may_get(ears: Ears, gateway: str) -> None:
    assert ears.client.get(f"/sms/{gateway}/{TOKEN}/inbound").status_code == 405


BAD = [
    ("no sender", b"to=220&text=x&id=1"),
    ("JSON", b'{"from": "+2203012345"}'),
    ("binary", bytes(range(256))),
    ("nothing", b""),
    ("too big", urlencode(SMS | {"text": "x" * MAX_BODY}).encode()),
]


@pytest.mark.parametrize(("label", "body"), BAD, ids=[label for label, _ in BAD])
def test_what_can_never_be_read_is_not_asked_for_again(ears: Ears, label: str, body: bytes) -> None:
    answer = ears.post(f"/sms/africastalking/{TOKEN}/inbound", body)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert ears.stored() == []
    assert ears.rings == []


def test_kannel_asks_by_get_or_post_and_is_told_nothing_that_it_could_text(ears: Ears) -> None:
    query = "id=7f0c&from=%2B2203012345&to=220&text=onion"
    got = ears.client.get(f"/sms/kannel/{TOKEN}/inbound?{query}")
    posted = ears.post(f"/sms/kannel/{TOKEN}/inbound", query.replace("7f0c", "7f0d").encode())
    assert [(each.status_code, each.data) for each in (got, posted)] == [(200, b"")] * 2
    assert ears.stored("gateway, provider_id") == [("kannel", "7f0c"), ("kannel", "7f0d")]


def _signed(ears: Ears, body: bytes, key: str = KEY) -> dict[str, str]:
    stamp = str(epoch(ears.world.clock.now()))
    signature = hmac.new(key.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    return {"X-Signature": signature, "X-Timestamp": stamp}


def test_a_phone_must_sign(ears: Ears) -> None:
    event = {
        "event": "sms:received",
        "id": "Ey6",
        "payload": {"sender": "+2203012345", "message": "onion"},
    }
    body, path = json.dumps(event).encode(), f"/sms/smsgate/{TOKEN}/inbound"
    assert ears.post(path, body).status_code == 403
    assert ears.post(path, body, headers=_signed(ears, body, "guess")).status_code == 403
    assert ears.stored() == []
    assert ears.post(path, body, headers=_signed(ears, body)).status_code == 200
    assert ears.stored() == [("smsgate", "Ey6", "waiting")]


def test_our_own_text_come_back_and_names_are_kept_and_stay_silent(ears: Ears) -> None:
    for id_, sender in enumerate(("220", "AFRICELL", "")):
        ears.text(id=f"ATXid_{id_}", **{"from": sender})
    assert [state for _, _, state in ears.stored()] == ["silent", "silent"]


def test_an_opt_out_is_noted(ears: Ears) -> None:
    path = f"/sms/africastalking/{TOKEN}/optout"
    answer = ears.post(path, {"senderId": "LUMO", "phoneNumber": "+2203012345"})
    assert answer.status_code == 200
    with ears.world.db.reading() as connection:
        assert connection.execute(text("SELECT opted_out FROM contacts")).scalars().all() == [True]
    assert ears.post(path, {"senderId": "LUMO"}).status_code == 200
    assert ears.client.get(f"/sms/kannel/{TOKEN}/optout").status_code == 200


def _accepted(ears: Ears, gateway: str, provider_id: str | None, state: str = "accepted") -> int:
    """A text of ours that a gateway was handed."""
    world, phone = ears.world, Phone(SMS["from"], SMS["from"])
    now = world.clock.now()
    with world.db.transaction() as session:
        contact = contact_of_phone(session, phone, pack_id=1, vault=world.vault, now=now)
        sent = Outgoing("stop.done", contact, 1, f"test:{provider_id}", now)
        id_ = queue(session, sent, zone="Africa/Banjul")
        values = {"id": id_, "gateway": gateway, "provider": provider_id, "state": state}
        values["at"] = epoch_ms(now)
        session.execute(
            text(
                "UPDATE messages SET state = :state, gateway = :gateway, provider_id = :provider,"
                " sent_at = :at, segments = 1 WHERE id = :id"
            ),
            values,
        )
    assert id_ is not None
    return id_


def _states(ears: Ears) -> list[tuple[Any, ...]]:
    with ears.world.db.reading() as connection:
        rows = connection.execute(text("SELECT state, failure, provider_id FROM messages"))
        return [tuple(row) for row in rows]


def test_a_report_moves_the_text_that_it_names(ears: Ears) -> None:
    _accepted(ears, "africastalking", "ATXid_9")
    path = f"/sms/africastalking/{TOKEN}/delivery"
    form = {"id": "ATXid_9", "phoneNumber": SMS["from"], "status": "Failed"}
    answers = [ears.post(path, form | {"failureReason": "AbsentSubscriber"}) for _ in range(2)]
    assert {each.status_code for each in answers} == {200}
    assert _states(ears) == [("failed", "AbsentSubscriber", "ATXid_9")]
    assert ears.post(path, form | {"status": "Success"}).status_code == 200
    assert _states(ears) == [("failed", "AbsentSubscriber", "ATXid_9")], "forward only"


def test_a_report_settles_the_one_unknown_text_of_a_phone(ears: Ears) -> None:
    _accepted(ears, "africastalking", None, state="unknown")
    form = {"id": "ATXid_9", "phoneNumber": "220833012345", "status": "Success"}
    assert ears.post(f"/sms/africastalking/{TOKEN}/delivery", form).status_code == 200
    assert _states(ears) == [("delivered", None, "ATXid_9")]


def test_kannels_reports_carry_our_own_id(ears: Ears) -> None:
    id_ = _accepted(ears, "kannel", None)
    for bit in (8, 1):
        got = ears.client.get(f"/sms/kannel/{TOKEN}/delivery?id={id_}&status={bit}&answer=ACK%2F")
        assert (got.status_code, got.data) == (200, b"")
    assert [state for state, *_ in _states(ears)] == ["delivered"]


def test_a_report_of_no_text_of_ours_is_kept_and_taken(ears: Ears) -> None:
    path = f"/sms/africastalking/{TOKEN}/delivery"
    form = {"id": "ATXid_0", "phoneNumber": "LUMO", "status": "Success"}
    for status, code in (("Success", 200), ("Success", 200), ("Pondered", 200)):
        assert ears.post(path, form | {"status": status}).status_code == code
    with ears.world.db.reading() as connection:
        rows = connection.execute(text("SELECT provider_id, outcome, seen FROM delivery_reports"))
        assert [tuple(row) for row in rows] == [("ATXid_0", "early", 2)]


@pytest.mark.parametrize("what", ["inbound", "optout", "delivery"])
def test_with_the_database_away_the_gateway_is_asked_to_repeat(ears: Ears, what: str) -> None:
    ears.world.db.dispose()
    with ears.world.db.write.begin() as connection:
        for table in ("inbound_texts", "contacts", "delivery_reports"):
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
    form = SMS | {"phoneNumber": SMS["from"], "status": "Success"}
    assert ears.post(f"/sms/africastalking/{TOKEN}/{what}", form).status_code == 503
    assert ears.rings == []


def test_our_own_fault_is_no_reason_to_lose_a_text(world: World, tmp_path: Path) -> None:
    def broken(_: object) -> bool:
        raise ZeroDivisionError

    app = Flask(__name__)
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    hearing = Hearing(broken, broken, broken, broken)
    gateways = build_gateways(settings, clock=world.clock)
    app.register_blueprint(sms_blueprint(hearing, gateways=gateways, token=TOKEN))
    answer = app.test_client().post(f"/sms/africastalking/{TOKEN}/inbound", data=SMS)
    assert answer.status_code == 503


def test_copies_at_once_through_real_servers_are_one_text(world: World, tmp_path: Path) -> None:
    body = urlencode(SMS).encode()
    with served(world, tmp_path, workers=2) as server:
        path = f"/sms/africastalking/{TOKEN}/inbound"

        def sent(_: int) -> tuple[int, str]:
            """As a gateway: again where it was asked to repeat."""
            while (answer := server.request(path, body))[0] == 503:
                pass
            return answer

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(sent, range(100)))
        assert answers == {(200, "OK")}
        # More than a gateway may send, while it is still sending: it must see the answer.
        huge = body + b"x" * (1024 * 1024)
        assert server.request(path, huge) == (200, "OK")
        assert server.request("/sms/africastalking/guess/inbound", body)[0] == 404
    with world.db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM inbound_texts")).scalar_one() == 1


def test_an_opt_out_of_no_phone_is_taken(ears: Ears) -> None:
    inbox = Inbox(
        ears.world.db,
        vault=ears.world.vault,
        clock=ears.world.clock,
        catalogs=Catalogs(ears.world.db),
    )
    assert inbox.opt_out(OptOut("africastalking", "LUMO")) is False
