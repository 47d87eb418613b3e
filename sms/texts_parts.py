"""What texts are built of: sentences said to all or only to who can answer, and lists.

The first argument of ``fact``, ``spare``, ``by_text`` and ``by_dial`` is an English message, which
the catalogs translate. A text that is too long loses its spare parts first, then
letters of its names; never a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from string import Formatter
from typing import Final, Protocol

from sms.texts_values import FIELDS, Params, Reader
from trader_platform.core.gsm import SCREEN_SEPTETS, cut, downgrade

# How a text is made shorter: spare parts up to this rank are dropped, names end at so many septets.
SHORTER: Final = ((1, 14), (2, 14), (2, 10), (2, 8), (2, 6), (2, 4))


class Part(Protocol):
    """Something that may stand in a text; ``glue`` joins it to what stands before it.

    ``must`` is whether a text without it says nothing. Spare parts have a rank: 1 is dropped first,
    then 2; all others have 0.
    """

    @property
    def glue(self) -> str:
        """What stands between it and the part before."""
        ...

    @property
    def rank(self) -> int:
        """When it is dropped."""
        ...

    @property
    def must(self) -> bool:
        """Whether its parameters have to be there."""
        ...

    @property
    def fields(self) -> frozenset[str]:
        """The placeholders that it may show."""
        ...

    def words(self, reader: Reader, params: Params, dropped: int) -> str | None:
        """None where it does not apply, or a parameter is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Says:
    """One message. ``answerable`` None: to everybody; else only to who can, or cannot, answer."""

    message: str
    answerable: bool | None = None
    more: bool = False
    rank: int = 0
    glue: str = " "

    @property
    def must(self) -> bool:
        """Advice may be left out."""
        return self.answerable is None and not self.rank

    @property
    def fields(self) -> frozenset[str]:
        """Those of the message."""
        return frozenset(fields_of(self.message))

    def words(self, reader: Reader, params: Params, dropped: int) -> str | None:
        """The message, filled."""
        if self.answerable is not None and self.answerable is not reader.answerable:
            return None
        if self.more and not params.get("more", True):
            return None
        return _filled(self.message, reader, params)


@dataclass(frozen=True, slots=True)
class First:
    """The first of several parts that can be said."""

    parts: tuple[Part, ...]
    rank: int = 0

    @property
    def glue(self) -> str:
        """All of them stand at one place."""
        return self.parts[0].glue

    @property
    def must(self) -> bool:
        """Whether one of them has to be said."""
        return any(part.must for part in self.parts)

    @property
    def fields(self) -> frozenset[str]:
        """Those of all of them."""
        return frozenset().union(*(part.fields for part in self.parts))

    def words(self, reader: Reader, params: Params, dropped: int) -> str | None:
        """What the first one says."""
        said = (part.words(reader, params, dropped) for part in self.parts)
        return next((words for words in said if words is not None), None)


@dataclass(frozen=True, slots=True)
class Rows:
    """A line for each of ``rows``, at most so many.

    ``own_unit`` is the line where the rows have a unit each; ``spare`` follows a line where it is
    known and there is room.
    """

    line: Says
    most: int
    own_unit: Says | None = None
    spare: Says | None = None
    numbered: bool = True
    between: str = "\n"
    glue: str = "\n"
    rank: int = 0
    must: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """Those of a line."""
        lines = [each for each in (self.line, self.own_unit, self.spare) if each is not None]
        return frozenset().union(*(each.fields for each in lines))

    def words(self, reader: Reader, params: Params, dropped: int) -> str | None:
        """All lines, or None where one of them cannot be said."""
        line = self.line if "unit" in params else self.own_unit or self.line
        lines = []
        for at, each in enumerate(params["rows"][: self.most], 1):
            values = {**params, **each}
            words = line.words(reader, values, dropped)
            if words is None:
                return None
            if self.numbered:
                words = f"{at} {words}"
            more = self.spare.words(reader, values, dropped) if self.spare and not dropped else None
            lines.append(words if more is None else f"{words}, {more}")
        return self.between.join(lines) or None


@dataclass(frozen=True, slots=True)
class Digits:
    """Which digits answer a list, for who can answer."""

    most: int
    glue: str = "\n"
    rank: int = 0
    must: bool = False
    fields: frozenset[str] = frozenset()

    def words(self, reader: Reader, params: Params, dropped: int) -> str | None:
        """Each digit while they are few."""
        if not reader.answerable:
            return None
        rows = min(len(params["rows"]), self.most)
        if rows == 1:
            return reader.say("Text 1")
        if rows == 2:
            return reader.say("Text 1 or 2")
        return reader.say("Text 1, 2 or 3") if rows == 3 else reader.say("Text the number")


@dataclass(frozen=True, slots=True)
class Text:
    """The parts of one kind in their order."""

    parts: tuple[Part, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The placeholders that a text of this kind may show."""
        return frozenset().union(*(part.fields for part in self.parts))

    def render(self, reader: Reader, params: Params) -> str:
        """One segment in basic GSM letters. Raises KeyError where a parameter is not there."""
        words = self.whole(reader, params)
        for dropped, most in SHORTER:
            if len(words) <= SCREEN_SEPTETS:
                return words
            words = self._said(replace(reader, most=most), params, dropped)
        return cut(words, SCREEN_SEPTETS)

    def whole(self, reader: Reader, params: Params) -> str:
        """All of it, however long: the words that ``render`` makes fit."""
        return self._said(reader, params, 0)

    def _said(self, reader: Reader, params: Params, dropped: int) -> str:
        text = ""
        for part in self.parts:
            if 0 < part.rank <= dropped:
                continue
            words = part.words(reader, params, dropped)
            if words is not None:
                text += part.glue + words if text else words
            elif part.must:
                raise KeyError(f"a parameter of {part} is not in {sorted(params)}")
        return downgrade(text)


def text(*parts: Part) -> Text:
    """A text of these parts."""
    return Text(parts)


def fact(message: str, *, glue: str = " ") -> Says:
    """What must be said."""
    return Says(message, glue=glue)


def shows(placeholders: str, *, glue: str = " ") -> Says:
    """What must be said and holds no word to translate."""
    return Says(placeholders, glue=glue)


def spare(message: str, *, glue: str = " ") -> Says:
    """What is said where it is known and there is room."""
    return Says(message, rank=2, glue=glue)


def by_text(message: str, *, more: bool = False, glue: str = " ") -> Says:
    """What to text next; with ``more`` only where the parameter ``more`` is not False."""
    return Says(message, answerable=True, more=more, glue=glue)


def by_dial(message: str, *, glue: str = " ") -> Says:
    """What to dial next, for who cannot answer the sender."""
    return Says(message, answerable=False, glue=glue)


def first(*parts: Part) -> First:
    """The first of these that can be said."""
    return First(parts)


def rows(line: Says, most: int, *, own_unit: Says | None = None, spare: Says | None = None) -> Rows:
    """A list whose lines are answered by digits."""
    return Rows(line, most, own_unit, spare)


def names(line: Says, most: int, *, between: str = "\n", glue: str = "\n") -> Rows:
    """A list that no digit answers."""
    return Rows(line, most, numbered=False, between=between, glue=glue)


@lru_cache(maxsize=1024)
def fields_of(message: str) -> tuple[str, ...]:
    """The placeholders of a message."""
    return tuple(name for _, name, _, _ in Formatter().parse(message) if name)


def _filled(message: str, reader: Reader, params: Params) -> str | None:
    values = {}
    for name in fields_of(message):
        field = FIELDS[name]
        if any(param not in params for param in field.params):
            return None
        shown = field.show(reader, params)
        if shown is None:
            return None
        values[name] = shown
    return reader.say(message, **values)
