"""Where a place is chosen: from the list, by a typed word, or from what the word may mean.

The flow that asks says where to go on (``then``) and what asked (``asked``); the place is left in
``market``.
"""

from __future__ import annotations

from typing import Final

from trader_platform.core.gsm import cut
from trader_platform.market.catalog import Place
from trader_platform.market.search import find_places
from ussd.context import Context
from ussd.screen import Ask, Item, Menu, Next, Option, screen

HERE: Final = "pick.market"
# Screens that a chosen place leads to; a flow that picks a place adds its own.
FLOWS: Final = (
    "lumo.one",
    "price.mine",
    "price.place",
    "price.show",
    "who.list",
    "seen.unit",
    "seen.moved",
    "set.saved",
    "sell.product",
    "sell.confirm",
    "money.home",
)


def pick_place(ctx: Context, typed: str, then: str, asked: str = HERE) -> Next:
    """Where a typed place leads: on with ``market`` in the draft, or to a question about it."""
    match = find_places(ctx.catalog, typed)
    if match.sure is not None:
        return Next(then, {"market": match.sure})
    flow = {"then": then, "asked": asked, "word": cut(typed, 12)}
    if match.choices:
        return Next("pick.market.mean", {**flow, "places": list(match.choices)})
    return Next("pick.market.none", flow)


def places_of(ctx: Context, *kinds: str) -> list[Place]:
    """Places of these kinds in the pack's order; all places where there is none of them."""
    everywhere = list(ctx.catalog.markets.values())
    return [place for place in everywhere if place.kind in kinds] or everywhere


def place_items(ctx: Context, places: list[Place], then: str) -> list[Item]:
    """A row for each place."""
    return [Item(ctx.place(place.id), then, {"market": place.id}) for place in places]


@screen(
    HERE,
    redial="R1",
    edges=(*FLOWS, "pick.market.mean", "pick.market.none"),
    needs={"then": "home"},
    what=lambda ctx: ctx.say("Pick a place"),
)
def pick_market(ctx: Context) -> Ask:
    """A list of the markets, or any word typed."""
    then = str(ctx.draft["then"])
    return Ask(
        ctx.say("Where? Press a number or type a place."),
        items=place_items(ctx, places_of(ctx, "daily", "lumo"), then),
        accept=lambda typed: pick_place(ctx, typed, then),
    )


@screen(
    "pick.market.mean",
    redial="R1",
    edges=(*FLOWS, HERE, "lumo.place", "price.word", "who.word", "seen.word"),
    needs={"then": "home", "places": HERE},
    what=lambda ctx: ctx.say("Pick a place"),
)
def mean_market(ctx: Context) -> Menu:
    """The word fits several places, or none surely."""
    known = [ctx.catalog.markets[x] for x in ctx.draft["places"] if x in ctx.catalog.markets]
    return Menu(
        ctx.say("Did you mean"),
        [Option("4", ctx.say("No, type again"), str(ctx.draft.get("asked", HERE)))],
        place_items(ctx, known, str(ctx.draft["then"])),
    )


@screen(
    "pick.market.none",
    redial="R1",
    edges=(*FLOWS, HERE, "lumo.place", "pick.market.mean"),
    needs={"then": "home"},
    what=lambda ctx: ctx.say("Pick a place"),
)
def no_market(ctx: Context) -> Ask:
    """No place sounds like the word."""
    then, asked = str(ctx.draft["then"]), str(ctx.draft.get("asked", HERE))
    head = ctx.say("We know no place: {word}", word=ctx.draft.get("word", ""))
    return Ask(
        head + "\n" + ctx.say("Type it another way."),
        [Option("1", ctx.say("Pick from a list"), asked)],
        reask=ctx.say("Type a place, or press 1"),
        accept=lambda typed: pick_place(ctx, typed, then, asked),
    )
