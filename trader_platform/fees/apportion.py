"""Which charges a payment fills. Pure.

What the payer named comes first, because today's ticket is today's; the rest goes to the oldest
period first and, inside a period, by the tariff's rank. What is left over is an advance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trader_platform.fees.types import OpenCharge


@dataclass(frozen=True, slots=True)
class Filled:
    """So many minor units of a payment go to one charge."""

    charge: OpenCharge
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Apportioned:
    """All of a payment: what filled charges, in order, and what is left over."""

    filled: tuple[Filled, ...]
    rest_minor: int


def apportion(
    amount_minor: int, charges: Iterable[OpenCharge], *, named: Sequence[int] = ()
) -> Apportioned:
    """Divide a payment; ``named`` are ids of charges that the payer paid for, in order.

    Raises ValueError for an amount that is no payment.
    """
    if amount_minor <= 0:
        raise ValueError("a payment is more than nothing")
    place = {id_: at for at, id_ in enumerate(named)}
    order = sorted(charges, key=lambda x: (place.get(x.id, len(place)), *_age(x)))
    left, filled = amount_minor, []
    for charge in order:
        part = min(left, charge.outstanding_minor)
        if part > 0:
            filled.append(Filled(charge, part))
            left -= part
    return Apportioned(tuple(filled), left)


def _age(charge: OpenCharge) -> tuple[object, ...]:
    return charge.period_from, charge.rank, charge.id
