"""1*3 My tickets, and what a ticket code is worth."""

from __future__ import annotations

from typing import Any

from trader_platform.fees.queries_duty import Ticket, ticket_of, ticket_of_code, tickets_of
from trader_platform.fees.service_codes import WINDOW, Worth, ask_code
from trader_platform.fees.service_copies import copy_ticket
from trader_platform.payments.codes import LENGTH, Slip, read_code, show_code, signs_typed
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, screen
from ussd.screens.duty_lines import trader_of

TICKETS, CODE = "duty.tickets", "duty.code"


@screen(TICKETS, edges=("duty.ticket", CODE, "duty.tickets.none"), joined=True)
def tickets(ctx: Context) -> Menu | Goto:
    """Her last ten."""
    found = tickets_of(ctx.read, trader_of(ctx))
    if not found:
        return Goto("duty.tickets.none")
    items = [
        Item(
            f"{ctx.date(each.day)} {ctx.money(each.amount_minor)}",
            "duty.ticket",
            {"receipt": each.receipt_id},
        )
        for each in found
    ]
    check = Option("9", ctx.say("Check a code"), CODE)
    return Menu(ctx.say("Your tickets"), [check], items, per_page=3)


@screen("duty.tickets.none", edges=(CODE,), joined=True)
def no_tickets(ctx: Context) -> Menu:
    """None yet; a code can be checked all the same."""
    check = Option("9", ctx.say("Check a code"), CODE)
    return Menu(ctx.say("You have no ticket yet."), [check])


@screen(
    "duty.ticket",
    edges=("duty.ticket.sent", "wrong.home", TICKETS),
    needs={"receipt": TICKETS},
    joined=True,
)
def ticket(ctx: Context) -> Menu | Goto:
    """One ticket of hers: what it is for, and whether it is good."""
    found = ticket_of(ctx.read, trader_of(ctx), int(ctx.draft["receipt"]))
    if found is None:
        return Goto(TICKETS)
    head = "\n".join(
        [
            ctx.say("Ticket {code}", code=show_code(found.code)),
            _place(ctx, found, own=True),
            _state(ctx, found),
            ctx.say("Paid {amount}", amount=ctx.money(found.amount_minor)),
        ]
    )
    options = [
        Option("1", ctx.say("Send it by text"), "duty.ticket.sent"),
        Option("4", ctx.say("Something wrong"), "wrong.home"),
    ]
    return Menu(head, options)


def _place(ctx: Context, found: Ticket, *, own: bool) -> str:
    """Where and when; who reads her own ticket knows the market."""
    date, badge = ctx.date(found.day), found.badge or "-"
    market = ctx.place(found.market_id)
    if own and found.stall:
        return ctx.say(
            "{date}, stall {stall}, badge {badge}", date=date, stall=found.stall, badge=badge
        )
    if found.stall:
        return ctx.say(
            "{market} {stall}, {date}, badge {badge}",
            market=market,
            stall=found.stall,
            date=date,
            badge=badge,
        )
    return ctx.say("{market}, {date}, badge {badge}", market=market, date=date, badge=badge)


def _state(ctx: Context, found: Ticket) -> str:
    """Taken back, or the days that it filled, in at most 22 septets."""
    if found.voided_on is not None:
        state = ctx.say("Taken back {date}", date=ctx.date(found.voided_on))
    elif len(found.days) == 1:
        state = ctx.say("For {date}", date=ctx.date(found.days[0]))
    elif found.days:
        state = ctx.say("For {n} days", n=len(found.days))
    else:
        state = ctx.say("Paid ahead")
    return ctx.say("{state}", state=state)


@screen("duty.ticket.sent", redial="R2", edges=(TICKETS,), needs={"receipt": TICKETS}, joined=True)
def ticket_sent(ctx: Context) -> Act:
    """The same by text, once a day."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        receipt = int(ctx.draft["receipt"])
        return copy_ticket(session, trader_of(ctx), receipt, zone=ctx.catalog.zone, by=by)

    def show(result: dict[str, Any]) -> End:
        return End(
            ctx.say(
                "We send ticket {code} by text now. You paid {amount}",
                code=show_code(result["code"]),
                amount=ctx.money(result["amount"]),
            )
        )

    return Act(do=do, show=show)


@screen(
    CODE,
    edges=("duty.code.good", "duty.code.void", "duty.code.slip", "duty.code.asked"),
)
def code(ctx: Context) -> Ask:
    """Any ticket's code. Eight signs that cannot be one are a slip of the thumb, not a forgery."""

    def accept(typed: str) -> Next | None:
        try:
            signs = read_code(typed)
        except Slip:
            return Next("duty.code.slip") if signs_typed(typed) == LENGTH else None
        found = ticket_of_code(ctx.read, signs)
        if found is None:
            return Next("duty.code.asked", {"code": signs})
        return Next("duty.code.good" if found.good else "duty.code.void", {"code": signs})

    return Ask(
        ctx.say("Type the ticket code. It has 8 signs."),
        reask=ctx.say("8 signs. Type them again"),
        accept=accept,
    )


def _again(ctx: Context) -> Option:
    return Option("1", ctx.say("Type again"), CODE)


def _tell(ctx: Context) -> Option:
    return Option("2", ctx.say("Tell the council"), "wrong.noticket")


@screen("duty.code.good", edges=(CODE,), needs={"code": CODE})
def good(ctx: Context) -> Menu | Goto:
    """What is on the ticket; nothing personal."""
    found = ticket_of_code(ctx.read, str(ctx.draft["code"]))
    if found is None:
        return Goto(CODE)
    paid = ctx.say("Paid {amount}", amount=ctx.money(found.amount_minor))
    head = "\n".join([ctx.say("Good ticket."), _place(ctx, found, own=False), paid])
    return Menu(head, [Option("1", ctx.say("Check one more"), CODE)])


@screen("duty.code.void", edges=(CODE, "wrong.noticket"), needs={"code": CODE})
def void(ctx: Context) -> Menu | Goto:
    """A ticket that was taken back."""
    found = ticket_of_code(ctx.read, str(ctx.draft["code"]))
    if found is None or found.voided_on is None:
        return Goto(CODE)
    day = ctx.date(found.voided_on)
    head = ctx.say("This ticket was taken back on {date}. It is good no more.", date=day)
    return Menu(head, [Option("1", ctx.say("Check one more"), CODE), _tell(ctx)])


@screen("duty.code.slip", edges=(CODE,))
def slip(ctx: Context) -> Menu:
    """The check sign does not fit: one sign is wrong, or two stand the wrong way round."""
    return Menu(ctx.say("This code has a slip: a sign is wrong. Look at it again."), [_again(ctx)])


@screen(
    "duty.code.asked",
    redial="R2",
    edges=("duty.code.none", "duty.code.slow"),
    needs={"code": CODE},
)
def asked(ctx: Context) -> Act:
    """A code that no receipt has is kept for the council; who asks many has to wait."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        answer = ask_code(
            session,
            str(ctx.draft["code"]),
            asker=ctx.phone_hash,
            channel="ussd",
            now=by.now,
            today=ctx.today,
        )
        return {"worth": answer.worth.value}

    def show(result: dict[str, Any]) -> Goto:
        slow = result["worth"] == Worth.SLOW
        return Goto("duty.code.slow" if slow else "duty.code.none")

    return Act(do=do, show=show)


@screen("duty.code.none", edges=(CODE, "wrong.noticket"))
def none(ctx: Context) -> Menu:
    """Well formed, and no receipt has it."""
    head = ctx.say("No ticket has this code. It may be false.")
    return Menu(head, [_again(ctx), _tell(ctx)])


@screen("duty.code.slow", edges=("wrong.noticket",))
def slow(ctx: Context) -> Menu:
    """Too many codes that no receipt has, from this phone."""
    head = ctx.say(
        "You asked for many codes that no ticket has. Wait {minutes} minutes.",
        minutes=int(WINDOW.total_seconds() // 60),
    )
    return Menu(head, [_tell(ctx)])
