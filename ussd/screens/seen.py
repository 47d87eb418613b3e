"""3*4 I saw a price: what somebody saw today, for all to know. Open to all."""

from __future__ import annotations

from typing import Any, Final

from trader_platform.market.service_prices import (
    MoveReport,
    ReportPrice,
    move_report,
    report_price,
)
from ussd import inputs
from ussd.context import Context
from ussd.screen import Act, Ask, Goto, Item, Menu, Next, Option, screen
from ussd.screens.pick import TYPED, pick_product
from ussd.screens.price import ask_market, market_of

GOODS: Final = {"product": "seen.word"}
MEASURE: Final = {**GOODS, "unit": "seen.unit"}
PRICE: Final = {**MEASURE, "price": "seen.price"}
PER_PAGE: Final = 4


def _what(ctx: Context) -> str:
    return ctx.say("I saw a price")


@screen("seen.word", redial="R1", edges=("seen.unit", *TYPED), what=_what)
def word(ctx: Context) -> Ask:
    """Which product."""
    return Ask(
        ctx.say("You saw a price? Type the product."),
        reask=ctx.say("Type a word, like rice"),
        accept=lambda typed: pick_product(ctx, typed, then="seen.unit", asked="seen.word"),
    )


@screen(
    "seen.unit", redial="R1", edges=("seen.price", "seen.word", "pick.market"), needs=GOODS,
    what=_what,
)  # fmt: skip
def unit(ctx: Context) -> Menu | Goto:
    """The price of one what."""
    if market_of(ctx) is None:
        return ask_market("seen.unit")
    product = ctx.catalog.products.get(ctx.draft["product"])
    if product is None:
        return Goto("seen.word")
    items = [Item(ctx.unit(x), "seen.price", {"unit": x}) for x in product.units]
    head = ctx.say("{product}: price of one what?", product=ctx.product(product.id))
    return Menu(head, items=items, per_page=PER_PAGE)


@screen(
    "seen.price", redial="R1", edges=("seen.done", "seen.unit", "pick.market"), needs=MEASURE,
    what=_what,
)  # fmt: skip
def price(ctx: Context) -> Ask | Goto:
    """How much it cost."""
    if market_of(ctx) is None:
        return ask_market("seen.unit")

    def accept(typed: str) -> Next | None:
        value = inputs.price(typed, ctx.catalog.currency)
        return None if value is None else Next("seen.done", {"price": value})

    head = ctx.say(
        "{product}, {market}: what does one {unit} cost today? Type it.",
        product=ctx.product(ctx.draft["product"]),
        market=ctx.place(market_of(ctx)),
        unit=ctx.unit(ctx.draft["unit"]),
    )
    return Ask(head, reask=ctx.say("Type a price, like 1500"), accept=accept)


@screen("seen.done", redial="R2", edges=("pick.market", "seen.word"), needs=PRICE)
def done(ctx: Context) -> Act:
    """Note it; she can still say that it was elsewhere."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def do(session: Any, by: Any) -> dict[str, Any]:
        command = ReportPrice(
            person=person_id,
            market=market_of(ctx) or 0,
            product=int(ctx.draft["product"]),
            unit=int(ctx.draft["unit"]),
            price_minor=int(ctx.draft["price"]),
        )
        return report_price(session, command, catalog=ctx.catalog, by=by)

    return Act(do=do, show=lambda result: _thanks(ctx, result))


@screen(
    "seen.moved", redial="R2", edges=("pick.market", "seen.word"),
    needs={"report": "seen.word", "market": "pick.market"},
)  # fmt: skip
def moved(ctx: Context) -> Act:
    """It was another place: the same report, there."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def do(session: Any, by: Any) -> dict[str, Any]:
        command = MoveReport(person_id, int(ctx.draft["report"]), int(ctx.draft["market"]))
        return move_report(session, command, catalog=ctx.catalog, by=by)

    return Act(do=do, show=lambda result: _thanks(ctx, result))


def _thanks(ctx: Context, result: dict[str, Any]) -> Menu:
    soon = (
        ctx.say("Thank you, others see it soon.")
        if result["state"] == "counted"
        else ctx.say("Thank you. We look at it first.")
    )
    goods = ctx.say(
        "{product}, {market}: one {unit} for {price}",
        product=ctx.product(result["product"]),
        market=ctx.place(result["market"]),
        unit=ctx.unit(result["unit"]),
        price=ctx.price(result["price"]),
    )
    elsewhere = {"then": "seen.moved", "asked": "pick.market", "report": result["report"]}
    options = [
        Option("1", ctx.say("It was another place"), "pick.market", elsewhere),
        Option("2", ctx.say("One more price"), "seen.word"),
    ]
    return Menu(soon + "\n" + goods, options, zero="home")
