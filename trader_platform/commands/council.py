"""`trader-platform council charging|spent|asked|answer`: until a dashboard does it."""

from __future__ import annotations

import secrets
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.commands.startup import exit_with, opened
from trader_platform.core import money
from trader_platform.core.clock import SystemClock, local_day
from trader_platform.core.db import Database
from trader_platform.core.once import By
from trader_platform.fees.queries_money import asked_to_tell
from trader_platform.fees.service_council import BadSpending, Spend, enter_spending, set_charging
from trader_platform.fees.service_reports import ReportGone, answer, report_of
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.models import Council, Pack
from trader_platform.staff.models import Staff
from trader_platform.staff.types import NotAllowed, SamePerson

_MONTH = click.DateTime(formats=["%Y-%m"])
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def council() -> None:
    """Councils: do they take duty through us, what they spent, what they answer traders."""


@council.command("charging")
@click.argument("slug", metavar="COUNCIL")
@click.argument("how", type=click.Choice(["on", "off"]))
def charging(slug: str, how: str) -> None:
    """COUNCIL takes its duty through us from now on, or does not. What was raised stays owed."""
    with opened() as (_, db), db.transaction() as session:
        council_id, _ = _find(session, db, slug)
        set_charging(session, council_id, on=how == "on", by=_by("charging"))
    click.echo(f"{slug}: charging is {how}. Phones see it within 30 seconds.")


@council.command("spent")
@click.argument("slug", metavar="COUNCIL")
@click.argument("market")
@click.argument("month", type=_MONTH)
@click.argument("what")
@click.argument("amount")
@click.option("--due", type=_DAY, help="Planned, to be done by this day; not spent yet.")
def spent(
    slug: str, market: str, month: datetime, what: str, *, amount: str, due: datetime | None
) -> None:
    """COUNCIL spent AMOUNT on WHAT (18 letters) at MARKET in MONTH (2026-10)."""
    with opened() as (_, db), db.transaction() as session:
        council_id, catalog = _find(session, db, slug)
        minor = money.parse(amount, catalog.currency)
        place = next((x for x in catalog.markets.values() if x.slug == market), None)
        if minor is None:
            exit_with([f"{amount} is no amount"])
        if place is None or place.council_id != council_id:
            exit_with([f"This council has no market {market}: see the pack's markets.tsv"])
        day = due.date() if due else None
        command = Spend(council_id, place.id, month.date(), what, minor, day)
        try:
            enter_spending(session, command, by=_by("spent"))
        except BadSpending:
            exit_with(["WHAT has 1 to 18 letters that every phone can show"])
    click.echo(f"{slug}, {market}, {month:%Y-%m}: {what} {money.show(minor, catalog.currency)}")


@council.command("asked")
@click.argument("slug", metavar="COUNCIL")
def asked(slug: str) -> None:
    """How many people asked COUNCIL what it spent, where it has not told yet; no names."""
    with opened() as (_, db):
        with db.transaction() as session:
            council_id, catalog = _find(session, db, slug)
        with db.reading() as connection:
            open_ = asked_to_tell(connection, council_id)
    for each in open_:
        market = catalog.markets[each.market_id].slug
        click.echo(f"{market} {each.month:%Y-%m}: {each.people} asked what was spent")
    if not open_:
        click.echo(f"{slug}: nobody waits to be told")


@council.command("answer")
@click.argument("ref")
@click.argument("word", type=click.Choice(["right", "wrong"]))
@click.option("--staff", "staff_id", type=int, required=True, help="Who answers: her staff number.")
def answer_report(ref: str, word: str, *, staff_id: int) -> None:
    """Answer report REF: the trader was right, or wrong. Who gave her name gets a text."""
    with opened() as (_, db):
        try:
            with db.transaction() as session:
                report_id = report_of(session, ref)
                zone = _zone(session, db, staff_id)
                by = _by("answer", actor=str(staff_id))
                told = answer(
                    session,
                    staff_id,
                    report_id,
                    right=word == "right",
                    day=local_day(by.now, zone),
                    zone=zone,
                    by=by,
                )
        except ReportGone:
            exit_with([f"No report {ref} waits for an answer"])
        except NotAllowed:
            exit_with([f"Staff {staff_id} may not answer it: a finance officer or admin does"])
        except SamePerson:
            exit_with([f"Staff {staff_id} answered it before: a second officer must"])
    texted = "a text is queued" if told["text"] else "nobody is texted"
    click.echo(f"{ref}: {word}; {texted}.")


def _by(what: str, *, actor: str = "council") -> By:
    key = f"cli:council:{what}:{secrets.token_hex(8)}"
    kind = "cli" if actor == "council" else "staff"
    return By(key, "en", SystemClock().now(), kind, actor, "cli")


def _find(session: Session, db: Database, slug: str) -> tuple[int, Catalog]:
    """The id of a council and the data of its country."""
    row = session.execute(select(Council.id, Council.pack_id).where(Council.slug == slug)).first()
    if row is None:
        exit_with([f"There is no council {slug}: see the pack's councils.tsv"])
    return row.id, Catalogs(db).get(row.pack_id)


def _zone(session: Session, db: Database, staff_id: int) -> str:
    """The time zone of an officer's council, else of the first pack."""
    query = (
        select(Council.pack_id)
        .join(Staff, Staff.council_id == Council.id)
        .where(Staff.id == staff_id)
    )
    pack = session.execute(query).scalar() or session.execute(select(Pack.id)).scalars().first()
    return Catalogs(db).get(pack or 0).zone
