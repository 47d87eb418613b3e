"""1 My duty: what the council asks of her for a market day, and what we know it from."""

from __future__ import annotations

from datetime import date

from trader_platform.core.i18n import short_day
from trader_platform.fees.queries import duty_for
from trader_platform.fees.types import DutyView
from trader_platform.market.queries_stalls import stall_of_trader
from ussd.context import Context
from ussd.screen import Goto, Menu, Option, screen


def known_date(ctx: Context, day: date, precision: str) -> str:
    """As much of a date as is known: ``2020``, ``Feb 2011`` or ``19 Feb 2011``."""
    _, day_of_month, month = short_day(day, ctx.language).split()
    parts = {"year": [], "month": [month]}.get(precision, [day_of_month, month])
    return " ".join([*parts, str(day.year)])


@screen(
    "duty.tariff",
    edges=("duty.nostall", "state.council", "set.card", "join.gate"),
    joined=True,
)
def tariff(ctx: Context) -> Menu | Goto:
    """The official duty of her market and goods; where none is known, that is said."""
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    goods = ctx.caller.goods_class_id if ctx.caller else None
    if market is None or goods is None:
        return Goto("duty.nostall")
    duty = None
    if market.council_id is not None:
        duty = duty_for(ctx.read, market.council_id, market.id, goods, ctx.today)
    if duty is None:
        return Goto("state.council")
    lines = [
        ctx.say("{goods}, {market}", goods=ctx.goods(goods), market=ctx.place(market.id)),
        _since(ctx, duty),
        ctx.say("One day: {due}", due=ctx.money(duty.amount_minor)),
    ]
    trader_id = ctx.caller.trader_id if ctx.caller else None
    stall = stall_of_trader(ctx.read, trader_id) if trader_id else None
    add_card = [] if stall else [Option("1", ctx.say("My stall card"), "set.card")]
    return Menu("\n".join(lines), add_card)


def _since(ctx: Context, duty: DutyView) -> str:
    """Since when, and when our source said so. Only what a source says is called right."""
    since = known_date(ctx, duty.valid_from, duty.date_precision)
    told = known_date(ctx, duty.source_date, "day") if duty.source_date else None
    if duty.certainty == "sourced":
        if told is None:
            return ctx.say("Right duty since {date}", date=since)
        return ctx.say("Right duty since {date}, told {told}", date=since, told=told)
    if told is None:
        return ctx.say("Not sure, ask: since {date}", date=since)
    return ctx.say("Not sure, ask: since {date}, told {told}", date=since, told=told)


@screen("duty.nostall", edges=("set.card", "join.gate"), joined=True)
def no_stall(ctx: Context) -> Menu:
    """She has named no market, so nothing tells what she owes."""
    return Menu(
        ctx.say("No stall is in your name yet, so no duty shows here."),
        [Option("1", ctx.say("Add my stall card"), "set.card")],
    )
