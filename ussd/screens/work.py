"""6 My work: the PIN once a dialogue, then what a badge holder may do, and a collector's day."""

from __future__ import annotations

from typing import Any

from trader_platform.core.clock import local_day
from trader_platform.core.once import By
from trader_platform.fees.queries_collector import (
    Mine,
    day_of_badge,
    held_minor,
    tickets_of_badge,
)
from trader_platform.fees.service_day import send_day
from trader_platform.staff.pins import DIGITS, try_pin
from trader_platform.staff.types import BadgeHolder, Role
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, Result, Rows, screen


def badge_of(ctx: Context) -> BadgeHolder:
    """Who works with this phone; screens behind ``work=True`` have one."""
    badge = ctx.badge
    assert badge is not None  # the engine let nobody else come here
    return badge


def staff_by(ctx: Context, by: By) -> By:
    """An act of a badge holder's is an act of staff, not of the person who also sells here."""
    return By(
        *(by.key, by.language, by.now),
        actor_kind="staff",
        actor_id=str(badge_of(ctx).staff_id),
        channel=by.channel,
        screen=by.screen,
    )


def stand(ctx: Context) -> int | None:
    """The market where a collector stands; None where several are his and he has not said."""
    markets = _markets(ctx)
    chosen = ctx.draft.get("stand")
    if chosen in markets:
        return int(chosen)
    return markets[0] if len(markets) == 1 else None


def _markets(ctx: Context) -> list[int]:
    badge = badge_of(ctx)
    places = ctx.catalog.markets.values()
    return [
        place.id
        for place in places
        if place.council_id == badge.council_id and badge.may(Role.COLLECTOR, place.id)
    ]


@screen("pin.ask", redial="R3", edges=("pin.given", "home"))
def pin_ask(ctx: Context) -> Ask | Goto:
    """Once a dialogue, before anything that a badge may do."""
    if ctx.badge is None:
        return Goto("home")
    left = ctx.draft.get("left")
    wrong = []
    if left:
        many = ctx.say("Wrong PIN. {n} tries left", n=left)
        wrong.append(ctx.say("Wrong PIN. 1 try left") if left == 1 else many)
    head = "\n".join([*wrong, ctx.say("My work"), ctx.say("Type your PIN.")])

    def accept(typed: str) -> Next | None:
        if len(typed) != DIGITS or not typed.isascii() or not typed.isdigit():
            return None
        return Next("pin.given", {"pin": typed})

    return Ask(head, reask=ctx.say("A PIN has 4 numbers."), accept=accept)


@screen("pin.given", redial="R2", edges=("pin.ask", "pin.locked", "work.home"))
def pin_given(ctx: Context) -> Act:
    """The one check of a dialogue; the PIN leaves the draft whatever comes of it."""

    def do(session: Any, by: By) -> Result:
        pin, staff_id = str(ctx.draft.get("pin", "")), badge_of(ctx).staff_id
        result = try_pin(session, staff_id, pin, vault=ctx.vault, by=staff_by(ctx, by))
        ctx.proved = "proved" in result
        return result

    def show(result: Result) -> Goto:
        ctx.draft.pop("pin", None)
        if "proved" in result:
            return Goto(str(ctx.draft.pop("behind", "work.home")), {"left": None})
        if "locked" in result:
            return Goto("pin.locked", {"hours": result["locked"]})
        return Goto("pin.ask", {"left": result["left"]})

    return Act(do=do, show=show)


@screen("pin.locked")
def pin_locked(ctx: Context) -> End:
    """Too many wrong PINs, or none was ever set."""
    hours = ctx.draft.get("hours")
    if not hours:
        return End(ctx.say("This badge has no PIN yet. Ask the council for one."))
    told = ctx.say("Too many wrong PINs. Wait {hours} hours.", hours=hours)
    if hours == 1:
        told = ctx.say("Too many wrong PINs. Wait 1 hour.")
    return End(told + " " + ctx.say("Or ask the council for a new PIN."))


@screen("work.home", work=True, edges=("collect.home",))
def work_home(ctx: Context) -> Menu:
    """The badge, what its holder has in his hand, and his roles."""
    badge = badge_of(ctx)
    roles = [Option("1", ctx.say("Collector"), "collect.home")] if _markets(ctx) else []
    head = [ctx.say("Badge {badge}", badge=badge.badge), _held(ctx, held_minor(ctx.read, badge))]
    return Menu("\n".join(head), roles)


def _held(ctx: Context, amount_minor: int) -> str:
    return ctx.say("You hold {amount}", amount=ctx.money(amount_minor))


@screen("collect.market", work=True, edges=("collect.home", "work.home"))
def collect_market(ctx: Context) -> Menu | Goto:
    """Where a collector of several markets stands."""
    markets = _markets(ctx)
    if not markets:
        return Goto("work.home")
    items = Rows(markets, lambda id_: Item(ctx.place(id_), "collect.home", {"stand": id_}))
    return Menu(ctx.say("At which market are you?"), items=items)


@screen(
    "collect.home",
    work=True,
    edges=("collect.market", "ticket.who", "collect.today", "fix.code"),
)
def collect_home(ctx: Context) -> Menu | Goto:
    """The day so far, and what a collector does."""
    market = stand(ctx)
    if market is None:
        return Goto("collect.market")
    today = day_of_badge(ctx.read, badge_of(ctx), ctx.today)
    count = ctx.say("{market}: {n} tickets today", market=ctx.place(market), n=today.tickets)
    if today.tickets == 1:
        count = ctx.say("{market}: 1 ticket today", market=ctx.place(market))
    options = [
        Option("1", ctx.say("Ticket"), "ticket.who"),
        Option("2", ctx.say("Today"), "collect.today"),
        Option("4", ctx.say("Mend a ticket"), "fix.code"),
    ]
    return Menu(count + "\n" + _held(ctx, today.held_minor), options)


@screen("collect.today", work=True, edges=("collect.list", "collect.sent"))
def collect_today(ctx: Context) -> Menu:
    """Tickets and cash of the day."""
    today = day_of_badge(ctx.read, badge_of(ctx), ctx.today)
    count = ctx.say("{date}: {n} tickets", date=ctx.date(ctx.today), n=today.tickets)
    if today.tickets == 1:
        count = ctx.say("{date}: 1 ticket", date=ctx.date(ctx.today))
    cash = ctx.say("Cash {amount}", amount=ctx.money(today.cash_minor))
    options = [
        Option("1", ctx.say("Last tickets"), "collect.list"),
        Option("2", ctx.say("Send by text"), "collect.sent"),
    ]
    return Menu("\n".join([count, cash, _held(ctx, today.held_minor)]), options)


@screen("collect.list", work=True, edges=("fix.what",))
def collect_list(ctx: Context) -> Menu:
    """The last tickets of this badge, the newest first."""
    found = tickets_of_badge(ctx.read, badge_of(ctx))
    if not found:
        return Menu(ctx.say("You gave no ticket yet."))
    return Menu(ctx.say("Last tickets"), items=Rows(found, lambda one: _row(ctx, one)))


def _row(ctx: Context, ticket: Mine) -> Item:
    values = {
        "name": ticket.stall or ctx.first_name(ticket.name) or ctx.goods(ticket.goods_class_id),
        "amount": ctx.money(ticket.amount_minor),
    }
    day = local_day(ticket.at, ctx.catalog.zone)
    label = ctx.say("{name}, {date} {amount}", date=ctx.date(day), **values)
    if day == ctx.today:
        label = ctx.say("{name}, {time} {amount}", time=ctx.hour(ticket.at), **values)
    return Item(label, "fix.what", {"code": ticket.code})


@screen("collect.sent", redial="R2", work=True, edges=("collect.market",))
def collect_sent(ctx: Context) -> Act:
    """The day's total to his own phone."""

    def do(session: Any, by: By) -> Result:
        market = stand(ctx) or _markets(ctx)[0]
        return send_day(
            session,
            badge_of(ctx),
            person_id=ctx.caller.person_id if ctx.caller else 0,
            market_id=market,
            day=ctx.today,
            zone=ctx.catalog.zone,
            by=staff_by(ctx, by),
        )

    def show(result: Result) -> End:
        held = _held(ctx, result["held"])
        if not result["text"]:
            return End(ctx.say("We may not text this phone.") + " " + held)
        return End(ctx.say("We send it by text.") + " " + held)

    return Act(do=do, show=show)
