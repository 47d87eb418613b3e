"""Which gateway carries a text: the longest prefix, old and new form alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from sms.gateways.registry import Gateways, build_gateways
from trader_platform.core.clock import SystemClock
from trader_platform.core.config import Settings

ROUTES = {
    "+2203": ("kannel", "africastalking"),
    "+22035": ("smsgate",),
    "+220": ("africastalking",),
    "+22087": ("smsgate", "kannel"),
}


@pytest.mark.parametrize(
    ("label", "phone", "names"),
    [
        ("an operator's prefix", "+2203012345", ["kannel", "africastalking"]),
        ("the longest of two", "+2203512345", ["smsgate"]),
        ("the country's", "+2209912345", ["africastalking"]),
        ("nobody's: the default", "+221770000000", ["simulator"]),
        ("the new form of an old prefix", "+220833012345", ["kannel", "africastalking"]),
        ("a prefix given in the new form", "+220877012345", ["smsgate", "kannel"]),
    ],
)
def test_the_longest_prefix_wins(label: str, phone: str, names: list[str]) -> None:
    assert Gateways([], default="simulator", routes=ROUTES).route(phone) == names


def test_settings_become_adapters(tmp_path: Path) -> None:
    env = {
        "DATA_DIR": str(tmp_path),
        "AFRICASTALKING_SENDER_ID": "LUMO",
        "KANNEL_SENDER_ID": "220",
        "SMS_CHUNK": "40",
    }
    built = build_gateways(Settings.from_env(env), clock=SystemClock())
    assert built["africastalking"].most_recipients == 40
    assert not built["africastalking"].can_be_answered
    assert built["kannel"].can_be_answered
    assert built["kannel"].most_recipients == built["smsgate"].most_recipients == 1
