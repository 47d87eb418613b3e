"""The doorbell: tells a worker that rows are due. Rows are the truth: a lost ring costs a minute.

Only job names travel, never data, and a name lies in the queue once: ``due:<job>`` is set by who
rings first and taken away by the worker before it runs, so that a hundred rings make one run, and
one in mid-run makes exactly one more. Redis and RQ are imported when the bell is first rung,
because most processes never ring and both are heavy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from trader_platform.core import valkey

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy.orm import Session

    from trader_platform.core.config import Settings

QUEUE_NAME: Final = "market"
RUNNER: Final = "trader_platform.worker.run_job"
JOB_TIMEOUT_SECONDS: Final = 300
FAILURE_TTL_SECONDS: Final = 7 * 24 * 3600
# A worker that dies between taking a ring and running leaves the mark: it must end by itself.
MARK_SECONDS: Final = 300
_PAUSE_AFTER_FAILURE_SECONDS: Final = 5.0
_CLIENT_TIMEOUT_SECONDS: Final = 0.5
_GATHER_SECONDS: Final = 0.02

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

        True as well where the job lies in the queue already: it will see this row too. After a
        failure nobody tries for some seconds, so that a dead Redis slows no caller.
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

    def taken(self, job_name: str) -> None:
        """Before a ring is answered: from here on another one lies in the queue again."""
        import redis

        try:
            self._connected().delete(_mark(job_name))
        except (redis.RedisError, OSError):
            self._client = None  # the mark ends by itself, and until then the sweeper rings

    def _enqueue(self, job_name: str) -> None:
        from rq import Queue
        from rq.serializers import JSONSerializer

        client = self._connected()
        if not client.set(_mark(job_name), b"1", nx=True, ex=MARK_SECONDS):
            return
        queue = Queue(QUEUE_NAME, connection=client, serializer=JSONSerializer)
        try:
            queue.enqueue_call(
                RUNNER,
                args=(job_name,),
                timeout=JOB_TIMEOUT_SECONDS,
                result_ttl=0,
                failure_ttl=FAILURE_TTL_SECONDS,
                description=job_name,
            )
        except Exception:
            # Marked and not enqueued, nobody could ring for minutes.
            client.delete(_mark(job_name))
            raise


@dataclass(frozen=True, slots=True)
class RunAgain:
    """What a job that runs apart returns where it is due again before the sweeper comes."""

    seconds: float


class BackgroundBell:
    """Rings from a thread of its own, so that who answers a gateway or a hop never waits for Redis.

    Rings of one name that come while it is busy are one. The thread starts with the first ring, so
    that a process that is forked later has its own.
    """

    def __init__(self, bell: Doorbell) -> None:
        self._bell = bell
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, job_name: str) -> None:
        """Ask for a ring; returns at once and never raises. A ring that is lost costs a minute."""
        with self._changed:
            if job_name in self._wanted and self._thread is not None and self._thread.is_alive():
                return
            self._wanted.add(job_name)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="bell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted)
            # A thread that woke for each of a thousand texts a second would take the interpreter
            # from those who answer gateways.
            time.sleep(_GATHER_SECONDS)
            with self._changed:
                names, self._wanted = sorted(self._wanted), set()
            for name in names:
                self._bell.ring(name)


def ring_after_commit(session: Session, job_name: str) -> None:
    """Ring for this job once the session's transaction is durable, and not at all if it fails.

    For domains: how a process rings is its ``Database.ring``; one that cannot leaves it to the
    sweeper. Asking twice in one transaction is one ring.
    """
    session.info.setdefault("rings", {})[job_name] = True


def _mark(job_name: str) -> str:
    return f"due:{job_name}"


def connect(url: str, *, timeout_seconds: float | None) -> Redis:
    """A client for ``url``; raises ConnectionError (Redis's) where there is none to connect to."""
    import redis

    if not url:
        raise redis.ConnectionError("no queue server is running for this DATA_DIR")
    return redis.Redis.from_url(
        url, socket_timeout=timeout_seconds, socket_connect_timeout=_CLIENT_TIMEOUT_SECONDS
    )
