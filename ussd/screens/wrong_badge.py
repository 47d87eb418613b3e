"""1*4*2 Is this collector real? A badge is worth what the council says of it today."""

from __future__ import annotations

from typing import Any

from trader_platform.staff.badges import DIGITS, read_badge
from trader_platform.staff.queries import badge_seen
from trader_platform.staff.types import BadgeSeen
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Menu, Next, Option, screen
from ussd.screens.duty import OWED, charges_here
from ussd.screens.wrong import HOME, place_of, telling_act

BADGE = "wrong.badge"
_WORTH = ("wrong.real", "wrong.away", "wrong.ended", "wrong.fake")


def _worth(ctx: Context, number: str) -> tuple[str, BadgeSeen | None]:
    """The screen that says what a badge is worth at her market today."""
    seen = badge_seen(ctx.read, number, ctx.today) if read_badge(number) else None
    if seen is None:
        return "wrong.fake", None
    if seen.ends_on is not None and seen.ends_on < ctx.today:
        return "wrong.ended", seen
    place = place_of(ctx)
    here = seen.council_id == place.council_id
    takes = here and (seen.anywhere or place.market_id in seen.markets)
    return ("wrong.real" if takes else "wrong.away"), seen


@screen(BADGE, edges=("wrong.nobadge", *_WORTH, OWED), joined=True)
def badge(ctx: Context) -> Ask | Goto:
    """The number on the badge that she sees."""
    if not charges_here(ctx):
        return Goto(OWED)

    def accept(typed: str) -> Next | None:
        number = "".join(typed.replace("-", " ").split())
        if len(number) != DIGITS or not (number.isascii() and number.isdigit()):
            return None
        return Next(_worth(ctx, number)[0], {"badge": number})

    return Ask(
        ctx.say("Type the badge number that you see."),
        [Option("1", ctx.say("There is no badge"), "wrong.nobadge")],
        reask=ctx.say("Badge: 5 numbers, or 1"),
        accept=accept,
    )


def _tell(ctx: Context, label: str = "") -> Option:
    return Option("1", label or ctx.say("Tell the council"), "wrong.told", {"named": False})


def _again(ctx: Context) -> Option:
    return Option("2", ctx.say("Type again"), BADGE)


@screen("wrong.real", edges=("wrong.told", BADGE), needs={"badge": BADGE}, joined=True)
def real(ctx: Context) -> Menu | Goto:
    """It takes duty here today; she sees whether the face fits the name."""
    worth, seen = _worth(ctx, str(ctx.draft["badge"]))
    if seen is None or worth != "wrong.real":
        return Goto(BADGE)
    head = ctx.say(
        "Real. Badge {badge}, {name}, takes duty at {market} today.",
        badge=seen.number,
        name=ctx.first_name(seen.name),
        market=ctx.place(place_of(ctx).market_id),
    )
    return Menu(head, [_tell(ctx, ctx.say("It is not this person"))])


@screen("wrong.away", edges=("wrong.told", BADGE), needs={"badge": BADGE}, joined=True)
def away(ctx: Context) -> Menu:
    """A real badge that takes no duty at this market today."""
    head = ctx.say(
        "Do not pay. Badge {badge} is real, but not for {market} today.",
        badge=ctx.draft["badge"],
        market=ctx.place(place_of(ctx).market_id),
    )
    return Menu(head, [_tell(ctx), _again(ctx)])


@screen("wrong.ended", edges=("wrong.told", BADGE), needs={"badge": BADGE}, joined=True)
def ended(ctx: Context) -> Menu | Goto:
    """A badge that was real once."""
    _, seen = _worth(ctx, str(ctx.draft["badge"]))
    if seen is None or seen.ends_on is None:
        return Goto(BADGE)
    day = ctx.date(seen.ends_on)
    head = ctx.say("Do not pay. Badge {badge} ended on {date}.", badge=seen.number, date=day)
    return Menu(head, [_tell(ctx)])


@screen("wrong.fake", edges=("wrong.told", BADGE), needs={"badge": BADGE}, joined=True)
def fake(ctx: Context) -> Menu:
    """Nobody ever had this badge."""
    head = ctx.say(
        "Do not pay. No badge {badge} takes duty at {market}.",
        badge=ctx.draft["badge"],
        market=ctx.place(place_of(ctx).market_id),
    )
    return Menu(head, [_tell(ctx), _again(ctx)])


@screen("wrong.nobadge", edges=("wrong.told",), joined=True)
def no_badge(ctx: Context) -> Menu:
    """Who shows none has no right to duty."""
    head = ctx.say("No badge, no duty. You may say no.")
    told = {"named": False, "badge": ""}
    return Menu(head, [Option("1", ctx.say("Tell the council"), "wrong.told", told)])


@screen("wrong.told", redial="R2", edges=(HOME,), needs={"named": HOME}, joined=True)
def told(ctx: Context) -> Act:
    """Told, with no name: who stands before a false collector must fear nothing."""

    def show(result: dict[str, Any]) -> End:
        said = ctx.say("The council has it, with no name. Number {ref}.", ref=result["ref"])
        return End(said + " " + ctx.say("Keep safe. Pay only a real badge."))

    return Act(do=telling_act(ctx, "badge"), show=show)
