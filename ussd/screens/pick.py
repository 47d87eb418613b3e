"""Where goods are chosen: by a typed word, from what the word may mean, or from lists.

The flow that asks says where to go on (``then``) and what asked (``asked``); the product is left in
``product``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from trader_platform.market.reading import Reading, read_text
from trader_platform.market.search import NOTHING, find_products
from ussd import inputs
from ussd.context import Context
from ussd.screen import Ask, Item, Menu, Next, Option, screen

# Screens that chosen goods lead to, and those that ask; a flow that picks goods adds its own.
FLOWS: Final = ("sell.qty", "sales.add.amount", "price.show", "who.list", "seen.unit")
# Of these the ones that look at a place: there a text may name goods and place.
PLACED: Final = frozenset({"price.show", "who.list", "seen.unit"})
# Where typed goods, and a place with them, may lead besides.
TYPED: Final = ("pick.mean", "pick.none", "pick.market.mean", "pick.market.none")
MOST_WORDS_WITH_PLACE: Final = 4
ASKED: Final = ("sell.product", "sales.add", "price.word", "who.word", "seen.word")


def pick_product(
    ctx: Context, typed: str, then: str = "sell.qty", asked: str = "sell.product"
) -> Next:
    """Where a typed text leads: on with ``product`` in the draft, or to a question about it.

    In flows that look at a place it may name that too, as a text message does.
    """
    reading = read_text(ctx.catalog, typed)
    if then not in PLACED:
        reading = replace(reading, product=find_products(ctx.catalog, typed), place=NOTHING)
    product, place = reading.product, reading.place
    flow = {"then": then, "asked": asked, "word": inputs.echo(typed)}
    save = {} if place.sure is None else {"market": place.sure}
    if product.choices:
        return Next("pick.mean", {**flow, **save, "found": list(product.choices)})
    if product.sure is None:
        ctx.unmatched = reading.unknown
        return Next("pick.none", flow)
    save["product"] = product.sure
    return (then in PLACED and _pick_place(reading, typed, {**flow, **save})) or Next(then, save)


def _pick_place(reading: Reading, typed: str, flow: dict[str, Any]) -> Next | None:
    """The question about a place that was typed and is not sure; as ``sms.commands.search``."""
    if reading.place.sure is not None:
        return None
    if reading.place.choices:
        return Next("pick.market.mean", {**flow, "places": list(reading.place.choices)})
    if len(reading.unknown) == 1 and len(typed.split()) <= MOST_WORDS_WITH_PLACE:
        word = inputs.echo(reading.unknown[0])
        return Next("pick.market.none", {**flow, "asked": "pick.market", "word": word})
    return None


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
    edges=(*FLOWS, "pick.class", *TYPED),
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
