"""`trader-platform demo load`: made-up people and prices, for trying the service out."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError, NoResultFound

from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import SystemClock
from trader_platform.core.crypto import Vault
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.signing import Signer
from trader_platform.demo import load_demo
from trader_platform.demo_month import play_month
from trader_platform.demo_people import DUTY_MARKET, FREE_STALLS, OFFICERS, PEOPLE, demo_cards

__all__ = ["demo", "load_demo"]


@click.group()
def demo() -> None:
    """Made-up people and prices, for trying the service out."""


@demo.command("load")
@click.option("--month", is_flag=True, help="Play a month of two markets too (made up).")
def load(*, month: bool) -> None:
    """Load the demo people; repeating it adds what the days since have brought."""
    settings = settings_or_exit()
    if not settings.demo:
        exit_with(["Made-up people do not belong among real ones: set DEMO=1 to load them"])
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        vault = Vault(settings.data_keys, settings.lookup_key)
        loaded = load_demo(db, vault)
        if month:
            signer = Signer(settings.signing_keys)
            played = play_month(db, vault, signer, now=SystemClock().now())
            click.echo(f"Month: {played.days} market days, {played.tickets} acts, all made up.")
    except NoResultFound:
        exit_with(["The demo stands on the Gambian pack: run `trader-platform pack load gambia`"])
    except DBAPIError as failed:
        told = str(failed.orig).strip().split("\n")[0]
        exit_with([f"The database cannot be used: {told}. Try `trader-platform db upgrade`"])
    finally:
        db.dispose()
    click.echo("Demo, made up; the prices stand for nothing real.")
    for person in PEOPLE:
        click.echo(f"  {person.phone:14} {person.name:13} {person.market}")
    for officer in OFFICERS:
        click.echo(
            f"  {officer.phone:14} {officer.name:13} {officer.market}"
            f"  {officer.role}, badge {officer.badge}, PIN {officer.pin}"
        )
    for market, stall, card in demo_cards():
        if market == DUTY_MARKET and (market, stall) not in FREE_STALLS:
            click.echo(f"  Stall card {card}: {stall}, {market}, pays duty (the tariff is made up)")
    free = [card for card in demo_cards() if card[:2] in FREE_STALLS]
    for market, stall, card in free:
        click.echo(f"  Free stall card {card}: {stall}, {market}")
    click.echo(
        f"New: {loaded.people} people, {loaded.stalls} stalls, {loaded.listings} goods on sale,"
        f" {loaded.sales} sales, {loaded.reports} price reports."
    )
