"""1*4*4 What I told you: her reports under her name, what the council says, and not being happy."""

from __future__ import annotations

from datetime import date
from typing import Any

from trader_platform.fees.queries_duty import Told, told_by
from trader_platform.fees.service_reports import ReportGone, reopen
from ussd.context import Context
from ussd.screen import Act, End, Goto, Item, Menu, Option, screen
from ussd.screens.duty_lines import trader_of

LIST = "wrong.list"


@screen(LIST, edges=("wrong.one", "wrong.list.none"), joined=True)
def listed(ctx: Context) -> Menu | Goto:
    """The newest first. What she told with no name is nobody's."""
    found = told_by(ctx.read, trader_of(ctx))
    if not found:
        return Goto("wrong.list.none")
    items = [
        Item(f"{ctx.date(each.day)} {each.ref}", "wrong.one", {"report": each.id}) for each in found
    ]
    return Menu(ctx.say("What you told us"), items=items, per_page=3)


@screen("wrong.list.none", edges=("wrong.rate",), joined=True)
def nothing(ctx: Context) -> Menu:
    """She told nothing, or gave no name."""
    head = ctx.say("You told us nothing yet.")
    return Menu(head, [Option("1", ctx.say("Was I charged right?"), "wrong.rate")])


@screen("wrong.one", edges=("wrong.again", LIST), needs={"report": LIST}, joined=True)
def one(ctx: Context) -> Menu | Goto:
    """How one report stands."""
    every = told_by(ctx.read, trader_of(ctx))
    report = next((each for each in every if each.id == ctx.draft["report"]), None)
    if report is None:
        return Goto(LIST)
    head = ctx.say("Number {ref}, {date}", ref=report.ref, date=ctx.date(report.day))
    unhappy = report.state == "wrong"
    options = [Option("1", ctx.say("I am not happy"), "wrong.again")] if unhappy else []
    return Menu("\n".join([head, *_stands(ctx, report)]), options)


def _stands(ctx: Context, report: Told) -> tuple[str, str]:
    """Its state in at most 22 septets, and the council's answer in at most 44."""
    day = ctx.date(report.answer_by)
    if report.state == "right":
        return ctx.say("You were right."), _found(ctx, report)
    if report.state == "wrong":
        return ctx.say("The council says no."), _against(ctx, report)
    if report.answer_by < ctx.today:
        return ctx.say("Still open."), ctx.say("The council is late: {date}", date=day)
    if report.state == "reopened":
        return ctx.say("Open again."), ctx.say("A second officer answers by {date}", date=day)
    return ctx.say("Still open."), ctx.say("The council must answer by {date}", date=day)


def _found(ctx: Context, report: Told) -> str:
    if report.kind == "overcharge":
        more = max((report.paid_minor or 0) - (report.due_minor or 0), 0)
        return ctx.say("You paid too much: {amount}", amount=ctx.money(more))
    return ctx.say("We found what you paid: {amount}", amount=ctx.money(report.paid_minor or 0))


def _against(ctx: Context, report: Told) -> str:
    if report.kind == "overcharge":
        return ctx.say("This duty is right: {due}", due=ctx.money(report.due_minor or 0))
    return ctx.say("We did not find {amount}", amount=ctx.money(report.paid_minor or 0))


@screen("wrong.again", redial="R2", edges=(LIST,), needs={"report": LIST}, joined=True)
def again(ctx: Context) -> Act:
    """A second officer looks at it."""

    def do(session: Any, by: Any) -> dict[str, Any]:
        report = int(ctx.draft["report"])
        return reopen(session, trader_of(ctx), report, today=ctx.today, by=by)

    def show(result: dict[str, Any]) -> End:
        return End(
            ctx.say(
                "Number {ref} is open again. A second officer looks at it by {date}.",
                ref=result["ref"],
                date=ctx.date(date.fromisoformat(result["date"])),
            )
        )

    return Act(
        do=do,
        show=show,
        refused=lambda error: Goto(LIST) if isinstance(error, ReportGone) else None,
    )
