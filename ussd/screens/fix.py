"""6*1*4 Mend a ticket: taken back at once by its collector, or asked of the market master."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from trader_platform.core.clock import local_day
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.fees.queries_collector import (
    Mine,
    ticket_of_badge,
    tickets_of_badge,
)
from trader_platform.fees.service_void import (
    REASONS,
    TakeBack,
    TooLate,
    VoidAsked,
    ask_void,
    take_back,
)
from trader_platform.fees.types import TicketGone
from trader_platform.payments.codes import Slip, read_code, show_code
from trader_platform.staff.types import NotAllowed
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Menu, Next, Option, Result, screen
from ussd.screens.work import badge_of, staff_by

CODE: Final = {"code": "fix.code"}
GIVEN: Final = {**CODE, "why": "fix.why"}


@screen("fix.code", work=True, edges=("fix.what", "fix.none"))
def code(ctx: Context) -> Ask:
    """Which ticket: its code, or the last one."""

    def accept(typed: str) -> Next | None:
        try:
            return Next("fix.what", {"code": read_code(typed)})
        except Slip:
            return None

    last = tickets_of_badge(ctx.read, badge_of(ctx), limit=1)
    options = [
        Option("1", ctx.say("My last ticket"), "fix.what", {"code": ticket.code}) for ticket in last
    ]
    return Ask(
        ctx.say("Type the ticket code."),
        options,
        reask=ctx.say("8 signs, or 1") if last else ctx.say("8 signs. Type them again"),
        accept=accept,
    )


@screen("fix.none", work=True, edges=("fix.code",))
def none(ctx: Context) -> Menu:
    """Another badge's ticket, one taken back, or none at all."""
    again = Option("1", ctx.say("Type again"), "fix.code")
    return Menu(ctx.say("No ticket of yours has this code."), [again])


def _ticket(ctx: Context) -> Mine | None:
    return ticket_of_badge(ctx.read, badge_of(ctx), ctx.draft["code"], ctx.now)


def _label(ctx: Context, ticket: Mine) -> str:
    return ticket.stall or ctx.goods(ticket.goods_class_id)


@screen("fix.what", work=True, needs=CODE, edges=("fix.why", "fix.none"))
def what(ctx: Context) -> Menu | Goto:
    """The ticket, and what is wrong with it."""
    ticket = _ticket(ctx)
    if ticket is None:
        return Goto("fix.none")
    values = {
        "code": show_code(ticket.code),
        "stall": _label(ctx, ticket),
        "amount": ctx.money(ticket.amount_minor),
    }
    day = local_day(ticket.at, ctx.catalog.zone)
    head = ctx.say("{code}, {date}, {stall}: {amount}", date=ctx.date(day), **values)
    if day == ctx.today:
        head = ctx.say("{code}, {time}, {stall}: {amount}", time=ctx.hour(ticket.at), **values)
    if ticket.asked:
        return Menu(head + "\n" + ctx.say("You asked. The market master has not answered."))
    return Menu(head, [Option("1", ctx.say("Take it back"), "fix.why")])


@screen("fix.why", work=True, needs=CODE, edges=("fix.confirm",))
def why(ctx: Context) -> Menu:
    """The reason, which the payer is told."""
    labels = (
        ctx.say("I pressed wrong"),
        ctx.say("Trader did not pay"),
        ctx.say("Paid two times"),
        ctx.say("Other"),
    )
    options = [
        Option(str(place), label, "fix.confirm", {"why": reason})
        for place, (label, reason) in enumerate(zip(labels, REASONS, strict=True), start=1)
    ]
    return Menu(ctx.say("Why?"), options)


@screen(
    "fix.confirm",
    work=True,
    needs=GIVEN,
    edges=("fix.back", "fix.done", "fix.none", "collect.home"),
)
def confirm(ctx: Context) -> Menu | Goto:
    """At once where it is the last one, fresh, its cash in hand; else the master is asked."""
    ticket = _ticket(ctx)
    if ticket is None:
        return Goto("fix.none")
    values = {
        "code": show_code(ticket.code),
        "stall": _label(ctx, ticket),
        "amount": ctx.money(ticket.amount_minor),
    }
    head = ctx.say("Take back {code}, {stall}? The trader gets a text. {amount}", **values)
    if not ticket.known:
        head = ctx.say("Take back {code}, {stall}? {amount}", **values)
    if not ticket.at_once:
        head = ctx.say(
            "Take back {code}, {stall}? The market master must say yes first. {amount}", **values
        )
    options = [
        Option("1", ctx.say("Yes"), "fix.back" if ticket.at_once else "fix.done"),
        Option("2", ctx.say("No"), "collect.home"),
    ]
    return Menu(head, options)


@screen("fix.back", redial="R2", work=True, needs=GIVEN, edges=("fix.confirm", "fix.none"))
def back(ctx: Context) -> Act:
    """His own last ticket is taken back."""

    def show(result: Result) -> End:
        told = (
            ctx.say("Taken back. The trader gets a text.")
            if result["text"]
            else ctx.say("Taken back. Cross out the paper ticket.")
        )
        ticket = ctx.say(
            "Ticket {code}: {amount}",
            code=show_code(result["code"]),
            amount=ctx.money(result["amount"]),
        )
        held = ctx.say("You hold {amount}", amount=ctx.money(result["held"]))
        return End(f"{told} {ticket}. {held}")

    return _act(ctx, take_back, show)


@screen("fix.done", redial="R2", work=True, needs=GIVEN, edges=("fix.what", "fix.none"))
def done(ctx: Context) -> Act:
    """The master is asked; until then the ticket counts."""

    def show(result: Result) -> End:
        return End(
            ctx.say("Asked. It counts till the market master says yes.")
            + " "
            + ctx.say(
                "Ticket {code}: {amount}",
                code=show_code(result["code"]),
                amount=ctx.money(result["amount"]),
            )
        )

    return _act(ctx, ask_void, show)


def _act(ctx: Context, service: Callable[..., Result], show: Callable[[Result], End]) -> Act:
    def do(session: Any, by: By) -> Result:
        badge = badge_of(ctx)
        command = TakeBack(
            staff_id=badge.staff_id,
            badge_id=badge.badge_id,
            code=ctx.draft["code"],
            reason=ctx.draft["why"],
            zone=ctx.catalog.zone,
        )
        return service(session, command, by=staff_by(ctx, by))

    return Act(do=do, show=show, refused=_refused)


def _refused(error: DomainError) -> Goto | None:
    if isinstance(error, TooLate):
        return Goto("fix.confirm")
    if isinstance(error, VoidAsked):
        return Goto("fix.what")
    return Goto("fix.none") if isinstance(error, TicketGone | NotAllowed) else None
