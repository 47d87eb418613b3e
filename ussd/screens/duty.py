"""1 My duty: what she owes today and in all, or (council not here yet) what the tariff asks."""

from __future__ import annotations

from typing import Final

from trader_platform.fees.queries import duty_for
from trader_platform.fees.queries_now import Seller, Standing, standing
from trader_platform.market.queries_stalls import stall_of_trader
from ussd.context import Context
from ussd.screen import Goto, Menu, Option, screen
from ussd.screens.duty_words import since

OWED, CLEAR, CLOSED, NOSTALL = "duty.owed", "duty.clear", "duty.closed", "duty.nostall"
_TURNS: Final = (OWED, CLEAR, CLOSED, NOSTALL, "duty.tariff")
_BELOW: Final = ("duty.month", "duty.tickets", "wrong.home", "plan.home")


def standing_of(ctx: Context) -> Standing | None:
    """How her duty stands, read once in a hop; None for who has no stall and no account."""
    if "standing" not in ctx.known:
        who = ctx.caller
        seller = Seller(
            (who and who.trader_id) or 0,
            ctx.market_id or 0,
            (who and who.goods_class_id) or 0,
        )
        ctx.known["standing"] = standing(ctx.read, ctx.catalog, seller, ctx.today)
    found: Standing | None = ctx.known["standing"]
    return found


def charges_here(ctx: Context) -> bool:
    """Whether the council of her market takes duty through us."""
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    council = ctx.catalog.councils.get(market.council_id or 0) if market else None
    return council is not None and council.charging


def badges_here(ctx: Context) -> bool:
    """Whether a badge can be checked: at her market, or at any for a buyer who named none."""
    if ctx.joined or ctx.market_id is not None:
        return charges_here(ctx)
    return any(council.charging for council in ctx.catalog.councils.values())


def _turn(ctx: Context) -> tuple[str, Standing | None]:
    """The first of these screens that fits."""
    if not charges_here(ctx):
        return "duty.tariff", None
    now = standing_of(ctx)
    if now is None:
        return NOSTALL, None
    if now.open_today is False:
        return CLOSED, now
    return (OWED if now.total_minor else CLEAR), now


def _options(ctx: Context, now: Standing) -> list[Option]:
    owes = now.total_minor > 0
    pay = [Option("1", ctx.say("Pay"), "pay.how")] if owes else []
    return [
        *pay,
        Option("2", ctx.say("Paid this month"), "duty.month"),
        Option("3", ctx.say("My tickets"), "duty.tickets"),
        Option("4", ctx.say("Something wrong"), "wrong.home"),
        Option("5", ctx.say("In parts or ahead") if owes else ctx.say("Pay ahead"), "plan.home"),
    ]


@screen(OWED, edges=(*_TURNS[1:], "pay.how", *_BELOW), joined=True)
def owed(ctx: Context) -> Menu | Goto:
    """Today's duty, what is old, and all of it."""
    turn, now = _turn(ctx)
    if turn != OWED or now is None:
        return Goto(turn)
    day, due = ctx.date(ctx.today), ctx.money(now.due_minor)
    old = ctx.money(now.old_minor)
    if now.if_trading:
        line = ctx.say("{date}: a day {due}, old {old}", date=day, due=due, old=old)
    else:
        line = ctx.say("{date}: today {due}, old {old}", date=day, due=due, old=old)
    owes = ctx.say("You owe {amount}", amount=ctx.money(now.total_minor))
    return Menu(f"{line}\n{owes}", _options(ctx, now))


@screen(CLEAR, edges=(OWED, *_BELOW), joined=True)
def clear(ctx: Context) -> Menu | Goto:
    """Nothing is owed; where duty comes by trading, what it is."""
    turn, now = _turn(ctx)
    if turn != CLEAR or now is None:
        return Goto(OWED)
    day = ctx.date(ctx.today)
    if now.if_trading:
        due = ctx.money(now.due_minor)
        head = ctx.say("{date}: you owe nothing. If you sell today: {due}", date=day, due=due)
    else:
        head = ctx.say("{date}: all is paid. You owe nothing.", date=day)
    return Menu(head, _options(ctx, now))


@screen(CLOSED, edges=(OWED, "pay.how", *_BELOW), joined=True)
def closed(ctx: Context) -> Menu | Goto:
    """No market today: no duty; what is old stays owed."""
    turn, now = _turn(ctx)
    if turn != CLOSED or now is None:
        return Goto(OWED)
    market = ctx.place(now.place.market_id)
    owes = (
        ctx.say("You owe {amount}", amount=ctx.money(now.total_minor))
        if now.total_minor
        else ctx.say("You owe nothing.")
    )
    head = ctx.say("{market} is closed: no duty today.", market=market)
    return Menu(f"{head}\n{owes}", _options(ctx, now))


@screen(NOSTALL, edges=("set.card", "wrong.home", "join.gate"), joined=True)
def no_stall(ctx: Context) -> Menu:
    """No stall is hers and she never paid here, so nothing tells what she owes."""
    options = [Option("1", ctx.say("Add my stall card"), "set.card")]
    if charges_here(ctx):
        options.append(Option("4", ctx.say("Something wrong"), "wrong.home"))
    return Menu(ctx.say("No stall is in your name yet, so no duty shows here."), options)


@screen("duty.tariff", edges=(NOSTALL, "state.council", "set.card", "join.gate"), joined=True)
def tariff(ctx: Context) -> Menu | Goto:
    """The official duty of her market and goods, where the council does not charge yet."""
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    goods = ctx.caller.goods_class_id if ctx.caller else None
    if market is None or goods is None:
        return Goto(NOSTALL)
    duty = None
    if market.council_id is not None:
        duty = duty_for(ctx.read, market.council_id, market.id, goods, ctx.today)
    if duty is None:
        return Goto("state.council")
    lines = [
        ctx.say("{goods}, {market}", goods=ctx.goods(goods), market=ctx.place(market.id)),
        since(ctx, duty),
        ctx.say("One day: {due}", due=ctx.money(duty.amount_minor)),
    ]
    trader_id = ctx.caller.trader_id if ctx.caller else None
    stall = stall_of_trader(ctx.read, trader_id) if trader_id else None
    add_card = [] if stall else [Option("1", ctx.say("My stall card"), "set.card")]
    return Menu("\n".join(lines), add_card)
