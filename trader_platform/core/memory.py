"""What a process that serves does about Python's collector."""

from __future__ import annotations

import gc


def freeze() -> None:
    """Call once, when everything is loaded and before the first thread: no collection looks at it.

    A collection stops every thread of the process. One that also read all modules took 90 ms each
    few seconds of a long drain, as often as not while the drain held SQLite's lock.
    """
    gc.collect()
    gc.freeze()
