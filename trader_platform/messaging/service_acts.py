"""Texts that confirm what a person did at the keypad, queued in the transaction of the act.

Acts by text are answered by the answer to that text, made-up people are told nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.core.once import By
from trader_platform.messaging.models import Contact
from trader_platform.messaging.service import contact_of_person, queue
from trader_platform.messaging.types import Outgoing
from trader_platform.traders.models import Person

KEYPAD: Final = "ussd"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a text says of an act; ``reason`` names the act, for ever."""

    kind: str
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)


def confirm(
    session: Session, person_id: int, text: Confirmation, *, by: By, zone: str
) -> int | None:
    """Queue a text to who acts, in the transaction of the act. Safe to repeat.

    None where the act was not done at the keypad, was confirmed before, or where nothing may be
    sent: her phone is on its gateway's opt-out, or she is erased. One read and one insert, and as
    many again for a phone that was never texted.
    """
    if by.channel != KEYPAD:
        return None
    row = session.execute(
        select(Person.pack_id, Contact.id, Contact.opted_out)
        .outerjoin(Contact, Contact.phone_hash == Person.phone_hash)
        .where(Person.id == person_id)
    ).first()
    if row is None or row.opted_out:
        return None
    contact_id = row.id or contact_of_person(session, person_id, now=by.now)
    if contact_id is None:
        return None
    outgoing = Outgoing(
        text.kind, contact_id, row.pack_id, text.reason, act_at=by.now, params=text.params
    )
    return queue(session, outgoing, zone=zone)
