"""What the selling screens share: the draft, where an answer leads, and how goods are worded.

A measure or a price is only good for the goods it was said of: ``unit_of`` and ``price_of`` name
them, so that a change of goods asks anew and a change of the number alone does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trader_platform.core.gsm import cut
from trader_platform.market.queries_listings import (
    Asked,
    Goods,
    SameGoods,
    is_far,
    others_ask,
    posted_before,
)
from trader_platform.market.types import MOST_AMOUNT
from ussd import inputs
from ussd.context import Context
from ussd.screen import Next, Save
from ussd.screens.pick import goods_of_class

FAVOURITES: Final = 3
WHAT_SEPTETS: Final = 18
GOODS: Final = {"product": "sell.product"}
NUMBER: Final = {**GOODS, "qty": "sell.qty"}
MEASURE: Final = {**NUMBER, "unit": "sell.unit"}
ALL: Final = {**MEASURE, "price": "sell.price"}


def trader_id(ctx: Context) -> int:
    """The caller's trader; screens that ask for it are shown to traders only."""
    return (ctx.caller and ctx.caller.trader_id) or 0


def market_id(ctx: Context) -> int | None:
    """Where she sells: her market, or the one she chose for this time."""
    own = ctx.caller.trader_market_id if ctx.caller else None
    found = own if own in ctx.catalog.markets else ctx.draft.get("market")
    return found if found in ctx.catalog.markets else None


def favourites(ctx: Context) -> list[int]:
    """Her last three different goods, filled up with goods of her kind."""
    before = [goods.product for goods in posted_before(ctx.read, trader_id(ctx))]
    of_class = goods_of_class(ctx, ctx.caller.goods_class_id if ctx.caller else None)
    sold = (x for x in [*before, *of_class] if x in ctx.catalog.products)
    return list(dict.fromkeys(sold))[:FAVOURITES]


def last_time(ctx: Context, product_id: int | None = None) -> Goods | None:
    """Her last listing (of a product) whose goods and measure are still in use."""
    for goods in posted_before(ctx.read, trader_id(ctx)):
        product = ctx.catalog.products.get(goods.product)
        if product and goods.unit in product.units and product_id in (None, goods.product):
            return goods
    return None


def what(ctx: Context) -> str:
    """``Sell 20 bags onion``, for the question whether to go on."""
    product, qty, unit = (ctx.draft.get(key) for key in ("product", "qty", "unit"))
    if product is None:
        return ctx.say("Sell")
    name = ctx.product(product)
    longer = [name]
    if qty is not None:
        longer.append(f"{qty:,} {name}")
        if unit is not None and ctx.draft.get("unit_of") == product:
            longer.append(f"{qty:,} {ctx.units(unit, qty)} {name}")
    texts = [ctx.say("Sell {goods}", goods=goods) for goods in reversed(longer)]
    fits = (text for text in texts if len(cut(text, 160)) <= WHAT_SEPTETS)
    return next(fits, cut(texts[-1], WHAT_SEPTETS))


def said_unit(product: int, unit: int) -> Save:
    """A measure that she gave for these goods."""
    return {"unit": unit, "unit_of": product}


def said_price(product: int, unit: int, price: int) -> Save:
    """A price that she gave for these goods in this measure."""
    return {"price": price, "price_of": [product, unit]}


def has_unit(draft: Mapping[str, Any]) -> bool:
    """Whether the draft has a measure for its goods."""
    return "unit" in draft and draft.get("unit_of") == draft["product"]


def has_price(draft: Mapping[str, Any]) -> bool:
    """Whether the draft has a price for its goods in its measure."""
    return "price" in draft and draft.get("price_of") == [draft["product"], draft["unit"]]


def following(draft: Mapping[str, Any]) -> str:
    """The screen that asks what is still missing; the confirmation where nothing is."""
    if not has_unit(draft):
        return "sell.unit"
    return "sell.confirm" if has_price(draft) else "sell.price"


def take_quantity(ctx: Context, typed: str) -> Next | None:
    """A typed number of goods, and where it leads."""
    qty = inputs.quantity(typed)
    if qty is None:
        return None
    save: dict[str, Any] = {"qty": qty}
    if not has_unit(ctx.draft):
        chosen = ctx.draft["product"]
        before = last_time(ctx, chosen)
        known = ctx.catalog.products.get(chosen)
        units = known.units if known else ()
        if before is not None:
            save |= said_unit(chosen, before.unit)
        elif len(units) == 1:
            save |= said_unit(chosen, units[0])
    draft = {**ctx.draft, **save}
    goto = following(draft)
    if goto == "sell.confirm" and qty * draft["price"] > MOST_AMOUNT:
        goto = "sell.price"
    return Next(goto, save)


def others(ctx: Context) -> Asked | None:
    """What others ask for the goods of the draft at her market."""
    draft = ctx.draft
    same = SameGoods(market_id(ctx) or 0, draft["product"], draft["unit"], trader_id(ctx))
    return others_ask(ctx.read, same, ctx.now)


def take_price(ctx: Context, typed: str) -> Next | None:
    """A typed price of one, and where it leads."""
    draft = ctx.draft
    value = inputs.price(typed, ctx.catalog.currency, quantity=draft["qty"])
    if value is None:
        return None
    asked = others(ctx)
    far = asked is not None and is_far(asked, value)
    save = said_price(draft["product"], draft["unit"], value)
    return Next("sell.far" if far else "sell.confirm", save)


def counted(ctx: Context, qty: int, unit: int, product: int) -> dict[str, str]:
    """The words of ``20 bags onion``, as values of a message."""
    return {
        "qty": f"{qty:,}",
        "units": ctx.units(unit, qty),
        "product": ctx.product(product),
    }


def priced(ctx: Context, unit: int, price: int) -> dict[str, str]:
    """The words of ``One bag for D1,500``, as values of a message."""
    return {"unit": ctx.unit(unit), "price": ctx.price(price)}


def goods_line(ctx: Context, qty: int, unit: int, product: int) -> str:
    """``20 bags onion``."""
    return ctx.say("{qty} {units} {product}", **counted(ctx, qty, unit, product))


def price_line(ctx: Context, unit: int, price: int) -> str:
    """``One bag for D1,500``."""
    return ctx.say("One {unit} for {price}", **priced(ctx, unit, price))
