"""6*1*1 Ticket: who pays, how much, and the confirmation. ``ticket_done`` takes it."""

from __future__ import annotations

from typing import Any, Final

from trader_platform.core import phone as phones
from trader_platform.core.errors import DomainError
from trader_platform.fees.accounts import Who
from trader_platform.fees.queries_collector import Asked, asked_of
from trader_platform.fees.types import MarketClosed, NoOccupant, NoTariff, OtherCouncil
from trader_platform.market.queries_stalls import card_number, stall_by_id, stall_of_card
from trader_platform.payments.codes import show_code
from trader_platform.staff.types import NotAllowed, Role
from trader_platform.traders.queries import trader_of_phone
from ussd import inputs
from ussd.context import Context
from ussd.screen import Ask, End, Goto, Item, Menu, Next, Option, Rows, screen
from ussd.screens.work import badge_of, stand

WHO: Final = {"who": "ticket.who"}
REFUSED: Final = ("ticket.unknown", "ticket.council", "ticket.closed", "ticket.who")


def who_of(ctx: Context) -> Who:
    """Whom the collector named: a stall, a trader's phone or a kind of goods."""
    return Who(**ctx.draft["who"])


def payer_asked(ctx: Context) -> Asked | Goto:
    """What the payer owes today, or the screen that says why nothing may be taken."""
    market = stand(ctx)
    if market is None:
        return Goto("collect.market")
    try:
        asked = asked_of(ctx.read, who_of(ctx), market_id=market, day=ctx.today)
        if not badge_of(ctx).may(Role.COLLECTOR, asked.payer.place.market_id):
            raise NotAllowed(market=asked.payer.place.market_id)
    except DomainError as error:
        following = refused(error)
        if following is None:
            raise
        return following
    return asked


def refused(error: DomainError) -> Goto | None:
    """The screen that tells a collector why this may not be taken."""
    if isinstance(error, MarketClosed):
        return Goto("ticket.closed", {"closed": error.params.get("market")})
    if isinstance(error, OtherCouncil | NotAllowed):
        return Goto("ticket.council")
    if isinstance(error, NoTariff):
        return Goto("ticket.unknown", {"why": "tariff"})
    return Goto("ticket.unknown", {"why": "vacant"}) if isinstance(error, NoOccupant) else None


def payer_label(ctx: Context, asked: Asked) -> str:
    """The stall as it is painted, else what is sold."""
    return asked.payer.stall_number or ctx.goods(asked.payer.place.goods_class_id)


def what(ctx: Context) -> str:
    """For ``resume.ask``."""
    return ctx.say("Ticket")


@screen(
    "ticket.who",
    redial="R1",
    work=True,
    edges=("ticket.goods", "ticket.amount", "ticket.unknown", "ticket.closed", "collect.market"),
    what=what,
)
def who(ctx: Context) -> Ask | Goto:
    """A stall card, a phone, or neither."""
    if stand(ctx) is None:
        return Goto("collect.market")
    return Ask(
        ctx.say("Ticket. Type stall card or phone."),
        [Option("1", ctx.say("No card, no phone"), "ticket.goods")],
        reask=ctx.say("Card 6, phone 7 or 9 numbers"),
        accept=lambda typed: _named(ctx, typed),
    )


def _named(ctx: Context, typed: str) -> Next | None:
    who = payer_typed(ctx, typed)
    if who is None:
        return None
    if not who:
        return Next("ticket.unknown", {"why": "nobody", "typed": digits_of(typed)})
    return Next("ticket.amount", {"who": who})


def digits_of(typed: str) -> str:
    """A typed card or phone, as a screen may say it again."""
    return "".join(letter for letter in typed if letter not in " -.")[:13]


def payer_typed(ctx: Context, typed: str) -> dict[str, int] | None:
    """Whom a card or a phone names, for ``Who``; empty where nobody has it, None for a slip."""
    digits = "".join(letter for letter in typed if letter not in " -.")
    card = card_number(digits)
    stall = stall_of_card(ctx.read, ctx.catalog.pack_id, card) if card else None
    if stall is not None:
        return {"stall_id": stall.id}
    phone = phones.parse(digits)
    if phone is None:
        # Six digits that are no card are a slip of the thumb, a card that is nobody's is not.
        return {} if card else None
    hashed = ctx.vault.lookup(phone.key)
    trader = trader_of_phone(ctx.read, hashed, ctx.catalog.pack_id)
    return {} if trader is None else {"trader_id": trader}


@screen("ticket.goods", redial="R1", work=True, edges=("ticket.amount",), what=what)
def goods(ctx: Context) -> Menu:
    """A walk-up is asked by what she sells."""

    def row(id_: int) -> Item:
        return Item(ctx.goods(id_), "ticket.amount", {"who": {"goods_class_id": id_}})

    return Menu(ctx.say("Sells what?"), items=Rows(list(ctx.catalog.classes), row))


@screen(
    "ticket.amount",
    redial="R1",
    work=True,
    needs=WHO,
    edges=("ticket.how", "ticket.other", "ticket.paid", "collect.market", *REFUSED),
    what=what,
)
def amount(ctx: Context) -> Menu | Goto:
    """Who pays, and what the tariff and the arrears ask."""
    asked = payer_asked(ctx)
    if isinstance(asked, Goto):
        return asked
    if not asked.today_minor:
        return Goto("ticket.paid")
    day = {"day": ctx.today.isoformat(), "today": True, "ahead": False}
    options = [
        Option(
            "1",
            ctx.say("Today {due}", due=ctx.money(asked.today_minor)),
            "ticket.how",
            {**day, "amount": asked.today_minor},
        ),
        Option("3", ctx.say("Other amount"), "ticket.other"),
    ]
    if asked.old_minor:
        both = ctx.say("Today and old {amount}", amount=ctx.money(asked.total_minor))
        saved = {**day, "amount": asked.total_minor}
        options.insert(1, Option("2", both, "ticket.how", saved))
    return Menu(_head(ctx, asked), options)


def _head(ctx: Context, asked: Asked) -> str:
    sells = ctx.goods(asked.payer.place.goods_class_id)
    name, stall = ctx.first_name(asked.name), asked.payer.stall_number
    if name and stall:
        return ctx.say("{name} {stall}, {goods}", name=name, stall=stall, goods=sells)
    if name:
        return ctx.say("{name}, {goods}", name=name, goods=sells)
    return ctx.say("{stall}, {goods}", stall=stall, goods=sells) if stall else sells


@screen(
    "ticket.paid",
    work=True,
    needs=WHO,
    edges=("ticket.how", "ticket.other", "ticket.amount", "collect.market", *REFUSED),
)
def paid(ctx: Context) -> Menu | Goto:
    """Nothing is to be paid for today; old duty and days ahead may be."""
    asked = payer_asked(ctx)
    if isinstance(asked, Goto):
        return asked
    if asked.today_minor:
        return Goto("ticket.amount")
    options = [
        Option("3", ctx.say("Other amount"), "ticket.other"),
        Option("8", ctx.say("Next"), "ticket.who"),
    ]
    if asked.old_minor:
        saved = {
            "day": ctx.today.isoformat(),
            "today": False,
            "ahead": False,
            "amount": asked.old_minor,
        }
        old = ctx.say("Old duty {amount}", amount=ctx.money(asked.old_minor))
        options.insert(0, Option("2", old, "ticket.how", saved))
    told = _is_paid(ctx, asked) + " " + ctx.say("Take no duty for today.")
    return Menu(told, options)


def _is_paid(ctx: Context, asked: Asked) -> str:
    label, by = payer_label(ctx, asked), asked.paid_by
    if by is None:
        return ctx.say("{stall} owes nothing for today.", stall=label)
    code = show_code(by.code)
    if by.day != ctx.today:
        return ctx.say(
            "{stall} paid ahead. Ticket {code}, {date}.",
            stall=label,
            code=code,
            date=ctx.date(by.day),
        )
    return ctx.say(
        "{stall} paid today. Ticket {code}, {time}.",
        stall=label,
        code=code,
        time=ctx.hour(by.at),
    )


@screen(
    "ticket.other",
    redial="R1",
    work=True,
    needs=WHO,
    edges=("ticket.how", "collect.market", *REFUSED),
    what=what,
)
def other(ctx: Context) -> Ask | Goto:
    """A part, or more: what is over is kept for the days that come."""
    asked = payer_asked(ctx)
    if isinstance(asked, Goto):
        return asked
    currency, most = ctx.catalog.currency, asked.most_minor
    least = min(currency.unit, most)
    day = {"day": ctx.today.isoformat(), "today": asked.today_minor > 0, "ahead": True}

    def accept(typed: str) -> Next | None:
        given = inputs.amount(typed, currency)
        if given is None or not least <= given <= most:
            return None
        return Next("ticket.how", {**day, "amount": given})

    return Ask(
        ctx.say(
            "{stall} owes {amount}. How much do you get? Type it.",
            stall=payer_label(ctx, asked),
            amount=ctx.money(asked.total_minor),
        ),
        reask=ctx.say("Type {min} up to {amount}", min=ctx.price(least), amount=ctx.money(most)),
        accept=accept,
    )


@screen(
    "ticket.how",
    redial="R1",
    work=True,
    needs={"who": "ticket.who", "amount": "ticket.amount"},
    edges=("ticket.done", "collect.market", *REFUSED),
    what=what,
)
def how(ctx: Context) -> Menu | Goto:
    """The confirmation: the cash is in his hand."""
    asked = payer_asked(ctx)
    if isinstance(asked, Goto):
        return asked
    head = ctx.say(
        "{stall}: take {amount}",
        stall=payer_label(ctx, asked),
        amount=ctx.money(ctx.draft["amount"]),
    )
    return Menu(head, [Option("1", ctx.say("Cash in my hand"), "ticket.done")])


@screen("ticket.unknown", redial="R1", work=True, edges=("ticket.who", "ticket.goods"), what=what)
def unknown(ctx: Context) -> Menu:
    """Nobody has this number, nobody holds this stall, or nobody set a duty."""
    again = Option("1", ctx.say("Type again"), "ticket.who")
    neither = Option("2", ctx.say("No card, no phone"), "ticket.goods")
    why = ctx.draft.get("why")
    if why == "tariff":
        return Menu(ctx.say("No duty is set for this place. Take none."), [again])
    if why == "vacant":
        return Menu(ctx.say("Nobody holds this stall in our list."), [again, neither])
    typed = str(ctx.draft.get("typed", ""))
    return Menu(ctx.say("No stall or trader has {phone}.", phone=typed), [again, neither])


@screen("ticket.council", work=True, needs=WHO, edges=("ticket.who",))
def other_council(ctx: Context) -> Menu:
    """A stall of another council, or of a market that this badge is not for."""
    again = [Option("1", ctx.say("Type again"), "ticket.who")]
    stall_id = ctx.draft["who"].get("stall_id")
    stall = stall_by_id(ctx.read, stall_id) if stall_id else None
    market = ctx.catalog.markets.get(stall.market_id) if stall else None
    if stall is None or market is None:
        return Menu(ctx.say("This stall is elsewhere. Your badge is not for there."), again)
    council = ctx.catalog.councils.get(market.council_id or 0)
    if council is None or council.id == badge_of(ctx).council_id:
        where = ctx.say(
            "{stall} is at {market}. Your badge is not for there.",
            stall=stall.number,
            market=ctx.place(market.id),
        )
        return Menu(where, again)
    where = ctx.say(
        "{stall} is in {council}. Your badge is not for there.",
        stall=stall.number,
        council=council.short_name,
    )
    return Menu(where, again)


@screen("ticket.closed", work=True)
def closed(ctx: Context) -> End:
    """No duty is taken on a day without a market."""
    market: Any = ctx.draft.get("closed") or stand(ctx)
    return End(
        ctx.say(
            "{market} is closed on {date}. No duty is taken today.",
            market=ctx.place(market),
            date=ctx.date(ctx.today),
        )
    )
