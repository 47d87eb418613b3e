"""The words of every text that goes out: kind and parameters in, one GSM-7 segment out.

Pure: the same kind, parameters, language, people and ``answerable`` give the same text, so what was
rendered may be kept. The words of each kind stand in the module of its family.
"""

from __future__ import annotations

from typing import Final

from sms.texts_fees import FEES
from sms.texts_parts import Text
from sms.texts_prices import PRICES
from sms.texts_search import SEARCH
from sms.texts_service import SERVICE
from sms.texts_trade import TRADE
from sms.texts_values import Params, People, Reader
from trader_platform.market.catalog import Catalog

TEXTS: Final[dict[str, Text]] = {**SEARCH, **PRICES, **TRADE, **FEES, **SERVICE}
NOBODY: Final = People()
# An answer that leaves room for the welcome of a new phone: that one has 120 septets at most.
SHORT: Final = 40


def render(
    kind: str,
    params: Params,
    language: str,
    catalog: Catalog,
    *,
    people: People = NOBODY,
    answerable: bool = True,
) -> str:
    """The text: at most 160 septets, in basic GSM letters.

    ``people`` is what ``texts_people.resolve`` found; ``answerable`` is False where the sender is a
    name, and texts then say what to dial. Raises KeyError for a kind without words, or where a
    parameter is not there. A short answer to the ``first`` text of a phone welcomes it.
    """
    reader = Reader(language, catalog, people, answerable)
    known = {name: value for name, value in params.items() if value is not None}
    words = TEXTS[kind].render(reader, known)
    if params.get("first") and len(words) < SHORT:
        words = f"{words} {TEXTS['welcome.buyer'].render(reader, known)}"
    return words
