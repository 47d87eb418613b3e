"""The doorbell: tells a worker that rows are due. Rows are the truth: a lost ring costs a minute.

Only job names travel, never data. Redis and RQ are imported when the bell is first rung, because
most processes never ring and both are heavy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from trader_platform.core import valkey

if TYPE_CHECKING:
    from redis import Redis

    from trader_platform.core.config import Settings

QUEUE_NAME: Final = "market"
RUNNER: Final = "trader_platform.worker.run_job"
JOB_TIMEOUT_SECONDS: Final = 300
FAILURE_TTL_SECONDS: Final = 7 * 24 * 3600
_PAUSE_AFTER_FAILURE_SECONDS: Final = 5.0
_CLIENT_TIMEOUT_SECONDS: Final = 0.5

_log = structlog.get_logger()


def queue_url(settings: Settings) -> str:
    """The configured Redis, or the embedded Valkey of this DATA_DIR; empty where none runs."""
    if settings.redis_url:
        return settings.redis_url
    socket_path = valkey.noted_socket(settings.data_dir)
    return valkey.url_of(socket_path) if socket_path else ""


class Doorbell:
    """Rings for jobs by name; safe to share between threads.

    ``find_url`` is asked again after each failure: the embedded server may have moved.
    """

    def __init__(self, find_url: Callable[[], str]) -> None:
        self._find_url = find_url
        self._client: Redis | None = None
        self._quiet_until = 0.0

    def ring(self, job_name: str) -> bool:
        """Wake a worker for this job; call it after the commit. Never raises: False is a lost ring.

        After a failure nobody tries for some seconds, so that a dead Redis slows no caller.
        """
        if time.monotonic() < self._quiet_until:
            return False
        import redis

        try:
            self._enqueue(job_name)
        except (redis.RedisError, OSError) as error:
            self._client = None
            self._quiet_until = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS
            _log.warning("queue.ring_lost", job=job_name, error=type(error).__name__)
            return False
        return True

    def answers(self) -> bool:
        """Whether the queue can be reached now; for readiness and `doctor`."""
        import redis

        try:
            return bool(self._connected().ping())
        except (redis.RedisError, OSError):
            self._client = None
            return False

    def _connected(self) -> Redis:
        if self._client is None:
            self._client = connect(self._find_url(), timeout_seconds=_CLIENT_TIMEOUT_SECONDS)
        return self._client

    def _enqueue(self, job_name: str) -> None:
        from rq import Queue
        from rq.serializers import JSONSerializer

        queue = Queue(QUEUE_NAME, connection=self._connected(), serializer=JSONSerializer)
        queue.enqueue_call(
            RUNNER,
            args=(job_name,),
            timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
            description=job_name,
        )


def connect(url: str, *, timeout_seconds: float | None) -> Redis:
    """A client for ``url``; raises ConnectionError (Redis's) where there is none to connect to."""
    import redis

    if not url:
        raise redis.ConnectionError("no queue server is running for this DATA_DIR")
    return redis.Redis.from_url(
        url, socket_timeout=timeout_seconds, socket_connect_timeout=_CLIENT_TIMEOUT_SECONDS
    )
