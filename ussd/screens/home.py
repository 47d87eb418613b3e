"""The main menu: five digits, fixed for ever."""

from __future__ import annotations

from typing import Final

from ussd.context import Context
from ussd.screen import Ask, Goto, Menu, Next, Option, screen

MAIN: Final = ("duty.owed", "sell.home", "price.home", "lumo.home", "more.home")


def main_options(ctx: Context) -> list[Option]:
    """Digits that people memorise; a choice that does not apply would be left out, never moved."""
    return [
        Option("1", ctx.say("My duty"), "duty.owed"),
        Option("2", ctx.say("Sell"), "sell.home"),
        Option("3", ctx.say("Prices"), "price.home"),
        Option("4", ctx.say("Lumo"), "lumo.home"),
        Option("5", ctx.say("More"), "more.home"),
    ]


@screen(
    "home",
    edges=(*MAIN, "state.nobadge", "state.badge.over", "home.badge"),
)
def home(ctx: Context) -> Ask | Goto:
    """Who you are (or what service this is), and the five digits.

    6 is printed on the noticeboard for badge holders; any other phone is told that it has none.
    """
    gate = ctx.work_gate
    if gate not in {"state.nobadge", "state.badge.over"}:
        return Goto("home.badge")

    def badge(typed: str) -> Next | None:
        return Next(gate) if typed == "6" else None

    return Ask(_who(ctx), main_options(ctx), zero="none", accept=badge)


@screen("home.badge", edges=(*MAIN, "work.home"))
def home_badge(ctx: Context) -> Menu:
    """The same five digits, and 6 for who works for a council."""
    work = Option("6", ctx.say("My work"), "work.home")
    return Menu(_who(ctx), [*main_options(ctx), work], zero="none")


def _who(ctx: Context) -> str:
    name = ctx.caller.name if ctx.caller and ctx.joined else None
    return ctx.first_name(name) or ctx.service
