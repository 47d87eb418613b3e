"""What a dialogue remembers between two hops, and how it is written down.

The blob has a version: ``UPGRADES`` turns a row of an older release into today's form, so that
dialogues that are open while a new release starts simply go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ussd.paging import Choices

VERSION: Final = 1
HISTORY: Final = 24


@dataclass(slots=True)
class State:
    """One dialogue. ``heard`` marks the transcript consumed so far: its length and hash only."""

    screen: str = ""
    draft: dict[str, Any] = field(default_factory=dict)
    back: list[list[Any]] = field(default_factory=list)
    choices: Choices = field(default_factory=dict)
    page: int = 0
    pages: int = 1
    wrong: int = 0
    result: dict[str, Any] | None = None
    tail: list[str] = field(default_factory=list)
    saved: dict[str, Any] | None = None
    proved: bool = False
    heard: list[Any] = field(default_factory=lambda: [0, ""])
    reply: str = ""


UPGRADES: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(State).decode


def dump(state: State) -> bytes:
    """The state as JSON, to be sealed."""
    return _encode(state)


def load(raw: bytes, version: int) -> State:
    """The state of a row written by this release or an older one; unknown keys are dropped.

    Raises ValueError where it is not one.
    """
    try:
        if version == VERSION:
            return _decode(raw)
        data: dict[str, Any] = msgspec.json.decode(raw)
        for older in range(version, VERSION):
            data = UPGRADES[older](data)
        return msgspec.convert(data, State)
    except msgspec.MsgspecError as error:
        raise ValueError("not a state") from error


def mark(text: str) -> list[Any]:
    """The mark of a transcript: enough to know it again, not enough to read it."""
    return [len(text), hashlib.blake2b(text.encode(), digest_size=8).hexdigest()]


def heard_now(state: State, text: str) -> tuple[str, str]:
    """What a cumulative ``text`` brings: ``new`` with the answer, ``repeat`` or ``lost``.

    Extension is an answer (all of what follows the separator, stars included); the same text is a
    repeat; shorter or divergent text belongs to another moment and changes nothing.
    """
    length, _ = state.heard
    if len(text) < length or mark(text[:length]) != state.heard:
        return "lost", ""
    if len(text) == length:
        return "repeat", ""
    rest = text[length:]
    if length == 0:
        return "new", rest
    return ("new", rest[1:]) if rest[0] == "*" else ("lost", "")
