"""What a command knows and calls, and what it says: one question in, one reply out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from sms.parser import Parsed
from trader_platform.core import phone as phones
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import By
from trader_platform.market.catalog import Catalog
from trader_platform.market.reading import Reading, read_text
from trader_platform.messaging.queries_texts import OpenList, Texter, open_list
from trader_platform.messaging.service_inbound import Waiting

# What a digit does: the name of an action of ``commands.lists``, and its values.
Action: TypeAlias = tuple[str, Mapping[str, Any]]
MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Reply:
    """A kind with its parameters; ``understood`` False counts as a miss.

    ``digits`` are what 1, 2, 3 ... do once this text was sent (None: nothing), ``more`` what MORE
    does, ``calls`` the goods that CALL 1, CALL 2 ... name. A list that is ``over`` offers nothing,
    but MORE goes on with it and with no older one.
    """

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    digits: tuple[Action | None, ...] = ()
    more: Action | None = None
    calls: tuple[int, ...] = ()
    over: bool = False
    understood: bool = True
    council_id: int | None = None

    @property
    def offers(self) -> dict[str, Any] | None:
        """How the offers are kept with the text; None where it offers nothing."""
        if not (self.digits or self.more or self.calls or self.over):
            return None
        return {"digits": self.digits, "more": self.more, "calls": self.calls}


@dataclass
class Ask:
    """One text, inside the transaction of its answer."""

    session: Session
    db: Database  # for what is read and remembered outside this transaction: prices
    catalog: Catalog
    vault: Vault
    waiting: Waiting
    texter: Texter
    parsed: Parsed
    now: datetime

    @property
    def read(self) -> Connection:
        """For queries: the connection of this transaction."""
        return self.session.connection()

    @property
    def language(self) -> str:
        """The person's language, else the pack's own."""
        return self.texter.language or str(self.catalog.settings["default_language"])

    @property
    def today(self) -> date:
        """The market day in the country's time zone."""
        return local_day(self.now, self.catalog.zone)

    @cached_property
    def by(self) -> By:
        """Who acts, under the key of this text."""
        key = f"sms:{self.waiting.gateway}:{self.waiting.provider_id}"
        who = str(self.texter.person_id or "new")
        return By(key, self.language, self.now, "person", who, "sms")

    @property
    def at_home(self) -> bool:
        """Whether the person, if there is one, is of this country's pack."""
        return self.texter.person_pack_id in {None, self.catalog.pack_id}

    @property
    def trader_id(self) -> int | None:
        """The trader who texts; somebody of another country's pack sells at home, not here."""
        return self.texter.trader_id if self.at_home else None

    @property
    def trader_market(self) -> int | None:
        """Where she sells, while that place is in use."""
        found = self.texter.trader_market_id
        return found if self.at_home and found in self.catalog.markets else None

    @property
    def market(self) -> int | None:
        """Her market, or the one a buyer chose on USSD to see prices of."""
        found = self.texter.trader_market_id or self.texter.market_id
        return found if self.at_home and found in self.catalog.markets else None

    @cached_property
    def phone(self) -> phones.Phone | None:
        """The phone that texts; None once its owner was erased."""
        sealed, phone_hash = self.texter.phone_sealed, self.texter.phone_hash
        if sealed is None or phone_hash is None:
            return None
        return phones.parse(self.vault.open(sealed, bound_to=phone_hash.encode()).decode())

    @property
    def served(self) -> bool:
        """Whether the phone is of a country whose traders this pack serves."""
        settings = self.catalog.settings
        codes = {settings["calling_code"], *settings.get("also_served", ())}
        return self.phone is not None and self.phone.country in codes

    @cached_property
    def list(self) -> OpenList | None:
        """What digits, MORE and CALL n mean now."""
        return open_list(self.read, self.texter.contact_id, epoch_ms(self.now))

    def reading(self, words: str) -> Reading:
        """What some words ask about."""
        return read_text(self.catalog, words)


def action(name: str, **values: Any) -> Action:
    """What a digit does."""
    return name, {key: value for key, value in values.items() if value is not None}
