"""Words that several screens about duty share: since when a duty is right, what a fee is called."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from trader_platform.core.i18n import short_day
from ussd.context import Context


class Known(Protocol):
    """Since when a duty is right, and what we know it from."""

    @property
    def valid_from(self) -> date:
        """Its first day, as far as it is known."""
        ...

    @property
    def date_precision(self) -> str:
        """How much of that is known."""
        ...

    @property
    def source_date(self) -> date | None:
        """When our source said so."""
        ...

    @property
    def certainty(self) -> str:
        """``sourced``, or our reading."""
        ...


def known_date(ctx: Context, day: date, precision: str) -> str:
    """As much of a date as is known: ``2020``, ``Feb 2011`` or ``19 Feb 2011``."""
    _, day_of_month, month = short_day(day, ctx.language).split()
    parts = {"year": [], "month": [month]}.get(precision, [day_of_month, month])
    return " ".join([*parts, str(day.year)])


def since(ctx: Context, duty: Known) -> str:
    """Since when, and when our source said so. Only what a source says is called right."""
    first = known_date(ctx, duty.valid_from, duty.date_precision)
    told = known_date(ctx, duty.source_date, "day") if duty.source_date else None
    if duty.certainty == "sourced":
        if told is None:
            return ctx.say("Right duty since {date}", date=first)
        return ctx.say("Right duty since {date}, told {told}", date=first, told=told)
    if told is None:
        return ctx.say("Not sure, ask: since {date}", date=first)
    return ctx.say("Not sure, ask: since {date}, told {told}", date=first, told=told)


def fee_name(ctx: Context, fee: str) -> str:
    """What a fee is called on a stall; a day's duty is the usual one."""
    return {
        "canteen_rent": ctx.say("Rent"),
        "licence": ctx.say("Licence"),
        "penalty": ctx.say("Fine"),
        "toilet": ctx.say("Toilet"),
        "wanterr": ctx.say("Festival place"),
    }.get(fee, ctx.say("Duty"))
