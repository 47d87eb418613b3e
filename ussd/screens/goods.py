"""2*3 My goods: all sold, some sold, a new price, stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.market import service_listings as service
from trader_platform.market.queries_listings import Goods, goods_of, goods_on_sale
from trader_platform.market.types import (
    ListingGone,
    ListingOf,
    OverLimit,
    SaleGone,
    TooManyListings,
)
from ussd import inputs
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, Result, Shown, screen
from ussd.screens.selling import counted, price_line, priced, trader_id

LISTING: Final = {"listing": "goods.list"}
REFUSED: Final = ("goods.list", "sell.full")


def _listing(ctx: Context) -> Goods | None:
    return goods_of(ctx.read, trader_id(ctx), ctx.draft["listing"], ctx.now)


def _act(
    ctx: Context,
    call: Callable[[Any, ListingOf, By], Result],
    show: Callable[[Result], Shown],
) -> Act:
    def do(session: Any, by: By) -> Result:
        listing = ListingOf(trader_id(ctx), ctx.draft["listing"], ctx.catalog.zone)
        return call(session, listing, by)

    return Act(do=do, show=show, refused=_refused)


def _refused(error: DomainError) -> Goto | None:
    """Somebody (mostly she, on another line) was faster: show what is on sale now."""
    if isinstance(error, TooManyListings):
        return Goto("sell.full")
    return Goto("goods.list") if isinstance(error, ListingGone | SaleGone | OverLimit) else None


@screen("goods.list", joined=True, edges=("goods.one", "goods.none"))
def goods(ctx: Context) -> Menu | Goto:
    """What she has on sale now."""
    on_sale = goods_on_sale(ctx.read, trader_id(ctx), ctx.now)
    if not on_sale:
        return Goto("goods.none")
    return Menu(ctx.say("My goods"), items=[_row(ctx, one) for one in on_sale])


def _row(ctx: Context, one: Goods) -> Item:
    label = ctx.say(
        "{product} {qty}, {price}",
        product=ctx.product(one.product),
        qty=f"{one.quantity:,}",
        price=ctx.price(one.price_minor),
    )
    return Item(label, "goods.one", {"listing": one.id})


@screen("goods.none", joined=True, edges=("sell.product", "sell.same"))
def none(ctx: Context) -> Menu:
    """Nothing on sale."""
    options = [
        Option("1", ctx.say("New goods"), "sell.product"),
        Option("2", ctx.say("Same as last time"), "sell.same"),
    ]
    return Menu(ctx.say("You have no goods on sale."), options)


@screen(
    "goods.one",
    joined=True,
    needs=LISTING,
    edges=("goods.sold", "goods.some", "goods.price", "goods.stop", "goods.list"),
)
def one(ctx: Context) -> Menu | Goto:
    """One of her goods; of a single thing one cannot sell some."""
    listing = _listing(ctx)
    if listing is None:
        return Goto("goods.list")
    head = ctx.say(
        "{qty} {units} {product}, till {date}",
        **counted(ctx, listing.quantity, listing.unit, listing.product),
        date=ctx.date(listing.expires_on),
    )
    options = [
        Option("1", ctx.say("All sold"), "goods.sold"),
        Option("2", ctx.say("Some sold"), "goods.some"),
        Option("3", ctx.say("New price"), "goods.price"),
        Option("4", ctx.say("Stop"), "goods.stop"),
    ]
    if listing.quantity == 1:
        del options[1]
    return Menu(head + "\n" + price_line(ctx, listing.unit, listing.price_minor), options)


@screen(
    "goods.sold",
    redial="R2",
    joined=True,
    needs=LISTING,
    edges=("sales.fix", "goods.back", *REFUSED),
)
def sold(ctx: Context) -> Act:
    """Done at once; both ways back are offered."""
    return _act(
        ctx,
        lambda session, listing, by: service.sell_out(session, listing, by=by),
        lambda result: _sold(ctx, result),
    )


def _sold(ctx: Context, result: Result) -> Menu:
    head = ctx.say(
        "Sold: {qty} {units} {product}. Well done. You took {amount}",
        **counted(ctx, result["quantity"], result["unit"], result["product"]),
        amount=ctx.money(result["amount"]),
    )
    ids = {"sale": result["sale"], "listing": result["listing"]}
    options = [
        Option("1", ctx.say("Not this much"), "sales.fix", ids),
        Option("2", ctx.say("Not sold, put it back"), "goods.back", ids),
    ]
    return Menu(head, options, zero="home")


@screen(
    "goods.back",
    redial="R2",
    joined=True,
    needs={**LISTING, "sale": "goods.list"},
    edges=REFUSED,
)
def back(ctx: Context) -> Act:
    """The sale counts no more, and the goods are on sale again."""
    return _act(
        ctx,
        lambda session, listing, by: service.put_back(session, listing, ctx.draft["sale"], by=by),
        lambda result: _back(ctx, result),
    )


def _back(ctx: Context, result: Result) -> End:
    unit = result["unit"]
    return End(
        ctx.say(
            "It is on sale again: {qty} {units} {product}. One {unit} for {price}",
            **counted(ctx, result["quantity"], unit, result["product"]),
            **priced(ctx, unit, result["price"]),
        )
    )


def _of(ctx: Context, listing: Goods) -> str:
    return ctx.product(listing.product)


@screen(
    "goods.some",
    redial="R1",
    joined=True,
    needs=LISTING,
    edges=("goods.some.done", "goods.list"),
    what=lambda ctx: ctx.say("My goods"),
)
def some(ctx: Context) -> Ask | Goto:
    """How many of them were sold."""
    listing = _listing(ctx)
    if listing is None:
        return Goto("goods.list")
    qty, left = f"{listing.quantity:,}", listing.quantity
    head = ctx.say(
        "{product}: how many sold? You have {qty} {units}. Type a number.",
        product=_of(ctx, listing),
        qty=qty,
        units=ctx.units(listing.unit, left),
    )

    def accept(typed: str) -> Next | None:
        count = inputs.quantity(typed, most=left)
        return None if count is None else Next("goods.some.done", {"sold": count})

    return Ask(head, reask=ctx.say("Type a number up to {qty}", qty=qty), accept=accept)


@screen(
    "goods.some.done",
    redial="R2",
    joined=True,
    needs={**LISTING, "sold": "goods.some"},
    edges=REFUSED,
)
def some_done(ctx: Context) -> Act:
    """Some are sold, the rest stays on sale."""
    return _act(
        ctx,
        lambda session, listing, by: service.sell_some(session, listing, ctx.draft["sold"], by=by),
        lambda result: _some_done(ctx, result),
    )


def _some_done(ctx: Context, result: Result) -> End:
    sold, left, amount = result["quantity"], result["left"], ctx.money(result["amount"])
    if not left:
        goods = counted(ctx, sold, result["unit"], result["product"])
        text = ctx.say(
            "All sold, noted: {qty} {units} {product}. You took {amount}", **goods, amount=amount
        )
        return End(text)
    goods = counted(ctx, left, result["unit"], result["product"])
    return End(
        ctx.say(
            "{n} sold, noted. Still on sale: {qty} {units} {product}. You took {amount}",
            n=sold,
            **goods,
            amount=amount,
        )
    )


@screen(
    "goods.price",
    redial="R1",
    joined=True,
    needs=LISTING,
    edges=("goods.price.done", "goods.list"),
    what=lambda ctx: ctx.say("My goods"),
)
def price(ctx: Context) -> Ask | Goto:
    """Another price of one."""
    listing = _listing(ctx)
    if listing is None:
        return Goto("goods.list")
    left = listing.quantity
    head = ctx.say(
        "{product}: new price of one {unit}? Now it is {price}",
        product=_of(ctx, listing),
        **priced(ctx, listing.unit, listing.price_minor),
    )

    def accept(typed: str) -> Next | None:
        value = inputs.price(typed, ctx.catalog.currency, quantity=left)
        return None if value is None else Next("goods.price.done", {"price": value})

    return Ask(head, reask=ctx.say("Type a number, like {number}", number=1500), accept=accept)


@screen(
    "goods.price.done",
    redial="R2",
    joined=True,
    needs={**LISTING, "price": "goods.price"},
    edges=REFUSED,
)
def price_done(ctx: Context) -> Act:
    """Buyers see the new price."""
    return _act(
        ctx,
        lambda session, listing, by: service.change_price(
            session, listing, ctx.draft["price"], ctx.catalog.currency, by=by
        ),
        lambda result: End(
            ctx.say(
                "New price, buyers see it now. {product}: one {unit} for {price}",
                product=ctx.product(result["product"]),
                **priced(ctx, result["unit"], result["price"]),
            )
        ),
    )


@screen("goods.stop", redial="R2", joined=True, needs=LISTING, edges=REFUSED)
def stop(ctx: Context) -> Act:
    """Off sale; the same goods can be sold again by two digits."""
    return _act(
        ctx,
        lambda session, listing, by: service.stop(session, listing, by=by),
        lambda result: End(
            ctx.say(
                "Stopped. Buyers do not see your {product} now. To sell it again dial 2, 2.",
                product=ctx.product(result["product"]),
            )
        ),
    )
