"""`trader-platform market close|move|festival`: dated exceptions of the market calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import SystemClock
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.once import By
from trader_platform.market.calendar import Change
from trader_platform.market.models import Market, Pack
from trader_platform.market.service_calendar import (
    BadChange,
    announce_change,
    closure,
    festival,
    move,
)

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def market() -> None:
    """Markets that are closed, held on another day than ever, or that keep a festival."""


@market.command("close")
@click.argument("slug", metavar="MARKET")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY, required=False)
@click.option("--pack", default="gambia", show_default=True, help="Country of the market.")
def close(slug: str, first: datetime, last: datetime | None, *, pack: str) -> None:
    """Close MARKET from FIRST to LAST (both days included; one day without LAST)."""
    until = (last or first).date()
    _announce(pack, slug, lambda id_: closure(id_, first.date(), until))
    click.echo(f"{slug} is closed from {first.date()} to {until}.")


@market.command("move")
@click.argument("slug", metavar="MARKET")
@click.argument("day", type=_DAY)
@click.argument("to", type=_DAY)
@click.option("--pack", default="gambia", show_default=True, help="Country of the market.")
def move_day(slug: str, day: datetime, to: datetime, *, pack: str) -> None:
    """Hold the market of DAY on the day TO instead."""
    _announce(pack, slug, lambda id_: move(id_, day.date(), to.date()))
    click.echo(f"{slug} is held on {to.date()} instead of {day.date()}.")


@market.command("festival")
@click.argument("slug", metavar="MARKET")
@click.argument("name")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
@click.option("--pack", default="gambia", show_default=True, help="Country of the market.")
def keep_festival(slug: str, name: str, first: datetime, last: datetime, *, pack: str) -> None:
    """MARKET keeps the festival NAME from FIRST to LAST: its tariffs of that name hold.

    Said again with other days near by, the festival is moved: the moon decides late.
    """
    _announce(pack, slug, lambda id_: festival(id_, name, first.date(), last.date()))
    click.echo(f"{slug} keeps {name} from {first.date()} to {last.date()}.")


class UnknownMarket(Exception):
    """No market of this name is loaded; says which ones are."""


def announce(db: Database, pack: str, slug: str, change_of: Callable[[int], Change]) -> None:
    """Write a change of the market ``slug`` of ``pack``; repeating it changes nothing more.

    Raises UnknownMarket, or BadChange where the days do not fit.
    """
    now = SystemClock().now()
    with db.transaction() as session:
        rows = session.execute(
            select(Market.slug, Market.id)
            .join(Pack, Pack.id == Market.pack_id)
            .where(Pack.slug == pack, Market.retired.is_(False))
            .order_by(Market.rank)
        )
        known = {row.slug: row.id for row in rows}
        if slug not in known:
            names = ", ".join(known) or "none: load the pack first"
            raise UnknownMarket(f"No market {slug!r} in the pack {pack!r}. Known: {names}")
        change = change_of(known[slug])
        # The moment is in the key: to say the same again next year is another act.
        key = f"cli:market:{change.kind}:{change.market_id}:{change.starts_on}:{now.isoformat()}"
        announce_change(session, change, By(key, "en", now, "operator", "command", "cli"))


def _announce(pack: str, slug: str, change_of: Callable[[int], Change]) -> None:
    url = settings_or_exit().database_url
    db = Database(url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        announce(db, pack, slug, change_of)
    except UnknownMarket as unknown:
        exit_with([str(unknown)])
    except BadChange:
        days = "LAST is not before FIRST, and TO is another day"
        exit_with([f"This does not fit: {days}. NAME has 1 to 20 letters"])
    except DBAPIError as failed:
        told = str(failed.orig).strip().split("\n")[0]
        exit_with([f"The database cannot be used: {told}. Try `trader-platform db upgrade`"])
    finally:
        db.dispose()
