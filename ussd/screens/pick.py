"""Where goods are chosen: by a typed word, from what the word may mean, or from lists.

The flow that asks says where to go on (``then``) and what asked (``asked``); the product is left in
``product``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trader_platform.market.search import find_products
from ussd import inputs
from ussd.context import Context
from ussd.screen import Ask, Item, Menu, Next, Option, screen

# Screens that chosen goods lead to, and those that ask; a flow that picks goods adds its own.
FLOWS: Final = ("sell.qty", "sales.add.amount", "price.show", "who.list", "seen.unit")
ASKED: Final = ("sell.product", "sales.add", "price.word", "who.word", "seen.word")


def pick_product(
    ctx: Context, typed: str, then: str = "sell.qty", asked: str = "sell.product"
) -> Next:
    """Where a typed word leads: on with ``product`` in the draft, or to a question about it."""
    match = find_products(ctx.catalog, typed)
    if match.sure is not None:
        return Next(then, {"product": match.sure})
    flow = {"then": then, "asked": asked, "word": inputs.echo(typed)}
    if match.choices:
        return Next("pick.mean", {**flow, "found": list(match.choices)})
    return Next("pick.none", flow)


def product_items(ctx: Context, products: Iterable[int], then: str) -> list[Item]:
    """A row for each product that is still sold."""
    known = (x for x in products if x in ctx.catalog.products)
    return [Item(ctx.product(x), then, {"product": x}) for x in known]


def _what(ctx: Context) -> str:
    return ctx.say("Pick goods")


@screen(
    "pick.mean",
    redial="R1",
    edges=(*FLOWS, *ASKED),
    needs={"then": "home", "asked": "home", "found": "home"},
    what=_what,
)
def mean(ctx: Context) -> Menu:
    """The word fits several products, or none surely."""
    again = Option("4", ctx.say("No, type again"), str(ctx.draft["asked"]))
    items = product_items(ctx, ctx.draft["found"], str(ctx.draft["then"]))
    return Menu(ctx.say("Did you mean"), [again], items)


@screen(
    "pick.none",
    redial="R1",
    edges=(*FLOWS, "pick.class", "pick.mean"),
    needs={"then": "home", "asked": "home"},
    what=_what,
)
def none(ctx: Context) -> Ask:
    """No product sounds like the word."""
    then, asked = str(ctx.draft["then"]), str(ctx.draft["asked"])
    head = ctx.say("We do not know: {word}", word=ctx.draft.get("word", ""))
    return Ask(
        head + "\n" + ctx.say("Type it another way."),
        [Option("1", ctx.say("Pick from a list"), "pick.class")],
        reask=ctx.say("Type a word, or press 1"),
        accept=lambda typed: pick_product(ctx, typed, then, asked),
    )


@screen("pick.class", redial="R1", edges=("pick.list",), needs={"then": "home"}, what=_what)
def classes(ctx: Context) -> Menu:
    """All kinds of goods that have products."""
    sold = {product.goods_class_id for product in ctx.catalog.products.values()}
    items = [
        Item(ctx.goods(class_id), "pick.list", {"class": class_id})
        for class_id in ctx.catalog.classes
        if class_id in sold
    ]
    return Menu(ctx.say("What kind?"), items=items)


@screen(
    "pick.list",
    redial="R1",
    edges=FLOWS,
    needs={"then": "home", "class": "pick.class"},
    what=_what,
)
def products(ctx: Context) -> Menu:
    """All products of one kind."""
    of_class = goods_of_class(ctx, ctx.draft["class"])
    return Menu(ctx.say("Pick"), items=product_items(ctx, of_class, str(ctx.draft["then"])))


def goods_of_class(ctx: Context, class_id: int | None) -> list[int]:
    """Products of one kind, in the pack's order."""
    found = ctx.catalog.products.values()
    return [product.id for product in found if product.goods_class_id == class_id]
