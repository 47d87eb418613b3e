"""What stands in the placeholders of texts: ids, minor units and ISO dates, as a phone shows them.

Pure: the same parameters give the same words. Names are cut to their caps, and further where a
text asks for it (``Reader.most``); numbers, amounts and dates are never cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from trader_platform.core import i18n, money
from trader_platform.core.caps import CAPS
from trader_platform.core.gsm import cut, downgrade
from trader_platform.market import calendar
from trader_platform.market.catalog import Catalog
from trader_platform.market.currencies import in_second_currency

Params: TypeAlias = Mapping[str, Any]
# A day that is further off than this needs its year.
THIS_YEAR: Final = timedelta(days=180)
MOST_COUNTED: Final = 9999
EXAMPLE_PRICE: Final = 1500  # what SELL onion 20 1500 says, in whole units of the currency


@dataclass(frozen=True, slots=True)
class People:
    """First names by person, numbers by ("person" or "contact", id); the erased are in neither.

    ``officers`` are names of staff by their ids: who takes duty is told to all.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    phones: Mapping[tuple[str, int], str] = field(default_factory=dict)
    officers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and what is known of the world when a text is worded.

    ``most`` is how many septets a name may take at most, whatever its cap is.
    """

    language: str
    catalog: Catalog
    people: People
    answerable: bool = True
    most: int = 14

    def say(self, message: str, /, **values: object) -> str:
        """``message`` in the reader's language."""
        return i18n.say(self.language, message, **values)

    def name(self, name: str, cap: str) -> str:
        """A name, cut to the cap called ``cap`` or shorter."""
        return cut(name, min(CAPS[cap], self.most))

    def product(self, product_id: int) -> str:
        """Short name of a product, whether still sold or not."""
        found = self.catalog.products.get(product_id)
        return self.name(found.name(self.language) if found else self.say("old goods"), "product")

    def market(self, market_id: int) -> str:
        """Short name of a market."""
        found = self.catalog.markets.get(market_id)
        return self.name(found.short_name if found else self.say("no market"), "market")

    def council(self, council_id: int) -> str:
        """Short name of a council."""
        found = self.catalog.councils.get(council_id)
        return self.name(found.short_name if found else "?", "council")

    def goods(self, goods_class_id: int) -> str:
        """Short name of a kind of goods."""
        found = self.catalog.classes.get(goods_class_id)
        return self.name(found.name(self.language) if found else "?", "goods")

    def units(self, unit_id: int, count: int) -> str:
        """Name of ``count`` units."""
        found = self.catalog.units.get(unit_id)
        cap = "unit" if count == 1 else "units"
        return self.name(found.many(self.language, count) if found else "?", cap)

    def price(self, price_minor: int) -> str:
        """A price of one unit; minor units only under 1,000."""
        return money.show(price_minor, self.catalog.currency, exact=False)

    def amount(self, amount_minor: int) -> str:
        """An amount, exact."""
        return money.show(amount_minor, self.catalog.currency)

    def day(self, day: str) -> str:
        """``Sun 22 Nov`` of an ISO day; ``Jul 2023`` of an ISO month."""
        if len(day) == len("2023-07"):
            first = i18n.short_day(date.fromisoformat(f"{day}-01"), self.language)
            return f"{first.split()[-1]} {day[:4]}"
        return i18n.short_day(date.fromisoformat(day), self.language)

    def path(self, *digits: int) -> str:
        """The string that dials a place of the menu."""
        code = str(self.catalog.settings["service_code"])
        return code.removesuffix("#") + "".join(f"*{digit}" for digit in digits) + "#"


def day_param(day: date, today: date) -> str:
    """The ``date`` of a text: the day, or its month where the year could be mistaken."""
    text = day.isoformat()
    return text if abs(today - day) <= THIS_YEAR else text[:7]


def clean_word(word: str) -> str:
    """A typed word as it may be echoed; empty where nothing of it can be said on a phone."""
    # In basic letters first: a lone accent has a space for its likeness.
    echo = cut(" ".join(downgrade(word).split()), CAPS["word"])
    return echo if any(letter.isalnum() for letter in echo) else ""


@dataclass(frozen=True, slots=True)
class Field:
    """A placeholder: the parameters it is made of, and how. None where it cannot be said."""

    params: tuple[str, ...]
    show: Callable[[Reader, Params], str | None]


def _of(param: str, show: Callable[[Reader, Any], str | None]) -> Field:
    return Field((param,), lambda reader, params: show(reader, params[param]))


def _dial(*digits: int) -> Field:
    return Field((), lambda reader, _params: reader.path(*digits))


def _count(_reader: Reader, count: int) -> str:
    return str(min(count, MOST_COUNTED))


def _reports(reader: Reader, count: int) -> str:
    if count == 1:
        return reader.say("{n} report", n=count)
    return reader.say("{n} reports", n=min(count, MOST_COUNTED))


def _kilo(reader: Reader, params: Params) -> str | None:
    """The price of one kilogram, where the weight of the measure is known and is not one."""
    if params["unit"] not in reader.catalog.units:
        return None
    grams = reader.catalog.grams_of(params["product"], params["unit"])
    if grams is None or grams == 1000:
        return None
    return reader.price((params["price"] * 1000 + grams // 2) // grams)


def _cfa(reader: Reader, usual: int) -> str | None:
    found = in_second_currency(reader.catalog, usual)
    return None if found is None else str(found)


def _paid(reader: Reader, params: Params) -> str:
    """What goods cost: one price where all reports agree."""
    low, usual, high = (reader.price(params[each]) for each in ("low", "usual", "high"))
    if low == high:
        return usual
    return reader.say("{low} to {high}, most pay {usual}", low=low, high=high, usual=usual)


def _weekdays(reader: Reader, days: list[int]) -> str:
    """The whole name of a day is long: several are said by their short names."""
    if len(days) == 1:
        return i18n.weekday_name(days[0], reader.language)
    monday = date(2026, 1, 5)
    short = (i18n.short_day(monday + timedelta(days=x - 1), reader.language) for x in days)
    return ", ".join(day.split()[0] for day in short)


def _state(reader: Reader, params: Params) -> str:
    """How a market stands, in at most 22 septets; ``until`` is the day of a closure or move."""
    state, until = params["state"], params.get("until")
    if state == calendar.CLOSED and until:
        return reader.say("Closed till {date}", date=reader.day(until))
    if state == calendar.MOVED and until:
        return reader.say("Moved to {date}", date=reader.day(until))
    return reader.say("Open today") if state == calendar.OPEN else reader.say("Not today")


def _known_date(reader: Reader, day: str) -> str:
    """As much of an ISO date as is known: ``2020``, ``Feb 2011`` or ``19 Feb 2011``."""
    year, *rest = day.split("-")
    if not rest:
        return year
    whole = date.fromisoformat(day if len(rest) > 1 else f"{day}-01")
    _, day_of_month, month = i18n.short_day(whole, reader.language).split()
    return " ".join([*([day_of_month] if len(rest) > 1 else []), month, year])


def _right(reader: Reader, params: Params) -> str:
    """Since when a duty is right, and when our source said so; only what a source says is right."""
    since = _known_date(reader, params["since"])
    told = _known_date(reader, params["told"]) if "told" in params else None
    if told is None and params["sure"]:
        return reader.say("Right duty since {date}", date=since)
    if told is None:
        return reader.say("Not sure, ask: since {date}", date=since)
    if params["sure"]:
        return reader.say("Right duty since {date}, told {told}", date=since, told=told)
    return reader.say("Not sure, ask: since {date}, told {told}", date=since, told=told)


def _phone(reader: Reader, params: Params) -> str | None:
    """The number of ``contact``, else of ``person``."""
    of = "contact" if "contact" in params else "person"
    return reader.people.phones.get((of, params[of]))


def topic(reader: Reader, name: str) -> str:
    """What STOP and START call a topic; one that has no word of ours is called by its name."""
    if name == "council":
        return reader.say("council news")
    return reader.say("lumo") if name == "lumo" else cut(name, CAPS["topic"])


def _own_name(reader: Reader, tag: str) -> str:
    names = {tag: name for tag, name, _draft in reader.catalog.languages}
    return cut(names.get(tag, tag), CAPS["language"])


def _languages(reader: Reader, _params: Params) -> str:
    return ", ".join(_own_name(reader, tag) for tag, _name, _draft in reader.catalog.languages)


def _filled_days(reader: Reader, days: list[str]) -> str | None:
    """The days that a ticket really filled: the day, or how many up to the last."""
    if not days:
        return None
    last = reader.day(days[-1])
    return last if len(days) == 1 else reader.say("{n} days to {date}", n=len(days), date=last)


def _ahead(reader: Reader, days: int) -> str:
    return reader.say("1 day") if days == 1 else reader.say("{n} days", n=min(days, MOST_COUNTED))


def _why(reader: Reader, why: str) -> str:
    """Why a ticket was taken back, in at most 18 septets; our words for a reason that we know."""
    said = {
        "pressed_wrong": reader.say("pressed wrong"),
        "not_paid": reader.say("not paid"),
        "paid_twice": reader.say("paid two times"),
    }
    return cut(said.get(why, reader.say("other reason")), CAPS["why"])


def _month(reader: Reader, first: str) -> str:
    """``Nov 2026`` of the first of a month."""
    return reader.day(first[:7])


FIELDS: Final[dict[str, Field]] = {
    "code": _of("code", lambda _reader, code: f"{code[:4]} {code[4:]}"),
    "code2": _of("code2", lambda _reader, code: f"{code[:4]} {code[4:]}"),
    "badge": _of("badge", lambda _reader, badge: badge),
    "officer": _of(
        "staff", lambda reader, id_: reader.people.officers.get(id_) or reader.say("Collector")
    ),
    "ref": _of("ref", lambda _reader, ref: ref),
    "days": _of("filled", _filled_days),
    "ahead": _of("ahead", _ahead),
    "old": _of("old", Reader.amount),
    "held": _of("held", Reader.amount),
    "paid_amount": _of("paid", Reader.amount),
    "why": _of("why", _why),
    "month": _of("month", _month),
    "open": _of("open", _count),
    "dial_wrong": _dial(1, 4),
    "dial_code": _dial(1, 3, 9),
    "dial_badge": _dial(1, 4, 2),
    "product": _of("product", Reader.product),
    "product2": _of("product2", Reader.product),
    "market": _of("market", Reader.market),
    "council": _of("council", Reader.council),
    "goods": _of("goods", Reader.goods),
    "unit": _of("unit", lambda reader, unit: reader.units(unit, 1)),
    "units": Field(("unit", "qty"), lambda reader, x: reader.units(x["unit"], x["qty"])),
    "qty": _of("qty", lambda _reader, count: f"{count:,}"),
    "price": _of("price", Reader.price),
    "low": _of("low", Reader.price),
    "high": _of("high", Reader.price),
    "usual": _of("usual", Reader.price),
    "paid": Field(("low", "usual", "high"), _paid),
    "kilo": Field(("product", "unit", "price"), _kilo),
    "cfa": _of("usual", _cfa),
    "amount": _of("amount", Reader.amount),
    "due": _of("due", Reader.amount),
    "example": Field(
        (), lambda reader, _: reader.price(EXAMPLE_PRICE * reader.catalog.currency.unit)
    ),
    "date": _of("date", Reader.day),
    "date2": _of("date2", Reader.day),
    "right": Field(("since", "sure"), _right),
    "day": _of("days", _weekdays),
    "state": Field(("state",), _state),
    "time": _of("time", lambda _reader, hour: hour),
    "n": _of("n", _count),
    "reports": _of("n", _reports),
    "word": _of("word", lambda reader, word: reader.name(clean_word(word), "word") or None),
    "name": _of("person", lambda reader, id_: reader.people.names.get(id_) or None),
    "seller": _of(
        "person", lambda reader, id_: reader.people.names.get(id_) or reader.say("Seller")
    ),
    "phone": Field((), _phone),
    "stall": _of("stall", lambda _reader, number: cut(number, CAPS["stall"])),
    "language": _of("language", _own_name),
    "languages": Field((), _languages),
    "topic": _of("topic", topic),
    "topics": _of("topics", lambda reader, names: ", ".join(topic(reader, x) for x in names)),
    "news": _of("news", lambda _reader, text: cut(text, 100)),
    "dial": _dial(),
    "dial_duty": _dial(1),
    "dial_sell": _dial(2),
    "dial_goods": _dial(2, 3),
    "dial_price": _dial(3, 2),
    "dial_who": _dial(3, 3),
    "dial_lumo": _dial(4),
    "dial_place": _dial(4, 4),
    "dial_mine": _dial(5, 3, 4),
    "dial_leave": _dial(5, 3, 5),
    "dial_lang": _dial(5, 3, 1),
}
