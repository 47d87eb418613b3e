"""The part of the settings that says how texts go out: gateways, their accounts, routes, limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from trader_platform.core.environment import Reader

# What each gateway cannot send without.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "simulator": (),
    "africastalking": ("AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY"),
    "kannel": ("KANNEL_SENDSMS_URL", "KANNEL_USERNAME", "KANNEL_PASSWORD"),
    "smsgate": (
        "SMSGATE_MESSAGES_URL",
        "SMSGATE_USERNAME",
        "SMSGATE_PASSWORD",
        "SMSGATE_SIGNING_KEY",
    ),
}
SMS_GATEWAYS: Final = tuple(NEEDED)
_ROUTE: Final = re.compile(r"(\+[0-9]{0,12})=([a-z]+)(?:\|([a-z]+))?", re.ASCII)
_RATE: Final = re.compile(r"([a-z]+)=([1-9][0-9]{0,4})", re.ASCII)

Routes = Mapping[str, tuple[str, ...]]
"""From the first signs of a number (``+2203``) to its gateway and the one that stands in."""


def read_texts(reader: Reader) -> dict[str, Any]:
    """The values of Settings' fields; what is wrong is in ``reader.problems``."""
    gateway = reader.choice("SMS_GATEWAY", "simulator", SMS_GATEWAYS)
    routes = _routes(reader)
    _need_accounts(reader, {"SMS_GATEWAY": (gateway,), "SMS_ROUTES": sorted(_named(routes))})
    return {
        "sms_gateway": gateway,
        "sms_routes": routes,
        "sms_rates": _rates(reader),
        "sms_chunk": reader.number("SMS_CHUNK", 100, lowest=1, highest=1000),
        "sms_parallel": reader.number("SMS_PARALLEL", 16, lowest=1, highest=64),
        **{name: reader.url(name.upper(), ("https", "http")) for name in _URLS},
        **{name: reader.text(name.upper()) for name in _TEXTS},
    }


_URLS: Final = (
    "africastalking_base_url",
    "kannel_sendsms_url",
    "kannel_callback_url",
    "smsgate_messages_url",
)
_TEXTS: Final = (
    *("africastalking_username", "africastalking_api_key", "africastalking_sender_id"),
    *("kannel_username", "kannel_password", "kannel_sender_id"),
    *("smsgate_username", "smsgate_password", "smsgate_signing_key"),
)


def _routes(reader: Reader) -> dict[str, tuple[str, ...]]:
    """``+2203=kannel|africastalking,+220=africastalking``: the longest prefix wins."""
    routes: dict[str, tuple[str, ...]] = {}
    for part in reader.parts("SMS_ROUTES"):
        found = _ROUTE.fullmatch(part)
        names = tuple(filter(None, found.groups()[1:])) if found else ()
        if not found or not set(names) <= set(SMS_GATEWAYS) or len(set(names)) != len(names):
            reader.problems.append(
                f"SMS_ROUTES: {part!r} is not PREFIX=GATEWAY or PREFIX=GATEWAY|SECOND,"
                f" with gateways of {', '.join(SMS_GATEWAYS)}"
            )
        elif routes.setdefault(found[1], names) is not names:
            reader.problems.append(f"SMS_ROUTES: the prefix {found[1]!r} is there twice")
    return routes


def _rates(reader: Reader) -> dict[str, int]:
    """``kannel=20,africastalking=100``: texts a second at most."""
    rates: dict[str, int] = {}
    for part in reader.parts("SMS_RATES"):
        found = _RATE.fullmatch(part)
        if not found or found[1] not in SMS_GATEWAYS:
            reader.problems.append(
                f"SMS_RATES: {part!r} is not GATEWAY=TEXTS_A_SECOND,"
                f" with a gateway of {', '.join(SMS_GATEWAYS)}"
            )
        else:
            rates[found[1]] = int(found[2])
    return rates


def _named(routes: Routes) -> set[str]:
    return {name for names in routes.values() for name in names}


def _need_accounts(reader: Reader, users: Mapping[str, Iterable[str]]) -> None:
    asked: set[str] = set()
    for setting, gateways in users.items():
        for gateway in gateways:
            for name in NEEDED[gateway] if gateway not in asked else ():
                reader.required(name, f"{setting} names {gateway}, which needs it")
            asked.add(gateway)
