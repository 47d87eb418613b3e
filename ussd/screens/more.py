"""5 More: what is asked for seldom."""

from __future__ import annotations

from ussd.context import Context
from ussd.screen import Menu, Option, screen


@screen("more.home", edges=("money.home", "set.home", "about.home"))
def more_home(ctx: Context) -> Menu:
    """The choices that exist now; the others keep their digits."""
    options = [
        Option("2", ctx.say("Where did our money go?"), "money.home"),
        Option("3", ctx.say("Settings"), "set.home"),
        Option("6", ctx.say("About this"), "about.home"),
    ]
    return Menu(ctx.say("More"), options)
