"""2*2 Same as last time: two answers, or three with a new price or number."""

from __future__ import annotations

from ussd.context import Context
from ussd.screen import Ask, Goto, Menu, Option, Save, screen
from ussd.screens.selling import (
    ALL,
    goods_line,
    last_time,
    market_id,
    price_line,
    said_price,
    said_unit,
    take_price,
    take_quantity,
    what,
)


@screen(
    "sell.same",
    joined=True,
    edges=("sell.done", "sell.same.price", "sell.same.qty", "sell.same.none"),
)
def same(ctx: Context) -> Menu | Goto:
    """Her last goods, at her last price."""
    last = last_time(ctx)
    if last is None:
        return Goto("sell.same.none")
    save: Save = {
        "product": last.product,
        "qty": last.posted,
        **said_unit(last.product, last.unit),
        **said_price(last.product, last.unit, last.price_minor),
        "market": market_id(ctx) or last.market,
    }
    lines = [
        ctx.say("Same as last time?"),
        goods_line(ctx, last.posted, last.unit, last.product),
        price_line(ctx, last.unit, last.price_minor),
    ]
    options = [
        Option("1", ctx.say("Yes, sell"), "sell.done", save),
        Option("2", ctx.say("New price"), "sell.same.price", save),
        Option("3", ctx.say("New number"), "sell.same.qty", save),
    ]
    return Menu("\n".join(lines), options)


@screen(
    "sell.same.price",
    redial="R1",
    joined=True,
    needs=ALL,
    edges=("sell.confirm", "sell.far"),
    what=what,
)
def new_price(ctx: Context) -> Ask:
    """The same goods at another price."""
    draft = ctx.draft
    head = ctx.say(
        "{product}: new price of one {unit}? Last time {price}",
        product=ctx.product(draft["product"]),
        unit=ctx.unit(draft["unit"]),
        price=ctx.price(draft["price"]),
    )
    return Ask(
        head,
        reask=ctx.say("Type a number, like {number}", number=1500),
        accept=lambda typed: take_price(ctx, typed),
    )


@screen(
    "sell.same.qty",
    redial="R1",
    joined=True,
    needs=ALL,
    edges=("sell.unit", "sell.price", "sell.confirm"),
    what=what,
)
def new_quantity(ctx: Context) -> Ask:
    """Another number of the same goods."""
    draft = ctx.draft
    head = ctx.say(
        "{product}: how many now? Last time {qty} {units}",
        product=ctx.product(draft["product"]),
        qty=f"{draft['qty']:,}",
        units=ctx.units(draft["unit"], draft["qty"]),
    )
    return Ask(
        head,
        reask=ctx.say("Type a number, like {number}", number=20),
        accept=lambda typed: take_quantity(ctx, typed),
    )


@screen("sell.same.none", joined=True, edges=("sell.product",))
def none(ctx: Context) -> Menu:
    """She never sold here."""
    head = ctx.say("You sold nothing here yet.")
    return Menu(head, [Option("1", ctx.say("New goods"), "sell.product")])
