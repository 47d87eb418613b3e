"""1*4 Something wrong: charged too much, no ticket, and what she told. Reports in two keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from trader_platform.fees.calendar import typed_day
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.service_reports import Tell, tell
from trader_platform.fees.types import DAILY_DUTY, DutyView, Place
from trader_platform.market.queries_calendar import changes_of_market
from trader_platform.staff.badges import read_badge
from ussd import inputs
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Menu, Next, Option, screen
from ussd.screens.duty import OWED, charges_here, standing_of
from ussd.screens.duty_lines import trader_of

HOME: Final = "wrong.home"
Do = Callable[[Any, Any], dict[str, Any]]


def place_of(ctx: Context) -> Place:
    """Where and for what her duty is: her stall's place, else what she said when she joined."""
    now = standing_of(ctx)
    if now is not None:
        return now.place
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    goods = ctx.caller.goods_class_id if ctx.caller else None
    return Place((market and market.council_id) or 0, market.id if market else 0, goods or 0)


def duty_here(ctx: Context) -> DutyView | None:
    """The tariff of a day at her place, as it is today."""
    place = place_of(ctx)
    market = ctx.catalog.markets.get(place.market_id)
    if market is None:
        return None
    changes = changes_of_market(ctx.read, market.id, ctx.today)
    return tariff_for(ctx.read, DAILY_DUTY, place, typed_day(market, changes, ctx.today))


def telling(ctx: Context, kind: str, *, draft: Callable[[str], Any], place: Place) -> Tell:
    """The report in the draft; her id only where she gives her name."""
    return Tell(
        kind=kind,
        council_id=place.council_id,
        market_id=place.market_id or None,
        day=ctx.today,
        trader_id=trader_of(ctx) if draft("named") else None,
        goods_class_id=place.goods_class_id or None,
        badge=draft("badge") or None,
        due_minor=draft("due"),
        paid_minor=draft("paid"),
    )


def telling_act(ctx: Context, kind: str, *, of: Callable[[Context], Place] = place_of) -> Do:
    """What an Act does to tell the council ``of`` a place what stands in the draft."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        told = telling(ctx, kind, draft=ctx.draft.get, place=of(ctx))
        return tell(session, told, by=by)

    return do


def answer_day(ctx: Context, result: dict[str, Any]) -> str:
    """By when the council must answer."""
    return ctx.date(date.fromisoformat(result["date"]))


def ask_badge(ctx: Context, then: str) -> Ask:
    """Five numbers with a check digit, or 1 for who does not know it."""

    def accept(typed: str) -> Next | None:
        badge = read_badge(typed)
        return Next(then, {"badge": badge}) if badge else None

    return Ask(
        ctx.say("Type the badge number."),
        [Option("1", ctx.say("I do not know it"), then, {"badge": ""})],
        reask=ctx.say("Badge: 5 numbers, or 1"),
        accept=accept,
    )


def ask_paid(ctx: Context, head: str, goto: Callable[[int], str]) -> Ask:
    """How much the collector took; ``goto`` says what an amount leads to."""

    def accept(typed: str) -> Next | None:
        paid = inputs.amount(typed, ctx.catalog.currency)
        return Next(goto(paid), {"paid": paid}) if paid else None

    return Ask(head, reask=ctx.say("Type a number, like {number}", number=25), accept=accept)


def with_name(ctx: Context, then: str) -> list[Option]:
    """The two keys that send a report."""
    return [
        Option("1", ctx.say("Yes, with my name"), then, {"named": True}),
        Option("2", ctx.say("Yes, no name"), then, {"named": False}),
    ]


@screen(
    HOME,
    edges=("wrong.rate", "wrong.badge", "wrong.noticket", "wrong.list", OWED),
    joined=True,
)
def home(ctx: Context) -> Menu | Goto:
    """What may be wrong; where the council takes no duty through us nobody would answer."""
    if not charges_here(ctx):
        return Goto(OWED)
    options = [
        Option("1", ctx.say("Was I charged right?"), "wrong.rate"),
        Option("2", ctx.say("Is the collector real?"), "wrong.badge"),
        Option("3", ctx.say("I got no ticket"), "wrong.noticket"),
        Option("4", ctx.say("What I told you"), "wrong.list"),
    ]
    return Menu(ctx.say("What is wrong?"), options)


@screen("wrong.rate", edges=("wrong.paid", OWED, "state.council"), joined=True)
def rate(ctx: Context) -> Menu | Goto:
    """The official duty, to hold against what was taken."""
    duty, place = duty_here(ctx), place_of(ctx)
    if duty is None:
        return Goto("state.council")
    goods, market = ctx.goods(place.goods_class_id), ctx.place(place.market_id)
    due = ctx.money(duty.amount_minor)
    head = ctx.say("{goods} at {market}, one day.", goods=goods, market=market)
    if duty.certainty == "sourced":
        right = ctx.say("The right duty is {due}", due=due)
    else:
        right = ctx.say("We think it is {due}, ask the council", due=due)
    options = [
        Option("1", ctx.say("I paid more"), "wrong.paid", {"due": duty.amount_minor}),
        Option("2", ctx.say("I paid right"), OWED),
    ]
    return Menu(f"{head}\n{right}", options)


@screen(
    "wrong.paid",
    redial="R1",
    edges=("wrong.who", "wrong.fair"),
    needs={"due": "wrong.rate"},
    joined=True,
    what=lambda ctx: ctx.say("Was I charged right?"),
)
def paid(ctx: Context) -> Ask:
    """How much was taken."""
    due = int(ctx.draft["due"])
    head = ctx.say("How much did the collector take? Type it.")
    return ask_paid(ctx, head, lambda amount: "wrong.who" if amount > due else "wrong.fair")


@screen(
    "wrong.fair",
    redial="R1",
    edges=("wrong.who",),
    needs={"due": "wrong.rate", "paid": "wrong.paid"},
    joined=True,
    what=lambda ctx: ctx.say("Was I charged right?"),
)
def fair(ctx: Context) -> Menu:
    """What was taken is no more than the duty; she may tell it still."""
    due = ctx.money(int(ctx.draft["due"]))
    head = ctx.say("For you this is right: {due}", due=due)
    return Menu(head, [Option("1", ctx.say("Tell the council still"), "wrong.who")])


@screen(
    "wrong.who",
    redial="R1",
    edges=("wrong.send",),
    needs={"due": "wrong.rate", "paid": "wrong.paid"},
    joined=True,
    what=lambda ctx: ctx.say("Was I charged right?"),
)
def who(ctx: Context) -> Ask:
    """Which collector."""
    return ask_badge(ctx, "wrong.send")


@screen(
    "wrong.send",
    redial="R1",
    edges=("wrong.sent",),
    needs={"due": "wrong.rate", "paid": "wrong.paid", "badge": "wrong.who"},
    joined=True,
    what=lambda ctx: ctx.say("Was I charged right?"),
)
def send(ctx: Context) -> Menu:
    """The last question before others see it."""
    line = ctx.say(
        "Right is {due}, you paid {paid_amount}",
        due=ctx.money(int(ctx.draft["due"])),
        paid_amount=ctx.money(int(ctx.draft["paid"])),
    )
    return Menu(ctx.say("Tell the council?") + f"\n{line}", with_name(ctx, "wrong.sent"))


@screen("wrong.sent", redial="R2", edges=(HOME,), needs={"named": HOME}, joined=True)
def sent(ctx: Context) -> Act:
    """Told: a number, and by when the council must answer."""

    def show(result: dict[str, Any]) -> End:
        more = max(int(result["paid"]) - int(result["due"]), 0)
        told = ctx.say(
            "The council has it. Number {ref}. It must answer by {date}.",
            ref=result["ref"],
            date=answer_day(ctx, result),
        )
        return End(told + " " + ctx.say("Too much: {amount}", amount=ctx.money(more)))

    return Act(do=telling_act(ctx, "overcharge"), show=show)


@screen(
    "wrong.noticket",
    redial="R1",
    edges=("wrong.noticket.who", OWED),
    joined=True,
    what=lambda ctx: ctx.say("I got no ticket"),
)
def no_ticket(ctx: Context) -> Ask | Goto:
    """She paid and got nothing for it."""
    if not charges_here(ctx):
        return Goto(OWED)
    head = ctx.say("You paid and got no ticket. How much did you pay? Type it.")
    return ask_paid(ctx, head, lambda _amount: "wrong.noticket.who")


@screen(
    "wrong.noticket.who",
    redial="R1",
    edges=("wrong.noticket.send",),
    needs={"paid": "wrong.noticket"},
    joined=True,
    what=lambda ctx: ctx.say("I got no ticket"),
)
def no_ticket_who(ctx: Context) -> Ask:
    """Which collector."""
    return ask_badge(ctx, "wrong.noticket.send")


@screen(
    "wrong.noticket.send",
    redial="R1",
    edges=("wrong.noticket.sent",),
    needs={"paid": "wrong.noticket", "badge": "wrong.noticket.who"},
    joined=True,
    what=lambda ctx: ctx.say("I got no ticket"),
)
def no_ticket_send(ctx: Context) -> Menu:
    """The last question before others see it."""
    paid = ctx.money(int(ctx.draft["paid"]))
    line = ctx.say("No ticket today for {paid_amount}", paid_amount=paid)
    return Menu(ctx.say("Tell the council?") + f"\n{line}", with_name(ctx, "wrong.noticket.sent"))


@screen("wrong.noticket.sent", redial="R2", edges=(HOME,), needs={"named": HOME}, joined=True)
def no_ticket_sent(ctx: Context) -> Act:
    """Told: a number, and by when the council must answer."""

    def show(result: dict[str, Any]) -> End:
        told = ctx.say(
            "The council has it. Number {ref}. It must answer by {date}.",
            ref=result["ref"],
            date=answer_day(ctx, result),
        )
        paid = ctx.money(int(result["paid"]))
        return End(told + " " + ctx.say("No ticket for {paid_amount}", paid_amount=paid))

    return Act(do=telling_act(ctx, "no_ticket"), show=show)
