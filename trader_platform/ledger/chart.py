"""The chart of accounts: which numbers there are, and which way each grows. Pure.

Numbers follow the chart that councils' finance offices group by: 1 assets, 2 what is owed to
others, 4 income, 5 costs. A holder's own account carries the holder: ``1200:48217``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Heading:
    """``guarded`` accounts may never go below zero: nobody holds less than no cash."""

    code: str
    kind: str
    guarded: bool = False


RECEIVABLES: Final = "1100"
COLLECTOR: Final = "1200"
ADVANCES: Final = "2100"
REFUNDS: Final = "2300"
REBATES: Final = "4900"
WRITE_OFFS: Final = "5800"

_HEADINGS: Final = (
    Heading(RECEIVABLES, "asset"),
    Heading(COLLECTOR, "asset", guarded=True),
    Heading("1205", "asset", guarded=True),  # market master
    Heading("1210", "asset", guarded=True),  # cashier
    Heading("1220", "asset", guarded=True),  # on the way to the bank
    Heading("1250", "asset"),  # owed by collectors
    Heading("1300", "asset"),  # bank
    Heading("1310", "asset"),  # at a provider, not yet settled
    Heading("1320", "asset"),  # in a wallet
    Heading(ADVANCES, "liability"),
    Heading(REFUNDS, "liability"),
    Heading("2900", "liability"),  # unidentified
    Heading("4100", "income"),  # daily duty
    Heading("4200", "income"),  # rent
    Heading("4300", "income"),  # licences
    Heading("4400", "income"),  # penalties
    Heading("4500", "income"),  # toilets
    Heading("4600", "income"),  # festival space
    Heading(REBATES, "income"),  # rebates, waivers, closed days: against income
    Heading("5100", "expense"),  # provider fees
    Heading(WRITE_OFFS, "expense"),
    Heading("5900", "expense"),  # cash variance
    Heading("5910", "expense"),  # rounding
)
CHART: Final = {each.code: each for each in _HEADINGS}
INCOME_OF_FEE: Final = {
    "daily_duty": "4100",
    "canteen_rent": "4200",
    "licence": "4300",
    "penalty": "4400",
    "toilet": "4500",
    "wanterr": "4600",
}


def heading(code: str) -> Heading:
    """The heading of an account code, with or without a holder. Raises KeyError."""
    return CHART[code.split(":", 1)[0]]


def held_by(code: str, holder: str) -> str:
    """The code of a holder's own account."""
    return f"{code}:{holder}"
