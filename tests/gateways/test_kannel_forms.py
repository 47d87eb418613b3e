"""Kannel's callbacks by their wire: get-url, post-url, and reports, in every charset it names."""

from __future__ import annotations

import pytest

from sms.gateways.base import InboundSms, Report, ReportStatus, Request
from sms.gateways.kannel import Kannel, KannelAccount
from trader_platform.core.errors import BadRequest

KANNEL = Kannel(KannelAccount("http://127.0.0.1/", "us", "pw", "http://127.0.0.1/delivery", "220"))
FORM = "application/x-www-form-urlencoded"
PLAIN = "id=7f0c&from=%2B2203012345&to=220&text="
POSTED = {"X-Kannel-From": "+2203012345", "X-Kannel-To": "220", "X-Kannel-SMSC": "qcell"}


def text(words: str, id_: str | None = "7f0c", network: str | None = None) -> InboundSms:
    return InboundSms("kannel", id_, "+2203012345", "220", words, network)


TEXTS = [
    ("get-url", Request(query=PLAIN + "oniyon+brikama&coding=0&charset=UTF-8"),
     text("oniyon brikama")),
    ("no charset named", Request(query=PLAIN + "%C5%8Baari"), text("ŋaari")),
    ("GSM named, UTF-8 sent", Request(query=PLAIN + "caf%C3%A9&coding=0&charset=GSM"),
     text("café")),
    ("UCS-2", Request(query=PLAIN + "%01%4B%00a&coding=2&charset=UTF-16BE"), text("ŋa")),
    ("UCS-2 without its name", Request(query=PLAIN + "%01%4B%00a&coding=2"), text("ŋa")),
    ("recoded by mo-recode", Request(query=PLAIN + "caf%E9&coding=0&charset=WINDOWS-1252"),
     text("café")),
    ("a charset nobody knows", Request(query=PLAIN + "rice&charset=KLINGON"), text("rice")),
    ("a codec of Python's that reads nothing",
     Request(query=PLAIN + "caf%E9&charset=undefined"), text("café")),
    ("8 bit", Request(query=PLAIN + "caf%E9&coding=1&charset=binary"), text("café")),
    ("an SMSC's name", Request(query=PLAIN + "rice&smsc=qcell"), text("rice", network="qcell")),
    ("no id", Request(query="from=%2B2203012345&to=220&text=rice"), text("rice", id_=None)),
    ("a form", Request(body=(PLAIN + "rice").encode(), content_type=FORM), text("rice")),
    ("post-url", Request(b"oniyon", "text/plain; charset=UTF-8", "id=7f0c", POSTED),
     text("oniyon", network="qcell")),
    ("post-url, UCS-2", Request(b"\x01\x4b", 'text/plain; charset="UTF-16BE"', "id=7f0c", POSTED),
     text("ŋ", network="qcell")),
]  # fmt: skip


@pytest.mark.parametrize(("label", "request_", "expected"), TEXTS, ids=[x[0] for x in TEXTS])
def test_texts(label: str, request_: Request, expected: InboundSms) -> None:
    assert KANNEL.parse_inbound(request_) == expected


def test_a_text_needs_a_sender() -> None:
    with pytest.raises(BadRequest):
        KANNEL.parse_inbound(Request(query="id=1&text=rice"))


REPORTS = [
    ("delivered", "status=1", ReportStatus.DELIVERED, ""),
    ("not delivered", "status=2&answer=NACK", ReportStatus.FAILED, ""),
    ("queued", "status=4", ReportStatus.ACCEPTED, ""),
    ("taken by the SMSC", "status=8&answer=ACK%2F", ReportStatus.ACCEPTED, ""),
    ("refused by the SMSC", "status=16&answer=NACK%2F11%2FInvalid", ReportStatus.FAILED, ""),
    ("a receipt", "status=1&answer=id%3A1+stat%3ADELIVRD+err%3A000+text%3Ahello",
     ReportStatus.DELIVERED, "DELIVRD"),
    ("expired", "status=2&answer=id%3A1+stat%3AEXPIRED+text%3A3012345", ReportStatus.EXPIRED,
     "EXPIRED"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "query", "status", "reason"), REPORTS)
def test_reports(label: str, query: str, status: ReportStatus, reason: str) -> None:
    expected = Report("kannel", status, message_id=41, reason=reason)
    assert KANNEL.parse_report(Request(query="id=41&" + query)) == expected
    posted = Request(body=b"id=41&" + query.encode(), content_type=FORM)
    assert KANNEL.parse_report(posted) == expected


@pytest.mark.parametrize("query", ["id=41&status=64", "id=" + "9" * 30 + "&status=1"])
def test_reports_that_say_nothing(query: str) -> None:
    assert KANNEL.parse_report(Request(query=query)) is None


@pytest.mark.parametrize("query", ["", "id=41", "status=1", "id=x&status=1", "id=1&status=%d"])
def test_what_is_no_report(query: str) -> None:
    with pytest.raises(BadRequest):
        KANNEL.parse_report(Request(query=query))


def test_what_is_answered_holds_nothing_that_kannel_could_text() -> None:
    assert (KANNEL.ack.status, KANNEL.ack.body) == (200, "")
