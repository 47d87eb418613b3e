"""How alike is alike enough. Set by ``python -m benchmarks.search_quality --set``, not by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of letters that must agree, from 0 to 1.

    ``worth_asking`` to be offered as a choice, ``sure`` to be taken without asking, ``ahead`` the
    distance to the next best that this needs.
    """

    worth_asking: float
    sure: float
    ahead: float


CHOSEN: Final = Thresholds(worth_asking=0.55, sure=0.75, ahead=0.02)
