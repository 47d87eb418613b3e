"""`trader-platform db`: bring the database to this release."""

from __future__ import annotations

import click

from trader_platform.commands.startup import settings_or_exit, upgrade_or_exit


@click.group()
def db() -> None:
    """The database and its revisions."""


@db.command()
def upgrade() -> None:
    """Run the revisions that are missing; safe to repeat."""
    from trader_platform.core import migrate

    upgrade_or_exit(settings_or_exit())
    click.echo(f"The database is at revision {migrate.head()}.")
