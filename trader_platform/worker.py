"""The worker process: answers the doorbell (RQ) and keeps the clock (sweeper) without it.

RQ's SimpleWorker runs jobs in this process: they are short, a fork a job would cost more than
the job, and a fork beside the sweeper's thread would not be safe.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any, Final

import structlog

from trader_platform.core import memory
from trader_platform.core.config import Settings
from trader_platform.core.db import Database
from trader_platform.core.logging import configure
from trader_platform.core.queues import (
    QUEUE_NAME,
    BackgroundBell,
    Doorbell,
    connect,
    queue_url,
)
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.schedule import JOBS, Job, resolve
from trader_platform.jobs.sweeper import Runner, Sweeper

_LOCK_WAIT_SECONDS: Final = 5.0
_LONGEST_WAIT_SECONDS: Final = 10.0
# Longer than a gateway may take: what is handed over is settled before the process ends.
_STOP_SECONDS: Final = 20.0

_log = structlog.get_logger()
_served: list[tuple[Runner, Doorbell]] = []


class _StopAsked(Exception):
    """TERM or INT came while RQ was not listening for it."""


def run_job(name: str) -> Any:
    """What a ring calls, in a process where ``serve`` runs.

    First it lets the next ring through: one in mid-run is for a row that this run may not see.
    """
    runner, bell = _served[-1]
    bell.taken(name)
    return runner.run(name, wait=True)


def serve(settings: Settings, *, jobs: Sequence[Job] = JOBS) -> None:
    """Blocks until TERM or INT. A lost Redis is waited for while the sweeper goes on."""
    configure()
    _listen_for_stop()
    bell = Doorbell(lambda: queue_url(settings))
    database = Database(settings.database_url, lock_wait_seconds=_LOCK_WAIT_SECONDS)
    database.ring = BackgroundBell(bell).ring
    runner = Runner(jobs, JobContext(settings, database))
    _served.append((runner, bell))
    for job in jobs:
        resolve(job)  # loads its module
    memory.freeze()
    sweeper = Sweeper(runner)
    sweeper.start()
    try:
        _answer_rings(settings)
    except _StopAsked:
        _log.info("worker.stopped")
    finally:
        sweeper.stop()
        runner.stop(within_seconds=_STOP_SECONDS)
        database.dispose()


def _answer_rings(settings: Settings) -> None:
    import redis

    wait_seconds = 0.5
    while True:
        began = time.monotonic()
        try:
            if _work(settings):
                return
        except (redis.RedisError, OSError) as error:
            _log.warning("worker.queue_lost", error=type(error).__name__)
        if time.monotonic() - began > _LONGEST_WAIT_SECONDS:
            wait_seconds = 0.5
        _listen_for_stop()
        time.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)


def _work(settings: Settings) -> bool:
    """One RQ worker's life; True if it ended because it was told to."""
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    connection = connect(queue_url(settings), timeout_seconds=None)
    connection.ping()
    worker = SimpleWorker(
        [QUEUE_NAME],
        connection=connection,
        serializer=JSONSerializer,
        name=f"market-{os.getpid()}-{time.monotonic_ns()}",
        log_job_description=False,
    )
    # RQ waits up to a minute for a lost server in a loop of its own; the embedded one is back soon.
    worker.max_connection_wait_time = _LONGEST_WAIT_SECONDS
    worker.work(with_scheduler=True, logging_level="WARNING")
    return worker._shutdown_requested_date is not None


def _listen_for_stop() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _StopAsked
