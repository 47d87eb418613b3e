"""6*1*4*n*2 and *3 The right amount or the right stall of a ticket, and the act that mends it."""

from __future__ import annotations

from typing import Any, Final

from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.fees.accounts import Who
from trader_platform.fees.queries_collector import Asked, Mine, asked_of, ticket_of_badge
from trader_platform.fees.service_mend import Mend, mend_ticket
from trader_platform.fees.service_ticket import MOST_MINOR
from trader_platform.fees.service_void import TakeBack
from trader_platform.fees.types import (
    MarketClosed,
    NoOccupant,
    NoTariff,
    OtherCouncil,
    PaidToday,
    WrongAmount,
)
from trader_platform.payments.codes import show_code
from trader_platform.staff.types import NotAllowed, Role
from ussd import inputs
from ussd.context import Context
from ussd.screen import Ask, Goto, Next, Result, screen
from ussd.screens.ticket import REFUSED, digits_of, payer_typed, refused
from ussd.screens.work import badge_of

CODE: Final = {"code": "fix.code"}
NOTHING_RIGHT: Final = {"right_amount": None, "right_who": None}


def ticket_typed(ctx: Context) -> Mine | None:
    """The ticket that is to be mended; None where it is not (or no more) this badge's."""
    return ticket_of_badge(ctx.read, badge_of(ctx), ctx.draft["code"], ctx.now)


def label(ctx: Context, ticket: Mine) -> str:
    """The stall as it is painted, else what is sold."""
    return ticket.stall or ctx.goods(ticket.goods_class_id)


def is_mending(ctx: Context) -> bool:
    """Whether he said what is right instead of what the ticket says."""
    return bool(ctx.draft.get("right_amount") or ctx.draft.get("right_who"))


def mend(session: Any, ctx: Context, wrong: TakeBack, *, by: By) -> Result:
    """Take the wrong ticket back and the right one, in one act."""
    if ctx.signer is None:
        raise RuntimeError("no SIGNING_KEYS: a ticket that nobody can check is no proof")
    who = ctx.draft.get("right_who")
    command = Mend(wrong, ctx.draft.get("right_amount"), Who(**who) if who else None)
    return mend_ticket(session, command, signer=ctx.signer, by=by)


def right_payer(ctx: Context) -> Asked | Goto:
    """Who should have paid, or the question again with why she cannot."""
    ticket = ticket_typed(ctx)
    if ticket is None:
        return Goto("fix.none")
    try:
        asked = _asked(ctx, ticket, Who(**ctx.draft["right_who"]))
    except DomainError as error:
        following = unfit(ctx, error)
        if following is None:
            raise
        return following
    return asked


def _asked(ctx: Context, ticket: Mine, who: Who) -> Asked:
    asked = asked_of(ctx.read, who, market_id=ticket.market_id, day=ctx.today)
    if not badge_of(ctx).may(Role.COLLECTOR, asked.payer.place.market_id):
        raise NotAllowed(market=asked.payer.place.market_id)
    return asked


def unfit(ctx: Context, error: DomainError) -> Goto | None:
    """The question whose answer cannot be, once more; or what a new ticket is refused by."""
    if isinstance(error, WrongAmount) and ctx.draft.get("right_amount"):
        return Goto("fix.amount")
    if not ctx.draft.get("right_who") or isinstance(error, MarketClosed):
        return refused(error)
    why = _why(error)
    return Goto("fix.stall", {"unfit": why}) if why else None


def _why(error: DomainError) -> str | None:
    if isinstance(error, NoOccupant):
        return "vacant"
    if isinstance(error, OtherCouncil | NotAllowed):
        return "elsewhere"
    if isinstance(error, WrongAmount):
        return "same"
    if isinstance(error, NoTariff):
        return "tariff"
    return "paid" if isinstance(error, PaidToday) else None


def mending(ctx: Context) -> str:
    """For ``resume.ask``."""
    return ctx.say("Mend a ticket")


@screen(
    "fix.amount",
    redial="R1",
    work=True,
    needs=CODE,
    edges=("fix.why", "fix.none", *REFUSED),
    what=mending,
)
def right_amount(ctx: Context) -> Ask | Goto:
    """What the collector really got; not what the ticket says already."""
    ticket = ticket_typed(ctx)
    if ticket is None:
        return Goto("fix.none")
    try:
        most = _most(ctx, ticket)
    except DomainError as error:
        following = refused(error)
        if following is None:
            raise
        return following
    currency = ctx.catalog.currency
    least = min(currency.unit, most)

    def accept(typed: str) -> Next | None:
        given = inputs.amount(typed, currency)
        if given is None or not least <= given <= most or given == ticket.amount_minor:
            return None
        return Next("fix.why", {**NOTHING_RIGHT, "right_amount": given})

    return Ask(
        ctx.say("{code}: the right amount? Type it.", code=_code(ticket)),
        reask=ctx.say("Type {min} up to {amount}", min=ctx.price(least), amount=ctx.money(most)),
        accept=accept,
    )


def _most(ctx: Context, ticket: Mine) -> int:
    """The most of a ticket in its place; all of it is owed again once the wrong one is undone."""
    if not ticket.at_once:
        return MOST_MINOR
    asked = asked_of(ctx.read, ticket.who, market_id=ticket.market_id, day=ctx.today)
    return asked.most_minor + (0 if asked.payer.walk_up else ticket.amount_minor)


def _code(ticket: Mine) -> str:
    return show_code(ticket.code)


@screen(
    "fix.stall",
    redial="R1",
    work=True,
    needs=CODE,
    edges=("fix.why", "fix.none", "ticket.closed"),
    what=mending,
)
def right_stall(ctx: Context) -> Ask | Goto:
    """Who really paid; an answer that cannot be is told why, and asked again."""
    ticket = ticket_typed(ctx)
    if ticket is None:
        return Goto("fix.none")

    def accept(typed: str) -> Next | None:
        who = payer_typed(ctx, typed)
        if who is None:
            return None
        if not who:
            return Next("fix.stall", {"unfit": "nobody", "typed": digits_of(typed)})
        try:
            asked = _asked(ctx, ticket, Who(**who))
        except MarketClosed as error:
            return Next("ticket.closed", {"closed": error.params.get("market")})
        except DomainError as error:
            return Next("fix.stall", {"unfit": _why(error)})
        if asked.payer.key == ticket.account:
            return Next("fix.stall", {"unfit": "same"})
        return Next("fix.why", {**NOTHING_RIGHT, "right_who": who, "unfit": None})

    question = ctx.say("{code}: the right stall card or phone?", code=_code(ticket))
    told = _unfit_words(ctx)
    return Ask(
        f"{told}\n{question}" if told else question,
        reask=ctx.say("Card 6, phone 7 or 9 numbers"),
        accept=accept,
    )


def _unfit_words(ctx: Context) -> str | None:
    why = ctx.draft.get("unfit")
    if why == "nobody":
        return ctx.say("No stall or trader has {phone}.", phone=str(ctx.draft.get("typed", "")))
    words = {
        "vacant": ctx.say("Nobody holds this stall in our list."),
        "elsewhere": ctx.say("This stall is elsewhere. Your badge is not for there."),
        "same": ctx.say("The ticket says this stall already."),
        "tariff": ctx.say("No duty is set for this place. Take none."),
        "paid": ctx.say("There less is owed than this ticket says."),
    }
    return words.get(str(why))
