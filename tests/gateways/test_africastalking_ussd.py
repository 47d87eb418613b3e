"""Africa's Talking by its wire: real captures (numbers replaced), any order, both content types."""

from __future__ import annotations

import pytest

from trader_platform.core.errors import BadRequest
from ussd.gateways.africastalking import AfricasTalking

NESTED = (
    b"phoneNumber=%2B254000000001&serviceCode=%2A384%2A70421%23&text=1%2A1%2A0"
    b"&sessionId=ATUid_e9d0662dea3f3db658e79d9b62f7900c&networkCode=99999"
)
FIRST = (
    b"phoneNumber=%2B254000000002&serviceCode=%2A384%2A44135%23&text="
    b"&sessionId=ATUid_7c898d72eb11f723ed8ea05ef232f279&networkCode=99999"
)
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=UTF-8"])
def test_a_captured_hop(content_type: str) -> None:
    request = AfricasTalking().parse(NESTED, content_type, {})
    assert request.session_id == "ATUid_e9d0662dea3f3db658e79d9b62f7900c"
    assert request.phone == "+254000000001"
    assert request.service_code == "*384*70421#"
    assert request.transcript == "1*1*0"
    assert request.network == "99999"


def test_a_captured_first_dial_has_an_empty_text() -> None:
    assert AfricasTalking().parse(FIRST, FORM, {}).transcript == ""


def test_the_order_of_fields_does_not_matter() -> None:
    shuffled = b"&".join(reversed(NESTED.split(b"&")))
    assert AfricasTalking().parse(shuffled, FORM, {}) == AfricasTalking().parse(NESTED, FORM, {})


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("no body", b""),
        ("no session", NESTED.replace(b"sessionId", b"session")),
        ("no text", FIRST.replace(b"text=", b"txt=")),
        ("text twice", NESTED + b"&text=1"),
        ("session too long", NESTED.replace(b"ATUid_", b"A" * 200)),
        ("JSON instead", b'{"sessionId": "x"}'),
        ("NUL and noise", b"\x00\xff\xfe&&&=="),
        ("a thousand fields", b"&".join(b"f%d=1" % n for n in range(1000))),
    ],
)
def test_what_is_not_a_hop(label: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        AfricasTalking().parse(body, FORM, {})


@pytest.mark.parametrize("typed", ["Fatou Ceesay", "ŋaari", "a&b+c", "😀"])
def test_free_text_comes_through_the_form(typed: str) -> None:
    from urllib.parse import urlencode

    body = urlencode(
        {"sessionId": "s", "phoneNumber": "+2203012345", "serviceCode": "*1#", "text": typed}
    )
    assert AfricasTalking().parse(body.encode(), FORM, {}).transcript == typed


def test_the_answer_is_plain_text_as_it_stands() -> None:
    reply = AfricasTalking().render("CON Prix\n1 Mon marché", None)
    assert reply.body == "CON Prix\n1 Mon marché".encode()
    assert reply.content_type.startswith("text/plain")
