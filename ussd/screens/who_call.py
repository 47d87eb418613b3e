"""3*3*w*i*1 Seller, call me: the buyer's number goes to one seller, as by the text CALL 1."""

from __future__ import annotations

from typing import Any, Final

from trader_platform.core.errors import DomainError
from trader_platform.market.service_calls import (
    MOST_A_DAY,
    AskCall,
    TooManyCalls,
    Unreachable,
    ask_call,
)
from trader_platform.market.types import ListingGone
from trader_platform.messaging.service import contact_of_phone
from trader_platform.traders.queries import names_of
from ussd.context import Context
from ussd.screen import Act, End, Goto, Menu, Option, screen
from ussd.screens.price import market_of

LISTED: Final = {"product": "who.word", "listing": "who.list"}


@screen("who.called", redial="R2", edges=("who.list", "who.full", "who.gone"), needs=LISTED)
def called(ctx: Context) -> Act:
    """Give the number; once for each offer, five a day."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        contact = contact_of_phone(
            session, ctx.phone, pack_id=ctx.catalog.pack_id, vault=ctx.vault, now=by.now
        )
        command = AskCall(
            contact=contact,
            listing=int(ctx.draft["listing"]),
            market=market_of(ctx),
            zone=ctx.catalog.zone,
            pack=ctx.catalog.pack_id,
            channel="ussd",
        )
        return ask_call(session, command, by=by)

    def show(result: dict[str, Any]) -> End:
        name = ctx.first_name(names_of(ctx.read, [result["person"]]).get(result["person"]))
        gave = (
            ctx.say("We gave your number to {name} for this one time.", name=name)
            if name
            else ctx.say("We gave your number to the seller for this one time.")
        )
        return End(gave + " " + ctx.say("A call may come today."))

    return Act(do=do, show=show, refused=_refused)


def _refused(error: DomainError) -> Goto | None:
    if isinstance(error, TooManyCalls):
        return Goto("who.full")
    if isinstance(error, Unreachable):
        return Goto("who.gone")
    return Goto("who.list") if isinstance(error, ListingGone) else None


@screen("who.full")
def full(ctx: Context) -> End:
    """As many calls today as one may ask for."""
    return End(
        ctx.say(
            "You asked for {n} calls today. That is the most. Ask again tomorrow.", n=MOST_A_DAY
        )
    )


@screen("who.gone", edges=("who.list",), needs={"product": "who.word"})
def gone(ctx: Context) -> Menu:
    """No text reaches this seller: she stopped them, or left."""
    others = Option("1", ctx.say("Other sellers"), "who.list")
    return Menu(ctx.say("We cannot give your number to this seller now."), [others])
