"""The demo month as a job: played in the background, once the service answers, only in DEMO."""

from __future__ import annotations

from datetime import UTC, datetime

from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.signing import Signer
from trader_platform.demo_month import BESIDE, play_month
from trader_platform.jobs.context import JobContext


def play(context: JobContext) -> int:
    """Play what is left of the month; returns how many tickets that were. Safe to repeat."""
    settings = context.settings
    if not settings.demo:
        return 0
    vault = Vault(settings.data_keys, settings.lookup_key)
    # Thousands of commits: a disk that is slow to sync would hold up every hop beside them, and
    # what a power cut takes of a demo is played again.
    wait = context.db.lock_wait_seconds
    db = Database(settings.database_url, lock_wait_seconds=wait, synced=False)
    db.ring = context.db.ring
    try:
        played = play_month(
            db,
            vault,
            Signer(settings.signing_keys),
            now=datetime.now(UTC),
            pace=BESIDE,
            stopping=context.stopping.is_set,
        )
    finally:
        db.dispose()
    return played.tickets
