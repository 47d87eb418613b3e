"""Fits a screen into 160 septets: cuts lists into pages by what is left, and remembers the digits.

Pure: labels come translated, text goes out in GSM letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from trader_platform.core.gsm import SCREEN_SEPTETS, downgrade
from ussd.screen import Ask, Item, Menu

# Digit to [screen id, what to save]: exactly what this phone was shown.
Choices = dict[str, list[object]]
MORE: Final = "98"
BEFORE: Final = "99"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the frame in the reader's language."""

    back: str
    home: str
    more: str
    before: str
    press: str
    press_one: str
    press_or: str
    press_three: str
    press_seen: str
    press_or_type: str


class Page(NamedTuple):
    """One page as sent, and what its digits mean."""

    text: str
    choices: Choices
    number: int
    pages: int


def page_of(view: Menu, words: Words, *, number: int = 0, wrong: bool = False) -> Page:
    """Page ``number`` (from 0, clamped) of a screen; ``wrong`` puts the re-ask line on top.

    Only rows up to this page are worded: ``count`` is the number of pages known to be there.
    """
    rows, cuts = _split(view, words, max(number, 0)) if view.items else ([], [slice(0, 0)])
    number = min(max(number, 0), len(cuts) - 1)
    shown = rows[cuts[number]]
    count = len(cuts) + (cuts[-1].stop < len(view.items))
    choices = _choices(view, shown)
    lines = [reask_line(view, words, tuple(choices))] if wrong else []
    if view.head:
        lines.append(downgrade(view.head))
    lines += [f"{place} {downgrade(row.label)}" for place, row in enumerate(shown, start=1)]
    lines += _frame(view, words, number, count)
    return Page("CON " + "\n".join(lines), choices, number, count)


def reask_line(view: Menu, words: Words, digits: Sequence[str]) -> str:
    """The line that says what to press: the screen's own, or one made from its digits."""
    if view.reask:
        return downgrade(view.reask)
    if view.items:
        return words.press_or_type if isinstance(view, Ask) else words.press_seen
    if not digits:
        return words.press_one.format(digit="00" if view.zero == "home" else "0")
    if len(digits) == 1:
        other = "00" if view.zero == "home" else "0"
        return words.press_or.format(first=digits[0], last=other)
    if len(digits) == 2:
        return words.press_or.format(first=digits[0], last=digits[1])
    if len(digits) == 3:
        return words.press_three.format(first=digits[0], second=digits[1], last=digits[2])
    return words.press.format(first=digits[0], last=digits[-1])


def _split(view: Menu, words: Words, number: int) -> tuple[list[Item], list[slice]]:
    """Rows, and how they are cut, of the pages up to ``number``.

    The room of the re-ask line is always kept, so that pages never shift.
    """
    rows: list[Item] = []
    fixed = ["CON " + downgrade(view.head), reask_line(view, words, ("1", "2"))]
    for paged in (False, True):
        frame = fixed + _frame(view, words, 1 if paged else 0, 3 if paged else 1)
        room = SCREEN_SEPTETS - len("\n".join(frame))
        cuts = _fill(view, rows, room, number if paged else 0)
        if cuts[-1].stop == len(view.items) and len(cuts) == 1:
            break
    return rows, cuts


def _fill(view: Menu, rows: list[Item], room: int, number: int) -> list[slice]:
    """Cut rows into pages until page ``number`` is whole; ``rows`` grows as they are worded."""
    cuts: list[slice] = []
    start, left, most = 0, room, _most(view)
    for at in range(len(view.items)):
        if at == len(rows):
            rows.append(view.items[at])
        size = len(downgrade(rows[at].label)) + 3
        if at > start and (size > left or at - start == most):
            cuts.append(slice(start, at))
            if len(cuts) > number:
                return cuts
            start, left = at, room
        left -= size
    return [*cuts, slice(start, len(view.items))]


def _most(view: Menu) -> int:
    """Rows a page may have: five, and never a digit that a fixed option owns."""
    taken = [int(option.digit) for option in view.options if option.digit.isdigit()]
    return min([view.per_page, *(digit - 1 for digit in taken if digit > 1)])


def _frame(view: Menu, words: Words, number: int, count: int) -> list[str]:
    lines = [f"{option.digit} {downgrade(option.label)}" for option in view.options]
    if number + 1 < count:
        lines.append(f"{MORE} {words.more}")
    if number > 0:
        lines.append(f"{BEFORE} {words.before}")
    if view.zero == "back":
        lines.append(f"0 {words.back}")
    elif view.zero == "home":
        lines.append(f"00 {words.home}")
    return lines


def _choices(view: Menu, rows: Sequence[Item]) -> Choices:
    choices: Choices = {
        str(place): [row.goto, dict(row.save)] for place, row in enumerate(rows, start=1)
    }
    for option in view.options:
        choices[option.digit] = [option.goto, dict(option.save)]
    return choices
