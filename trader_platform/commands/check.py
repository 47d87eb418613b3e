"""`trader-platform check ledger`: whether the books are whole. Exit 1 names what is broken."""

from __future__ import annotations

import sys

import click

from trader_platform.commands.startup import settings_or_exit
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database


@click.group()
def check() -> None:
    """Checks that trust no cached figure."""


@check.command("ledger")
def ledger() -> None:
    """Derive all balances from postings and hold charges, payments and receipts against them."""
    from trader_platform.fees.queries_check import check_fees
    from trader_platform.ledger.queries_check import check_books

    settings = settings_or_exit()
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        with db.snapshot() as connection:
            books = check_books(connection)
            findings = (*books.findings, *check_fees(connection))
    finally:
        db.dispose()
    click.echo(
        f"{books.entries} entries, {books.postings} postings, {books.linked} linked,"
        f" drift {books.drift_minor}."
    )
    for finding in findings:
        click.echo(f"{finding.rule} is broken: {finding.what}", err=True)
    if findings:
        sys.exit(1)
    click.echo("All invariants hold.")
