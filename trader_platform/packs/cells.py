"""How one cell of a pack file is read: text in, value out, or a message that says what to do."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError, fields

from trader_platform.core.gsm import downgrade, is_plain, septets

Parse = Callable[[str], object]
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Cell(fields.Field[Any]):
    """A field whose value is made by a function of the text; ``ValueError`` becomes the message."""

    def __init__(self, parse: Parse, *, required: bool = True) -> None:
        message: dict[str, Any] = {"required": "is empty: write it"}
        if required:
            super().__init__(required=True, error_messages=message)
        else:
            super().__init__(load_default=None, error_messages=message)
        self.parse = parse

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> object:
        try:
            return self.parse(str(value))
        except ValueError as refused:
            raise ValidationError(str(refused)) from refused


def plain(limit: int) -> Parse:
    """Any text that fits its database column."""

    def parse(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"has {len(text)} letters: make it {limit} or fewer")
        return text

    return parse


def slug(limit: int) -> Parse:
    """A permanent id: small letters, digits, single hyphens."""

    def parse(text: str) -> str:
        if _SLUG.fullmatch(text) is None or len(text) > limit:
            raise ValueError(
                f"{text!r} is no id: use small letters, digits and single hyphens, "
                f"at most {limit} signs"
            )
        return text

    return parse


def shown(cap: int) -> Parse:
    """Text that a phone shows: basic GSM-7 letters, at most ``cap`` septets, not led by a digit.

    A digit in front would be heard as part of the choice (`1 50 kg` is a hundred and fifty).
    """

    def parse(text: str) -> str:
        if not is_plain(text) or "\n" in text:
            raise ValueError(f"{text!r} has letters outside GSM-7: write {downgrade(text)!r}")
        size = septets(text) or 0
        if size > cap:
            raise ValueError(f"{text!r} is {size} septets: shorten it to {cap} or fewer")
        if text[0].isdigit():
            raise ValueError(f"{text!r} begins with a digit: put the word first")
        return text

    return parse


def one_of(known: Iterable[str]) -> Parse:
    """One word of a closed list."""
    words = tuple(known)

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not known: use {', '.join(words)}{near(text, words)}")
        return text

    return parse


def near(text: str, words: Iterable[str]) -> str:
    """A hint at the word that was probably meant, or nothing."""
    close = difflib.get_close_matches(text, list(words), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def whole(low: int, high: int) -> Parse:
    """A whole number within bounds."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return parse


def decimal(low: int, high: int) -> Parse:
    """Degrees of a map, with a point."""

    def parse(text: str) -> float:
        if re.fullmatch(r"-?\d{1,3}(\.\d+)?", text) is None or not low <= float(text) <= high:
            raise ValueError(f"{text!r} is no number from {low} to {high}")
        return float(text)

    return parse


def amount(digits: int) -> Parse:
    """Money in major units as written (`10`, `12.50`); the value is minor units."""
    form = re.compile(r"\d{1,9}" + (rf"(\.\d{{1,{digits}}})?" if digits else ""))

    def parse(text: str) -> int:
        if form.fullmatch(text) is None:
            raise ValueError(
                f"{text!r} is no amount: digits only, a point and at most {digits} after it"
                if digits
                else f"{text!r} is no amount: this currency has no minor unit, digits only"
            )
        return int(Decimal(text) * 10**digits)

    return parse


def iso_date(text: str) -> date:
    """A day as YYYY-MM-DD."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no date: write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise ValueError(f"{text!r} is no day of the calendar") from wrong


def yes_no(text: str) -> bool:
    """`yes` or `no`."""
    if text not in {"yes", "no"}:
        raise ValueError(f"{text!r}: write yes or no")
    return text == "yes"


def word(text: str) -> str:
    """A search word: small letters, composed (NFC), at most 60 letters."""
    folded = unicodedata.normalize("NFC", text).lower()
    if text != folded:
        raise ValueError(f"{text!r}: write it in small composed letters, {folded!r}")
    if len(text) > 60:
        raise ValueError("has more than 60 letters: shorten it")
    return text


def several(parse: Parse) -> Parse:
    """Values parted by `;`, none of them twice."""

    def parse_all(text: str) -> tuple[object, ...]:
        parts = text.split(";")
        if "" in parts or any(part != part.strip() for part in parts):
            raise ValueError(f"{text!r}: part the values by one ; and nothing else")
        values = tuple(parse(part) for part in parts)
        twice = [part for part in dict.fromkeys(parts) if parts.count(part) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} stands twice: take one out")
        return values

    return parse_all
