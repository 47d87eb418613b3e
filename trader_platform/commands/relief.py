"""`trader-platform relief ask|list|answer`: duty let off for a market's days, by two officers."""

from __future__ import annotations

import secrets
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.commands.startup import exit_with, opened
from trader_platform.core.clock import SystemClock
from trader_platform.core.once import By
from trader_platform.fees.queries_relief import reliefs
from trader_platform.fees.service_relief import (
    AskRelief,
    BadRelief,
    ReliefGone,
    answer_relief,
    ask_relief,
)
from trader_platform.market.models import Council, Market
from trader_platform.staff.types import NotAllowed, SamePerson

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_STAFF = click.option("--staff", "staff_id", type=int, required=True, help="Your staff number.")


@click.group()
def relief() -> None:
    """Relief from duty after a flood or a day without a sale: asked by one, granted by another."""


@relief.command("ask")
@click.argument("slug", metavar="MARKET")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY, required=False)
@click.option("--why", type=click.Choice(["flood", "no_sale"]), required=True)
@click.option("--zone", default="", help="Only this zone of the market.")
@_STAFF
def ask(
    slug: str, first: datetime, last: datetime | None, *, why: str, zone: str, staff_id: int
) -> None:
    """Ask that nobody owes duty at MARKET from FIRST to LAST (one day without LAST)."""
    until = (last or first).date()
    with opened() as (_, db):
        try:
            with db.transaction() as session:
                market = _market(session, slug)
                command = AskRelief(
                    staff_id,
                    market.council_id or 0,
                    market.id,
                    first_day=first.date(),
                    last_day=until,
                    reason=why,
                    zone=zone,
                )
                asked = ask_relief(session, command, by=_by("ask", staff_id))
        except BadRelief:
            exit_with(["At most 31 days that have begun, FIRST before LAST, and a zone it has"])
        except NotAllowed:
            exit_with([f"Staff {staff_id} may not ask: its master, finance or admin does"])
    click.echo(f"Relief {asked['relief']} waits for a second officer's answer.")


@relief.command("list")
@click.argument("slug", metavar="COUNCIL")
def list_(slug: str) -> None:
    """What waits for an answer in COUNCIL."""
    with opened() as (_, db), db.transaction() as session:
        council_id = session.execute(select(Council.id).where(Council.slug == slug)).scalar()
        if council_id is None:
            exit_with([f"There is no council {slug}: see the pack's councils.tsv"])
        open_ = reliefs(session.connection(), council_id, state="asked")
        slugs = {row.id: row.slug for row in session.execute(select(Market.id, Market.slug))}
    for each in open_:
        zone = f" zone {each.zone}" if each.zone else ""
        days = f"{each.first_day} to {each.last_day}"
        asked_by = f"asked by staff {each.made_by}"
        click.echo(f"{each.id} {slugs[each.market_id]}{zone} {days} {each.reason}, {asked_by}")
    if not open_:
        click.echo(f"{slug}: nothing waits for an answer")


@relief.command("answer")
@click.argument("relief_id", metavar="NUMBER", type=int)
@click.argument("word", type=click.Choice(["yes", "no"]))
@_STAFF
def answer(relief_id: int, word: str, *, staff_id: int) -> None:
    """Grant relief NUMBER or refuse it; what is granted is let off within minutes."""
    with opened() as (_, db):
        try:
            with db.transaction() as session:
                by = _by("answer", staff_id)
                told = answer_relief(session, staff_id, relief_id, yes=word == "yes", by=by)
        except ReliefGone:
            exit_with([f"No relief {relief_id} waits for an answer"])
        except NotAllowed:
            exit_with([f"Staff {staff_id} may not answer: a finance officer or admin does"])
        except SamePerson:
            exit_with([f"Staff {staff_id} asked for it: a second officer must answer"])
    click.echo(f"Relief {relief_id} is {told['state']}.")


def _market(session: Session, slug: str) -> Market:
    found = session.execute(select(Market).where(Market.slug == slug)).scalars().first()
    if found is None or found.council_id is None:
        exit_with([f"No council has a market {slug}: see the pack's markets.tsv"])
    return found


def _by(what: str, staff_id: int) -> By:
    key = f"cli:relief:{what}:{secrets.token_hex(8)}"
    return By(key, "en", SystemClock().now(), "staff", str(staff_id), "cli")
