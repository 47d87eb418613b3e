"""Money as whole minor units (bututs) with a currency; never a float, never Babel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"(\d{1,3}(?:[, ]\d{3})+|\d+)(?:[.](\d{1,2}))?", re.ASCII)
MAX_TYPED_MAJOR: Final = 9_999_999


@dataclass(frozen=True)
class Currency:
    """How one currency is written on a phone."""

    code: str
    mark: str
    digits: int = 2
    mark_first: bool = True

    @property
    def unit(self) -> int:
        """Minor units in one major unit."""
        return int(10**self.digits)


@dataclass(frozen=True)
class Money:
    """An amount in minor units."""

    amount_minor: int
    currency: Currency

    def __str__(self) -> str:
        return show(self.amount_minor, self.currency)


def show(amount_minor: int, currency: Currency, *, exact: bool = True) -> str:
    """``D25``, ``D1,250.50``; ``exact=False`` drops the minor part from 1,000 on (price caps)."""
    sign = "-" if amount_minor < 0 else ""
    major, minor = divmod(abs(amount_minor), currency.unit)
    if not exact and major >= 1000:
        major, minor = major + (2 * minor >= currency.unit), 0
    text = f"{major:,}"
    if minor:
        text += f".{minor:0{currency.digits}d}"
    return (
        f"{sign}{currency.mark}{text}" if currency.mark_first else f"{sign}{text} {currency.mark}"
    )


def parse(typed: str, currency: Currency) -> int | None:
    """Minor units of a typed amount: ``1500``, ``1,500``, ``D1500``, ``1500.50`` are one thing.

    None where the text is no amount, is zero or is more than anyone sells for.
    """
    text = typed.strip().lower()
    for mark in (currency.code.lower(), currency.mark.lower(), "dalasi", "dalasis"):
        text = text.removeprefix(mark).removesuffix(mark).strip(" .")
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    major = int(re.sub(r"[, ]", "", found[1]))
    minor = (found[2] or "").ljust(currency.digits, "0")
    if len(minor) > currency.digits and minor.rstrip("0"):
        return None
    value = major * currency.unit + int(minor[: currency.digits] or 0)
    return value if value > 0 and major <= MAX_TYPED_MAJOR else None


def whole(typed: str, *, limit: int) -> int | None:
    """A typed count from 1 to ``limit``, or None."""
    text = re.sub(r"[, ]", "", typed.strip())
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    value = int(text)
    return value if 1 <= value <= limit else None
