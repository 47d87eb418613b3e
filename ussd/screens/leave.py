"""5*3*5 Leave: her goods stop at once, her name and number go after the days of grace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trader_platform.core.clock import local_day
from trader_platform.market.service_join import leave
from ussd.context import Context
from ussd.screen import Act, End, Menu, Option, screen


@screen("leave.ask", redial="R4", edges=("leave.done", "set.home"))
def ask(ctx: Context) -> Menu:
    """What goes and what stays."""
    head = ctx.say(
        "We delete your name and number. Your goods stop now. Old sales and pay stay with no name."
    )
    options = [
        Option("1", ctx.say("Delete me"), "leave.done"),
        Option("2", ctx.say("No, I stay"), "set.home"),
    ]
    return Menu(head, options)


@screen("leave.done", redial="R2")
def done(ctx: Context) -> Act:
    """The days of grace begin."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def show(result: dict[str, Any]) -> End:
        day = local_day(datetime.fromisoformat(result["leave_at"]), ctx.catalog.zone)
        return End(
            ctx.say(
                "You are out. On {date} we delete your name and number. To stay, dial {dial}"
                " before that day.",
                date=ctx.date(day),
                dial=ctx.dial,
            )
        )

    zone = ctx.catalog.zone
    return Act(do=lambda session, by: leave(session, person_id, by, zone=zone), show=show)
