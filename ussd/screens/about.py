"""5*6 About this: what it costs, who runs it, how to press. Only what is known is said."""

from __future__ import annotations

from trader_platform.market.queries_stalls import has_demo_stalls
from ussd.context import Context
from ussd.screen import Goto, Menu, Option, screen


def known_costs(ctx: Context) -> tuple[int, int] | None:
    """What a dial and a text cost, in minor units; None where the pack does not know both."""
    dial, text = (ctx.catalog.settings.get(f"{what}_cost_minor") for what in ("dial", "text"))
    return None if dial is None or text is None else (int(dial), int(text))


@screen("about.home", edges=("about.cost", "about.who", "about.keys"))
def about_home(ctx: Context) -> Menu:
    """About the service itself."""
    options = [
        Option("2", ctx.say("Who runs it"), "about.who"),
        Option("3", ctx.say("How to press"), "about.keys"),
    ]
    if known_costs(ctx) is not None:
        options.insert(0, Option("1", ctx.say("What it costs"), "about.cost"))
    return Menu(ctx.say("About this"), options)


@screen("about.cost", edges=("about.home",))
def cost(ctx: Context) -> Menu | Goto:
    """What dialling and texting cost the caller."""
    costs = known_costs(ctx)
    if costs is None:
        return Goto("about.home")
    fee, text = ctx.price(costs[0]), ctx.price(costs[1])
    head = ctx.say(
        "Dialling costs {fee}. A text to us costs {low}. Texts to you cost nothing.",
        fee=fee,
        low=text,
    )
    return Menu(head)


@screen("about.who")
def who(ctx: Context) -> Menu:
    """Who stands behind it, and whom to call; made-up people and prices are called so."""
    if has_demo_stalls(ctx.read, ctx.catalog.pack_id):
        head = ctx.say(
            "{service} is a demo here. People, stalls and prices are made up.", service=ctx.service
        )
        return Menu(head)
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    council = ctx.catalog.councils.get(market.council_id or 0) if market else None
    if council is not None and council.phone:
        head = ctx.say(
            "{service} is run with {council} council. Call {phone}",
            service=ctx.service,
            council=council.short_name,
            phone=council.phone,
        )
    elif ctx.help_phone:
        head = ctx.say("{service}. To ask, call {phone}", service=ctx.service, phone=ctx.help_phone)
    else:
        head = ctx.say(
            "{service}: no phone to call is known here yet. Ask at the council.",
            service=ctx.service,
        )
    return Menu(head)


@screen("about.keys")
def keys(ctx: Context) -> Menu:
    """How to press."""
    head = ctx.say(
        "Press a number that you see, then send. 0 is back, 00 is home. Line cut? Dial again and"
        " go on."
    )
    return Menu(head)
