"""The clock of the jobs: a plain loop that needs no Redis and runs each job when it is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from trader_platform.core.queues import RunAgain
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.schedule import Job, resolve

_LONGEST_SLEEP_SECONDS: Final = 5.0

_log = structlog.get_logger()


class Runner:
    """Runs jobs by name, each at most once at a time in this process."""

    def __init__(self, jobs: Sequence[Job], context: JobContext) -> None:
        self.jobs = {job.name: job for job in jobs}
        self._context = context
        self._locks = {job.name: threading.Lock() for job in jobs}
        self._apart = {job.name: _Apart(self._call, job.name) for job in jobs if job.apart}

    def run(self, name: str, *, wait: bool) -> Any:
        """The job's result. Busy: ``wait`` for a ring, because its row came later; else None.

        A job that runs apart is only started, and once more after that if it was running.
        """
        if name in self._apart:
            return self._apart[name].start(again=wait)
        lock = self._locks[name]
        if not lock.acquire(blocking=wait):
            return None
        try:
            return self._call(name)
        finally:
            lock.release()

    def stop(self, *, within_seconds: float) -> None:
        """Ask jobs that run apart to end and wait for them; one that does not is left behind."""
        self._context.stopping.set()
        for each in self._apart.values():
            each.stop(within_seconds)

    def _call(self, name: str) -> Any:
        return resolve(self.jobs[name])(self._context)


class _Apart:
    """One job in a thread of its own; what it returns is told to nobody but for ``RunAgain``."""

    def __init__(self, call: Callable[[str], Any], name: str) -> None:
        self._call, self._name = call, name
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._again = self._pauses = self._ends = False

    def start(self, *, again: bool) -> None:
        with self._changed:
            if self._thread is not None:
                self._again = self._again or again or self._pauses
                self._changed.notify()
                return
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self, within_seconds: float) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(within_seconds)

    def _run(self) -> None:
        while True:
            again: object = None
            try:
                again = self._call(self._name)
            except Exception:  # noqa: BLE001
                # The edge of the jobs: the next ring or sweep tries again.
                _log.exception("job.failed", job=self._name)
            with self._changed:
                self._pauses = True
                if isinstance(again, RunAgain):
                    self._changed.wait_for(lambda: self._again or self._ends, again.seconds)
                self._pauses = False
                if self._ends or not (self._again or isinstance(again, RunAgain)):
                    self._thread = None
                    return
                self._again = False


class Sweeper:
    """Calls each job of a runner every ``every_seconds``, the first time at once."""

    def __init__(self, runner: Runner, *, now: Callable[[], float] = time.monotonic) -> None:
        self._runner = runner
        self._now = now
        self._due = dict.fromkeys(runner.jobs, now())
        self._stop = threading.Event()

    def start(self) -> threading.Thread:
        """The loop in a thread of its own."""
        thread = threading.Thread(target=self._loop, name="sweeper", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Ends the loop after the job that it is in."""
        self._stop.set()

    def sweep(self) -> list[str]:
        """Run what is due now; a job that fails is logged and comes again at its next time."""
        due = [name for name, moment in self._due.items() if moment <= self._now()]
        for name in due:
            self._due[name] = self._now() + self._runner.jobs[name].every_seconds
            try:
                self._runner.run(name, wait=False)
            except Exception:  # noqa: BLE001
                # The edge of the jobs: one that fails must not stop the others.
                _log.exception("job.failed", job=name)
        return due

    def _loop(self) -> None:
        while not self._stop.is_set():
            self.sweep()
            next_due = min(self._due.values(), default=self._now() + _LONGEST_SLEEP_SECONDS)
            self._stop.wait(min(max(next_due - self._now(), 0.05), _LONGEST_SLEEP_SECONDS))
