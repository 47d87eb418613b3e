"""The ENDs that need no dialogue: said when a number, the hour or the database stands in the way.

They must work when nothing else does, so they read only catalogs that are already in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from trader_platform.core.gsm import SCREEN_SEPTETS, cut
from trader_platform.core.i18n import say as translate

BUSY_MINUTES = 2


@dataclass(frozen=True)
class Notices:
    """What the installation itself knows; ``read_only_until`` is an hour (``14:30``) or None."""

    help_phone: str = ""
    language: str = "en"
    read_only_until: str | None = None

    def number(self, dial: str) -> str:
        """A number that no pack serves."""
        if not self.help_phone:
            return self._end("We cannot serve this number. To ask why, go to the council office.")
        return self._end(
            "We cannot serve this number. To ask why, call the council: {phone}",
            phone=self.help_phone,
        )

    def maintenance(self, dial: str) -> str:
        """Read-only mode."""
        return self._end(
            "We mend the service until {time}. Nothing is lost. Please dial {dial} after {time}.",
            time=self.read_only_until,
            dial=dial,
        )

    def cut(self, dial: str, language: str | None = None) -> str:
        """A hop that cannot be placed, or a database that does not answer."""
        return self._end(
            "The line was cut. What you typed is safe. Dial {dial} and press 1 to go on.",
            language,
            dial=dial,
        )

    def error(self, dial: str) -> str:
        """Our own fault."""
        return self._end(
            "Sorry, we made a mistake. What you did before is safe. Please dial {dial} again.",
            dial=dial,
        )

    def busy(self, dial: str) -> str:
        """Too many dials."""
        return self._end(
            "Too many dials from this phone. Please wait {minutes} minutes and dial {dial}.",
            minutes=BUSY_MINUTES,
            dial=dial,
        )

    def _end(self, message: str, language: str | None = None, /, **values: object) -> str:
        text = translate(language or self.language, message, **values)
        return "END " + cut(text, SCREEN_SEPTETS - 4)
