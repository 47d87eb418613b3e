"""`trader-platform market close|reopen|move|festival`: dated exceptions of the market calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import SystemClock
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.market.calendar import Change
from trader_platform.market.models import Market, Pack
from trader_platform.market.service_calendar import (
    BadChange,
    announce_change,
    closure,
    festival,
    move,
    withdraw_closure,
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


@market.command("reopen")
@click.argument("slug", metavar="MARKET")
@click.argument("first", type=_DAY)
@click.option("--pack", default="gambia", show_default=True, help="Country of the market.")
def reopen(slug: str, first: datetime, *, pack: str) -> None:
    """Take back the closure of MARKET that begins on FIRST.

    What it let off of the last seven days is asked again.
    """
    _act(pack, slug, lambda s, id_, by: withdraw_closure(s, id_, first.date(), by))
    click.echo(f"The closure of {slug} from {first.date()} on is taken back.")


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


Act = Callable[[Session, int, By], object]


def act(db: Database, pack: str, slug: str, do: Act) -> None:
    """Let ``do`` change the calendar of the market ``slug`` of ``pack``.

    Raises UnknownMarket, BadChange where the days do not fit, NotFound for no such closure.
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
        # The moment is the key: to say the same again next year is another act.
        key = f"cli:market:{known[slug]}:{now.isoformat()}"
        do(session, known[slug], By(key, "en", now, "operator", "command", "cli"))


def _announce(pack: str, slug: str, change_of: Callable[[int], Change]) -> None:
    _act(pack, slug, lambda session, id_, by: announce_change(session, change_of(id_), by))


def _act(pack: str, slug: str, do: Act) -> None:
    url = settings_or_exit().database_url
    db = Database(url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        act(db, pack, slug, do)
    except UnknownMarket as unknown:
        exit_with([str(unknown)])
    except BadChange:
        days = "LAST is not before FIRST, and TO is another day"
        exit_with([f"This does not fit: {days}. NAME has 1 to 20 letters"])
    except NotFound:
        exit_with([f"No closure of {slug} begins on this day"])
    except DBAPIError as failed:
        told = str(failed.orig).strip().split("\n")[0]
        exit_with([f"The database cannot be used: {told}. Try `trader-platform db upgrade`"])
    finally:
        db.dispose()
