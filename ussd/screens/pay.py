"""1*1 Pay. Wallets come later: their digits stay free; cash is paid to a collector."""

from __future__ import annotations

from ussd.context import Context
from ussd.screen import Goto, Menu, Option, screen
from ussd.screens.duty import OWED, standing_of


@screen("pay.how", edges=("pay.cash", "duty.lines", OWED), joined=True)
def how(ctx: Context) -> Menu | Goto:
    """The ways there are, and what it is for."""
    now = standing_of(ctx)
    if now is None or not now.total_minor:
        return Goto(OWED)
    options = [Option("3", ctx.say("Pay cash"), "pay.cash")]
    if any(line.outstanding_minor for line in now.lines):
        options.append(Option("4", ctx.say("What it is for"), "duty.lines"))
    return Menu(ctx.say("You owe {amount}", amount=ctx.money(now.total_minor)), options)


@screen("pay.cash", edges=("wrong.badge", OWED), joined=True)
def cash(ctx: Context) -> Menu | Goto:
    """To the collector, who shows a badge and gives a ticket."""
    now = standing_of(ctx)
    if now is None or not now.total_minor:
        return Goto(OWED)
    head = ctx.say("Pay the collector. See the badge first. Get a ticket: we text it too.")
    owes = ctx.say("You owe {amount}", amount=ctx.money(now.total_minor))
    return Menu(f"{head}\n{owes}", [Option("1", ctx.say("Check a badge"), "wrong.badge")])
