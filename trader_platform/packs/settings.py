"""pack.toml: what holds for the whole country, checked key by key with the line of each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from trader_platform.core.money import Currency
from trader_platform.packs import cells
from trader_platform.packs.cells import Cell
from trader_platform.packs.schemas import Context
from trader_platform.packs.types import Language, Problem, Settings, Texts

FILE: Final = "pack.toml"


def _matching(pattern: str, form: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"{text!r} is not of the form {form}")
        return text

    return parse


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, KeyError, OSError) as unknown:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{text!r} is no time zone: write one like Africa/Banjul") from unknown
    return text


def _clock_time(text: str) -> time:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is None:
        raise ValueError(f"{text!r} is no time of day: write one like 20:00")
    return time.fromisoformat(text)


_TAG: Final = _matching(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "en, mnk")
_CURRENCY: Final = _matching(r"[A-Z]{3}", "GMD")
_CALLING_CODE: Final = _matching(r"[1-9]\d{0,3}", "220")
_SERVICE_CODE: Final = _matching(r"\*\d{1,5}(\*\d{1,5})*#", "*384*220#")
_RATE: Final = _matching(r"\d{1,6}(\.\d{1,6})?", "8.5")
_PHONE: Final = _matching(r"\+[1-9]\d{6,11}", "+2203000000")
_REQUIRED: Final[dict[str, Any]] = {
    "required": "is missing: write it",
    "null": "is empty: write it",
}


def _switch() -> fields.Boolean:
    return fields.Boolean(
        truthy={True}, falsy={False}, required=True,
        error_messages=_REQUIRED | {"invalid": "write true or false"},
    )  # fmt: skip


def _count(low: int, high: int, *, required: bool = True) -> fields.Integer:
    def bounds(value: int) -> None:
        if not low <= value <= high:
            raise ValidationError(f"{value} is not from {low} to {high}")

    wrong = _REQUIRED | {"invalid": f"write a whole number from {low} to {high}"}
    if required:
        return fields.Integer(required=True, strict=True, validate=bounds, error_messages=wrong)
    return fields.Integer(load_default=None, strict=True, validate=bounds, error_messages=wrong)


class _Part(Schema):
    class Meta:
        unknown = RAISE

    error_messages: Mapping[str, str] = {  # type: ignore[assignment]
        "unknown": "is no key of a pack: take it out, or mend its spelling",
        "type": "is not a table: see the pack of The Gambia",
    }


class _LanguageSchema(_Part):
    tag = Cell(_TAG)
    name = Cell(cells.shown(8))
    draft = _switch()


class _SecondCurrencySchema(_Part):
    code = Cell(_CURRENCY)
    mark = Cell(cells.shown(4))
    minor_digits = _count(0, 3)
    mark_before = _switch()
    rate = Cell(_RATE, required=False)
    rate_date = Cell(cells.iso_date, required=False)

    @validates_schema
    def _rate_is_dated(self, data: dict[str, Any], **_: Any) -> None:
        if (data["rate"] is None) != (data["rate_date"] is None):
            raise ValidationError("rate and rate_date go together: write both or none", "rate")


class _MarketDaySchema(_Part):
    daily_market_weekdays = fields.List(_count(1, 7), required=True, error_messages=_REQUIRED)
    longest_listing_days = _count(1, 60)


class _TextsSchema(_Part):
    quiet_from = Cell(_clock_time)
    quiet_until = Cell(_clock_time)
    wide_from = Cell(_clock_time)
    wide_until = Cell(_clock_time)
    texts_a_day = _count(0, 50)
    topics = fields.List(Cell(_matching(r"[a-z]{2,12}", "lumo")), load_default=[])
    segment_cost_minor = _count(0, 1_000_000)
    budget_a_day_minor = _count(0, 1_000_000_000, required=False)


class _SettingsSchema(_Part):
    slug = Cell(cells.slug(40))
    name = Cell(cells.plain(60))
    country = Cell(_matching(r"[A-Z]{2}", "GM"))
    calling_code = Cell(_CALLING_CODE)
    also_served = fields.List(Cell(_CALLING_CODE), load_default=[])
    currency = Cell(_CURRENCY)
    minor_digits = _count(0, 3)
    money_mark = Cell(cells.shown(4))
    money_mark_before = _switch()
    timezone = Cell(_zone)
    default_language = Cell(_TAG)
    search_languages = fields.List(Cell(_TAG), load_default=[])
    service_name = Cell(cells.shown(12))
    service_code = Cell(_SERVICE_CODE)
    help_phone = Cell(_PHONE, required=False)
    dial_cost_minor = _count(0, 1_000_000, required=False)
    text_cost_minor = _count(0, 1_000_000, required=False)
    languages = fields.List(fields.Nested(_LanguageSchema), required=True, error_messages=_REQUIRED)
    second_currency = fields.Nested(_SecondCurrencySchema, load_default=None)
    market_day = fields.Nested(_MarketDaySchema, required=True, error_messages=_REQUIRED)
    sms = fields.Nested(_TextsSchema, load_default=None)

    @validates_schema
    def _languages_agree(self, data: dict[str, Any], **_: Any) -> None:
        tags = [language["tag"] for language in data["languages"]]
        if data["default_language"] not in tags:
            raise ValidationError(
                f"{data['default_language']!r} is none of the [[languages]]: add it there",
                "default_language",
            )
        twice = {tag for tag in tags if tags.count(tag) > 1}
        if twice:
            raise ValidationError(f"{min(twice)!r} stands twice: take one out", "languages")


def read_settings(text: str, problems: list[Problem]) -> Settings | None:
    """The settings, or None with what is wrong appended to ``problems``."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(r"at line (\d+)", str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        problems.append(Problem(FILE, line, "-", f"is no TOML: {wrong}"))
        return None
    try:
        return _made(_SettingsSchema().load(raw))
    except ValidationError as refused:
        for path, message in _flat(refused.messages):
            problems.append(Problem(FILE, _line(text, path), ".".join(path), message))
    return None


def context_of(text: str) -> Context | None:
    """What the tables need of pack.toml, as well as it can be read; None where it is no TOML.

    A pack.toml with one mistake must not hide the mistakes of the other files.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    languages = raw.get("languages")
    entries = languages if isinstance(languages, list) else []
    tags = [str(entry.get("tag")) for entry in entries if isinstance(entry, dict)]
    default = str(raw.get("default_language", tags[0] if tags else "en"))
    digits, search = raw.get("minor_digits"), raw.get("search_languages")
    return Context(
        default_language=default,
        languages=tuple(dict.fromkeys([*tags, default])),
        search_languages=tuple(map(str, search)) if isinstance(search, list) else (),
        minor_digits=digits if isinstance(digits, int) and 0 <= digits <= 3 else 2,
    )


def _made(data: dict[str, Any]) -> Settings:
    currency = Currency(
        code=data.pop("currency"),
        mark=data.pop("money_mark"),
        digits=data.pop("minor_digits"),
        mark_first=data.pop("money_mark_before"),
    )
    second = data.pop("second_currency")
    day = data.pop("market_day")
    sms = data.pop("sms")
    return Settings(
        currency=currency,
        second_currency=None
        if second is None
        else Currency(
            second["code"], second["mark"], second["minor_digits"], second["mark_before"]
        ),
        languages=tuple(Language(**entry) for entry in data.pop("languages")),
        also_served=tuple(data.pop("also_served")),
        search_languages=tuple(data.pop("search_languages")),
        daily_market_weekdays=tuple(day["daily_market_weekdays"]),
        second_rate=second["rate"] if second else None,
        second_rate_date=second["rate_date"] if second else None,
        longest_listing_days=day["longest_listing_days"],
        sms=Texts() if sms is None else Texts(**sms | {"topics": tuple(sms["topics"])}),
        **data,
    )


def _flat(messages: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, (*path, str(key)))
    elif isinstance(messages, list):
        yield path, "; ".join(map(str, messages))


def _line(text: str, path: tuple[str, ...]) -> int:
    """The line of a key such as ``languages.2.name``; 1 where the key is missing."""
    lines = text.split("\n")
    start = 0
    for part in path:
        table = re.compile(rf"\s*\[+\s*{re.escape(part)}\s*\]+")
        key = re.compile(rf"\s*{re.escape(part)}\s*=")
        if part.isdigit() and path[0] != part:
            starts = [n for n, line in enumerate(lines) if line.strip() == f"[[{path[0]}]]"]
            start = starts[int(part)] if int(part) < len(starts) else start
            continue
        found = [
            n
            for n, line in enumerate(lines)
            if n >= start and (key.match(line) or table.match(line))
        ]
        start = found[0] if found else start
    return start + 1
