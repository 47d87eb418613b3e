"""3 Prices: what goods cost at her market, at any other, and by the kilogram. Open to all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from trader_platform.core.gsm import SCREEN_SEPTETS, cut
from trader_platform.market.currencies import in_second_currency
from trader_platform.market.queries_prices import Price, my_market, near, summary
from trader_platform.market.service_prices import keep_market
from ussd.context import Context
from ussd.paging import page_of
from ussd.screen import Act, Ask, Goto, Item, Menu, Option, Rows, screen
from ussd.screens.pick import TYPED, pick_product

HOME: Final = "price.home"
FEW: Final = 3
# A day that is further off than this needs its year.
THIS_YEAR: Final = timedelta(days=180)
LONG_AGO: Final = timedelta(weeks=8)
# Screens that a caller with no market may have wanted when she was asked for one.
WANTED: Final = ("price.mine", "price.show", "price.near", "who.list", "seen.unit")
GOODS: Final = {"product": "price.word"}
_NAME_SEPTETS: Final = (14, 10, 7)


def market_of(ctx: Context) -> int | None:
    """The place looked at: one chosen in this dialogue, else the caller's own."""
    chosen = ctx.draft.get("market", ctx.market_id)
    return chosen if chosen in ctx.catalog.markets else None


def ask_market(wanted: str) -> Goto:
    """A phone with no market is asked for one, once, and goes on to what it wanted."""
    flow = {"then": "price.place", "asked": "pick.market", "after": wanted}
    return Goto("pick.market", flow)


def day_seen(ctx: Context, day: date) -> str:
    """``Sun 22 Nov``, or ``Jul 2023`` where the year could be mistaken."""
    if abs(ctx.today - day) <= THIS_YEAR:
        return ctx.date(day)
    return f"{ctx.date(day).split()[-1]} {day.year}"


def fitted(ctx: Context, compose: Callable[[int], Menu]) -> Menu:
    """A menu with the name of its place cut as far as amounts of a long currency ask for.

    ``compose`` makes it with a name of at most so many septets.
    """
    for septets in _NAME_SEPTETS[:-1]:
        menu = compose(septets)
        if len(page_of(menu, ctx.words, wrong=True).text) <= SCREEN_SEPTETS:
            return menu
    return compose(_NAME_SEPTETS[-1])


@screen(HOME, edges=("price.mine", "price.word", "who.word", "seen.word"))
def home(ctx: Context) -> Menu:
    """What may be asked about prices."""
    options = [
        Option("1", ctx.say("My market"), "price.mine"),
        Option("2", ctx.say("Type a product"), "price.word"),
        Option("3", ctx.say("Who sells it"), "who.word"),
        Option("4", ctx.say("I saw a price"), "seen.word"),
    ]
    return Menu(ctx.say("Prices"), options)


@screen("price.place", redial="R2", edges=WANTED, needs={"market": "pick.market"})
def keep_place(ctx: Context) -> Act:
    """Keep the market that a caller named, and go on to what she wanted."""
    person_id = ctx.caller.person_id if ctx.caller else 0
    return Act(
        do=lambda session, by: {
            **keep_market(session, person_id, ctx.draft["market"], catalog=ctx.catalog, by=by),
            "after": ctx.draft.get("after", "price.mine"),
        },
        show=lambda result: Goto(str(result.get("after", "price.mine"))),
    )


@screen("price.mine", edges=("price.show", "pick.market"))
def mine(ctx: Context) -> Menu | Goto:
    """Everything that has a price at her market."""
    market_id = market_of(ctx)
    if market_id is None:
        return ask_market("price.mine")
    prices = [
        price
        for price in my_market(ctx.db, market_id, ctx.today)
        if price.product in ctx.catalog.products
    ]

    def row(x: Price) -> Item:
        label = f"{ctx.product(x.product)} {ctx.price(x.usual)}"
        return Item(label, "price.show", {"product": x.product})

    other = Option(
        "8",
        ctx.say("Other market"),
        "pick.market",
        {"then": "price.mine", "asked": "pick.market"},
    )
    return Menu(_headline(ctx, market_id, prices), [other], Rows(prices, row))


def _headline(ctx: Context, market_id: int, prices: list[Price]) -> str:
    place = ctx.place(market_id)
    if not prices:
        return place + "\n" + ctx.say("No price yet.")
    newest = prices[0].seen_on
    if ctx.today - newest <= LONG_AGO:
        return place
    return ctx.say("{market}, {date}", market=place, date=day_seen(ctx, newest))


@screen("price.word", edges=("price.show", *TYPED))
def word(ctx: Context) -> Ask:
    """Any product, and any place with it, by typed words."""
    return Ask(
        ctx.say("Type a product, like rice."),
        reask=ctx.say("Type a word, like rice"),
        accept=lambda typed: pick_product(ctx, typed, then="price.show", asked="price.word"),
    )


def _found(ctx: Context) -> Price | None:
    market_id = market_of(ctx)
    product_id = int(ctx.draft["product"])
    return summary(ctx.db, market_id, product_id, ctx.today) if market_id else None


@screen(
    "price.show",
    edges=("price.near", "who.list", "price.show.cfa", "price.few", "price.empty", "pick.market"),
    needs=GOODS,
)
def show(ctx: Context) -> Menu | Goto:
    """What a product costs: the first of four screens that fits."""
    if market_of(ctx) is None:
        return ask_market("price.show")
    price = _found(ctx)
    if price is None:
        return Goto("price.empty")
    if price.reports < FEW:
        return Goto("price.few")
    if _in_her_money(ctx, price.usual) is not None:
        return Goto("price.show.cfa")
    return fitted(ctx, lambda septets: _shown(ctx, price, septets))


def _what(ctx: Context, price: Price, septets: int) -> str:
    return ctx.say(
        "{product}, one {unit}, {market}",
        product=ctx.product(price.product),
        unit=ctx.unit(price.unit),
        market=cut(ctx.place(price.market), septets),
    )


def _further(ctx: Context) -> list[Option]:
    return [
        Option("1", ctx.say("Other places"), "price.near"),
        Option("2", ctx.say("Who sells"), "who.list"),
    ]


def _reports(price: Price) -> int:
    return min(price.reports, 9999)


def _shown(ctx: Context, price: Price, septets: int) -> Menu:
    seen = ctx.say(
        "{low} to {high}, {n} reports, {date}",
        low=ctx.price(price.low),
        high=ctx.price(price.high),
        n=_reports(price),
        date=day_seen(ctx, price.seen_on),
    )
    usual = ctx.say("Most pay {usual}", usual=ctx.price(price.usual))
    return Menu("\n".join((_what(ctx, price, septets), seen, usual)), _further(ctx))


@screen(
    "price.show.cfa",
    edges=("price.near", "who.list", "price.show", "pick.market"),
    needs=GOODS,
)
def show_second(ctx: Context) -> Menu | Goto:
    """The same for a neighbour's phone: the usual price in her money too, where a rate is known."""
    price = _found(ctx)
    near_amount = _in_her_money(ctx, price.usual) if price is not None else None
    if price is None or near_amount is None or price.reports < FEW:
        return Goto("price.show")

    def compose(septets: int) -> Menu:
        seen = ctx.say("{n} reports, {date}", n=_reports(price), date=day_seen(ctx, price.seen_on))
        usual = ctx.say("{usual}, near {cfa}", usual=ctx.price(price.usual), cfa=near_amount)
        return Menu("\n".join((_what(ctx, price, septets), seen, usual)), _further(ctx))

    return fitted(ctx, compose)


def _in_her_money(ctx: Context, amount_minor: int) -> str | None:
    """An amount in the money of a phone from another country that the pack also serves."""
    if ctx.phone.country not in ctx.catalog.settings.get("also_served", ()):
        return None
    found = in_second_currency(ctx.catalog, amount_minor)
    return None if found is None else str(found)


@screen(
    "price.few",
    edges=("price.near", "who.list", "seen.unit", "price.show", "pick.market"),
    needs=GOODS,
)
def few(ctx: Context) -> Menu | Goto:
    """One or two reports are no market price, and it says so."""
    price = _found(ctx)
    if price is None:
        return Goto("price.show")

    def compose(septets: int) -> Menu:
        values = {
            "n": _reports(price),
            "date": day_seen(ctx, price.seen_on),
            "usual": ctx.price(price.usual),
        }
        only = (
            ctx.say("Only {n} report, {date}: {usual}", **values)
            if price.reports == 1
            else ctx.say("Only {n} reports, {date}: {usual}", **values)
        )
        saw = Option("4", ctx.say("I saw a price"), "seen.unit")
        return Menu(_what(ctx, price, septets) + "\n" + only, [*_further(ctx), saw])

    return fitted(ctx, compose)


@screen(
    "price.empty",
    edges=("price.near", "who.list", "seen.unit", "price.show", "pick.market"),
    needs=GOODS,
)
def empty(ctx: Context) -> Menu | Goto:
    """Nobody reported a price here."""
    if market_of(ctx) is None:
        return ask_market("price.show")
    head = ctx.say(
        "No price yet: {product}, {market}",
        product=ctx.product(ctx.draft["product"]),
        market=ctx.place(market_of(ctx)),
    )
    saw = Option("4", ctx.say("I saw a price"), "seen.unit")
    return Menu(head, [*_further(ctx), saw])


@screen("price.near", edges=("price.show", "pick.market"), needs=GOODS)
def near_by(ctx: Context) -> Menu | Goto:
    """The price of one kilogram here and at the nearest places that have one."""
    market_id = market_of(ctx)
    if market_id is None:
        return ask_market("price.near")
    product_id = int(ctx.draft["product"])
    found = near(ctx.db, ctx.catalog, product_id, market_id)
    name = ctx.product(product_id)
    if not found:
        return Menu(ctx.say("{product}: nobody told the price of one kg yet.", product=name))
    items = [
        Item(
            f"{ctx.place(x.market)} {ctx.price(x.usual)}",
            "price.show",
            {"product": product_id, "market": x.market},
        )
        for x in found
    ]
    return Menu(ctx.say("{product}, 1 kg", product=name), items=items)
