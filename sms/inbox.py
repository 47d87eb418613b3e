"""From what an adapter parsed to what is kept: who sent it, and whose country answers."""

from __future__ import annotations

from collections.abc import Iterable

from sms.gateways.base import InboundSms, OptOut
from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import By
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging import service_rights
from trader_platform.messaging.service import contact_of_phone
from trader_platform.messaging.service_inbound import Arrived, store


class Inbox:
    """Stores texts; one for a process, made after a fork, shared by its threads.

    ``own`` are the senders we send from ourselves: a text from one of them is a loop.
    """

    def __init__(
        self,
        db: Database,
        *,
        vault: Vault,
        clock: Clock,
        catalogs: Catalogs,
        own: Iterable[str] = (),
    ) -> None:
        self._db, self._vault, self._clock, self._catalogs = db, vault, clock, catalogs
        self._own = frozenset(filter(None, own))

    def receive(self, text: InboundSms) -> bool:
        """Store a text durably; whether it is new. Safe to repeat and to race.

        Raises Busy where the database is locked or away: then the gateway must send again.
        """
        arrived = Arrived(
            gateway=text.gateway,
            provider_id=text.provider_id,
            sender=text.sender,
            phone=self._phone(text),
            texted=text.texted,
            words=text.words,
            pack_id=self._catalogs.for_code(text.texted).pack_id,
            network=text.network,
        )
        return store(self._db, arrived, vault=self._vault, now=self._clock.now())

    def opt_out(self, notice: OptOut) -> bool:
        """Note that a gateway took a phone off; False where it is no phone. Safe to repeat."""
        phone = phones.parse(notice.phone)
        if phone is None:
            return False
        now = self._clock.now()
        with self._db.transaction() as session:
            pack_id = self._catalogs.for_code("").pack_id
            contact = contact_of_phone(session, phone, pack_id=pack_id, vault=self._vault, now=now)
            by = By(f"optout:{contact}", "en", now, "system", notice.gateway, "sms")
            service_rights.opt_out(session, contact, by=by)
        return True

    def _phone(self, text: InboundSms) -> phones.Phone | None:
        """Who can be answered; None for names, short codes and ourselves."""
        found = phones.parse(text.sender)
        ours = (phones.parse(own) for own in (*self._own, text.texted))
        if found is None or found.key in {own.key for own in ours if own}:
            return None
        return found
