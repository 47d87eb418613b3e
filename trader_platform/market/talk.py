"""Words that are neither goods nor places: what people say around them, and everyday words.

Data by language in ``words/``; a pack's languages say which are heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from trader_platform.market.fold import plain

_FOLDER: Final = Path(__file__).with_name("words")
GRAMMAR: Final = "grammar"


@dataclass(frozen=True)
class Talk:
    """``around`` are words of asking, counting and days; ``grammar`` those that only bind others.

    ``everyday`` is by language: the commonest words of English and French. All are ``plain``.
    """

    around: frozenset[str]
    grammar: frozenset[str]
    everyday: dict[str, frozenset[str]]


@cache
def talk_of(languages: frozenset[str]) -> Talk:
    """What is said in some languages; English always, because everybody mixes it in."""
    heard = languages | {"en"}
    around: set[str] = set()
    grammar: set[str] = set()
    for language, word, meaning in _rows():
        if language in heard:
            (grammar if meaning == GRAMMAR else around).update(plain(word).split())
    everyday = {
        language: _everyday(language)
        for language in heard
        if (_FOLDER / f"everyday_{language}.txt").is_file()
    }
    return Talk(frozenset(around - grammar), frozenset(grammar), everyday)


def _rows() -> Iterable[tuple[str, str, str]]:
    _, *lines = (_FOLDER / "market_talk.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        language, word, meaning, *_ = line.split("\t")
        yield language, word, meaning


@cache
def _everyday(language: str) -> frozenset[str]:
    lines = (_FOLDER / f"everyday_{language}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(line) for line in lines if not line.startswith("#"))
