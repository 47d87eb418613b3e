"""Africa's Talking's callbacks by their wire: documented samples and captures, numbers replaced."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from sms.gateways.africastalking import AfricasTalkingForms
from sms.gateways.base import InboundSms, OptOut, Report, ReportStatus, Request
from trader_platform.core.errors import BadRequest

FORM = "application/x-www-form-urlencoded"
OLDER = (
    b"linkId=03090445075804249226&text=Msg&to=21512&id=ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3"
    b"&date=2017-05-03T06%3A04%3A45Z&from=%2B254791541111"
)
NEWER = (
    b"date=2026-11-22+09%3A00%3A00&from=%2B2203012345&id=ATXid_01&text=oniyon+brikama&to=220"
    b"&cost=KES+1.00&networkCode=60701&linkId="
)


def request(body: bytes | dict[str, str], content_type: str = FORM) -> Request:
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    return Request(body=raw, content_type=content_type)


def inbound(
    words: str,
    sender: str = "+2203012345",
    texted: str = "220",
    id_: str | None = "ATXid_01",
    network: str | None = None,
) -> InboundSms:
    return InboundSms("africastalking", id_, sender, texted, words, network)


TEXTS = [
    (
        "the documented sample",
        OLDER,
        inbound("Msg", "+254791541111", "21512", "ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3"),
    ),
    ("newer, the other date", NEWER, inbound("oniyon brikama", network="60701")),
    (
        "fields in another order",
        b"&".join(reversed(NEWER.split(b"&"))),
        inbound("oniyon brikama", network="60701"),
    ),
    ("no id", b"from=%2B2203012345&to=220&text=rice", inbound("rice", id_=None)),
    ("a blank id", b"from=%2B2203012345&to=220&text=rice&id=+", inbound("rice", id_=None)),
    ("no text", b"from=%2B2203012345&to=220&id=ATXid_01", inbound("")),
    ("no short code", b"from=%2B2203012345&text=rice&id=ATXid_01", inbound("rice", texted="")),
    ("a plus that was not encoded", b"from=+2203012345&to=220&text=a&id=ATXid_01",
     inbound("a", " 2203012345")),
    ("text twice: the first", b"from=%2B2203012345&to=220&text=a&text=b&id=ATXid_01", inbound("a")),
    ("unknown fields", NEWER + b"&new=1&newer=2", inbound("oniyon brikama", network="60701")),
    ("UTF-8", b"from=%2B2203012345&to=220&text=%C5%8Baari&id=ATXid_01", inbound("ŋaari")),
    ("UTF-8 not encoded", "from=%2B2203012345&to=220&text=ŋaari&id=ATXid_01".encode(),
     inbound("ŋaari")),
    ("Latin-1", b"from=%2B2203012345&to=220&text=caf%E9&id=ATXid_01", inbound("café")),
    ("NUL", b"from=%2B2203012345&to=220&text=a%00b&id=ATX%00id_01", inbound("ab")),
    ("signs of forms in the words", b"from=%2B2203012345&to=220&text=a%26b%3Dc%2Bd&id=ATXid_01",
     inbound("a&b=c+d")),
    ("a name as the sender", b"from=AFRICELL&to=220&text=Win&id=ATXid_01",
     inbound("Win", "AFRICELL")),
]  # fmt: skip


@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=UTF-8"])
@pytest.mark.parametrize(("label", "body", "expected"), TEXTS, ids=[x[0] for x in TEXTS])
def test_texts(label: str, body: bytes, expected: InboundSms, content_type: str) -> None:
    assert AfricasTalkingForms().parse_inbound(request(body, content_type)) == expected


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("nothing", b""),
        ("no sender", NEWER.replace(b"from=", b"form=")),
        ("a blank sender", b"from=+&to=220&text=a&id=1"),
        ("JSON instead", b'{"from": "+2203012345", "text": "x"}'),
        ("noise", b"\x00\xff\xfe&&&=="),
        ("a thousand fields", NEWER + b"&x=1" * 1000),
    ],
)
def test_what_is_no_text(label: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        AfricasTalkingForms().parse_inbound(request(body))


REPORTS = [
    ("Success", ReportStatus.DELIVERED),
    ("success", ReportStatus.DELIVERED),
    ("Sent", ReportStatus.ACCEPTED),
    ("Submitted", ReportStatus.ACCEPTED),
    ("Buffered", ReportStatus.ACCEPTED),
    ("Rejected", ReportStatus.FAILED),
    ("Failed", ReportStatus.FAILED),
    ("AbsentSubscriber", ReportStatus.FAILED),
    ("Expired", ReportStatus.EXPIRED),
]


@pytest.mark.parametrize(("status", "expected"), REPORTS)
def test_reports(status: str, expected: ReportStatus) -> None:
    form = {"networkCode": "60701", "phoneNumber": "+2203012345", "status": status, "id": "ATXid_1"}
    assert AfricasTalkingForms().parse_report(request(form)) == Report(
        "africastalking", expected, provider_id="ATXid_1", phone="+2203012345"
    )


def test_why_a_text_failed_is_a_word_of_theirs() -> None:
    # The provider documents NotNetworkSubcriber with this spelling, and others come.
    form = {"id": "ATXid_1", "status": "Failed", "failureReason": "NotNetworkSubcriber"}
    report = AfricasTalkingForms().parse_report(request(form))
    assert report is not None
    assert (report.reason, report.phone) == ("NotNetworkSubcriber", None)


def test_a_status_that_is_not_documented_says_nothing() -> None:
    assert AfricasTalkingForms().parse_report(request({"id": "1", "status": "Pondered"})) is None


@pytest.mark.parametrize(
    "form",
    [
        {"id": "1"},
        {"status": "Success"},
        {"id": "", "status": ""},
        {"id": "x" * 97, "status": "Sent"},
    ],
)
def test_what_is_no_report(form: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        AfricasTalkingForms().parse_report(request(form))


def test_an_opt_out() -> None:
    form = {"senderId": "LUMO", "phoneNumber": "+2203012345"}
    assert AfricasTalkingForms().parse_optout(request(form)) == OptOut(
        "africastalking", "+2203012345"
    )
    with pytest.raises(BadRequest):
        AfricasTalkingForms().parse_optout(request({"senderId": "LUMO"}))
