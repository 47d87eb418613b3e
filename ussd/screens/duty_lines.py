"""1*1*4 and 1*2 What she owes line by line and why, and how her month stands."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from trader_platform.core.caps import CAPS
from trader_platform.core.gsm import cut
from trader_platform.fees.queries_duty import month_of
from trader_platform.fees.queries_now import Line
from trader_platform.fees.queries_why import ChargeWhy, why_charged
from trader_platform.fees.service_copies import send_month
from trader_platform.fees.types import DAILY_DUTY
from ussd.context import Context
from ussd.screen import Act, End, Goto, Item, Menu, Option, Rows, screen
from ussd.screens.duty import OWED, standing_of
from ussd.screens.duty_words import fee_name, since

# Letters of a by-law that fit below the rest at its worst.
MOST_OF_A_LAW: Final = CAPS["law"]


def trader_of(ctx: Context) -> int:
    """The caller as a trader; the screens that ask are for traders only."""
    return (ctx.caller and ctx.caller.trader_id) or 0


@screen("duty.lines", edges=("duty.line", OWED), joined=True)
def lines(ctx: Context) -> Menu | Goto:
    """All that is owed, the newest first, a line each."""
    now = standing_of(ctx)
    open_lines = [x for x in now.lines if x.outstanding_minor] if now else []
    if not open_lines:
        return Goto(OWED)

    def row(line: Line) -> Item:
        day, left = ctx.date(line.period_from), ctx.money(line.outstanding_minor)
        label = f"{day} {left}"
        if line.fee != DAILY_DUTY:
            label = f"{fee_name(ctx, line.fee)} {label}"
        return Item(label, "duty.line", {"charge": line.id})

    return Menu(ctx.say("You owe for"), items=Rows(open_lines[::-1], row))


@screen(
    "duty.line", edges=("duty.lines", "wrong.home"), needs={"charge": "duty.lines"}, joined=True
)
def line(ctx: Context) -> Menu | Goto:
    """One line of it: which fee, by what tariff, what of it is paid."""
    why = why_charged(ctx.read, trader_of(ctx), int(ctx.draft["charge"]))
    if why is None:
        return Goto("duty.lines")
    head = "\n".join(
        [
            ctx.say(
                "{what}, {date}: {due}",
                what=fee_name(ctx, why.fee),
                date=ctx.date(why.period_from),
                due=ctx.money(why.price_minor),
            ),
            since(ctx, why.known),
            _paid(ctx, why),
        ]
    )
    if why.known.bylaw:
        head += "\n" + ctx.say("By-law: {law}", law=cut(why.known.bylaw, MOST_OF_A_LAW))
    return Menu(head, [Option("4", ctx.say("Something wrong"), "wrong.home")])


def _paid(ctx: Context, why: ChargeWhy) -> str:
    """What of it is paid; and what the council changed it to, where it did."""
    paid, left = ctx.money(why.amount_minor - why.left_minor), ctx.money(why.left_minor)
    if why.amount_minor == why.price_minor:
        return ctx.say("Paid {paid_amount}, to pay {amount}", paid_amount=paid, amount=left)
    return ctx.say(
        "Changed to {old}. Paid {paid_amount}, to pay {amount}",
        old=ctx.money(why.amount_minor),
        paid_amount=paid,
        amount=left,
    )


@screen("duty.month", edges=("duty.month.sent", "duty.lines"), joined=True)
def month(ctx: Context) -> Menu:
    """Days paid and not paid of this month, and what she paid in it."""
    first = ctx.today.replace(day=1)
    seen = month_of(ctx.read, trader_of(ctx), first, ctx.today)
    days = ctx.say(
        "{month}: {n} days paid, {m} days not.",
        month=ctx.month(first),
        n=seen.paid_days,
        m=seen.open_days,
    )
    paid = ctx.say("Paid {amount}", amount=ctx.money(seen.paid_minor))
    options = [Option("1", ctx.say("Send it by text"), "duty.month.sent")]
    if seen.open_days:
        options.append(Option("2", ctx.say("Days to pay"), "duty.lines"))
    return Menu(f"{days}\n{paid}", options)


@screen("duty.month.sent", redial="R2", joined=True)
def month_sent(ctx: Context) -> Act:
    """The same by text, once a day."""
    first, trader_id = ctx.today.replace(day=1), trader_of(ctx)

    def do(session: Any, by: Any) -> dict[str, Any]:
        zone = ctx.catalog.zone
        return send_month(session, trader_id, first, ctx.today, zone=zone, by=by)

    def show(result: dict[str, Any]) -> End:
        of = ctx.month(date.fromisoformat(result["month"]))
        amount = ctx.money(result["amount"])
        return End(
            ctx.say("We send it by text now. {month}: you paid {amount}", month=of, amount=amount)
        )

    return Act(do=do, show=show)
