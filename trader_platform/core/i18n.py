"""Words in the reader's language, for phones: catalogs by tag, dates, and the fall back to English.

Babel has no locale ``mnk`` and Flask-Babel refuses what Babel does not know, so the phone channels
read the catalogs by tag themselves. A message without a translation is shown in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from trader_platform.core.gsm import downgrade

SOURCE: Final = "en"
CATALOGS: Final = Path(__file__).resolve().parents[2] / "translations"

_PLACEHOLDER: Final = re.compile(r"(\{[a-z0-9_]+\})")

# Drafts have only what a source has (translations/SOURCES.md); the rest is English.
_WEEKDAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    "wo": ("Alt", "Tal", "Àla", "Alx", "Àjj", "Ase", "Dib"),
}
_LONG_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "wo": ("Altine", "Talaata", "Àlarba", "Alxamis", "Àjjuma", "Aseer", "Dibéer"),
    "ff": ("tenen", "talaata", "alarba", "alkamisa", "juma", "asewe", "alat"),
}
# Three letters each: with four (juin, juil, aout) a date would be longer than ten septets.
_MONTHS: Final = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["jan", "fev", "mar", "avr", "mai", "jun", "jul", "aou", "sep", "oct", "nov", "dec"],
}


_LONG_MONTHS: Final = {
    "en": (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
        *("aout", "septembre", "octobre", "novembre", "décembre"),
    ),
}


@lru_cache(maxsize=16)
def catalog(language: str) -> Mapping[str, str]:
    """Translated messages of a language, in GSM letters; empty for English and unknown tags."""
    path = CATALOGS / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE or not path.is_file():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file)
    return {
        str(message.id): downgrade_template(str(message.string))
        for message in messages
        if message.id and message.string and not message.fuzzy
    }


def downgrade_template(template: str) -> str:
    """GSM letters everywhere but in the placeholders, whose braces are none."""
    parts = _PLACEHOLDER.split(template)
    return "".join(part if at % 2 else downgrade(part) for at, part in enumerate(parts))


def say(language: str, message: str, /, **values: object) -> str:
    """``message`` in ``language`` with its placeholders filled; English where it has none."""
    template = catalog(language).get(message, message)
    return template.format(**values) if values else template


def short_day(day: date, language: str) -> str:
    """``Sun 22 Nov``: at most ten septets in every language."""
    weekdays, months = _WEEKDAYS.get(language), _MONTHS.get(language)
    weekday = (weekdays or _WEEKDAYS[SOURCE])[day.weekday()]
    return f"{weekday} {day.day} {(months or _MONTHS[SOURCE])[day.month - 1]}"


def weekday_name(iso_weekday: int, language: str) -> str:
    """The whole name of an ISO weekday (1 is Monday)."""
    return _LONG_WEEKDAYS.get(language, _LONG_WEEKDAYS[SOURCE])[iso_weekday - 1]


def month_name(day: date, language: str) -> str:
    """The whole name of a day's month, at most nine septets."""
    return _LONG_MONTHS.get(language, _LONG_MONTHS[SOURCE])[day.month - 1]


def reviewed(root: Path = CATALOGS) -> frozenset[str]:
    """Languages whose catalog a native speaker has signed off; all others are drafts."""
    path = root / "REVIEWED.toml"
    if not path.is_file():
        return frozenset({SOURCE})
    listed = tomllib.loads(path.read_text("utf-8")).get("reviewed", {})
    return frozenset(listed) | {SOURCE}
