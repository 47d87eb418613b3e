"""What a browser phone is told of its texts: by the route, over the message centre's file."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from sms.gateways.base import InboundSms
from sms.inbox import Inbox
from sms.simulator.blueprint import PATH, texts_blueprint
from sms.simulator.centre import Centre
from tests.fixtures.world import World
from trader_platform.app import create_app
from trader_platform.core.clock import MovableClock, epoch_ms
from trader_platform.core.config import Settings
from trader_platform.core.phone import Phone
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging.service import contact_of_phone, queue
from trader_platform.messaging.types import Outgoing

PHONE = "+2203012345"
NEW_FORM = "+220833012345"
OTHER = "+2207000001"


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path, MovableClock(datetime(2026, 11, 22, 9, tzinfo=UTC)))


def client(world: World, centre: Centre) -> FlaskClient:
    app = Flask("texts")
    costs = {25: "D0.25"}
    routes = texts_blueprint(
        world.db, centre, clock=world.clock, heard_by="africastalking", cost=costs.__getitem__
    )
    app.register_blueprint(routes)
    return app.test_client()


def ask(pages: FlaskClient, **fields: str) -> dict[str, Any]:
    answer = pages.post(PATH, data={"phone": PHONE, "after": "0", **fields})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def sent(world: World, provider_id: str, state: str = "accepted") -> None:
    """A text of the outbox, as it stands once the simulator took it."""
    with world.db.transaction() as session:
        contact = contact_of_phone(
            session, Phone(PHONE, PHONE), pack_id=1, vault=world.vault, now=world.clock.now()
        )
        outgoing = Outgoing("price.bare", contact, 1, f"test:{provider_id}", world.clock.now())
        id_ = queue(session, outgoing, zone="Africa/Banjul")
        session.execute(
            text(
                "UPDATE messages SET state = :state, gateway = 'simulator', segments = 1,"
                " provider_id = :provider_id, cost_minor = 25, failure = NULL WHERE id = :id"
            ),
            {"state": state, "provider_id": provider_id, "id": id_},
        )


def test_a_phone_is_told_of_each_text_once(world: World, centre: Centre) -> None:
    phone = client(world, centre)
    assert ask(phone) == {
        "now_ms": epoch_ms(world.clock.now()), "texts": [], "sent": [], "said": []
    }  # fmt: skip
    first, _ = centre.take("One line\nand more", [PHONE, OTHER])
    (second,) = centre.take("Two", [PHONE])
    texts = ask(phone)["texts"]
    assert [(one["provider_id"], one["words"]) for one in texts] == [
        (first, "One line\nand more"),
        (second, "Two"),
    ]
    assert [one["words"] for one in ask(phone, after=str(texts[0]["id"]))["texts"]] == ["Two"]
    assert ask(phone, after=str(texts[1]["id"]))["texts"] == []


def test_both_forms_of_a_number_are_one_phone(world: World, centre: Centre) -> None:
    centre.take("Hello", [PHONE])
    assert len(ask(client(world, centre), phone=NEW_FORM)["texts"]) == 1


def test_a_new_text_comes_with_its_state_and_cost(world: World, centre: Centre) -> None:
    (id_,) = centre.take("Price of what?", [PHONE])
    sent(world, id_)
    phone = client(world, centre)
    assert ask(phone)["sent"] == [
        {
            "provider_id": id_,
            "kind": "price.bare",
            "state": "accepted",
            "segments": 1,
            "cost_minor": 25,
            "cost": "D0.25",
            "failure": None,
        }
    ]
    assert ask(phone, after="99")["sent"] == []
    assert ask(phone, after="99", watch=id_)["sent"][0]["state"] == "accepted"


def test_a_text_of_another_gateway_under_the_same_id_is_not_shown(
    world: World, centre: Centre
) -> None:
    sent(world, "x1")
    with world.db.transaction() as session:
        session.execute(text("UPDATE messages SET gateway = 'kannel'"))
    assert ask(client(world, centre), watch="x1")["sent"] == []


def test_what_became_of_a_text_that_the_phone_sent(world: World, centre: Centre) -> None:
    inbox = Inbox(
        world.db, vault=world.vault, clock=world.clock, catalogs=Catalogs(world.db), own=()
    )
    inbox.receive(InboundSms("africastalking", "ATXid_1", PHONE, "2200", "onion"))
    phone = client(world, centre)
    assert ask(phone, said="ATXid_1,ATXid_2")["said"] == [
        {"provider_id": "ATXid_1", "state": "waiting", "outcome": None}
    ]


@pytest.mark.parametrize(
    "fields",
    [{"phone": ""}, {"phone": "2200"}, {"after": "-1"}, {"after": "x"}, {"after": "9" * 30}],
)
def test_a_question_that_makes_no_sense_is_refused(
    world: World, centre: Centre, fields: dict[str, str]
) -> None:
    phone = client(world, centre)
    assert phone.post(PATH, data={"phone": PHONE, "after": "0", **fields}).status_code == 400


def test_a_body_that_is_too_long_is_refused(world: World, centre: Centre) -> None:
    answer = client(world, centre).post(PATH, data={"watch": "x" * 20_000})
    assert answer.status_code == 413


def test_old_texts_make_room(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sms.simulator.centre.KEPT", 3)
    for number in range(5):
        centre.take(f"text {number}", [PHONE])
    assert [one.words for one in centre.arrived(PHONE, 0)] == ["text 2", "text 3", "text 4"]


@pytest.mark.parametrize(
    "env",
    [
        {"DEMO": "0"},
        {
            "DEMO": "1",
            "SMS_GATEWAY": "africastalking",
            "AFRICASTALKING_USERNAME": "sandbox",
            "AFRICASTALKING_API_KEY": "key-of-the-tests",
        },
    ],
)
def test_texts_are_shown_in_the_demo_only(
    world: World, tmp_path: Path, env: dict[str, str]
) -> None:
    told = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "", **env}
    app = create_app(Settings.from_env(told), clock=world.clock)
    Centre(tmp_path, world.clock).take("Somebody's words", [PHONE])
    pages = app.test_client()
    assert pages.post(PATH, data={"phone": PHONE, "after": "0"}).status_code == 404
    phone = pages.get("/phone")
    assert phone.status_code == 404 or '"sms": null' in unescape(phone.text)
    app.extensions["hops"].db.dispose()
