"""Phone numbers: one subscriber, one key, whichever of a country's forms the gateway sends.

The Gambia is moving from 7 to 9 digits by a two-digit operator prefix before the old number, so
+2203012345 and +220833012345 are one subscriber. The key is the old form; the form last seen is
what a text is sent to. Source: libphonenumber's metadata for region GM, which accepts both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_NEW_GAMBIAN: Final = {"83": "35", "86": "68", "87": "274", "89": "9", "44": "4"}


@dataclass(frozen=True)
class Phone:
    """``key`` names the subscriber for ever; ``e164`` is the form last seen."""

    key: str
    e164: str

    @property
    def country(self) -> str:
        """Calling code without plus, for the countries that packs serve."""
        import phonenumbers

        return str(phonenumbers.parse(self.e164).country_code)

    def __repr__(self) -> str:
        return f"Phone({mask(self.e164)})"


@lru_cache(maxsize=20_000)
def parse(raw: str, region: str = "GM") -> Phone | None:
    """The phone behind what a gateway or a person typed, or None where no such number can be.

    A leading plus that a form decoder turned into a space counts as a plus.
    """
    import phonenumbers

    text = raw.strip()
    if not text or len(text) > 24 or not text.isascii():
        return None
    if raw.startswith(" ") or (not text.startswith("+") and len(text) > 9 and text.isdigit()):
        text = "+" + text.lstrip("+").removeprefix("00")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(key=fold(e164), e164=e164)


def is_e164(text: str) -> bool:
    """Whether a text is exactly the number that a gateway may be given: no blank, no line feed."""
    phone = parse(text)
    return phone is not None and phone.e164 == text


def fold(e164: str) -> str:
    """The subscriber's key: the old form of a Gambian number, any other number as it is."""
    national = e164.removeprefix("+220")
    if not e164.startswith("+220") or len(national) != 9:
        return e164
    if national[2] in _NEW_GAMBIAN.get(national[:2], ""):
        return "+220" + national[2:]
    return e164


def local(e164: str, calling_code: str) -> str:
    """The form people of the country say: without their own calling code."""
    return e164.removeprefix("+" + calling_code)


def mask(e164: str) -> str:
    """For logs: country and last two digits."""
    return f"{e164[:4]}…{e164[-2:]}"
