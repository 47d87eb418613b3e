"""Fits a screen into 160 septets: cuts lists into pages by what is left, and remembers the digits.

Pure: labels come translated, text goes out in GSM letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Page:
    """One page as sent, and what its digits mean."""

    text: str
    choices: Choices
    number: int
    count: int


def page_of(view: Menu, words: Words, *, number: int = 0, wrong: bool = False) -> Page:
    """Page ``number`` (from 0, clamped) of a screen; ``wrong`` puts the re-ask line on top."""
    labels = [downgrade(item.label) for item in view.items]
    cuts = _split(view, words, labels)
    number = min(max(number, 0), len(cuts) - 1)
    shown = cuts[number]
    choices = _choices(view, view.items[shown])
    lines = _frame(view, words, number, len(cuts))
    rows = [f"{place} {label}" for place, label in enumerate(labels[shown], start=1)]
    head = [downgrade(view.head)] if view.head else []
    top = [reask_line(view, words, tuple(choices))] if wrong else []
    text = "CON " + "\n".join(top + head + rows + lines)
    return Page(text, choices, number, len(cuts))


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


def _split(view: Menu, words: Words, labels: Sequence[str]) -> list[slice]:
    """Rows by page. The room of the re-ask line is always kept, so that pages never shift."""
    if not labels:
        return [slice(0, 0)]
    rows = [len(label) + 3 for label in labels]
    fixed = ["CON " + downgrade(view.head), reask_line(view, words, ("1", "2"))]
    per_page = _most(view)
    for paged in (False, True):
        frame = fixed + _frame(view, words, 1 if paged else 0, 3 if paged else 1)
        room = SCREEN_SEPTETS - len("\n".join(frame))
        cuts = _fill(rows, room, per_page)
        if len(cuts) == 1:
            break
    return cuts


def _fill(rows: Sequence[int], room: int, most: int) -> list[slice]:
    cuts: list[slice] = []
    start, left = 0, room
    for at, size in enumerate(rows):
        if at > start and (size > left or at - start == most):
            cuts.append(slice(start, at))
            start, left = at, room
        left -= size
    return [*cuts, slice(start, len(rows))]


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
