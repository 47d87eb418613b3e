"""Ticket codes: what a trader reads aloud, types and checks. Pure.

Eight of 29 signs: no 0 O, 1 I L, U (heard as V) or S (read as 5). The last is a weighted sum modulo
29: 29 is prime and all weights differ, so every single wrong sign and every swap of any two signs
is found. The seven before it are drawn at random, so a code says nothing of the next.
"""

from __future__ import annotations

import secrets
from typing import Final

SIGNS: Final = "23456789ABCDEFGHJKMNPQRTVWXYZ"
LENGTH: Final = 8
_BASE: Final = len(SIGNS)
_VALUE: Final = {sign: value for value, sign in enumerate(SIGNS)}
# Of the seven signs; the check sign itself weighs 1.
_WEIGHTS: Final = tuple(range(2, LENGTH + 1))
_IGNORED: Final = str.maketrans("", "", " -.,/'\"")


class Slip(ValueError):
    """What was typed is no code: a wrong length, a sign that no code has, or a slip of the thumb.

    It is not a forgery: a forged code that passes the check sign is a code that no receipt has.
    """


def make_code() -> str:
    """A new code; the caller sees that no receipt has it (one in 17 billion)."""
    drawn, signs = secrets.randbelow(_BASE ** (LENGTH - 1)), []
    for _ in range(LENGTH - 1):
        drawn, value = divmod(drawn, _BASE)
        signs.append(SIGNS[value])
    return "".join(signs) + check_sign("".join(signs))


def check_sign(seven: str) -> str:
    """The sign that makes the weighted sum of all eight zero modulo 29. Raises KeyError."""
    total = sum(weight * _VALUE[sign] for weight, sign in zip(_WEIGHTS, seven, strict=True))
    return SIGNS[-total % _BASE]


def read_code(typed: str) -> str:
    """The code in what somebody typed, in any case, with or without spaces. Raises Slip."""
    signs = _signs(typed)
    if len(signs) != LENGTH or not set(signs) <= set(SIGNS):
        raise Slip(typed)
    if check_sign(signs[:-1]) != signs[-1]:
        raise Slip(typed)
    return signs


def signs_typed(typed: str) -> int:
    """How many signs were typed: eight that are no code are a slip of one or two of them."""
    return len(_signs(typed))


def _signs(typed: str) -> str:
    return typed.upper().translate(_IGNORED)


def show_code(code: str) -> str:
    """``7KQ2 M9XD``: two halves, as it is read aloud."""
    return f"{code[:4]} {code[4:]}"
