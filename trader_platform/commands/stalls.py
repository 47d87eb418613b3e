"""`trader-platform stall add|hold|card`: the stall register, until a dashboard does it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core import phone as phones
from trader_platform.core.clock import SystemClock, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By, Result
from trader_platform.market.models import Market, Stall
from trader_platform.market.service_stalls import (
    KINDS,
    Hold,
    NewStall,
    add_stall,
    card_svg,
    occupy,
)
from trader_platform.traders.models import Person, Trader

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_ZONE = "Africa/Banjul"


@click.group()
def stall() -> None:
    """Stalls: their numbers and cards, and who holds them."""


@stall.command("add")
@click.argument("market")
@click.argument("number")
@click.option("--staff", "staff_id", type=int, required=True, help="Who registers it.")
@click.option("--kind", type=click.Choice(KINDS), default="table", show_default=True)
@click.option("--zone", default="", help="Side of the market, at most ten letters.")
def add(market: str, number: str, *, staff_id: int, kind: str, zone: str) -> None:
    """Register a stall with its painted NUMBER at MARKET (its slug); prints the card."""

    def act(session: Session, _vault: Vault, by: By) -> Result:
        market_id = session.execute(select(Market.id).where(Market.slug == market)).scalar()
        if market_id is None:
            exit_with([f"There is no market {market}: see the pack's markets.tsv"])
        new = NewStall(staff_id, market_id, number, zone, kind)
        return add_stall(session, new, by=by)

    click.echo(f"Stall {number}: card {_run(staff_id, act)['card']}")


@stall.command("hold")
@click.argument("card")
@click.argument("phone")
@click.option("--staff", "staff_id", type=int, required=True, help="Who writes it down.")
@click.option("--from", "starts", type=_DAY, help="First day; today without it.")
@click.option("--to", "ends", type=_DAY, help="Last day.")
@click.option("--share", type=click.IntRange(1, 9), default=1, show_default=True)
def hold(
    card: str,
    phone: str,
    *,
    staff_id: int,
    starts: datetime | None,
    ends: datetime | None,
    share: int,
) -> None:
    """The trader with PHONE holds the stall with CARD."""

    def act(session: Session, vault: Vault, by: By) -> Result:
        number = phones.parse(phone)
        trader = (
            number
            and session.execute(
                select(Trader.id)
                .join(Person, Person.id == Trader.person_id)
                .where(Person.phone_hash == vault.lookup(number.key))
            ).scalar()
        )
        stall_id = session.execute(select(Stall.id).where(Stall.card == card)).scalar()
        if not trader or stall_id is None:
            exit_with(["No trader has joined with this phone, or no stall has this card"])
        first = starts.date() if starts else local_day(by.now, _ZONE)
        last = ends.date() if ends else None
        command = Hold(staff_id, stall_id, trader, first, last, share)
        return occupy(session, command, by=by)

    _run(staff_id, act)
    click.echo(f"Written down: card {card}.")


@stall.command("card")
@click.argument("card")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def draw(card: str, file: Path) -> None:
    """Draw the QR code of a stall CARD into FILE (SVG)."""
    file.write_text(card_svg(card), encoding="utf-8")
    click.echo(f"{file}: {card}")


def _run(staff_id: int, act: Callable[[Session, Vault, By], Result]) -> Result:
    settings = settings_or_exit()
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    key = f"cli:stall:{secrets.token_hex(8)}"
    by = By(key, "en", SystemClock().now(), "staff", str(staff_id), "cli")
    try:
        with db.transaction() as session:
            return act(session, Vault(settings.data_keys, settings.lookup_key), by)
    except DomainError as refused:
        exit_with([f"Refused ({refused.code}): {refused.params}"])
    finally:
        db.dispose()
