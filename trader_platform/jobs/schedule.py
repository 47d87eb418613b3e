"""Which jobs exist and how often each is due. Names are permanent: rings in a queue carry them.

A job takes a JobContext, drains what is due in chunks, and may be run twice at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from trader_platform.jobs.context import JobContext


@dataclass(frozen=True, slots=True)
class Job:
    """``function`` is a dotted name, imported when it first runs.

    ``apart``: it may take minutes, so it has a thread of its own and holds up no other job.
    """

    name: str
    function: str
    every_seconds: float
    apart: bool = False


JOBS: Final[tuple[Job, ...]] = (
    Job("sms.answer", "sms.jobs.answer", 60, apart=True),
    Job("sms.deliver", "sms.jobs.deliver", 60, apart=True),
    Job("fees.raise", "trader_platform.jobs.fees.raise_charges", 300, apart=True),
    Job("ledger.chain", "trader_platform.jobs.fees.chain", 60, apart=True),
    Job("ledger.check", "trader_platform.jobs.fees.check", 24 * 3600, apart=True),
    Job("demo.month", "trader_platform.demo_job.play", 3600, apart=True),
    Job("ussd.prune", "trader_platform.jobs.retention.prune_sessions", 600),
    Job("words.forget", "trader_platform.jobs.retention.forget_words", 6 * 3600),
    Job("people.erase", "trader_platform.jobs.retention.erase_people", 3600),
    Job("people.forget", "trader_platform.jobs.retention.forget_phones", 600),
    Job("reports.forget", "trader_platform.jobs.retention.forget_reports", 3600),
    Job("texts.erase", "trader_platform.jobs.retention.erase_texts", 3600),
)


def resolve(job: Job) -> Callable[[JobContext], Any]:
    """The job's function; raises ImportError or AttributeError where the table is wrong."""
    module, _, name = job.function.rpartition(".")
    found: Callable[[JobContext], Any] = getattr(import_module(module), name)
    return found
