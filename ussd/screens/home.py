"""The main menu: five digits, fixed for ever."""

from __future__ import annotations

from ussd.context import Context
from ussd.screen import Ask, Next, Option, screen


def main_options(ctx: Context) -> list[Option]:
    """Digits that people memorise; a choice that does not apply would be left out, never moved."""
    return [
        Option("1", ctx.say("My duty"), "duty.tariff"),
        Option("2", ctx.say("Sell"), "sell.home"),
        Option("3", ctx.say("Prices"), "price.home"),
        Option("4", ctx.say("Lumo"), "lumo.home"),
        Option("5", ctx.say("More"), "more.home"),
    ]


@screen(
    "home",
    edges=("duty.tariff", "sell.home", "price.home", "lumo.home", "more.home", "state.nobadge"),
)
def home(ctx: Context) -> Ask:
    """Who you are (or what service this is), and the five digits.

    6 is printed on the noticeboard for badge holders; any other phone is told that it has none.
    """
    name = ctx.caller.name if ctx.caller and ctx.joined else None

    def badge(typed: str) -> Next | None:
        return Next("state.nobadge") if typed == "6" else None

    head = ctx.first_name(name) or ctx.service
    return Ask(head, main_options(ctx), zero="none", accept=badge)
