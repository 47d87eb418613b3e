"""What a screen may be: values that the engine knows how to show. No framework, no text of ours.

A screen is a function of the context that returns one of them. Ids are permanent: a dialogue that
is open during an upgrade names the screen it stands on, and people memorise the digits that lead
there. A rename goes through ``ALIASES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, overload

if TYPE_CHECKING:
    from ussd.context import Context

Save = Mapping[str, Any]
NOTHING: Final[Save] = MappingProxyType({})


class Option(NamedTuple):
    """A choice with a digit that never changes its meaning."""

    digit: str
    label: str
    goto: str
    save: Save = NOTHING


class Item(NamedTuple):
    """A row of a list; its digit is its place on the page that this phone was shown."""

    label: str
    goto: str
    save: Save = NOTHING


class Rows(Sequence[Item]):
    """A long list whose rows are worded when they are shown, not before."""

    def __init__(self, of: Sequence[Any], row: Callable[[Any], Item]) -> None:
        self._of, self._row = of, row

    def __len__(self) -> int:
        return len(self._of)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        """The row, or rows, worded."""
        if isinstance(at, slice):
            return [self._row(one) for one in self._of[at]]
        return self._row(self._of[at])


class Next(NamedTuple):
    """A typed answer was good: keep ``save`` in the draft and show ``goto``."""

    goto: str
    save: Save = NOTHING


@dataclass(slots=True)  # nobody changes one; frozen, each field would be set by a call
class Menu:
    """Something to read, with digits under it; ``items`` page, ``options`` stand on every page.

    ``zero`` is the last line: ``back`` (0), ``home`` (00) or ``none``. ``reask`` replaces the line
    that says what to press after a wrong answer.
    """

    head: str
    options: Sequence[Option] = ()
    items: Sequence[Item] = ()
    reask: str | None = None
    zero: str = "back"
    per_page: int = 5


@dataclass(slots=True)
class Ask(Menu):
    """A menu that also takes typed text: ``accept`` returns Next, or None for "show it again"."""

    accept: Callable[[str], Next | None] = lambda _typed: None


class End(NamedTuple):
    """The last screen of a dialogue."""

    text: str


class Goto(NamedTuple):
    """Not this screen but that one (the first of several that fits)."""

    screen: str
    save: Save = NOTHING


Shown = Menu | End | Goto
Result = dict[str, Any]


class Act(NamedTuple):
    """The only value with an effect: ``do(session, by)`` is one service call under one key.

    ``show`` words the stored result, from the result alone, so that a replay after a crash gives
    the same bytes. ``refused`` may turn a DomainError into a screen that can mend it.
    """

    do: Callable[[Any, Any], Result]
    show: Callable[[Result], Shown]
    refused: Callable[[Any], Shown | None] = lambda _error: None


Value = Menu | End | Goto | Act
ScreenFunction = Callable[["Context"], Value]


@dataclass(frozen=True, slots=True)
class Screen:
    """A registered screen: its function and what the engine must know without running it.

    ``redial``: R0 nothing to lose, R1 resumable for 10 minutes, R2 done, R3 secret, R4 gate.
    ``needs`` maps a key of the draft to the screen that asks it. ``edges`` are all ids it can lead
    to; the guard test checks them against what it returns. ``what`` names the work for
    ``resume.ask``.
    """

    id: str
    show: ScreenFunction
    redial: str
    edges: tuple[str, ...]
    needs: Mapping[str, str]
    gate: bool
    joined: bool
    work: bool
    what: Callable[[Context], str] | None


SCREENS: Final[dict[str, Screen]] = {}
ALIASES: Final[dict[str, str]] = {}


def screen(
    id: str,
    *,
    redial: str = "R0",
    edges: Sequence[str] = (),
    needs: Mapping[str, str] | None = None,
    gate: bool = False,
    joined: bool = False,
    work: bool = False,
    what: Callable[[Context], str] | None = None,
) -> Callable[[ScreenFunction], ScreenFunction]:
    """Register a screen under its permanent id; ``joined`` screens show ``join.gate`` to others.

    ``work`` screens stand behind a badge and its PIN.
    """

    def register(function: ScreenFunction) -> ScreenFunction:
        if id in SCREENS or id in ALIASES:
            raise ValueError(f"two screens are called {id}")
        SCREENS[id] = Screen(
            *(id, function, redial, tuple(edges), needs or {}, gate, joined, work), what
        )
        return function

    return register


def find(id: str) -> Screen | None:
    """The screen of an id, through ALIASES; None where an older release knew it and we do not."""
    return SCREENS.get(ALIASES.get(id, id))
