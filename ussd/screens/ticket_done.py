"""6*1*1*n*i*1 The ticket is taken: one service call, and its code to read aloud or to write."""

from __future__ import annotations

from datetime import date
from typing import Any

from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.fees.accounts import find_payer
from trader_platform.fees.calendar import day_of, is_held
from trader_platform.fees.service_owed import TakeTicket
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.types import PaidToday, WrongAmount
from trader_platform.payments.codes import show_code
from trader_platform.staff.types import NotAllowed
from ussd.context import Context
from ussd.screen import Act, Goto, Menu, Option, Result, screen
from ussd.screens.ticket import REFUSED, refused, who_of
from ussd.screens.work import badge_of, staff_by, stand

REFUSALS = ("ticket.amount", "ticket.other", *REFUSED)


@screen(
    "ticket.done",
    redial="R2",
    work=True,
    needs={"who": "ticket.who", "amount": "ticket.amount"},
    edges=("ticket.who", "ticket.paper", *REFUSALS),
)
def done(ctx: Context) -> Act:
    """Take the cash. Who cannot be texted gets the code on paper."""
    return Act(
        do=lambda session, by: _take(ctx, session, by),
        show=lambda result: _shown(ctx, result),
        refused=_refused,
    )


def _take(ctx: Context, session: Any, by: By) -> Result:
    if ctx.signer is None:
        raise RuntimeError("no SIGNING_KEYS: a ticket that nobody can check is no proof")
    market, badge = stand(ctx), badge_of(ctx)
    if market is None:
        raise NotAllowed(staff=badge.staff_id)
    day, connection = date.fromisoformat(ctx.draft["day"]), session.connection()
    place = find_payer(connection, who_of(ctx), market_id=market, day=day).place.market_id
    command = TakeTicket(
        staff_id=badge.staff_id,
        badge_id=badge.badge_id,
        badge=badge.badge,
        market_id=market,
        who=who_of(ctx),
        amount_minor=ctx.draft["amount"],
        day=day_of(connection, place, day),
        zone=ctx.catalog.zone,
        today=ctx.draft["today"],
        ahead=ctx.draft["ahead"],
        open_today=is_held(connection, place, day),
    )
    return take_ticket(session, command, signer=ctx.signer, by=staff_by(ctx, by))


def _refused(error: DomainError) -> Goto | None:
    if isinstance(error, PaidToday):
        return Goto("ticket.amount")
    return Goto("ticket.other") if isinstance(error, WrongAmount) else refused(error)


def _shown(ctx: Context, result: Result) -> Menu | Goto:
    code, amount = show_code(result["code"]), ctx.money(result["amount"])
    if not result["text"]:
        return Goto("ticket.paper", {"code": result["code"], "paid": result["amount"]})
    told = ctx.say("Ticket {code}. The trader gets a text.", code=code)
    paid = ctx.say("Paid {amount}", amount=amount)
    if result["number"]:
        paid = ctx.say("{stall} paid {amount}", stall=result["number"], amount=amount)
    return Menu(told + "\n" + paid, _next(ctx), zero="home")


@screen("ticket.paper", redial="R2", work=True, needs={"code": "ticket.who"}, edges=("ticket.who",))
def paper(ctx: Context) -> Menu:
    """Nobody may be texted: the code goes on the payer's paper."""
    head = ctx.say("Write on the paper: {code}", code=show_code(ctx.draft["code"]))
    paid = ctx.say("Paid {amount}", amount=ctx.money(ctx.draft["paid"]))
    return Menu(head + "\n" + paid, _next(ctx), zero="home")


def _next(ctx: Context) -> list[Option]:
    return [Option("1", ctx.say("Next ticket"), "ticket.who")]
