"""`trader-platform staff add|list|end|pin`: who works for a council, until a dashboard does it."""

from __future__ import annotations

import secrets
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.commands.startup import exit_with, opened
from trader_platform.core import phone as phones
from trader_platform.core.clock import SystemClock, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.once import By
from trader_platform.market.models import Council, Market
from trader_platform.staff import service
from trader_platform.staff.pins import draw_pin, set_pin
from trader_platform.staff.queries import staff_of
from trader_platform.staff.types import Role, StaffGone

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_ZONE = "Africa/Banjul"


@click.group()
def staff() -> None:
    """Collectors, masters, cashiers and officers of a council."""


@staff.command("add")
@click.argument("council")
@click.argument("name")
@click.option("--role", type=click.Choice([x.value for x in Role]), required=True)
@click.option("--market", help="Slug of the market; without it the whole council.")
@click.option("--phone", help="The phone that shows My work.")
@click.option("--from", "starts", type=_DAY, help="First day; today without it.")
def add(
    council: str,
    name: str,
    *,
    role: str,
    market: str | None,
    phone: str | None,
    starts: datetime | None,
) -> None:
    """Add NAME to COUNCIL (its slug) with a role, a badge and a PIN, said once."""
    number = phones.parse(phone) if phone else None
    if phone and number is None:
        raise click.BadParameter("no such number", param_hint="--phone")
    with opened() as (settings, db):
        vault = Vault(settings.data_keys, settings.lookup_key)
        now = SystemClock().now()
        first = starts.date() if starts else local_day(now, _ZONE)
        key = f"cli:staff:{secrets.token_hex(8)}"
        with db.transaction() as session:
            council_id = _council(session, council)
            market_id = _market(session, council_id, market) if market else None
            who = service.NewStaff(council_id, name, number)
            by = By(key, "en", now, "cli", "staff", "cli")
            added = service.add_staff(session, who, vault=vault, by=by)
            staff_id = int(added["staff"])
            service.assign(
                session,
                staff_id,
                Role(role),
                market_id=market_id,
                starts_on=first,
                by=By(f"{key}:role", "en", now, "cli", "staff", "cli"),
            )
            by = By(f"{key}:badge", "en", now, "cli", "staff", "cli")
            badge = service.give_badge(session, staff_id, starts_on=first, by=by)
            pin = draw_pin()
            set_pin(session, staff_id, pin, vault=vault, by=by)
    click.echo(f"{staff_id}: {name}, {role}, badge {badge['number']}, PIN {pin}")
    click.echo("The PIN is shown this once. Nobody may ask for it.")


@staff.command("list")
@click.argument("council")
def list_(council: str) -> None:
    """All staff of COUNCIL, with what each may do today."""
    with opened() as (_, db):
        today = local_day(SystemClock().now(), _ZONE)
        with db.transaction() as session:
            council_id = _council(session, council)
            names = {row.id: row.slug for row in session.execute(select(Market.id, Market.slug))}
            people = staff_of(session.connection(), council_id, today)
    for person in people:
        roles = ", ".join(
            f"{x.role.value} at {names.get(x.market_id, '?')}" if x.market_id else x.role.value
            for x in person.duties
        )
        ended = f", ends {person.badge_ends_on}" if person.badge_ends_on else ""
        click.echo(
            f"{person.id}: {person.name}, badge {person.badge or '-'}{ended}: {roles or '-'}"
        )


@staff.command("end")
@click.argument("staff_id", type=int)
@click.argument("last_day", type=_DAY)
def end(staff_id: int, last_day: datetime) -> None:
    """STAFF_ID works to the end of LAST_DAY; roles and badge end then."""
    with opened() as (_, db):
        by = By(
            f"cli:staff.end:{staff_id}:{last_day.date()}",
            "en",
            SystemClock().now(),
            "cli",
            "staff",
            "cli",
        )
        try:
            with db.transaction() as session:
                service.end(session, staff_id, last_day=last_day.date(), by=by)
        except StaffGone:
            exit_with([f"There is nobody with the number {staff_id}: see `staff list COUNCIL`"])
    click.echo(f"{staff_id} ends on {last_day.date()}.")


@staff.command("pin")
@click.argument("staff_id", type=int)
def pin(staff_id: int) -> None:
    """Draw a new PIN for STAFF_ID, and open a locked one."""
    with opened() as (settings, db):
        vault = Vault(settings.data_keys, settings.lookup_key)
        by = By(f"cli:pin:{secrets.token_hex(8)}", "en", SystemClock().now(), "cli", "staff", "cli")
        drawn = draw_pin()
        try:
            with db.transaction() as session:
                set_pin(session, staff_id, drawn, vault=vault, by=by)
        except StaffGone:
            exit_with([f"There is nobody with the number {staff_id}: see `staff list COUNCIL`"])
    click.echo(f"PIN {drawn}. It is shown this once.")


def _council(session: Session, slug: str) -> int:
    found = session.execute(select(Council.id).where(Council.slug == slug)).scalar()
    if found is None:
        exit_with([f"There is no council {slug}: see the pack's councils.tsv"])
    return int(found)


def _market(session: Session, council_id: int, slug: str) -> int:
    query = select(Market.id).where(Market.slug == slug, Market.council_id == council_id)
    found = session.execute(query).scalar()
    if found is None:
        exit_with([f"This council has no market {slug}: see the pack's markets.tsv"])
    return int(found)
