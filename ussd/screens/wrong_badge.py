"""1*4*2 Is this collector real? A badge is worth what the council says of it today.

Anyone may ask: who has not joined comes from *Join first*, and may have named no market. Then the
badge is asked where it takes duty, and she sees whether she stands there.
"""

from __future__ import annotations

from typing import Any

from trader_platform.fees.types import Place
from trader_platform.staff.badges import DIGITS, read_badge
from trader_platform.staff.queries import badge_seen
from trader_platform.staff.types import BadgeSeen
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Menu, Next, Option, screen
from ussd.screens.duty import OWED, badges_here
from ussd.screens.duty_words import known_date
from ussd.screens.wrong import HOME, place_of, telling_act

BADGE = "wrong.badge"
_WORTH = ("wrong.real", "wrong.away", "wrong.ended", "wrong.fake")


def _seen(ctx: Context, number: str) -> BadgeSeen | None:
    seen = badge_seen(ctx.read, number, ctx.today) if read_badge(number) else None
    return seen if seen is not None and seen.council_id in ctx.catalog.councils else None


def _place(ctx: Context, seen: BadgeSeen | None) -> Place:
    """A trader's place, a buyer's market; else where the badge is for. Zeros: nobody can tell."""
    if ctx.joined:
        return place_of(ctx)
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    if market is not None:
        return Place(market.council_id or 0, market.id, 0)
    if seen is None:
        return Place(0, 0, 0)
    return Place(seen.council_id, next(iter(seen.markets), 0), 0)


def _worth(ctx: Context, number: str) -> tuple[str, BadgeSeen | None]:
    """The screen that says what a badge is worth at her market today."""
    seen = _seen(ctx, number)
    if seen is None:
        return "wrong.fake", None
    if seen.ends_on is not None and seen.ends_on < ctx.today:
        return "wrong.ended", seen
    place = _place(ctx, seen)
    here = seen.council_id == place.council_id
    takes = here and (seen.anywhere or place.market_id in seen.markets)
    return ("wrong.real" if takes else "wrong.away"), seen


@screen(BADGE, edges=("wrong.nobadge", *_WORTH, OWED, "join.gate"))
def badge(ctx: Context) -> Ask | Goto:
    """The number on the badge that she sees."""
    if not badges_here(ctx):
        return Goto(OWED if ctx.joined else "join.gate")

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


def _tell(ctx: Context, seen: BadgeSeen | None, label: str = "") -> list[Option]:
    """Tell the council; left out where nobody knows which one."""
    if not _place(ctx, seen).council_id:
        return []
    return [Option("1", label or ctx.say("Tell the council"), "wrong.told", {"named": False})]


def _again(ctx: Context) -> Option:
    return Option("2", ctx.say("Type again"), BADGE)


@screen("wrong.real", edges=("wrong.told", BADGE), needs={"badge": BADGE})
def real(ctx: Context) -> Menu | Goto:
    """It takes duty here today; she sees whether the face fits the name."""
    worth, seen = _worth(ctx, str(ctx.draft["badge"]))
    if seen is None or worth != "wrong.real":
        return Goto(BADGE)
    who = {"badge": seen.number, "name": ctx.first_name(seen.name)}
    market = _place(ctx, seen).market_id
    head = ctx.say(
        "Real. Badge {badge}, {name}, takes duty at {market} today.",
        market=ctx.place(market),
        **who,
    )
    if not market:
        council = ctx.catalog.councils[seen.council_id].short_name
        head = ctx.say(
            "Real. Badge {badge}, {name}, takes duty for {council} council today.",
            council=council,
            **who,
        )
    since = ctx.say("Since {date}", date=known_date(ctx, seen.starts_on, "day"))
    return Menu(f"{head}\n{since}", _tell(ctx, seen, ctx.say("It is not this person")))


@screen("wrong.away", edges=("wrong.told", BADGE), needs={"badge": BADGE})
def away(ctx: Context) -> Menu:
    """A real badge that takes no duty at this market today."""
    number = str(ctx.draft["badge"])
    seen = _seen(ctx, number)
    market = _place(ctx, seen).market_id
    head = ctx.say(
        "Do not pay. Badge {badge} is real, but not for {market} today.",
        badge=number,
        market=ctx.place(market),
    )
    if not market:
        head = ctx.say("Do not pay. Badge {badge} is real, but takes no duty today.", badge=number)
    return Menu(head, [*_tell(ctx, seen), _again(ctx)])


@screen("wrong.ended", edges=("wrong.told", BADGE), needs={"badge": BADGE})
def ended(ctx: Context) -> Menu | Goto:
    """A badge that was real once."""
    _, seen = _worth(ctx, str(ctx.draft["badge"]))
    if seen is None or seen.ends_on is None:
        return Goto(BADGE)
    day = ctx.date(seen.ends_on)
    head = ctx.say("Do not pay. Badge {badge} ended on {date}.", badge=seen.number, date=day)
    return Menu(head, _tell(ctx, seen))


@screen("wrong.fake", edges=("wrong.told", BADGE), needs={"badge": BADGE})
def fake(ctx: Context) -> Menu:
    """Nobody ever had this badge."""
    number, market = str(ctx.draft["badge"]), _place(ctx, None).market_id
    head = ctx.say(
        "Do not pay. No badge {badge} takes duty at {market}.",
        badge=number,
        market=ctx.place(market),
    )
    if not market:
        head = ctx.say("Do not pay. There is no badge {badge}.", badge=number)
    return Menu(head, [*_tell(ctx, None), _again(ctx)])


@screen("wrong.nobadge", edges=("wrong.told",))
def no_badge(ctx: Context) -> Menu:
    """Who shows none has no right to duty."""
    head = ctx.say("No badge, no duty. You may say no.")
    return Menu(head, [x._replace(save={**x.save, "badge": ""}) for x in _tell(ctx, None)])


@screen("wrong.told", redial="R2", edges=(HOME,), needs={"named": HOME})
def told(ctx: Context) -> Act:
    """Told, with no name: who stands before a false collector must fear nothing."""

    def show(result: dict[str, Any]) -> End:
        said = ctx.say("The council has it, with no name. Number {ref}.", ref=result["ref"])
        return End(said + " " + ctx.say("Keep safe. Pay only a real badge."))

    def place(ctx: Context) -> Place:
        return _place(ctx, _seen(ctx, str(ctx.draft.get("badge", ""))))

    return Act(do=telling_act(ctx, "badge", of=place), show=show)
