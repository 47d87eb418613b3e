"""Badge numbers: four digits and a check digit, as they stand on the badge. Pure."""

from __future__ import annotations

import secrets
from typing import Final

from stdnum import damm

DIGITS: Final = 5


def make_badge() -> str:
    """A drawn number that begins with no zero, with its Damm check digit."""
    four = str(1000 + secrets.randbelow(9000))
    return four + str(damm.calc_check_digit(four))


def read_badge(typed: str) -> str | None:
    """The number in what was typed, or None: a slip of one digit or a swap is always found."""
    digits = "".join(typed.replace("-", " ").split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    return digits if damm.is_valid(digits) else None
