"""Asking what a ticket code is worth: by anyone, on any channel. Flushes, never commits.

A right code is always answered. A well-formed one that no receipt has is a forgery or a guess: it
is kept for the council, and who asks many of them is slowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.fees.queries_duty import Ticket, ticket_of_code
from trader_platform.payments.codes import Slip, read_code
from trader_platform.payments.models import CodeAsked

# Wrong codes of one asker in a quarter of an hour, before he has to wait: a person who reads a
# paper badly stays below, a machine needs centuries for 17 billion codes.
MOST_WRONG: Final = 8
WINDOW: Final = timedelta(minutes=15)


class Worth(StrEnum):
    """What a code turned out to be."""

    GOOD = "good"
    VOID = "void"
    NONE = "none"  # well formed, and no receipt has it
    TYPED = "typed"  # a slip: not a code at all
    SLOW = "slow"  # too many wrong ones from this asker


@dataclass(frozen=True, slots=True)
class Answer:
    """``code`` is clean where it is well formed; ``ticket`` is there for a good or void one."""

    worth: Worth
    code: str = ""
    ticket: Ticket | None = None

    @property
    def voided_on(self) -> date | None:
        """When it was taken back."""
        return self.ticket.voided_on if self.ticket else None


def known_code(connection: Connection, typed: str) -> Answer | None:
    """What is said of a slip and of a code that a receipt has; None where none has it.

    Reads only: a right code is answered while others write.
    """
    try:
        code = read_code(typed)
    except Slip:
        return Answer(Worth.TYPED)
    ticket = ticket_of_code(connection, code)
    if ticket is None:
        return None
    return Answer(Worth.GOOD if ticket.good else Worth.VOID, code, ticket)


def ask_code(
    session: Session, typed: str, *, asker: str | None, channel: str, now: datetime, today: date
) -> Answer:
    """What a typed code is worth. ``asker`` is the keyed hash of a phone or address.

    Safe to repeat; each wrong code of an asker counts once.
    """
    known = known_code(session.connection(), typed)
    if known is not None:
        return known
    code = read_code(typed)
    if asker is not None:
        wrong = _recent(session, asker, now)
        if code not in wrong and len(wrong) >= MOST_WRONG:
            return Answer(Worth.SLOW, code)
        if code in wrong:
            return Answer(Worth.NONE, code)
    session.add(
        CodeAsked(code=code, day=today, asked_at=epoch_ms(now), channel=channel, asker=asker)
    )
    session.flush()
    return Answer(Worth.NONE, code)


def _recent(session: Session, asker: str, now: datetime) -> set[str]:
    rows = session.execute(
        select(CodeAsked.code).where(
            CodeAsked.asker == asker,
            CodeAsked.asked_at > epoch_ms(now - WINDOW),
        )
    )
    return set(rows.scalars())


def wrong_codes(session: Session, first: date, last: date) -> int:
    """How many well-formed codes that no receipt has were asked about, for officers."""
    found = select(func.count()).select_from(CodeAsked).where(CodeAsked.day.between(first, last))
    return int(session.execute(found).scalar_one())
