"""What stands before the menu: language, leaving, where the line was cut, and the states."""

from __future__ import annotations

from datetime import datetime

from trader_platform.core.clock import local_day
from trader_platform.fees.queries_collector import held_minor
from trader_platform.traders import service as traders
from trader_platform.traders.service import Subscriber
from ussd.context import Context
from ussd.engine import HOME, SAVED
from ussd.screen import Act, End, Goto, Menu, Option, screen


def language_options(ctx: Context) -> list[Option]:
    """Languages in the pack's order; a draft says first that it is one."""
    return [
        Option(
            str(place), name, "lang.draft" if draft else "lang.set", {"language": tag, "lang": name}
        )
        for place, (tag, name, draft) in enumerate(ctx.catalog.languages, start=1)
    ]


@screen("lang.choose", redial="R4", gate=True, edges=("lang.set", "lang.draft"))
def choose_language(ctx: Context) -> Menu:
    """First dial of a phone."""
    return Menu(ctx.catalog.settings["service_name"], language_options(ctx), zero="none")


@screen("lang.draft", redial="R4", gate=True, edges=("lang.set",), needs={"lang": "lang.choose"})
def draft_language(ctx: Context) -> Menu:
    """A language whose words no native speaker has read yet."""
    head = ctx.say(
        "{language} here is a draft. Some words may be wrong.", language=ctx.draft["lang"]
    )
    options = [
        Option("1", ctx.say("Go on"), "lang.set"),
        Option("2", ctx.say("Use English"), "lang.set", {"language": "en", "lang": "English"}),
    ]
    return Menu(head, options, zero="none")


@screen("lang.set", redial="R2", edges=("welcome.who", "set.saved.shown"))
def set_language(ctx: Context) -> Act:
    """Keep the language; a new phone is then asked what it wants."""
    subscriber = Subscriber(ctx.phone, ctx.catalog.pack_id)
    return Act(
        do=lambda session, by: {
            **traders.choose_language(
                session, subscriber, ctx.draft["language"], vault=ctx.vault, by=by
            )
        },
        show=lambda result: Goto("welcome.who" if result["new"] else "set.saved.shown"),
    )


@screen("welcome.who", redial="R4", edges=("join.consent", HOME))
def welcome(ctx: Context) -> Menu:
    """A new caller sells or buys."""
    options = [
        Option("1", ctx.say("I sell: join"), "join.consent"),
        Option("2", ctx.say("I buy: see prices"), HOME),
    ]
    return Menu(ctx.say("What do you want?"), options)


@screen("resume.ask", redial="R1", edges=(SAVED, HOME))
def resume(ctx: Context) -> Menu:
    """The line was cut less than ten minutes ago, in the middle of an answer."""
    head = ctx.say("Go on where you were?") + "\n" + str(ctx.draft.get("what", ""))
    options = [
        Option("1", ctx.say("Yes"), SAVED),
        Option("2", ctx.say("Start again"), HOME),
    ]
    return Menu(head.rstrip(), options, zero="none")


@screen("help.keys", edges=(SAVED,))
def help_keys(ctx: Context) -> Menu:
    """After three wrong keys in a row."""
    head = ctx.say("Wrong key 3 times.") + "\n" + ctx.say("Press only a number that you see.")
    return Menu(head, [Option("1", ctx.say("Show it again"), SAVED)], zero="home")


@screen("leave.undo", redial="R4", gate=True, edges=("leave.stay", "bye", "price.home"))
def undo_leaving(ctx: Context) -> Menu:
    """She asked to leave and dials before the day."""
    leave_at = ctx.caller.leave_at if ctx.caller else None
    day = ctx.date(local_day(leave_at or ctx.now, ctx.catalog.zone))
    options = [
        Option("1", ctx.say("I stay"), "leave.stay"),
        Option("2", ctx.say("I leave"), "bye"),
        Option("3", ctx.say("See prices"), "price.home"),
    ]
    head = ctx.say("You asked to leave. On {date} we delete your name and number.", date=day)
    return Menu(head, options, zero="none")


@screen("leave.stay", redial="R2", edges=(HOME,))
def stay(ctx: Context) -> Act:
    """Take the wish to leave back, and go home."""
    person_id = ctx.caller.person_id if ctx.caller else 0
    return Act(
        do=lambda session, by: traders.stay(session, person_id, by), show=lambda _result: Goto(HOME)
    )


@screen("bye")
def bye(ctx: Context) -> End:
    """0 at home."""
    return End(ctx.say("Thank you. Nothing is lost. Dial {dial} any time.", dial=ctx.dial))


@screen("state.error")
def error(ctx: Context) -> End:
    """A fault of ours, or an act that the rules refuse and no screen can mend."""
    return End(
        ctx.say(
            "Sorry, we made a mistake. What you did before is safe. Please dial {dial} again.",
            dial=ctx.dial,
        )
    )


@screen("state.hold")
def hold(ctx: Context) -> End:
    """A person whom the council has put on hold."""
    phone = ctx.help_phone
    if phone is None:
        return End(
            ctx.say("This phone is on hold. Nothing is lost. To ask why, go to the council.")
        )
    return End(
        ctx.say("This phone is on hold. Nothing is lost. To ask why, call {phone}.", phone=phone)
    )


@screen("state.once", redial="R2")
def done_before(ctx: Context) -> End:
    """The same act came twice with other content: the first stands."""
    at = str(ctx.draft.get("at") or ctx.now.isoformat())
    hour = ctx.hour(datetime.fromisoformat(at))
    return End(ctx.say("This was done before, at {time}. It was not done twice.", time=hour))


@screen("state.council", edges=("price.home", "lumo.home"))
def no_council(ctx: Context) -> Menu:
    """Her market's council takes no duty through us and has published no tariff."""
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    council = ctx.catalog.councils.get(market.council_id or 0) if market else None
    name = council.short_name if council else ctx.place(ctx.market_id)
    head = ctx.say(
        "{council} council takes no duty here yet. Keep your paper ticket.", council=name
    )
    options = [
        Option("1", ctx.say("Prices"), "price.home"),
        Option("2", ctx.say("Lumo"), "lumo.home"),
    ]
    return Menu(head, options)


@screen("state.badge.over")
def badge_over(ctx: Context) -> End:
    """The badge of this phone ended; its cash is still to be handed over."""
    badge = ctx.badge
    if badge is None or badge.ends_on is None:
        return End(ctx.say("This phone has no badge. You cannot take duty with it."))
    return End(
        ctx.say(
            "Badge {badge} ended on {date}. Take no more duty. Hand over at the council: {amount}",
            badge=badge.badge,
            date=ctx.date(badge.ends_on),
            amount=ctx.money(held_minor(ctx.read, badge)),
        )
    )


@screen("state.nobadge")
def no_badge(ctx: Context) -> End:
    """6 is for badge holders only."""
    if ctx.help_phone is None:
        return End(ctx.say("This phone has no badge. You cannot take duty with it."))
    return End(
        ctx.say(
            "This phone has no badge. You cannot take duty with it. Ask the council: {phone}",
            phone=ctx.help_phone,
        )
    )
