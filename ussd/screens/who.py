"""3*3 Who sells it: offers of a product, the near ones first. Open to all."""

from __future__ import annotations

from trader_platform.core.crypto import Unreadable
from trader_platform.market.queries_listings import Offer, find_offer, list_offers
from trader_platform.market.queries_stalls import stall_of_trader
from trader_platform.traders.queries import sealed_phone
from ussd.context import Context
from ussd.screen import Ask, Goto, Item, Menu, Option, screen
from ussd.screens.pick import TYPED, pick_product
from ussd.screens.price import ask_market, market_of

GOODS = {"product": "who.word"}
LISTED = {**GOODS, "listing": "who.list"}


@screen("who.word", edges=("who.list", *TYPED))
def word(ctx: Context) -> Ask:
    """What the buyer looks for."""
    return Ask(
        ctx.say("What do you want to buy? Type it, like onion."),
        reask=ctx.say("Type a word, like onion"),
        accept=lambda typed: pick_product(ctx, typed, then="who.list", asked="who.word"),
    )


@screen("who.list", edges=("who.one", "who.none", "pick.market"), needs=GOODS)
def offers(ctx: Context) -> Menu | Goto:
    """Who has it, her own market first."""
    market_id = market_of(ctx)
    if market_id is None:
        return ask_market("who.list")
    product_id = int(ctx.draft["product"])
    found = list_offers(ctx.read, product_id, market_id, ctx.now)
    if not found:
        return Goto("who.none")
    items = [
        Item(
            ctx.say(
                "{market} {qty}, {price}",
                market=ctx.place(offer.market),
                qty=f"{offer.quantity:,}",
                price=ctx.price(offer.price_minor),
            ),
            "who.one",
            {"listing": offer.id},
        )
        for offer in found
    ]
    return Menu(ctx.product(product_id), items=items)


@screen("who.none", edges=("price.show",), needs=GOODS)
def none(ctx: Context) -> Menu:
    """Nobody has it now."""
    head = ctx.say(
        "Nobody sells {product} near {market} now.",
        product=ctx.product(ctx.draft["product"]),
        market=ctx.place(market_of(ctx)),
    )
    return Menu(head, [Option("3", ctx.say("See prices"), "price.show")])


@screen("who.one", edges=("who.list", "who.one.open", "who.called"), needs=LISTED)
def one(ctx: Context) -> Menu | Goto:
    """One offer; the seller's number stays hers."""
    offer = find_offer(ctx.read, int(ctx.draft["listing"]), ctx.now)
    if offer is None:
        return Goto("who.list")
    if seller_phone(ctx, offer) is not None:
        return Goto("who.one.open")
    return Menu(_goods(ctx, offer) + "\n" + _price(ctx, offer), _call_me(ctx, offer))


@screen("who.one.open", edges=("who.list", "who.one", "who.called"), needs=LISTED)
def one_open(ctx: Context) -> Menu | Goto:
    """One offer of a seller who lets all buyers see her number."""
    offer = find_offer(ctx.read, int(ctx.draft["listing"]), ctx.now)
    if offer is None:
        return Goto("who.list")
    phone = seller_phone(ctx, offer)
    if phone is None:
        return Goto("who.one")
    call = ctx.say("Call {phone}", phone=phone)
    lines = (_goods(ctx, offer), call, _price(ctx, offer))
    return Menu("\n".join(lines), _call_me(ctx, offer))


def _call_me(ctx: Context, offer: Offer) -> list[Option]:
    """Nobody is called about her own goods."""
    hers = ctx.caller is not None and ctx.caller.trader_id == offer.trader
    return [] if hers else [Option("1", ctx.say("Seller, call me"), "who.called")]


def seller_phone(ctx: Context, offer: Offer) -> str | None:
    """The seller's number, where she shows it to all buyers."""
    if offer.number_shown != "all":
        return None
    found = sealed_phone(ctx.read, offer.person)
    if found is None:
        return None
    sealed, phone_hash = found
    try:
        return ctx.vault.open(sealed, bound_to=phone_hash.encode()).decode()
    except Unreadable:
        return None


def _goods(ctx: Context, offer: Offer) -> str:
    stall = stall_of_trader(ctx.read, offer.trader)
    values = {
        "name": ctx.first_name(offer.name) or ctx.say("Seller"),
        "market": ctx.place(offer.market),
        "qty": f"{offer.quantity:,}",
        "units": ctx.units(offer.unit, offer.quantity),
        "product": ctx.product(offer.product),
    }
    if stall is not None and stall.market_id == offer.market:
        return ctx.say(
            "{name}, {market} {stall}: {qty} {units} {product}", stall=stall.number, **values
        )
    return ctx.say("{name}, {market}: {qty} {units} {product}", **values)


def _price(ctx: Context, offer: Offer) -> str:
    return ctx.say(
        "One {unit} for {price}", unit=ctx.unit(offer.unit), price=ctx.price(offer.price_minor)
    )
