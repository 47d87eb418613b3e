"""From what an adapter parsed to a stored text: who sent it, and whose country answers."""

from __future__ import annotations

from collections.abc import Iterable

from sms.gateways.base import InboundSms
from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.market.catalog import Catalogs
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
        """Store a text durably; whether it is new. Safe to repeat.

        Raises DBAPIError where the database is away: then the gateway must send again.
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

    def _phone(self, text: InboundSms) -> phones.Phone | None:
        """Who can be answered; None for names, short codes and ourselves."""
        found = phones.parse(text.sender)
        ours = (phones.parse(own) for own in (*self._own, text.texted))
        if found is None or found.key in {own.key for own in ours if own}:
            return None
        return found
