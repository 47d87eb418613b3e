"""Typed numbers and names: what counts as an answer to an ``Ask``. Pure; None means ask again."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from trader_platform.core import money
from trader_platform.core.gsm import cut
from trader_platform.core.money import Currency
from trader_platform.market.types import MOST_AMOUNT, MOST_QUANTITY, most_price

LONGEST_NAME: Final = 60
WORD_SEPTETS: Final = 12
_SPACE: Final = re.compile(r"\s+")


def quantity(typed: str, most: int = MOST_QUANTITY) -> int | None:
    """How many, from 1 to ``most``."""
    return money.whole(typed, limit=most)


def price(typed: str, currency: Currency, *, quantity: int = 1) -> int | None:
    """A price of one unit in minor units; None also where ``quantity`` of them is too much."""
    value = money.parse(typed, currency)
    if value is None or value > most_price(currency) or value * quantity > MOST_AMOUNT:
        return None
    return value


def amount(typed: str, currency: Currency) -> int | None:
    """Money that was taken, in minor units."""
    value = money.parse(typed, currency)
    return None if value is None or value > MOST_AMOUNT else value


def name(typed: str) -> str | None:
    """A person's name: letters of any alphabet, with spaces, ``'``, ``-`` and ``.`` between."""
    text = _SPACE.sub(" ", unicodedata.normalize("NFC", typed)).strip(" .'-")
    letters = sum(letter.isalpha() for letter in text)
    others = (x for x in text if not x.isalpha() and unicodedata.category(x) != "Mn")
    if letters < 2 or len(text) > LONGEST_NAME or any(x not in " .'’-" for x in others):
        return None
    return text


def echo(typed: str) -> str:
    """A typed word as it may stand on a screen: cleaned, in GSM letters, at most 12 septets."""
    clean = "".join(x if x.isalnum() or x in " '-." else " " for x in typed[:80])
    return cut(_SPACE.sub(" ", clean).strip(), WORD_SEPTETS)
