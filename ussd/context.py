"""What a screen may know and call: the caller, the country's data, the day, words, and reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from trader_platform.core import i18n, money
from trader_platform.core.clock import local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.gsm import SCREEN_SEPTETS, cut
from trader_platform.core.once import By
from trader_platform.core.phone import Phone
from trader_platform.core.signing import Signer
from trader_platform.market.catalog import Catalog
from trader_platform.staff.queries import badge_holder
from trader_platform.staff.types import BadgeHolder
from ussd.paging import Words


class Caller(NamedTuple):
    """The person behind the phone, as the hop's one read found them."""

    person_id: int
    language: str
    name: str | None
    market_id: int | None
    number_shown: str
    leave_at: datetime | None
    held: bool
    trader_id: int | None
    trader_market_id: int | None
    goods_class_id: int | None
    staff: bool = False  # whether a council ever gave this phone to somebody who works for it


@dataclass
class Context:
    """Made anew for each hop. Showing a screen reads; only what ``Act.do`` calls writes.

    ``unmatched`` are typed words that nobody knows; the hop counts them once it is answered.
    """

    db: Database
    vault: Vault
    catalog: Catalog
    phone: Phone
    phone_hash: str
    now: datetime
    dial: str
    language: str
    caller: Caller | None = None
    signer: Signer | None = None
    proved: bool = False  # whether the PIN was typed in this dialogue
    draft: dict[str, Any] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    # What screens of this hop have read, so that one that leads on to another reads it once.
    known: dict[str, Any] = field(default_factory=dict)
    _connection: Connection | None = None
    _badge: BadgeHolder | None = None

    @property
    def read(self) -> Connection:
        """A connection for reads, opened at the first use and closed with the hop."""
        if self._connection is None:
            self._connection = self.db.read.connect()
        return self._connection

    def close(self) -> None:
        """Give the read connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def joined(self) -> bool:
        """Whether the caller sells here."""
        return self.caller is not None and self.caller.trader_id is not None

    @property
    def badge(self) -> BadgeHolder | None:
        """Who works with this phone, ended badges too; asked of the database for staff alone."""
        if self.caller is None or not self.caller.staff:
            return None
        if self._badge is None:
            self._badge = badge_holder(self.read, self.phone_hash, self.today)
        if self._badge is None or self._badge.council_id not in self.catalog.councils:
            return None
        return self._badge

    @property
    def work_gate(self) -> str | None:
        """What stands before My work: no badge, one that ended, or the PIN of this dialogue."""
        badge = self.badge
        if badge is None:
            return "state.nobadge"
        if badge.ends_on is not None and badge.ends_on < self.today:
            return "state.badge.over"
        return None if self.proved else "pin.ask"

    @property
    def today(self) -> date:
        """The market day in the country's time zone."""
        return local_day(self.now, self.catalog.zone)

    @property
    def market_id(self) -> int | None:
        """Her market, or the one a buyer chose to see prices of."""
        if self.caller is None:
            return None
        return self.caller.trader_market_id or self.caller.market_id

    @property
    def words(self) -> Words:
        """The frame's words in her language."""
        return frame_words(self.language)

    def say(self, message: str, /, **values: object) -> str:
        """``message`` in her language; the first argument is the English source and the key."""
        return i18n.say(self.language, message, **values)

    def money(self, amount_minor: int) -> str:
        """An amount of one trader, exact."""
        return money.show(amount_minor, self.catalog.currency)

    def price(self, price_minor: int) -> str:
        """A price of one unit; minor units only under 1,000."""
        return money.show(price_minor, self.catalog.currency, exact=False)

    def month(self, day: date) -> str:
        """``November``: the month of a day, at most 9 septets."""
        return i18n.month_name(day, self.language)

    def date(self, day: date) -> str:
        """``Sun 22 Nov``."""
        return i18n.short_day(day, self.language)

    def product(self, product_id: int) -> str:
        """Short name of a product, at most 14 septets."""
        found = self.catalog.products.get(product_id)
        return cut(found.name(self.language), 14) if found else self.say("old goods")

    def place(self, market_id: int | None) -> str:
        """Short name of a market, at most 14 septets."""
        found = self.catalog.markets.get(market_id or 0)
        return cut(found.short_name, 14) if found else self.say("no market")

    def unit(self, unit_id: int) -> str:
        """Name of one unit, at most 10 septets."""
        found = self.catalog.units.get(unit_id)
        return cut(found.one(self.language), 10) if found else "?"

    def units(self, unit_id: int, count: int) -> str:
        """Name of ``count`` units, at most 11 septets."""
        found = self.catalog.units.get(unit_id)
        return cut(found.many(self.language, count), 11) if found else "?"

    def goods(self, goods_class_id: int) -> str:
        """Short name of a kind of goods, at most 14 septets."""
        found = self.catalog.classes.get(goods_class_id)
        return cut(found.name(self.language), 14) if found else "?"

    @property
    def service(self) -> str:
        """Name of the service, at most 12 septets."""
        return cut(str(self.catalog.settings["service_name"]), 12)

    @property
    def help_phone(self) -> str | None:
        """Whom to call: her council's number, else the pack's, where one is known."""
        market = self.catalog.markets.get(self.market_id or 0)
        council = self.catalog.councils.get(market.council_id or 0) if market else None
        return (council and council.phone) or self.catalog.settings.get("help_phone")

    def first_name(self, name: str | None) -> str:
        """What she is called, at most 12 septets; empty where she has not said."""
        return cut(name.split()[0], 12) if name and name.split() else ""

    def hour(self, at: datetime) -> str:
        """``18:30`` in the country's time zone."""
        return f"{at.astimezone(ZoneInfo(self.catalog.zone)):%H:%M}"

    def by(self, key: str, screen: str) -> By:
        """Who acts under ``key``: the person, or ``new`` where the phone has none yet."""
        who = str(self.caller.person_id) if self.caller else "new"
        return By(key, self.language, self.now, "person", who, "ussd", screen)

    def fit(self, text: str) -> str:
        """An END's text in GSM letters, inside what is left of 160 septets."""
        return cut(text, SCREEN_SEPTETS - 4)


@lru_cache(maxsize=16)
def frame_words(language: str) -> Words:
    """The words around every screen."""

    def word(message: str) -> str:
        return i18n.downgrade_template(i18n.say(language, message))

    return Words(
        back=word("Back"),
        home=word("Home"),
        more=word("More"),
        before=word("Before"),
        press=word("Press {first} to {last}"),
        press_one=word("Press {digit}"),
        press_or=word("Press {first} or {last}"),
        press_three=word("Press {first}, {second} or {last}"),
        press_seen=word("Press a number you see"),
        press_or_type=word("Press a number or type"),
    )
