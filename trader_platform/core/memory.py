"""What a process that serves does about Python's collector."""

from __future__ import annotations

import gc


def freeze() -> None:
    """Call once, when everything is loaded and before the first thread: no collection looks at it.

    A collection stops every thread of the process. One that also reads all modules takes most of
    the time that a hop waits for SQLite's lock, and a long drain held that lock meanwhile.
    """
    gc.collect()
    gc.freeze()
