"""1*5 In parts or ahead: a plan for old duty, and how to pay ahead through a collector."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from trader_platform.fees.queries_duty import FIRST_PART, PlanView, plan_of
from trader_platform.fees.queries_now import Ahead, Standing, ahead_of, market_days
from trader_platform.fees.service_plans import WEEKS, PlanRunning, agree, part_of
from trader_platform.fees.types import ChargeGone
from trader_platform.market.calendar import LOOK_AHEAD_DAYS
from trader_platform.market.queries_calendar import changes_of_market
from ussd.context import Context
from ussd.screen import Act, End, Goto, Menu, Option, screen
from ussd.screens.duty import OWED, standing_of
from ussd.screens.duty_lines import trader_of
from ussd.screens.wrong import duty_here

PARTS, STATE, NONE = "plan.parts", "plan.state", "plan.none"
_DAY: Final = timedelta(days=1)
# So many days are bought ahead, today not counted.
AHEAD_DAYS: Final = {"plan.week": 7, "plan.month": 30}


@screen("plan.home", edges=(PARTS, "plan.week", "plan.month", STATE, OWED), joined=True)
def home(ctx: Context) -> Menu | Goto:
    """Old duty in parts, or days to come in one."""
    if standing_of(ctx) is None:
        return Goto(OWED)
    options = [
        Option("1", ctx.say("Pay old duty in parts"), PARTS),
        Option("2", ctx.say("Pay a week ahead"), "plan.week"),
        Option("3", ctx.say("Pay a month ahead"), "plan.month"),
        Option("4", ctx.say("My parts"), STATE),
    ]
    return Menu("", options)


def _running(ctx: Context, now: Standing) -> PlanView | None:
    """The plan of one of her accounts that is not paid up."""
    accounts = {line.account_id for line in now.lines}
    found = (plan_of(ctx.read, account) for account in sorted(accounts))
    return next((x for x in found if x and x.paid_minor < x.total_minor), None)


@screen(PARTS, edges=("plan.confirm", NONE, STATE), joined=True)
def parts(ctx: Context) -> Menu | Goto:
    """Two, four or eight weeks."""
    now = standing_of(ctx)
    if now is None or now.overdue is None:
        return Goto(NONE)
    if _running(ctx, now) is not None:
        return Goto(STATE)
    old = now.overdue[1]
    options = [
        Option(
            str(place),
            ctx.say("In {n} weeks, each {part}", n=weeks, part=_part(ctx, old, weeks)),
            "plan.confirm",
            {"weeks": weeks},
        )
        for place, weeks in enumerate(WEEKS, start=1)
    ]
    return Menu(ctx.say("Your old duty: {old}", old=ctx.money(old)), options)


def _part(ctx: Context, old_minor: int, weeks: int) -> str:
    return ctx.money(part_of(old_minor, weeks, ctx.catalog.currency))


@screen(NONE, edges=("plan.week",), joined=True)
def none(ctx: Context) -> Menu:
    """Nothing old is owed."""
    head = ctx.say("You have no old duty. You need no parts.")
    return Menu(head, [Option("2", ctx.say("Pay a week ahead"), "plan.week")])


@screen(
    "plan.confirm",
    redial="R1",
    edges=("plan.done", PARTS),
    needs={"weeks": PARTS},
    joined=True,
    what=lambda ctx: ctx.say("Pay old duty in parts"),
)
def confirm(ctx: Context) -> Menu | Goto:
    """What she agrees to; the amount stands last."""
    now = standing_of(ctx)
    if now is None or now.overdue is None:
        return Goto(PARTS)
    weeks = int(ctx.draft["weeks"])
    head = ctx.say(
        "{n} weeks from {date}. New duty is not in it.",
        n=weeks,
        date=ctx.date(ctx.today + FIRST_PART),
    )
    each = ctx.say("Each week {part}", part=_part(ctx, now.overdue[1], weeks))
    options = [
        Option("1", ctx.say("I agree"), "plan.done"),
        Option("2", ctx.say("No"), PARTS),
    ]
    return Menu(f"{head}\n{each}", options)


@screen("plan.done", redial="R2", edges=(NONE, STATE), needs={"weeks": PARTS}, joined=True)
def done(ctx: Context) -> Act:
    """Agreed; when the first part is due, and how much."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        now = standing_of(ctx)
        account = now.overdue[0] if now and now.overdue else 0
        weeks, currency = int(ctx.draft["weeks"]), ctx.catalog.currency
        return agree(session, account, weeks, today=ctx.today, currency=currency, by=by)

    def show(result: dict[str, Any]) -> End:
        first = ctx.date(date.fromisoformat(result["date"]))
        part = ctx.money(result["part"])
        return End(
            ctx.say("You pay in parts now. First part on {date}: {part}", date=first, part=part)
        )

    return Act(do=do, show=show, refused=_refused)


def _refused(error: Exception) -> Goto | None:
    if isinstance(error, PlanRunning):
        return Goto(STATE)
    return Goto(NONE) if isinstance(error, ChargeGone) else None


@screen(STATE, edges=("pay.how", PARTS), joined=True)
def state(ctx: Context) -> Menu | Goto:
    """How many parts are paid, and the next one."""
    now = standing_of(ctx)
    plan = _running(ctx, now) if now else None
    if plan is None:
        head = ctx.say("You pay nothing in parts.")
        return Menu(head, [Option("1", ctx.say("Pay old duty in parts"), PARTS)])
    part = min(plan.part_minor, plan.total_minor - plan.paid_minor)
    head = ctx.say("{n} of {m} parts are paid.", n=plan.parts_paid, m=plan.weeks)
    following = ctx.say(
        "Next part on {date}: {part}",
        date=ctx.date(plan.starts_on + timedelta(weeks=plan.parts_paid)),
        part=ctx.money(part),
    )
    return Menu(f"{head}\n{following}", [Option("1", ctx.say("Pay it now"), "pay.how")])


@screen("plan.week", edges=("plan.ahead", "wrong.badge", OWED), joined=True)
def week(ctx: Context) -> Menu | Goto:
    """Seven days to come."""
    return _ahead(ctx, "plan.week")


@screen("plan.month", edges=("plan.ahead", "wrong.badge", OWED), joined=True)
def month(ctx: Context) -> Menu | Goto:
    """Thirty days to come."""
    return _ahead(ctx, "plan.month")


def _ahead(ctx: Context, of: str) -> Menu | Goto:
    """Which days, how many are market days, and what to give the collector for them.

    A payment fills what is owed first, so that is in the amount; the rest buys days at today's
    price (``fees.service_ticket``).
    """
    now, duty = standing_of(ctx), duty_here(ctx)
    if now is None or duty is None or not duty.amount_minor:
        return Goto(OWED)
    until = _paid_until(ctx, now, ahead_of(ctx.read, trader_of(ctx)))
    if until > ctx.today and not ctx.draft.get("add"):
        return Goto("plan.ahead")
    first, last = until + _DAY, until + timedelta(days=AHEAD_DAYS[of])
    days = len(_days(ctx, now, first, last))
    owes = now.total_minor + (now.due_minor if now.if_trading else 0)
    amount = ctx.money(owes + days * duty.amount_minor)
    head = ctx.say(
        "{date} to {date2}: {n} market days. A closed day comes back to you.",
        date=ctx.date(first),
        date2=ctx.date(last),
        n=days,
    )
    if owes:
        give = ctx.say("With old duty, give the collector {amount}", amount=amount)
    else:
        give = ctx.say("Give the collector {amount}", amount=amount)
    return Menu(f"{head}\n{give}", [Option("1", ctx.say("Check a badge"), "wrong.badge")])


def _days(ctx: Context, now: Standing, first: date, last: date) -> tuple[date, ...]:
    market = ctx.catalog.markets[now.place.market_id]
    return market_days(market, changes_of_market(ctx.read, market.id, first), first, last)


def _paid_until(ctx: Context, now: Standing, ahead: Ahead) -> date:
    """The last day that is bought ahead; today where none is."""
    if not ahead.days:
        return ctx.today
    last = ctx.today + timedelta(days=LOOK_AHEAD_DAYS)
    coming = _days(ctx, now, ctx.today + _DAY, last)
    return coming[min(ahead.days, len(coming)) - 1] if coming else ctx.today


@screen("plan.ahead", edges=("plan.week", "plan.month", OWED), joined=True)
def paid_ahead(ctx: Context) -> Menu | Goto:
    """She has days left that she bought before."""
    now = standing_of(ctx)
    if now is None:
        return Goto(OWED)
    until = _paid_until(ctx, now, ahead_of(ctx.read, trader_of(ctx)))
    head = ctx.say("You are paid ahead to {date}.", date=ctx.date(until))
    options = [
        Option("1", ctx.say("Add a week"), "plan.week", {"add": True}),
        Option("2", ctx.say("Add a month"), "plan.month", {"add": True}),
    ]
    return Menu(head, options)
