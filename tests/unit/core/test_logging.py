"""Logs carry neither phone numbers nor names nor tokens, wherever they were put."""

from __future__ import annotations

import json

import pytest
import structlog

from trader_platform.core.logging import configure, redact


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("why", "no such phone +2203012345", "no such phone [number]"),
        ("why", "220833012345 twice", "[number] twice"),
        ("path", "/ussd/africastalking/s3cret/events", "/ussd/africastalking/[redacted]/events"),
        ("path", "/payments/wave/s3cret", "/payments/wave/[redacted]"),
        ("phone", "anything", "[redacted]"),
        ("name", "Awa", "[redacted]"),
        ("draft", {"qty": 3}, "[redacted]"),
        ("hops", 12, 12),
        ("code", "done_before", "done_before"),
    ],
)
def test_redacted(key: str, value: object, written: object) -> None:
    assert redact(None, "info", {key: value})[key] == written


def test_a_line_is_json_and_its_exception_is_redacted_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure()
    try:
        raise ValueError("cannot reach +2203012345")
    except ValueError:
        structlog.get_logger("test").exception("ussd_hop_failed", gateway="africastalking")
    line = capsys.readouterr().err
    assert "3012345" not in line
    assert json.loads(line)["event"] == "ussd_hop_failed"
    assert "cannot reach" in json.loads(line)["exception"]
