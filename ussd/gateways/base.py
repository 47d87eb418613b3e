"""The one form of a request that the engine sees, whatever the gateway calls its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from trader_platform.core.errors import BadRequest as BadRequest


class UssdRequest(NamedTuple):
    """One hop.

    ``transcript`` is the whole cumulative input where the gateway sends it; else ``latest`` is the
    newest answer (a dial string's tail, joined by ``*``, on a first request). ``first`` is None
    where the gateway does not say whether the dialogue is new. ``ended`` marks a hang-up notice
    that needs no screen. ``sequence`` tells repeats apart where the gateway counts its requests.
    """

    gateway: str
    session_id: str
    phone: str
    service_code: str
    transcript: str | None = None
    latest: str = ""
    first: bool | None = None
    ended: bool = False
    sequence: str | None = None
    network: str | None = None


class Reply(NamedTuple):
    """What goes back on the wire."""

    body: bytes
    content_type: str


class Gateway(Protocol):
    """Parses and words; decides nothing."""

    name: str

    def parse(self, body: bytes, content_type: str, query: Mapping[str, str]) -> UssdRequest:
        """The request; raises BadRequest where a field is missing, repeated or too long."""
        ...

    def render(self, screen: str, request: UssdRequest | None) -> Reply:
        """``screen`` starts with ``CON `` or ``END ``."""
        ...


def dial_tail(dialled: str, service_code: str) -> str:
    """What follows the code in a dialled string: ``*384*220*2*1#`` on ``*384*220#`` is ``2*1``."""
    code, text = service_code.rstrip("#"), dialled.strip().rstrip("#")
    if text.startswith(code + "*"):
        return text[len(code) + 1 :]
    return "" if text == code or text.startswith("*") else text
