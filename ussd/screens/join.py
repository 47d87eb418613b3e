"""Joining: consent, stall card, market, goods, name. Five answers at most, four with a card."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from trader_platform.core.gsm import cut
from trader_platform.market.queries_stalls import (
    StallView,
    card_number,
    stall_by_id,
    stall_of_card,
)
from trader_platform.market.search import find_places
from trader_platform.market.service_join import Joining, agree, join
from trader_platform.traders.queries import has_agreed
from trader_platform.traders.service import Details
from ussd.context import Context
from ussd.engine import HOME
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, screen
from ussd.screens.duty import badges_here
from ussd.screens.home import main_options
from ussd.screens.pick_market import place_items, places_of

LONGEST_NAME: Final = 40
SHORTEST_NAME: Final = 2
_IN_NAMES: Final = " '’.-"


def clean_name(typed: str) -> str | None:
    """A name in letters of any alphabet, spaces made single; None where it is none."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return None
    kinds = {unicodedata.category(sign)[0] for sign in name if sign not in _IN_NAMES}
    return name if "L" in kinds and kinds <= {"L", "M"} else None


def stall_typed(ctx: Context, typed: str) -> StallView | None:
    """The stall whose card was typed; None for a misread or unknown card."""
    card = card_number(typed)
    return stall_of_card(ctx.read, ctx.catalog.pack_id, card) if card else None


def is_taken(ctx: Context, stall: StallView) -> bool:
    """Whether another trader said first that it is hers."""
    me = ctx.caller.trader_id if ctx.caller else None
    return stall.taken_by is not None and stall.taken_by != me


def _joining(ctx: Context) -> str:
    return ctx.say("Join")


def _agrees(ctx: Context) -> bool:
    return ctx.caller is not None and has_agreed(ctx.read, ctx.caller.person_id)


@screen("join.gate", edges=("join.consent", "wrong.badge", "duty.code", HOME))
def gate(ctx: Context) -> Menu | Goto:
    """What needs a trader was asked for by somebody who is none; badge and ticket anyone checks.

    Their digits are the last of the strings that a trader dials for them: 1*4*2 and 1*3*9.
    """
    if ctx.joined:
        return Goto(HOME)
    options = [
        Option("1", ctx.say("Join"), "join.consent"),
        Option("9", ctx.say("Check a code"), "duty.code"),
    ]
    if badges_here(ctx):
        options.insert(1, Option("2", ctx.say("Is the collector real?"), "wrong.badge"))
    return Menu(ctx.say("Join first. It takes 5 answers."), options)


def _consent_options(ctx: Context, more: str | None) -> list[Option]:
    agreed = "join.card" if _agrees(ctx) else "join.agreed"
    options = [
        Option("1", ctx.say("I agree"), agreed),
        Option("2", ctx.say("No"), "join.no"),
    ]
    return [*options, Option("3", ctx.say("Tell me more"), more)] if more else options


@screen("join.consent", redial="R4", edges=("join.agreed", "join.card", "join.no", "join.more1"))
def consent(ctx: Context) -> Menu | Goto:
    """What is kept and who sees it. Who agreed in an earlier dialogue is not asked again."""
    if "agreed" not in ctx.draft and _agrees(ctx):
        return Goto("join.card", {"agreed": True})
    head = ctx.say(
        "We keep your name, phone, stall, goods, sales and pay. Your council sees it."
        " You can leave any day."
    )
    return Menu(head, _consent_options(ctx, "join.more1"), zero="none")


@screen("join.more1", redial="R4", edges=("join.agreed", "join.card", "join.no", "join.more2"))
def more_about_buyers(ctx: Context) -> Menu:
    """What buyers see."""
    head = ctx.say("Buyers see your goods and market. Not your number, if you do not say so.")
    return Menu(head, _consent_options(ctx, "join.more2"))


@screen("join.more2", redial="R4", edges=("join.agreed", "join.card", "join.no"))
def more_about_leaving(ctx: Context) -> Menu:
    """How to leave, and what stays."""
    head = ctx.say(
        "To leave press 5, 3, 5. We delete your name and number. Old sales and pay stay with no"
        " name."
    )
    return Menu(head, _consent_options(ctx, None))


@screen("join.no")
def no(ctx: Context) -> End:
    """She does not join, and loses nothing by it."""
    return End(
        ctx.say(
            "You did not join. That is fine. To see prices dial {dial} and press 3.", dial=ctx.dial
        )
    )


@screen("join.agreed", redial="R2", edges=("join.card",))
def agreed(ctx: Context) -> Act:
    """Note the consent and its moment."""
    person_id = ctx.caller.person_id if ctx.caller else 0
    return Act(
        do=lambda session, by: agree(session, person_id, by, zone=ctx.catalog.zone),
        show=lambda _result: Goto("join.card", {"agreed": True}),
    )


@screen(
    "join.card", redial="R1", edges=("join.card.is", "join.card.used", "join.market"), what=_joining
)
def card(ctx: Context) -> Ask | Goto:
    """The number on her stall card, or none: hawkers have none."""
    if not _agrees(ctx):
        return Goto("join.consent")

    def accept(typed: str) -> Next | None:
        stall = stall_typed(ctx, typed)
        if stall is None:
            return None
        following = "join.card.used" if is_taken(ctx, stall) else "join.card.is"
        return Next(following, {"stall": stall.id})

    return Ask(
        ctx.say("Type the number on your stall card."),
        [Option("1", ctx.say("I have no card"), "join.market", {"stall": None})],
        reask=ctx.say("Card number: 6 numbers, or 1"),
        accept=accept,
    )


@screen(
    "join.card.is",
    redial="R1",
    edges=("join.goods", "join.card"),
    needs={"stall": "join.card"},
    what=_joining,
)
def card_is(ctx: Context) -> Menu | Goto:
    """Read back what the card says."""
    stall = stall_by_id(ctx.read, ctx.draft["stall"])
    if stall is None:
        return Goto("join.card")
    head = ctx.say(
        "Stall {stall}, {market}. Is it yours?",
        stall=stall.number,
        market=ctx.place(stall.market_id),
    )
    options = [
        Option("1", ctx.say("Yes"), "join.goods", {"market": stall.market_id}),
        Option("2", ctx.say("No"), "join.card"),
    ]
    return Menu(head, options)


@screen(
    "join.card.used",
    redial="R1",
    edges=("join.goods", "join.card"),
    needs={"stall": "join.card"},
    what=_joining,
)
def card_used(ctx: Context) -> Menu | Goto:
    """Another trader said first that this stall is hers: the council will look."""
    stall = stall_by_id(ctx.read, ctx.draft["stall"])
    if stall is None:
        return Goto("join.card")
    head = ctx.say("Stall {stall} has a name on it. The council will look.", stall=stall.number)
    options = [
        Option("1", ctx.say("Go on"), "join.goods", {"market": stall.market_id}),
        Option("2", ctx.say("Type again"), "join.card"),
    ]
    return Menu(head, options)


@screen(
    "join.market",
    redial="R1",
    edges=("join.goods", "join.market.mean", "join.market.none"),
    what=_joining,
)
def market(ctx: Context) -> Ask:
    """Her market: in the pack's order, or any word typed."""

    def accept(typed: str) -> Next:
        match = find_places(ctx.catalog, typed)
        if match.sure is not None:
            return Next("join.goods", {"market": match.sure})
        if match.choices:
            word = cut(typed, 12)
            return Next("join.market.mean", {"places": list(match.choices), "word": word})
        return Next("join.market.none", {"word": cut(typed, 12)})

    return Ask(
        ctx.say("Your market? Press a number or type its name."),
        items=place_items(ctx, places_of(ctx, "daily", "lumo"), "join.goods"),
        accept=accept,
    )


@screen(
    "join.market.mean",
    redial="R1",
    edges=("join.goods", "join.market.none"),
    needs={"places": "join.market"},
    what=_joining,
)
def market_mean(ctx: Context) -> Menu:
    """The word fits several markets, or none surely."""
    known = [ctx.catalog.markets[x] for x in ctx.draft["places"] if x in ctx.catalog.markets]
    not_here = Option("4", ctx.say("Not here"), "join.market.none")
    return Menu(ctx.say("Did you mean"), [not_here], place_items(ctx, known, "join.goods"))


@screen("join.market.none", redial="R1", edges=("join.market", "join.goods"), what=_joining)
def market_none(ctx: Context) -> Menu:
    """A market that the pack does not hold keeps nobody from joining."""
    head = ctx.say("We do not know this market yet: {word}", word=ctx.draft.get("word", ""))
    options = [
        Option("1", ctx.say("Type again"), "join.market"),
        Option("2", ctx.say("Go on with no market"), "join.goods", {"market": None}),
    ]
    return Menu(head, options)


def goods_items(ctx: Context, goto: str, save: dict[str, Any]) -> list[Item]:
    """A row for each kind of goods, which is kept in ``goods``."""
    classes = ctx.catalog.classes
    return [Item(ctx.goods(each), goto, {**save, "goods": each}) for each in classes]


@screen(
    "join.goods",
    redial="R1",
    edges=("join.name",),
    needs={"market": "join.market"},
    what=_joining,
)
def goods(ctx: Context) -> Menu:
    """The kind of goods that she sells most."""
    items = goods_items(ctx, "join.name", {})
    return Menu(ctx.say("What do you sell most?"), items=items, per_page=4)


@screen(
    "join.name",
    redial="R1",
    edges=("join.done",),
    needs={"market": "join.market", "goods": "join.goods"},
    what=_joining,
)
def name(ctx: Context) -> Ask:
    """What people call her."""

    def accept(typed: str) -> Next | None:
        cleaned = clean_name(typed)
        return Next("join.done", {"name": cleaned}) if cleaned else None

    return Ask(
        ctx.say("Type your name, as people call you."),
        reask=ctx.say("Type your name with letters"),
        accept=accept,
    )


@screen(
    "join.done",
    redial="R2",
    edges=("duty.owed", "sell.home", "price.home", "lumo.home", "more.home"),
    needs={"market": "join.market", "goods": "join.goods", "name": "join.name"},
)
def done(ctx: Context) -> Act:
    """She is a trader."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def do(session: Any, by: Any) -> dict[str, Any]:
        draft = ctx.draft
        details = Details(draft["name"], draft["market"], draft["goods"])
        joining = Joining(person_id, details, draft.get("stall"), ctx.catalog.zone)
        return join(session, joining, by)

    def show(_result: dict[str, Any]) -> Menu:
        called = ctx.first_name(ctx.caller.name if ctx.caller else None)
        if called:
            head = ctx.say("Good, {name}. You are in.", name=called)
        else:
            head = ctx.say("Good. You are in.")
        return Menu(head, main_options(ctx), zero="none")

    return Act(do=do, show=show)
