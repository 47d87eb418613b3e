"""The GSM 03.38 alphabet: what a phone can show, how long it is, and what stands for the rest.

Pure text; the table is checked against the ``gsm0338`` codec in the tests. Sizes are septets:
letters of the extension table cost two (3GPP TS 23.038, 6.2.1).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("\f^{}[]~\\|€")
SCREEN_SEPTETS: Final = 160

# Letters that no decomposition reaches (hooked and eng letters have none) and typography.
# ç becomes c, never Ç: a capital inside a word stops the reader.
_DOWNGRADE: Final = {
    "ŋ": "ng",
    "Ŋ": "Ng",
    "ɓ": "b",
    "Ɓ": "B",
    "ɗ": "d",
    "Ɗ": "D",
    "ƴ": "y",
    "Ƴ": "Y",
    "ɲ": "ñ",
    "Ɲ": "Ñ",
    "ɛ": "e",
    "Ɛ": "E",
    "ɔ": "o",
    "Ɔ": "O",
    "ç": "c",
    "œ": "oe",
    "Œ": "OE",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "‑": "-",
    "…": "...",
    "•": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\t": " ",
    "\r": "\n",
    "₵": "GHS",
    "₦": "N",
    "×": "x",
}
_NOT_BASIC = re.compile("[^" + re.escape("".join(sorted(BASIC))) + "]")


def septets(text: str) -> int | None:
    """Length in septets, or None where a letter is outside the GSM alphabet."""
    odd = _NOT_BASIC.findall(text)
    if not odd:
        return len(text)
    if any(letter not in EXTENSION for letter in odd):
        return None
    return len(text) + len(odd)


def is_plain(text: str) -> bool:
    """Whether every letter is in the basic table (one septet each)."""
    return _NOT_BASIC.search(text) is None


@lru_cache(maxsize=4096)
def downgrade(text: str) -> str:
    """``text`` written with basic GSM letters only; what has no likeness becomes ``?``.

    Safe to repeat: the result is its own downgrade. Extension letters (two septets, and shown
    wrongly by old phones) are replaced as well.
    """
    if is_plain(text) and "\r" not in text:
        return text
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    if letter in _DOWNGRADE:
        return _DOWNGRADE[letter]
    if letter in BASIC:
        return letter
    if unicodedata.category(letter) in {"Cf", "Mn", "Cc"}:
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if c in BASIC)
    return plain or {"{": "(", "[": "(", "}": ")", "]": ")", "\\": "/", "|": "/"}.get(letter, "?")


def cut(text: str, cap: int) -> str:
    """At most ``cap`` septets of ``text`` in basic letters, without a hanging space."""
    return downgrade(text)[:cap].rstrip()
