"""`trader-platform keys`: renew the keys that guard phone numbers and what people wrote."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from trader_platform.commands.startup import claim, settings_or_exit

if TYPE_CHECKING:
    from trader_platform.core.crypto import Vault
    from trader_platform.core.db import Database
    from trader_platform.traders.rotation import Renewed


@click.group()
def keys() -> None:
    """The keys that guard phone numbers and texts."""


@keys.command()
@click.option("--lookup", is_flag=True, help="Renew LOOKUP_KEY as well (embedded only).")
def rotate(lookup: bool) -> None:
    """Bring every stored phone and text under the newest key; safe to repeat.

    Embedded: makes a new key in DATA_DIR first, with the service stopped. With keys in the
    environment: put the new key first in DATA_KEYS, restart all processes, then run this.
    """
    from trader_platform.core import keyfile
    from trader_platform.core.crypto import Vault
    from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
    from trader_platform.messaging.rotation import renew_contacts, renew_words
    from trader_platform.traders.rotation import renew

    settings = settings_or_exit()
    held = claim(settings.data_dir) if settings.embedded else None
    if settings.embedded:
        keyfile.renew(settings.data_dir, lookup=lookup)
        settings = settings_or_exit()
    vault = Vault(settings.data_keys, settings.lookup_key)
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    people, contacts, words = (
        _renew_all(db, part, vault) for part in (renew, renew_contacts, renew_words)
    )
    db.dispose()
    if held is not None:
        os.close(held)
    seen, written = people[0] + contacts[0], people[1] + contacts[1]
    newest = vault.newest.decode()
    click.echo(f"{seen} phones looked at, {written} brought under key {newest}.")
    click.echo(f"{words[0]} texts looked at, {words[1]} brought under key {newest}.")


def _renew_all(db: Database, part: Callable[..., Renewed], vault: Vault) -> tuple[int, int]:
    """Rows seen and written, a chunk a transaction."""
    last: int | None = 0
    seen = written = 0
    while last is not None:
        with db.transaction() as session:
            chunk = part(session, vault, after_id=last)
        last, seen, written = chunk.last_id, seen + chunk.seen, written + chunk.written
    return seen, written
