"""Fields as gateways send them: any order, any charset, some twice. Refuses as little as it can,
because a text that cannot be read is lost.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from trader_platform.core.errors import BadRequest

_MOST_FIELDS: Final = 60


def fields_of(raw: bytes | str) -> dict[str, str]:
    """A form's or a query's fields; of one that came twice, the first. Raises BadRequest."""
    return {name: decoded(value) for name, value in raw_fields_of(raw).items()}


def raw_fields_of(raw: bytes | str) -> dict[str, bytes]:
    """The same before decoding, for a gateway that names the charset in another field."""
    # One letter a byte: parse_qsl cannot carry bytes that are not UTF-8 through otherwise.
    letters = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    try:
        pairs = parse_qsl(
            letters, keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise BadRequest("not a form") from error
    found: dict[str, bytes] = {}
    for name, value in pairs:
        found.setdefault(name, value.encode("latin-1", "replace"))
    return found


def decoded(raw: bytes, charset: str = "utf-8") -> str:
    """Bytes of a text in the charset that a gateway names, or in Latin-1, which fits any."""
    try:
        return clean(raw.decode(charset))
    except (ValueError, LookupError):  # Python's odd codecs raise more than UnicodeDecodeError
        return clean(raw.decode("latin-1"))


def clean(value: str) -> str:
    """Without what no database takes: NUL, and halves of surrogate pairs."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def need(fields: dict[str, str], *names: str) -> None:
    """Raises BadRequest where one of these is absent or blank."""
    missing = [name for name in names if not fields.get(name, "").strip()]
    if missing:
        raise BadRequest(f"missing field: {', '.join(missing)}")
