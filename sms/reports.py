"""From a gateway's delivery report to what it says of a text of ours."""

from __future__ import annotations

from sms.gateways.base import Report
from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock, epoch_ms
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.messaging.service import find_contact
from trader_platform.messaging.service_reports import Told, take_report


class Reports:
    """Takes reports; one for a process, made after a fork, shared by its threads."""

    def __init__(self, db: Database, *, vault: Vault, clock: Clock) -> None:
        self._db, self._vault, self._clock = db, vault, clock

    def take(self, report: Report) -> str:
        """Keep a report durably and let it move its text; what became of it. Safe to repeat.

        Raises DBAPIError where the database is away: then the gateway must send it again.
        """
        phone = phones.parse(report.phone or "")
        phone_hash = self._vault.lookup(phone.key) if phone else None
        with self._db.transaction() as session:
            told = Told(
                report.gateway,
                report.status,
                provider_id=report.provider_id,
                message_id=report.message_id,
                contact_id=find_contact(session, phone_hash) if phone_hash else None,
                reason=report.reason,
            )
            return take_report(session, told, epoch_ms(self._clock.now()))
