"""What the fee domain hands out, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DutyView:
    """The duty of one market day, and what we know it from.

    ``date_precision`` says how much of ``valid_from`` is known: ``day``, ``month`` or ``year``.
    ``certainty`` other than ``sourced`` means: our reading, not to be held against anybody.
    """

    tariff_id: int
    amount_minor: int
    currency: str
    valid_from: date
    date_precision: str
    source_date: date | None
    certainty: str
    source: str
    market_id: int | None
    goods_class_id: int | None
