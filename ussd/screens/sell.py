"""2 Sell: new goods in five or six answers, each kept until the goods are on sale."""

from __future__ import annotations

from datetime import date

from trader_platform.core.errors import DomainError
from trader_platform.market.queries_listings import count_on_sale
from trader_platform.market.service_listings import post_listing
from trader_platform.market.types import (
    MOST_OPEN,
    NotATrader,
    OverLimit,
    PostListing,
    TooManyListings,
    UnknownGoods,
    UnknownMarket,
)
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Option, Result, screen
from ussd.screens.pick import pick_product, product_items
from ussd.screens.selling import (
    ALL,
    GOODS,
    MEASURE,
    NUMBER,
    counted,
    favourites,
    following,
    has_unit,
    market_id,
    others,
    price_line,
    priced,
    said_unit,
    take_price,
    take_quantity,
    trader_id,
    what,
)


@screen("sell.home", joined=True, edges=("sell.product", "sell.same", "goods.list", "sales.home"))
def home(ctx: Context) -> Menu:
    """4 (buyers) stays free until buyers can ask."""
    options = [
        Option("1", ctx.say("New goods"), "sell.product"),
        Option("2", ctx.say("Same as last time"), "sell.same"),
        Option("3", ctx.say("My goods"), "goods.list"),
        Option("5", ctx.say("My sales"), "sales.home"),
    ]
    return Menu(ctx.say("Sell"), options)


@screen(
    "sell.product",
    redial="R1",
    joined=True,
    edges=("sell.qty", "pick.mean", "pick.none", "pick.market", "sell.full"),
    what=what,
)
def product(ctx: Context) -> Ask | Goto:
    """What she sold last stands first; any other goods are typed."""
    if count_on_sale(ctx.read, trader_id(ctx), ctx.now) >= MOST_OPEN:
        return Goto("sell.full")
    if market_id(ctx) is None:
        return Goto("pick.market", {"then": "sell.product", "asked": "pick.market"})
    return Ask(
        ctx.say("What do you sell? Press a number or type a word."),
        items=product_items(ctx, favourites(ctx), "sell.qty"),
        reask=ctx.say("Press a number or type"),
        accept=lambda typed: pick_product(ctx, typed, then="sell.qty", asked="sell.product"),
    )


@screen(
    "sell.qty",
    redial="R1",
    joined=True,
    needs=GOODS,
    edges=("sell.unit", "sell.price", "sell.confirm"),
    what=what,
)
def quantity(ctx: Context) -> Ask:
    """How many; the measure of last time is taken for granted."""
    return Ask(
        ctx.say("{product}: how many? Type a number.", product=ctx.product(ctx.draft["product"])),
        reask=ctx.say("Type a number, like {number}", number=20),
        accept=lambda typed: take_quantity(ctx, typed),
    )


@screen(
    "sell.unit",
    redial="R1",
    joined=True,
    needs=NUMBER,
    edges=("sell.price", "sell.confirm", "sell.product"),
    what=what,
)
def unit(ctx: Context) -> Menu | Goto:
    """The measures in which these goods are sold."""
    chosen = ctx.draft["product"]
    known = ctx.catalog.products.get(chosen)
    if known is None or not known.units:
        return Goto("sell.product")
    saves = [(x, said_unit(chosen, x)) for x in known.units]
    items = [Item(ctx.unit(x), following({**ctx.draft, **save}), save) for x, save in saves]
    return Menu(ctx.say("{qty} of what?", qty=f"{ctx.draft['qty']:,}"), items=items)


@screen(
    "sell.price",
    redial="R1",
    joined=True,
    needs=MEASURE,
    edges=("sell.confirm", "sell.far", "sell.unit"),
    what=what,
)
def price(ctx: Context) -> Ask | Goto:
    """The price of one, with what others ask where anybody does."""
    if not has_unit(ctx.draft):
        return Goto("sell.unit")
    lines = [ctx.say("Price of one {unit}? Type it.", unit=ctx.unit(ctx.draft["unit"]))]
    asked = others(ctx)
    if asked is not None and asked.low == asked.high:
        lines.append(ctx.say("Others ask {price}", price=ctx.price(asked.low)))
    elif asked is not None:
        low, high = ctx.price(asked.low), ctx.price(asked.high)
        lines.append(ctx.say("Others ask {low} to {high}", low=low, high=high))
    return Ask(
        "\n".join(lines),
        reask=ctx.say("Type a number, like {number}", number=1500),
        accept=lambda typed: take_price(ctx, typed),
    )


@screen(
    "sell.far",
    redial="R1",
    joined=True,
    needs=ALL,
    edges=("sell.confirm", "sell.price"),
    what=what,
)
def far(ctx: Context) -> Menu | Goto:
    """Ten times, or a tenth, of what is usual: one nought too many or too few."""
    asked = others(ctx)
    if asked is None:
        return Goto("sell.confirm")
    head = ctx.say(
        "Others ask {usual} for one {unit}. Is your price right: {price}",
        usual=ctx.price(asked.usual),
        unit=ctx.unit(ctx.draft["unit"]),
        price=ctx.price(ctx.draft["price"]),
    )
    options = [
        Option("1", ctx.say("Yes"), "sell.confirm"),
        Option("2", ctx.say("Type again"), "sell.price"),
    ]
    return Menu(head, options)


@screen(
    "sell.confirm",
    redial="R1",
    joined=True,
    needs=ALL,
    edges=("sell.done", "sell.change", "sell.unit", "sell.price", "pick.market"),
    what=what,
)
def confirm(ctx: Context) -> Menu | Goto:
    """All of it once more, because it goes to others under her name."""
    step = following(ctx.draft)
    if step != "sell.confirm":
        return Goto(step)
    if market_id(ctx) is None:
        return Goto("pick.market", {"then": "sell.confirm", "asked": "pick.market"})
    draft = ctx.draft
    head = ctx.say(
        "{qty} {units} {product}, {market}",
        **counted(ctx, draft["qty"], draft["unit"], draft["product"]),
        market=ctx.place(market_id(ctx)),
    )
    options = [
        Option("1", ctx.say("Yes, sell"), "sell.done"),
        Option("2", ctx.say("Change"), "sell.change"),
    ]
    return Menu(head + "\n" + price_line(ctx, draft["unit"], draft["price"]), options)


@screen(
    "sell.change",
    redial="R1",
    joined=True,
    needs=ALL,
    edges=("sell.product", "sell.qty", "sell.unit", "sell.price"),
    what=what,
)
def change(ctx: Context) -> Menu:
    """Any answer can be given anew; the others are kept."""
    options = [
        Option("1", ctx.say("Goods"), "sell.product"),
        Option("2", ctx.say("How many"), "sell.qty"),
        Option("3", ctx.say("Measure"), "sell.unit"),
        Option("4", ctx.say("Price"), "sell.price"),
    ]
    return Menu(ctx.say("Change what?"), options)


@screen(
    "sell.done",
    redial="R2",
    joined=True,
    needs=ALL,
    edges=("sell.full", "sell.product", "sell.price", "pick.market", "join.gate"),
)
def done(ctx: Context) -> Act:
    """The goods are on sale."""
    return Act(
        do=lambda session, by: post_listing(session, _command(ctx), by=by),
        show=lambda result: _posted(ctx, result),
        refused=_refused,
    )


def _command(ctx: Context) -> PostListing:
    draft = ctx.draft
    return PostListing(
        trader=trader_id(ctx),
        market=market_id(ctx) or 0,
        product=draft["product"],
        unit=draft["unit"],
        quantity=draft["qty"],
        price_minor=draft["price"],
        zone=ctx.catalog.zone,
        currency=ctx.catalog.currency,
    )


def _posted(ctx: Context, result: Result) -> End:
    unit = result["unit"]
    return End(
        ctx.say(
            "On sale till {date}: {qty} {units} {product}. Buyers can ask for it now."
            " One {unit} for {price}",
            date=ctx.date(date.fromisoformat(result["expires_on"])),
            **counted(ctx, result["quantity"], unit, result["product"]),
            **priced(ctx, unit, result["price"]),
        )
    )


def _refused(error: DomainError) -> Goto | None:
    if isinstance(error, TooManyListings):
        return Goto("sell.full")
    if isinstance(error, UnknownMarket):
        return Goto("pick.market", {"then": "sell.confirm", "asked": "pick.market"})
    if isinstance(error, UnknownGoods):
        return Goto("sell.product")
    if isinstance(error, OverLimit):
        return Goto("sell.price")
    return Goto("join.gate") if isinstance(error, NotATrader) else None


@screen("sell.full", joined=True, edges=("goods.list",))
def full(ctx: Context) -> Menu:
    """As many goods as one may have on sale."""
    n = count_on_sale(ctx.read, trader_id(ctx), ctx.now)
    head = ctx.say("You have {n} goods on sale. No more fit. Stop one first.", n=n)
    return Menu(head, [Option("1", ctx.say("My goods"), "goods.list")])
