"""The demo month as a job: played in the background, once the service answers, only in DEMO."""

from __future__ import annotations

from datetime import UTC, datetime

from trader_platform.core.crypto import Vault
from trader_platform.core.signing import Signer
from trader_platform.demo_month import BESIDE, play_month
from trader_platform.jobs.context import JobContext


def play(context: JobContext) -> int:
    """Play what is left of the month; returns how many tickets that were. Safe to repeat."""
    settings = context.settings
    if not settings.demo:
        return 0
    vault = Vault(settings.data_keys, settings.lookup_key)
    played = play_month(
        context.db,
        vault,
        Signer(settings.signing_keys),
        now=datetime.now(UTC),
        pace=BESIDE,
        stopping=context.stopping.is_set,
    )
    return played.tickets
