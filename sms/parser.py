"""What a text asks for: one command and its words. Pure, and sure only of what cannot be chance.

Most people write to friends, not to services: so STOP, START, HELP and MORE count only as (nearly)
the whole text, other commands only as the first word, and everything else is a search. Command
words stand in ``keywords.tsv`` by language; the English ones always count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from trader_platform.core.gsm import downgrade

SEARCH: Final = "search"
EMPTY: Final = "empty"
AUTOMATIC: Final = "automatic"
MOST_LETTERS: Final = 160
MOST_WORDS: Final = 12
_READ: Final = 1600

# What phones and programs add below a text.
_SIGNATURE: Final = re.compile(
    r"[\s\-_.,]*(?:\b(?:sent from (?:my|outlook|yahoo|samsung|mail)|envoy\S{1,2} (?:de|depuis) mon"
    r"|get outlook for|sent with)\b.{0,80}|\n\s*--\s*\n.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_AUTOMATIC: Final = re.compile(
    r"\W*(?:auto[- ]?(?:matic)?[- ]?(?:repl|respon|answer)|automated (?:repl|respon|message)"
    r"|out of (?:the )?office|(?:delivery|read) (?:report|receipt|notification)\b"
    r"|your (?:message|sms|text) (?:was |has been )?(?:delivered|not delivered|received)\b"
    r"|(?:message|sms|text) (?:was |has been )(?:delivered|not delivered|received)\b"
    r"|message (?:not )?delivered\b|delivered to \+?\d|undeliver"
    r"|r.ponse automatique|accus. de r.ception|this is an auto)",
    re.IGNORECASE,
)
# Three digits at least: "#1" and "1#" are choices from a list.
_DIAL: Final = re.compile(r"\s*(?=(?:\D*\d){3})(?:\*[*#]*\d[\d*#]*|#\d[\d*]*#)\s*")
# Letters and digits; a point or comma inside a number, an apostrophe inside a word.
_TOKEN: Final = re.compile(r"[^\W_]+(?:(?<=\d)[.,](?=\d)[^\W_]+|['’][^\W_]+)*")


# What may stand after these words: nearly a code or number, so that a slip is said to be one.
_ARGUMENT: Final = {
    "ticket": re.compile(r"(?=.*\d)[^\W_]{6,10}|[^\W_]{8}"),
    "badge": re.compile(r"\d{4,6}"),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """``command`` is a word of keywords.tsv, SEARCH, EMPTY or AUTOMATIC.

    ``words`` are the command's own, ``text`` is all that was said, for a command whose words turn
    out to be none. ``number`` is the digit of HELP, CALL and lists; ``day`` is that of LUMO;
    ``topic`` that of STOP, START or HELP. ``long`` where it is more than a question.
    """

    command: str
    words: str = ""
    text: str = ""
    number: int | None = None
    day: str = ""
    topic: str = ""
    long: bool = False


def parse(text: str, languages: Collection[str] = ()) -> Parsed:
    """The command of a text, heard in these languages and in English. Never raises."""
    heard = _keywords(frozenset(languages) | {"en"})
    said = _SIGNATURE.sub("", text[:_READ])
    if _AUTOMATIC.match(said):
        return Parsed(AUTOMATIC)
    if _DIAL.fullmatch(said):
        return Parsed("help")
    words = _TOKEN.findall(said)
    if not words:
        return Parsed(EMPTY)
    whole = " ".join(words)
    long = len(said.strip()) > MOST_LETTERS or len(words) > MOST_WORDS
    found = heard.whole(words) or heard.first(words) or Parsed(SEARCH, whole)
    return replace(found, text=whole, long=long)


def fold(word: str) -> str:
    """A word as command words are compared: lower case, no accents, no signs, no plural."""
    bare = unicodedata.normalize("NFKD", downgrade(word.casefold()))
    letters = "".join(c for c in bare if c.isascii() and c.isalnum())
    plural = len(letters) > 3 and letters.endswith("s") and not letters.endswith("ss")
    return letters[:-1] if plural else letters


@dataclass(frozen=True)
class _Heard:
    """Command words of some languages: folded word to commands."""

    commands: dict[str, str]
    fillers: frozenset[str]
    topics: dict[str, str]
    days: dict[str, str]

    def whole(self, words: list[str]) -> Parsed | None:
        """Commands that are all of a text but for a please."""
        # A word of another alphabet folds to nothing, and is a word all the same.
        said = [(fold(x) or x, x) for x in words]
        said = [next(same) for _, same in groupby(said, key=itemgetter(0))]
        said = [pair for pair in said if pair[0] not in self.fillers]
        if len(said) == 1 and (number := _number(said[0][1])) is not None:
            return Parsed("number", number=number)
        if not 1 <= len(said) <= 2:
            return None
        command = self.commands.get(said[0][0], "")
        rest, typed = said[1] if len(said) == 2 else ("", "")
        number = _number(typed)
        if command in {"stop", "start"}:
            return self._of_topic(command, rest)
        if command == "help":
            return Parsed("help", number=number) if number is not None else self._help(rest)
        if command == "call":
            return Parsed("call", number=number) if number is not None or not rest else None
        if command == "duty" and (not rest or self.days.get(rest) == "today"):
            return Parsed(command)
        if command in {"more", "ticket", "badge"} and not rest:
            return Parsed(command)
        return Parsed(command, typed) if command == "lang" else None

    def _of_topic(self, command: str, rest: str) -> Parsed | None:
        if rest and rest not in self.topics:
            return None
        return Parsed(command, topic=self.topics.get(rest, ""))

    def _help(self, rest: str) -> Parsed | None:
        topic = self.commands.get(rest)
        return Parsed("help", topic=topic or "") if topic or not rest else Parsed(SEARCH, rest)

    def first(self, words: list[str]) -> Parsed | None:
        """Commands that stand first; LUMO also last, as in ``Wassu lumo``."""
        command, rest = self.commands.get(fold(words[0]), ""), words[1:]
        if command == "later" and rest:
            return Parsed(SEARCH, " ".join(rest))
        if command in {"price", "sell", "sold"}:
            return Parsed(command, " ".join(rest))
        if command in {"ticket", "badge"}:
            joined = "".join(rest)
            return Parsed(command, joined) if _ARGUMENT[command].fullmatch(joined) else None
        if command != "lumo" and len(words) <= 3 and self.commands.get(fold(words[-1])) == "lumo":
            command, rest = "lumo", words[:-1]
        if command != "lumo":
            return None
        said = [word for word in rest if fold(word) not in self.fillers]
        return Parsed("lumo", " ".join(rest), day=self.days.get("".join(map(fold, said)), ""))


def _number(word: str) -> int | None:
    """A digit or two as typed: a choice from a list; neither an amount nor a part of one."""
    plain = unicodedata.normalize("NFKC", word)
    is_choice = plain.isascii() and plain.isdigit() and len(plain) <= 2
    return int(plain) if is_choice and (plain[0] != "0" or plain == "0") else None


@lru_cache(maxsize=8)
def _keywords(languages: frozenset[str]) -> _Heard:
    commands: dict[str, str] = {}
    topics: dict[str, str] = {}
    days: dict[str, str] = {}
    fillers = set()
    for command, language, word in rows():
        kind, _, name = command.partition(".")
        folded = "".join(map(fold, word.split()))
        if language not in languages:
            continue
        if kind == "filler":
            fillers.add(folded)
        else:
            {"topic": topics, "day": days}.get(kind, commands).setdefault(folded, name or kind)
    return _Heard(commands, frozenset(fillers), topics, days)


def rows() -> list[tuple[str, str, str]]:
    """(command, language, word) of keywords.tsv, English first: its words are never overruled."""
    file = Path(__file__).with_name("keywords.tsv")
    _, *lines = file.read_text(encoding="utf-8").splitlines()
    found = [tuple(line.split("\t")[:3]) for line in lines]
    return sorted(((c, x, w) for c, x, w in found), key=lambda row: row[1] != "en")
