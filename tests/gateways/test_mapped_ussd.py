"""Three providers' wire formats through the one configurable adapter."""

from __future__ import annotations

import json

import pytest

from trader_platform.core.errors import BadRequest
from ussd.gateways.mapped import HOLLATAGS, HUBTEL, MOOLRE, Mapped, Shape

CODE = "*384*220#"


def hubtel(**changes: object) -> bytes:
    body: dict[str, object] = {
        "Sequence": 1,
        "Type": "Initiation",
        "Message": "*384*220#",
        "ServiceCode": "384*220",
        "Operator": "mtn",
        "ClientState": "",
        "Mobile": "233246912184",
        "SessionId": "8d44c0",
    }
    return json.dumps(body | changes).encode()


def test_hubtel_first_request_is_the_dialled_string() -> None:
    request = Mapped(HUBTEL, CODE).parse(hubtel(), "application/json", {})
    assert request.first is True
    assert (request.latest, request.transcript) == ("", None)
    assert request.phone == "+233246912184"
    assert request.service_code == CODE
    assert request.sequence == "1"


def test_hubtel_dialled_tail() -> None:
    request = Mapped(HUBTEL, CODE).parse(hubtel(Message="*384*220*2*1#"), "", {})
    assert request.latest == "2*1"


@pytest.mark.parametrize("word", ["response", "Response", "RESPONSE"])
def test_hubtel_later_request_has_the_latest_answer(word: str) -> None:
    body = hubtel(Type=word, Message="2", Sequence="2")
    request = Mapped(HUBTEL, CODE).parse(body, "", {})
    assert (request.first, request.latest, request.sequence) == (False, "2", "2")


@pytest.mark.parametrize("word", ["Release", "Timeout"])
def test_hubtel_hang_up(word: str) -> None:
    assert Mapped(HUBTEL, CODE).parse(hubtel(Type=word), "", {}).ended


def test_hubtel_answers() -> None:
    gateway = Mapped(HUBTEL, CODE)
    request = gateway.parse(hubtel(), "", {})
    going_on = json.loads(gateway.render("CON Hello\n1 Go", request).body)
    assert going_on["Type"] == "response"
    assert going_on["Message"] == "Hello\n1 Go"
    assert going_on["SessionId"] == "8d44c0"
    assert json.loads(gateway.render("END Bye", request).body)["Type"] == "release"


def test_moolre_tail_comes_in_a_field_of_its_own() -> None:
    body = {
        "sessionid": "77",
        "msisdn": "2203012345",
        "message": "",
        "data": "3*2",
        "new": True,
        "extension": "384*220",
        "network": 1,
    }
    gateway = Mapped(MOOLRE, CODE)
    request = gateway.parse(json.dumps(body).encode(), "application/json", {})
    assert (request.first, request.latest, request.phone) == (True, "3*2", "+2203012345")
    assert json.loads(gateway.render("END Bye", request).body) == {"message": "Bye", "reply": False}
    body |= {"new": False, "message": "1", "data": ""}
    later = gateway.parse(json.dumps(body).encode(), "application/json", {})
    assert (later.first, later.latest) == (False, "1")


def test_hollatags_speaks_in_a_query() -> None:
    query = {
        "session_id": "s1",
        "session_msisdn": "2348012345678",
        "session_msg": "*384*220#",
        "session_operation": "begin",
        "session_from": "*384*220#",
        "session_mno": "MTN",
    }
    gateway = Mapped(HOLLATAGS, CODE)
    request = gateway.parse(b"", "", query)
    assert (request.first, request.latest, request.service_code) == (True, "", CODE)
    answer = json.loads(gateway.render("CON Hi", request).body)
    assert answer == {
        "session_operation": "continue",
        "session_type": 1,
        "session_id": "s1",
        "session_msg": "Hi",
    }
    ended = gateway.parse(b"", "", query | {"session_operation": "end", "session_msg": ""})
    assert ended.ended


def test_a_cumulative_shape_hands_on_the_transcript() -> None:
    shape = Shape(
        name="x", session="id", phone="p", input="t", transport="form", input_style="cumulative"
    )
    request = Mapped(shape, CODE).parse(b"id=1&p=%2B2203012345&t=1*2", "", {})
    assert (request.transcript, request.first, request.service_code) == ("1*2", None, CODE)
    assert Mapped(shape, CODE).render("CON x", request).body == b"CON x"


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("not JSON", b"sessionId=1"),
        ("a list", b"[]"),
        ("no session", hubtel(SessionId=None)),
        ("no phone", hubtel(Mobile="")),
        ("no input", json.dumps({"SessionId": "1", "Mobile": "2203012345"}).encode()),
        ("one name in two cases", b'{"SessionId":"1","sessionid":"2","Mobile":"1","Message":""}'),
    ],
)
def test_what_is_not_a_hop(label: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        Mapped(HUBTEL, CODE).parse(body, "application/json", {})
