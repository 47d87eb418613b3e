"""`trader-platform words`: what people ask for and nobody knows yet, and how it becomes known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import SystemClock, local_day
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.market import catalog as catalogs
from trader_platform.market.catalog import Catalog
from trader_platform.market.fold import plain, sound
from trader_platform.market.models import Pack
from trader_platform.market.search import index_of
from trader_platform.market.service_words import (
    KEEP_DAYS,
    BadAlias,
    Unmatched,
    add_alias,
    list_unmatched,
)

_GUESSES: Final = 3
_PROBLEMS: Final = {
    "word": "{word!r} is no word: two letters at least, and 40 signs at most",
    "language": "{language!r} is no language of the pack: use {languages}",
    "grammar": "{word!r} says nothing of goods in any text: it would never be found",
}
_pack_option = click.option("--pack", default="gambia", show_default=True, help="Country.")


@click.group(invoke_without_command=True)
@_pack_option
@click.option("--days", default=KEEP_DAYS, show_default=True, help="So many days back.")
@click.option("--limit", default=40, show_default=True, help="So many words at most.")
@click.pass_context
def words(ctx: click.Context, *, pack: str, days: int, limit: int) -> None:
    """Words that people text and nobody knows, most often first, with the nearest guesses."""
    if ctx.invoked_subcommand is not None:
        return
    db = _database()
    try:
        catalog = _catalog(db, pack)
        since = local_day(SystemClock().now(), catalog.zone) - timedelta(days=days)
        with db.transaction() as session:
            found = list_unmatched(session, catalog.pack_id, since, limit)
    except DBAPIError as failed:
        exit_with([_problem(failed)])
    finally:
        db.dispose()
    for line in report(catalog, found):
        click.echo(line)


@words.command("alias")
@click.argument("word")
@click.argument("product")
@click.option("--language", required=True, help="Tag of the language that the word is of: wo.")
@_pack_option
def alias(word: str, product: str, *, language: str, pack: str) -> None:
    """Let WORD name PRODUCT (its id in the pack, like bitter-tomato), in every process."""
    db = _database()
    by = By("", "en", SystemClock().now(), "operator", "command", "cli")
    try:
        catalog = _catalog(db, pack)
        with db.transaction() as session:
            added = add_alias(session, catalog, word, product, language=language, by=by)
    except BadAlias as bad:
        languages = ", ".join(sorted(_languages(catalog)))
        told = _PROBLEMS[str(bad.params["why"])]
        exit_with([told.format(word=word, language=language, languages=languages)])
    except NotFound:
        near = ", ".join(_guesses(catalog, product)) or "see products.tsv of the pack"
        exit_with([f"No product {product!r} in {pack}. Near to it: {near}"])
    except DBAPIError as failed:
        exit_with([_problem(failed)])
    finally:
        db.dispose()
    click.echo(
        f"{word} means {product}. It is found everywhere within 30 seconds."
        if added.is_new
        else f"{word} was known as {product} already."
    )
    if added.others:
        others = ", ".join(catalog.products[id_].slug for id_ in added.others)
        click.echo(f"It also names {others}: who texts it is asked which one is meant.")


def report(catalog: Catalog, found: list[Unmatched]) -> Iterator[str]:
    """A table: the word, how often, the last day, and what it may mean."""
    if not found:
        yield "No unknown words."
        return
    yield f"{'word':26}{'times':>7}  {'last asked':12}nearest"
    for each in found:
        near = ", ".join(_guesses(catalog, each.word)) or "-"
        yield f"{each.word:26}{each.times:7,}  {each.last_day.isoformat():12}{near}"


def _guesses(catalog: Catalog, word: str) -> list[str]:
    folded = plain(word)
    joined = folded.replace(" ", "")
    match = index_of(catalog).products.guess(joined, sound(folded), _GUESSES).match
    ids = match.choices if match.sure is None else (match.sure,)
    return [catalog.products[id_].slug for id_ in ids]


def _languages(catalog: Catalog) -> set[str]:
    spoken = {tag for tag, _, _ in catalog.languages}
    return spoken.union(catalog.settings.get("search_languages", ()))


def _catalog(db: Database, pack: str) -> Catalog:
    with db.reading() as connection:
        rows = connection.execute(select(Pack.slug, Pack.id).order_by(Pack.id)).all()
        ids = {row.slug: row.id for row in rows}
        if pack not in ids:
            exit_with([f"No pack {pack!r} is loaded. Loaded: {', '.join(ids) or 'none'}"])
        return catalogs.read(connection, ids[pack])


def _database() -> Database:
    return Database(settings_or_exit().database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)


def _problem(failed: DBAPIError) -> str:
    told = str(failed.orig).strip().split("\n")[0]
    return f"The database cannot be used: {told}. Try `trader-platform db upgrade`, then again"
