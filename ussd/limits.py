"""At most so many new dialogues a phone and minute, counted per process; repeats are free."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

PER_MINUTE: Final = 20
PHONES_KEPT: Final = 20_000


class DialLimit:
    """Counts dials by phone; ``per_minute=None`` admits everybody (demonstrations)."""

    def __init__(self, per_minute: int | None = PER_MINUTE) -> None:
        self._most = per_minute
        self._seen: OrderedDict[str, list[int]] = OrderedDict()

    def admits(self, phone_hash: str, now_ms: int) -> bool:
        """Count one more dial; False when this phone had its share within the last minute."""
        if self._most is None:
            return True
        recent = [at for at in self._seen.pop(phone_hash, []) if 0 <= now_ms - at < 60_000]
        admitted = len(recent) < self._most
        self._seen[phone_hash] = [*recent, now_ms] if admitted else recent
        if len(self._seen) > PHONES_KEPT:
            self._seen.popitem(last=False)
        return admitted
