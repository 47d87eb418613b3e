"""Runs child processes in the foreground and leaves none behind; knows nothing of what they do.

Three nets, because each has a hole: every child is killed by the kernel when this process dies
(PR_SET_PDEATHSIG, which grandchildren do not inherit), has a process group of its own that is
killed whole, and a guard process kills those groups when this one is gone without a word.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_SECONDS: Final = 0.05
_IDLE_TICK_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 2.5  # with the second wave below, all ends well within five seconds
_LAST_GRACE_SECONDS: Final = 1.0
_FIRST_BACKOFF_SECONDS: Final = 0.5
_LONGEST_BACKOFF_SECONDS: Final = 30.0
_STEADY_AFTER_SECONDS: Final = 30.0

# Loaded before any fork: a forked child must not search for libraries.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What to start. ``vital``: if it ends before it was ready once, everything ends.

    ``stops_last``: others need it to end well. ``ready`` must answer at once.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    vital: bool = False
    stops_last: bool = False


@dataclass(slots=True)
class _Running:
    spec: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    backoff_seconds: float = _FIRST_BACKOFF_SECONDS
    was_ready: bool = False


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Starts ``children`` in order, calls ``on_ready`` once all are ready, restarts the crashed.

    ``say`` gets one line an event. To be used from the main thread of a process without others:
    PDEATHSIG follows the thread that forked, not the process.
    """

    children: Sequence[Child]
    say: Callable[[str], None]
    on_ready: Callable[[], None]
    ready_within_seconds: float = 60.0
    _running: list[_Running] = field(default_factory=list)
    _signals: list[int] = field(default_factory=list)
    _announced: bool = False
    _wake: int = -1
    _guard: int = -1

    def run(self) -> int:
        """Blocks until a stop signal (returns 0) or until a vital child cannot start (1)."""
        guard_pid, self._guard = _fork_guard()
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        self._wake = wake_read
        before = {number: signal.signal(number, self._noted) for number in _STOP_SIGNALS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, self._noted)
        old_wake = signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        try:
            self._running = [_Running(spec) for spec in self.children]
            return self._watch()
        finally:
            self._stop_all()
            os.close(self._guard)
            os.waitpid(guard_pid, 0)
            signal.set_wakeup_fd(old_wake)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(wake_read)
            os.close(wake_write)

    def _noted(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._signals.append(number)

    def _watch(self) -> int:
        give_up_at = time.monotonic() + self.ready_within_seconds
        while not self._signals:
            now = time.monotonic()
            for each in self._running:
                if each.process is None and each.restart_at <= now:
                    self._start(each)
                elif each.process is not None and each.process.poll() is not None:
                    if each.spec.vital and not each.was_ready:
                        self.say(f"{each.spec.name} could not start; ending")
                        return 1
                    self._ended(each, now)
            self._check_ready()
            if not self._announced and now > give_up_at:
                self.say(f"not ready after {self.ready_within_seconds:.0f} s; ending")
                return 1
            self._sleep(_IDLE_TICK_SECONDS if self._announced else _TICK_SECONDS)
        return 0

    def _start(self, each: _Running) -> None:
        each.process = subprocess.Popen(  # noqa: S603 - argv is the caller's own
            list(each.spec.argv),
            env=dict(each.spec.env),
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=DieWithParent(),
        )
        each.started_at = time.monotonic()
        os.write(self._guard, b"+%d\n" % each.process.pid)

    def _ended(self, each: _Running, now: float) -> None:
        """A crash: its group is swept, and it starts again after a pause that grows."""
        assert each.process is not None
        if now - each.started_at > _STEADY_AFTER_SECONDS:
            each.backoff_seconds = _FIRST_BACKOFF_SECONDS
        how = _how_it_ended(each.process.returncode)
        self.say(f"{each.spec.name} {how}; starting it again in {each.backoff_seconds:g} s")
        each.restart_at = now + each.backoff_seconds
        each.backoff_seconds = min(each.backoff_seconds * 2, _LONGEST_BACKOFF_SECONDS)
        self._sweep(each)

    def _check_ready(self) -> None:
        for each in self._running:
            if not each.was_ready and each.process is not None:
                each.was_ready = each.spec.ready is None or each.spec.ready()
        if not self._announced and all(each.was_ready for each in self._running):
            self._announced = True
            self.on_ready()

    def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(BlockingIOError):
            if select.select([self._wake], [], [], seconds)[0]:
                os.read(self._wake, 512)

    def _stop_all(self) -> None:
        first = [each for each in self._running if not each.spec.stops_last]
        last = [each for each in self._running if each.spec.stops_last]
        self._signals.clear()
        self._stop(first, _GRACE_SECONDS)
        self._stop(last, _LAST_GRACE_SECONDS)

    def _stop(self, several: list[_Running], grace_seconds: float) -> None:
        """Ask by TERM, then kill each whole group; a second signal cuts the grace short."""
        for each in several:
            if each.process is not None and each.process.poll() is None:
                each.process.terminate()
        until = time.monotonic() + grace_seconds
        while time.monotonic() < until and not self._signals:
            if all(each.process is None or each.process.poll() is not None for each in several):
                break
            self._sleep(_TICK_SECONDS)
        for each in several:
            self._sweep(each)

    def _sweep(self, each: _Running) -> None:
        if each.process is None:
            return
        _kill_group(each.process.pid)
        each.process.wait()
        os.write(self._guard, b"-%d\n" % each.process.pid)
        each.process = None


class DieWithParent:
    """A ``preexec_fn``: the kernel is to kill the child with the thread that started it.

    To be made in the parent, right before the start; it runs between fork and exec.
    """

    def __init__(self) -> None:
        self._parent = os.getpid()

    def __call__(self) -> None:
        """Ask the kernel; end at once where the parent is gone already."""
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self._parent:
            os._exit(1)


def _how_it_ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _fork_guard() -> tuple[int, int]:
    """A small process that kills the groups written to it once the writing end is closed."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid:
        os.close(read_end)
        return pid, write_end
    try:
        os.setsid()
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        os.close(write_end)
        groups: set[int] = set()
        with os.fdopen(read_end) as lines:
            for line in lines:
                (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
        for leader in groups:
            _kill_group(leader)
    finally:
        os._exit(0)
