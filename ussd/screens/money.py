"""5*2 Where did our money go? Duty that came in last month, and what the council says it spent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trader_platform.fees.queries_money import Spent, collected, coming_next, spent_in
from trader_platform.fees.service_asked import ask_to_tell
from trader_platform.market.catalog import Place
from ussd.context import Context
from ussd.screen import Act, End, Goto, Item, Menu, Option, screen

HOME, NONE, ASKED, PICK = "money.home", "money.none", "money.asked", "pick.market"
_OTHER = {"then": HOME, "asked": PICK}


def _market(ctx: Context) -> Place | None:
    """The market that she picked, else her own."""
    return ctx.catalog.markets.get(int(ctx.draft.get("market") or ctx.market_id or 0))


def _last_month(ctx: Context) -> tuple[date, date]:
    """First and last day of the month that is over."""
    last = ctx.today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _came_in(ctx: Context, market: Place) -> str:
    first, last = _last_month(ctx)
    total = collected(ctx.read, market.council_id or 0, market.id, first, last)
    return ctx.say("Duty in: {sum}", sum=ctx.price(total))


@screen(HOME, edges=("money.list", "money.next", PICK, NONE, "money.notyet"))
def home(ctx: Context) -> Menu | Goto:
    """In and out of last month, at one market."""
    market = _market(ctx)
    if market is None:
        return Goto(PICK, _OTHER)
    council = ctx.catalog.councils.get(market.council_id or 0)
    if council is None or not council.charging:
        return Goto("money.notyet", {"market": market.id})
    first, _ = _last_month(ctx)
    spent = spent_in(ctx.read, market.id, first)
    if not spent:
        return Goto(NONE, {"market": market.id})
    head = ctx.say("{market}, {month}", market=ctx.place(market.id), month=ctx.month(first))
    total = ctx.price(sum(each.amount_minor for each in spent))
    lines = [head, _came_in(ctx, market), ctx.say("Spent here: {sum}", sum=total)]
    options = [
        Option("1", ctx.say("Spent on what"), "money.list", {"market": market.id}),
        *_coming(ctx, market, "2"),
        Option("3", ctx.say("Other market"), PICK, _OTHER),
    ]
    return Menu("\n".join(lines), options)


def _coming(ctx: Context, market: Place, digit: str) -> list[Option]:
    if coming_next(ctx.read, market.id, ctx.today) is None:
        return []
    return [Option(digit, ctx.say("What comes next"), "money.next", {"market": market.id})]


@screen("money.list", edges=(HOME,), needs={"market": HOME})
def listed(ctx: Context) -> Menu | Goto:
    """What it was spent on, the most first."""
    market = _market(ctx)
    first, _ = _last_month(ctx)
    spent = spent_in(ctx.read, market.id, first) if market else ()
    if market is None or not spent:
        return Goto(HOME)
    head = ctx.say("{market}, {month}", market=ctx.place(market.id), month=ctx.month(first))
    return Menu(head, items=[Item(_line(ctx, each), HOME) for each in spent], per_page=3)


def _line(ctx: Context, spent: Spent) -> str:
    return ctx.say("{what} {sum}", what=spent.what, sum=ctx.price(spent.amount_minor))


@screen("money.next", edges=(HOME,), needs={"market": HOME})
def coming(ctx: Context) -> Menu | Goto:
    """What the council says it will pay for next."""
    market = _market(ctx)
    following = coming_next(ctx.read, market.id, ctx.today) if market else None
    if market is None or following is None or following.due_on is None:
        return Goto(HOME)
    head = ctx.say(
        "Next at {market}: {what}, by {date}",
        market=ctx.place(market.id),
        what=following.what,
        date=ctx.date(following.due_on),
    )
    costs = ctx.say("It costs {sum}", sum=ctx.price(following.amount_minor))
    return Menu(f"{head}\n{costs}")


@screen(NONE, edges=(PICK, HOME, "money.next", ASKED), needs={"market": HOME})
def none(ctx: Context) -> Menu | Goto:
    """The council has not said yet what it spent."""
    market = _market(ctx)
    council = ctx.catalog.councils.get((market and market.council_id) or 0)
    if market is None or council is None:
        return Goto(HOME)
    first, _ = _last_month(ctx)
    head = ctx.say(
        "{council} council has not told us yet for {month}.",
        council=council.short_name,
        month=ctx.month(first),
    )
    options = [
        Option("1", ctx.say("Ask them to tell"), ASKED, {"market": market.id}),
        *_coming(ctx, market, "2"),
        Option("3", ctx.say("Other market"), PICK, _OTHER),
    ]
    return Menu(f"{head}\n{_came_in(ctx, market)}", options)


@screen(ASKED, redial="R2", needs={"market": HOME})
def asked(ctx: Context) -> Act:
    """She asks it to tell: counted once, and nobody can see who she is."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        market_id, (month, _) = int(ctx.draft["market"]), _last_month(ctx)
        asker = ctx.vault.lookup(f"spending {market_id} {month} {ctx.phone_hash}")
        return ask_to_tell(session, market_id, month, asker=asker, day=ctx.today, by=by)

    def show(result: dict[str, Any]) -> End:
        n = result["n"]
        return End(ctx.say("We ask the council, without your name. {n} asked so far.", n=n))

    return Act(do=do, show=show)


@screen("money.notyet", edges=(PICK,), needs={"market": HOME})
def not_yet(ctx: Context) -> Menu:
    """A council that takes no duty through us: its books are not ours."""
    head = ctx.say(
        "{market}: the council takes no duty here yet. We do not know what comes in.",
        market=ctx.place(int(ctx.draft["market"])),
    )
    return Menu(head, [Option("3", ctx.say("Other market"), PICK, _OTHER)])
