"""6*1*4 Mend a ticket: taken back at once by its collector, or asked of the market master.

What is right instead is typed in ``fix_right``; then one act takes back and takes anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from trader_platform.core.clock import local_day
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.fees.queries_collector import Mine, tickets_of_badge
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
from ussd.screens.fix_right import (
    NOTHING_RIGHT,
    is_mending,
    label,
    mend,
    mending,
    right_payer,
    ticket_typed,
    unfit,
)
from ussd.screens.ticket import REFUSED, payer_label
from ussd.screens.work import badge_of, staff_by

CODE: Final = {"code": "fix.code"}
GIVEN: Final = {**CODE, "why": "fix.why"}


@screen("fix.code", redial="R1", work=True, edges=("fix.what", "fix.none"), what=mending)
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


@screen(
    "fix.what",
    redial="R1",
    work=True,
    needs=CODE,
    what=mending,
    edges=("fix.why", "fix.amount", "fix.stall", "fix.none"),
)
def what(ctx: Context) -> Menu | Goto:
    """The ticket, and what is wrong with it."""
    ticket = ticket_typed(ctx)
    if ticket is None:
        return Goto("fix.none")
    values = {
        "code": show_code(ticket.code),
        "stall": label(ctx, ticket),
        "amount": ctx.money(ticket.amount_minor),
    }
    day = local_day(ticket.at, ctx.catalog.zone)
    head = ctx.say("{code}, {date}, {stall}: {amount}", date=ctx.date(day), **values)
    if day == ctx.today:
        head = ctx.say("{code}, {time}, {stall}: {amount}", time=ctx.hour(ticket.at), **values)
    if ticket.asked:
        return Menu(head + "\n" + ctx.say("You asked. The market master has not answered."))
    options = [
        Option("1", ctx.say("Take it back"), "fix.why", {**NOTHING_RIGHT}),
        Option("2", ctx.say("Wrong amount"), "fix.amount", {**NOTHING_RIGHT}),
        Option("3", ctx.say("Wrong stall"), "fix.stall", {**NOTHING_RIGHT, "unfit": None}),
    ]
    return Menu(head, options)


@screen("fix.why", redial="R1", work=True, needs=CODE, edges=("fix.confirm",), what=mending)
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
    redial="R1",
    work=True,
    needs=GIVEN,
    what=mending,
    edges=("fix.back", "fix.done", "fix.none", "fix.stall", "collect.home", *REFUSED),
)
def confirm(ctx: Context) -> Menu | Goto:
    """At once where it is the last one, fresh, its cash in hand; else the master is asked."""
    ticket = ticket_typed(ctx)
    if ticket is None:
        return Goto("fix.none")
    head = _right_head(ctx, ticket) if is_mending(ctx) and ticket.at_once else _head(ctx, ticket)
    if isinstance(head, Goto):
        return head
    options = [
        Option("1", ctx.say("Yes"), "fix.back" if ticket.at_once else "fix.done"),
        Option("2", ctx.say("No"), "collect.home"),
    ]
    return Menu(head, options)


def _head(ctx: Context, ticket: Mine) -> str:
    """Taken back; where the master is to say yes first, a right ticket comes after that."""
    values = {
        "code": show_code(ticket.code),
        "stall": label(ctx, ticket),
        "amount": ctx.money(ticket.amount_minor),
    }
    if not ticket.at_once and is_mending(ctx):
        return ctx.say(
            "Take back {code}, {stall}? The market master must say yes first, then give a right"
            " ticket. {amount}",
            **values,
        )
    if not ticket.at_once:
        return ctx.say(
            "Take back {code}, {stall}? The market master must say yes first. {amount}", **values
        )
    if not ticket.known:
        return ctx.say("Take back {code}, {stall}? {amount}", **values)
    return ctx.say("Take back {code}, {stall}? The trader gets a text. {amount}", **values)


def _right_head(ctx: Context, ticket: Mine) -> str | Goto:
    """What the right ticket will say."""
    stall, known = label(ctx, ticket), ticket.known
    if ctx.draft.get("right_who"):
        payer = right_payer(ctx)
        if isinstance(payer, Goto):
            return payer
        stall, known = payer_label(ctx, payer), not payer.payer.walk_up
    values = {
        "code": show_code(ticket.code),
        "stall": stall,
        "amount": ctx.money(ctx.draft.get("right_amount") or ticket.amount_minor),
    }
    if known:
        return ctx.say(
            "Take back {code}? The trader gets a text. New ticket, {stall}: {amount}", **values
        )
    return ctx.say("Take back {code}? New ticket, {stall}: {amount}", **values)


@screen(
    "fix.back",
    redial="R2",
    work=True,
    needs=GIVEN,
    edges=("fix.confirm", "fix.none", "fix.amount", "fix.stall", *REFUSED),
)
def back(ctx: Context) -> Act:
    """His own last ticket is taken back; where he said what is right, a new one is taken too."""

    def show(result: Result) -> End:
        if "was" in result:
            return _mended(ctx, result)
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

    return _act(ctx, mend if is_mending(ctx) else take_back, show)


def _mended(ctx: Context, result: Result) -> End:
    if result["text"] and result["paper"]:
        told = ctx.say("Mended. Cross out the paper ticket. The trader gets a text.")
    elif result["text"]:
        told = ctx.say("Mended. The trader gets a text.")
    elif result["paper"]:
        told = ctx.say("Mended. Cross out the paper ticket, write the new code.")
    else:
        told = ctx.say("Mended. Write the new code on paper.")
    ticket = ctx.say(
        "New ticket {code}: {amount}",
        code=show_code(result["code"]),
        amount=ctx.money(result["amount"]),
    )
    held = ctx.say("You hold {amount}", amount=ctx.money(result["held"]))
    return End(f"{told} {ticket}. {held}")


@screen("fix.done", redial="R2", work=True, needs=GIVEN, edges=("fix.what", "fix.none"))
def done(ctx: Context) -> Act:
    """The master is asked; until then the ticket counts."""

    def show(result: Result) -> End:
        asked = ctx.say("Asked. It counts till the market master says yes.")
        if result.get("mends"):
            asked += " " + ctx.say("Then give a right ticket.")
        return End(
            asked
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
            mends=is_mending(ctx),
        )
        if service is mend:
            return mend(session, ctx, command, by=staff_by(ctx, by))
        return service(session, command, by=staff_by(ctx, by))

    return Act(do=do, show=show, refused=lambda error: _refused(ctx, error))


def _refused(ctx: Context, error: DomainError) -> Goto | None:
    if isinstance(error, TooLate):
        return Goto("fix.confirm")
    if isinstance(error, VoidAsked):
        return Goto("fix.what")
    if isinstance(error, TicketGone):
        return Goto("fix.none")
    if is_mending(ctx):
        return unfit(ctx, error)
    return Goto("fix.none") if isinstance(error, NotAllowed) else None
