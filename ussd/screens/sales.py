"""2*5 My sales: this week, the last ones, correcting, adding."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.market import service_sales as service
from trader_platform.market.queries_sales import Sale, last_sales, sale_of, taken_since
from trader_platform.market.types import (
    NotATrader,
    RecordSale,
    SaleGone,
    SaleOf,
    UnknownGoods,
)
from ussd import inputs
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, Result, screen
from ussd.screens.pick import pick_product, product_items
from ussd.screens.selling import counted, favourites, market_id, trader_id

SALE: Final = {"sale": "sales.list"}
REFUSED: Final = ("sales.list", "sales.add", "join.gate")


def _what(ctx: Context) -> str:
    return ctx.say("My sales")


def _refused(error: DomainError) -> Goto | None:
    if isinstance(error, SaleGone):
        return Goto("sales.list")
    if isinstance(error, UnknownGoods):
        return Goto("sales.add")
    return Goto("join.gate") if isinstance(error, NotATrader) else None


@screen("sales.home", joined=True, edges=("sales.list", "sales.add"))
def home(ctx: Context) -> Menu:
    """What she took since Monday."""
    monday = ctx.today - timedelta(days=ctx.today.weekday())
    taken = taken_since(ctx.read, trader_id(ctx), monday)
    lines = [ctx.say("This week: no sale yet.")]
    if taken.sales == 1:
        lines = [ctx.say("This week: 1 sale.")]
    elif taken.sales:
        lines = [ctx.say("This week: {n} sales.", n=taken.sales)]
    if taken.sales:
        lines.append(ctx.say("You took {amount}", amount=ctx.money(taken.amount_minor)))
    options = [
        Option("1", ctx.say("Last sales"), "sales.list"),
        Option("2", ctx.say("Add a sale"), "sales.add"),
    ]
    return Menu("\n".join(lines), options)


@screen("sales.list", joined=True, edges=("sales.one", "sales.none"))
def sales(ctx: Context) -> Menu | Goto:
    """Her last sales that count."""
    found = last_sales(ctx.read, trader_id(ctx))
    if not found:
        return Goto("sales.none")
    return Menu(ctx.say("Last sales"), items=[_row(ctx, sale) for sale in found])


def _row(ctx: Context, sale: Sale) -> Item:
    label = ctx.say(
        "{date} {product} {amount}",
        date=ctx.date(sale.sold_on),
        product=ctx.product(sale.product),
        amount=ctx.money(sale.amount_minor),
    )
    return Item(label, "sales.one", {"sale": sale.id})


@screen("sales.none", joined=True, edges=("sales.add",))
def none(ctx: Context) -> Menu:
    """No sale yet; 2 adds one, as it does one screen before."""
    options = [Option("2", ctx.say("Add a sale"), "sales.add")]
    return Menu(ctx.say("No sale is noted yet."), options)


@screen("sales.one", joined=True, needs=SALE, edges=("sales.fix", "sales.out", "sales.list"))
def one(ctx: Context) -> Menu | Goto:
    """One sale, and what may be wrong with it."""
    sale = sale_of(ctx.read, trader_id(ctx), ctx.draft["sale"])
    if sale is None:
        return Goto("sales.list")
    day = ctx.date(sale.sold_on)
    head = ctx.say("{date}: {product}", date=day, product=ctx.product(sale.product))
    if sale.quantity is not None and sale.unit is not None:
        goods = counted(ctx, sale.quantity, sale.unit, sale.product)
        head = ctx.say("{date}: {qty} {units} {product}", date=day, **goods)
    took = ctx.say("You took {amount}", amount=ctx.money(sale.amount_minor))
    options = [
        Option("1", ctx.say("Wrong amount"), "sales.fix"),
        Option("2", ctx.say("Take it out"), "sales.out"),
    ]
    return Menu(head + "\n" + took, options)


@screen(
    "sales.fix",
    redial="R1",
    joined=True,
    needs=SALE,
    edges=("sales.saved", "sales.list"),
    what=_what,
)
def fix(ctx: Context) -> Ask | Goto:
    """What she really took."""
    sale = sale_of(ctx.read, trader_id(ctx), ctx.draft["sale"])
    if sale is None:
        return Goto("sales.list")
    head = ctx.say(
        "{product}: how much did you take? We have {amount}",
        product=ctx.product(sale.product),
        amount=ctx.money(sale.amount_minor),
    )
    return _ask_amount(ctx, head, fix=sale.id)


def _ask_amount(ctx: Context, head: str, *, fix: int | None) -> Ask:
    """``fix`` tells ``sales.saved`` which sale is corrected; None adds one."""

    def accept(typed: str) -> Next | None:
        amount = inputs.amount(typed, ctx.catalog.currency)
        return None if amount is None else Next("sales.saved", {"amount": amount, "fix": fix})

    return Ask(head, reask=ctx.say("Type a number, like {number}", number=1500), accept=accept)


@screen("sales.out", redial="R2", joined=True, needs=SALE, edges=REFUSED)
def out(ctx: Context) -> Act:
    """It stays in the books and counts no more."""
    return Act(
        do=lambda session, by: service.take_out(
            session, SaleOf(trader_id(ctx), ctx.draft["sale"]), by=by
        ),
        show=lambda result: End(
            ctx.say(
                "Taken out. It does not count now: {product} {amount}",
                product=ctx.product(result["product"]),
                amount=ctx.money(result["amount"]),
            )
        ),
        refused=_refused,
    )


@screen(
    "sales.add",
    redial="R1",
    joined=True,
    edges=("sales.add.amount", "pick.mean", "pick.none"),
    what=_what,
)
def add(ctx: Context) -> Ask:
    """A sale of goods that were not on sale here."""
    return Ask(
        ctx.say("What did you sell? Press a number or type a word."),
        items=product_items(ctx, favourites(ctx), "sales.add.amount"),
        reask=ctx.say("Press a number or type"),
        accept=lambda typed: pick_product(ctx, typed, then="sales.add.amount", asked="sales.add"),
    )


@screen(
    "sales.add.amount",
    redial="R1",
    joined=True,
    needs={"product": "sales.add"},
    edges=("sales.saved",),
    what=_what,
)
def add_amount(ctx: Context) -> Ask:
    """The money she took for it."""
    product = ctx.product(ctx.draft["product"])
    head = ctx.say("{product}: how much did you take? Type it.", product=product)
    return _ask_amount(ctx, head, fix=None)


@screen(
    "sales.saved",
    redial="R2",
    joined=True,
    needs={"amount": "sales.add"},
    edges=REFUSED,
)
def saved(ctx: Context) -> Act:
    """A sale was added or corrected."""
    return Act(
        do=lambda session, by: _save(ctx, session, by),
        show=lambda result: _saved(ctx, result),
        refused=_refused,
    )


def _save(ctx: Context, session: Any, by: By) -> Result:
    draft = ctx.draft
    if draft.get("fix") is not None:
        sale = SaleOf(trader_id(ctx), draft["fix"])
        return service.correct_amount(session, sale, draft["amount"], by=by)
    command = RecordSale(
        trader=trader_id(ctx),
        market=market_id(ctx),
        product=draft["product"],
        amount_minor=draft["amount"],
        zone=ctx.catalog.zone,
        currency=ctx.catalog.currency,
    )
    return service.record_sale(session, command, by=by)


def _saved(ctx: Context, result: Result) -> End:
    return End(
        ctx.say(
            "Noted for {date}: {product}. You took {amount}",
            date=ctx.date(date.fromisoformat(result["sold_on"])),
            product=ctx.product(result["product"]),
            amount=ctx.money(result["amount"]),
        )
    )
