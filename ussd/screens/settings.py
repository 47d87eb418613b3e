"""5*3 Settings: language, who sees her number, and what she said when she joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from trader_platform.market.queries_stalls import StallView, stall_by_id, stall_of_trader
from trader_platform.market.service_join import claim_stall
from trader_platform.traders import service as traders
from ussd.context import Context
from ussd.screen import Act, Ask, Goto, Menu, Next, Option, screen
from ussd.screens.gates import language_options
from ussd.screens.join import clean_name, goods_items, is_taken, stall_typed

# What set.saved changes, to the key of the draft in which its new value stands.
VALUES: Final = {
    "name": "name",
    "market_id": "market",
    "goods_class_id": "goods",
    "number_shown": "number",
    "gender": "gender",
    "stall": "stall",
}


def my_stall(ctx: Context) -> StallView | None:
    """Her stall, where it stands in the market that she names as hers."""
    trader_id = ctx.caller.trader_id if ctx.caller else None
    stall = stall_of_trader(ctx.read, trader_id) if trader_id else None
    return stall if stall is not None and stall.market_id == ctx.market_id else None


@screen("set.home", edges=("set.lang", "set.number", "set.mine", "leave.ask"))
def set_home(ctx: Context) -> Menu:
    """Settings; who does not sell has fewer."""
    options = [Option("1", ctx.say("Language"), "set.lang")]
    if ctx.joined:
        options += [
            Option("3", ctx.say("Who sees my number"), "set.number"),
            Option("4", ctx.say("My name and stall"), "set.mine"),
        ]
    return Menu(ctx.say("Settings"), [*options, Option("5", ctx.say("Leave"), "leave.ask")])


@screen("set.lang", edges=("lang.set", "lang.draft"))
def language(ctx: Context) -> Menu:
    """Another language; a draft says first that it is one."""
    return Menu(ctx.say("Language"), language_options(ctx))


@screen("set.saved.shown", redial="R2", edges=("set.home",))
def language_saved(ctx: Context) -> Menu:
    """After a language was kept: said in that language."""
    own_names = {tag: name for tag, name, _ in ctx.catalog.languages}
    return _saved(ctx, own_names.get(ctx.language, ctx.language))


def who_sees(ctx: Context, shown: str) -> str:
    """Who sees her number, in words."""
    return {
        "nobody": ctx.say("Nobody"),
        "asked": ctx.say("Buyers I say yes to"),
        "all": ctx.say("All buyers"),
    }[shown]


@screen("set.number", edges=("set.saved",), joined=True)
def number(ctx: Context) -> Menu:
    """Who sees her number."""
    now = ctx.caller.number_shown if ctx.caller else "asked"
    head = ctx.say("Who sees my number? Now: {state}", state=who_sees(ctx, now))
    options = [
        Option(str(digit), who_sees(ctx, shown), "set.saved", _change("number_shown", shown))
        for digit, shown in enumerate(traders.NUMBER_SHOWN, start=1)
    ]
    return Menu(head, options)


@screen(
    "set.mine",
    edges=("set.name", "pick.market", "set.card", "set.goods", "set.gender"),
    joined=True,
)
def mine(ctx: Context) -> Menu:
    """What she said when she joined."""
    stall = my_stall(ctx)
    head = ctx.say(
        "{name}, {market} {stall}",
        name=ctx.first_name(ctx.caller.name if ctx.caller else None),
        market=ctx.place(ctx.market_id),
        stall=stall.number if stall else "",
    )
    market = {"then": "set.saved", "asked": "pick.market", "changing": "market_id"}
    options = [
        Option("1", ctx.say("Name"), "set.name"),
        Option("2", ctx.say("Market"), "pick.market", market),
        Option("3", ctx.say("Stall card"), "set.card"),
        Option("4", ctx.say("Goods"), "set.goods"),
        Option("5", ctx.say("Woman or man"), "set.gender"),
    ]
    return Menu(head.strip(), options)


@screen(
    "set.name",
    redial="R1",
    edges=("set.saved",),
    joined=True,
    what=lambda ctx: ctx.say("Change my name"),
)
def name(ctx: Context) -> Ask:
    """Another name."""

    def accept(typed: str) -> Next | None:
        cleaned = clean_name(typed)
        return Next("set.saved", _change("name", cleaned)) if cleaned else None

    return Ask(
        ctx.say("Type your name, as people call you."),
        reask=ctx.say("Type your name with letters"),
        accept=accept,
    )


@screen(
    "set.card",
    redial="R1",
    edges=("set.saved", "set.card.used"),
    joined=True,
    what=lambda ctx: ctx.say("My stall card"),
)
def card(ctx: Context) -> Ask:
    """The number on her stall card."""

    def accept(typed: str) -> Next | None:
        stall = stall_typed(ctx, typed)
        if stall is None:
            return None
        following = "set.card.used" if is_taken(ctx, stall) else "set.saved"
        return Next(following, _change("stall", stall.id))

    return Ask(
        ctx.say("Type the number on your stall card."),
        reask=ctx.say("Card number: 6 numbers"),
        accept=accept,
    )


@screen(
    "set.card.used",
    redial="R1",
    edges=("set.saved", "set.card"),
    needs={"stall": "set.card"},
    joined=True,
    what=lambda ctx: ctx.say("My stall card"),
)
def card_used(ctx: Context) -> Menu | Goto:
    """Another trader said first that this stall is hers."""
    stall = stall_by_id(ctx.read, ctx.draft["stall"])
    if stall is None:
        return Goto("set.card")
    head = ctx.say("Stall {stall} has a name on it. The council will look.", stall=stall.number)
    options = [
        Option("1", ctx.say("Go on"), "set.saved", _change("stall", stall.id)),
        Option("2", ctx.say("Type again"), "set.card"),
    ]
    return Menu(head, options)


@screen(
    "set.goods",
    redial="R1",
    edges=("set.saved",),
    joined=True,
    what=lambda ctx: ctx.say("Change my goods"),
)
def goods(ctx: Context) -> Menu:
    """Another kind of goods."""
    items = goods_items(ctx, "set.saved", {"changing": "goods_class_id"})
    return Menu(ctx.say("What do you sell most?"), items=items, per_page=4)


@screen("set.gender", edges=("set.saved",), joined=True)
def gender(ctx: Context) -> Menu:
    """Woman or man, freely, to count only."""
    head = ctx.say("Only to count, with no name. You may say no.")
    words = {"woman": ctx.say("Woman"), "man": ctx.say("Man"), "unsaid": ctx.say("I do not say")}
    options = [
        Option(str(digit), words[said], "set.saved", _change("gender", code))
        for digit, (said, code) in enumerate(traders.GENDERS.items(), start=1)
    ]
    return Menu(head, options)


@screen("set.saved", redial="R2", edges=("set.home",), needs={"changing": "set.home"}, joined=True)
def saved(ctx: Context) -> Act:
    """Keep one changed detail, and say what was kept."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def do(session: Any, by: Any) -> dict[str, Any]:
        what = ctx.draft["changing"]
        value = ctx.draft[VALUES[what]]
        if what == "stall":
            return claim_stall(session, person_id, value, by=by)
        return traders.change(session, person_id, what, value, by=by)

    return Act(do=do, show=lambda result: _saved(ctx, _now(ctx, result)))


def _change(what: str, value: object) -> dict[str, object]:
    return {"changing": what, VALUES[what]: value}


def _saved(ctx: Context, state: str) -> Menu:
    head = ctx.say("Saved: {state}", state=state)
    return Menu(head, [Option("1", ctx.say("Settings"), "set.home")], zero="home")


def _now(ctx: Context, result: dict[str, Any]) -> str:
    """The new value in at most 22 septets; a name is kept nowhere but in the caller's own row."""
    value = result["value"]
    words: dict[str, Callable[[], str]] = {
        "name": lambda: ctx.first_name(ctx.caller.name if ctx.caller else None),
        "market_id": lambda: ctx.place(value),
        "goods_class_id": lambda: ctx.goods(value),
        "number_shown": lambda: who_sees(ctx, value),
        "gender": lambda: {"w": ctx.say("Woman"), "m": ctx.say("Man")}.get(
            value, ctx.say("I do not say")
        ),
        "stall": lambda: ctx.say("Stall {stall}", stall=result["number"]),
    }
    return words[result["what"]]()
