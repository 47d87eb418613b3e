"""Cuts a text into words and numbers. Knows how people write amounts, not what they ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trader_platform.market.fold import letters, plain, sound

# A text of one segment; what is longer is not read to its end.
LONGEST_TEXT: Final = 160
_CHUNK: Final = re.compile(r"[a-z0-9]+(?:[.,'’][a-z0-9]+)*")
_NUMBER: Final = r"\d{1,3}(?:[.,]\d{3})+|\d+"
_AMOUNT: Final = re.compile(rf"([a-z]{{0,3}})({_NUMBER})([a-z]*)")
_BIGGEST: Final = 9_999_999


@dataclass(frozen=True, slots=True)
class Token:
    """One word, ``plain`` and as it sounds; ``number`` where it is one, ``money`` with a mark."""

    plain: str
    heard: str
    number: int | None = None
    money: bool = False


def tokens_of(text: str, marks: frozenset[str]) -> list[Token]:
    """The words and numbers of a text in order; ``marks`` are those of its money."""
    found: list[Token] = []
    for chunk in _CHUNK.findall(letters(text[:LONGEST_TEXT])):
        found += _amount(chunk, marks) or _words(chunk)
    return found


def _amount(chunk: str, marks: frozenset[str]) -> list[Token]:
    """``20``, ``1,500``, ``D1500``, ``1500D``, ``20kg``; nothing where it is no amount."""
    read = _AMOUNT.fullmatch(chunk)
    if read is None or (read[1] and read[1] not in marks):
        return []
    number = int(re.sub(r"\D", "", read[2]))
    if number > _BIGGEST:
        return []
    money = bool(read[1]) or read[3] in marks
    token = Token(read[2], read[2], number, money)
    return [token] if money or not read[3] else [token, *_words(read[3])]


def _words(chunk: str) -> list[Token]:
    return [Token(word, sound(word)) for word in plain(chunk).split()]
