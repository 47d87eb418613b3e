"""The most septets that each placeholder of a message may take, on a phone and in the guards."""

from __future__ import annotations

from typing import Final

# A pack whose short names are longer is refused when it is loaded.
CAPS: Final = {
    "service": 12,
    "dial": 12,
    "name": 12,
    "market": 14,
    "council": 12,
    "goods": 14,
    "product": 14,
    "unit": 10,
    "units": 11,
    "qty": 5,
    "price": 7,
    "low": 7,
    "usual": 7,
    "high": 7,
    "cfa": 7,
    "amount": 10,
    "due": 7,
    "date": 10,
    "date2": 10,
    "day": 9,
    "time": 5,
    "n": 4,
    "m": 4,
    "minutes": 2,
    "stall": 6,
    "phone": 13,
    "word": 12,
    "state": 22,
    "language": 8,
    "fee": 7,
    "told": 11,
    "number": 5,
    "first": 1,
    "second": 1,
    "last": 2,
    "digit": 2,
}
