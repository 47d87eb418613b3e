"""What changes about a person: language, joining, details, leaving. Flushes, never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.crypto import Vault
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.core.phone import Phone
from trader_platform.traders.models import Person, Trader

CONSENT_VERSION: Final = 1
GRACE: Final = timedelta(days=7)
NUMBER_SHOWN: Final = ("nobody", "asked", "all")
GENDERS: Final = {"woman": "w", "man": "m", "unsaid": None}


@dataclass(frozen=True)
class Subscriber:
    """The phone an act comes from, and the country whose service it dialled."""

    phone: Phone
    pack_id: int


@dataclass(frozen=True)
class Details:
    """What a trader says when she joins; a market may be unknown to us."""

    name: str
    market_id: int | None
    goods_class_id: int


def choose_language(
    session: Session, subscriber: Subscriber, language: str, *, vault: Vault, by: By
) -> Result:
    """Remember a language, making the person where the phone is new. Safe to repeat."""

    def do() -> Result:
        person, new = _person(session, subscriber, vault, by)
        before, person.language = person.language, language
        session.flush()
        record(
            session,
            "person.language",
            by=by,
            subject=("person", person.id),
            before={"language": before},
            after={"language": language},
        )
        return {"language": language, "new": new}

    return once(session, by, kind="person.language", content={"language": language}, do=do)


def give_consent(session: Session, person_id: int, by: By) -> Result:
    """Note that the person agreed to the consent text of today's version. Safe to repeat."""

    def do() -> Result:
        person = get_person(session, person_id)
        person.consent_at, person.consent_version = by.now, CONSENT_VERSION
        after = {"version": CONSENT_VERSION}
        record(session, "person.consent", by=by, subject=("person", person_id), after=after)
        return {}

    return once(session, by, kind="person.consent", content={"person": person_id}, do=do)


def enrol(session: Session, person_id: int, details: Details, *, by: By) -> Trader:
    """Make (or wake) the trader of a person; part of a larger act, so it keeps no key itself."""
    person = get_person(session, person_id)
    person.name, person.market_id = details.name, details.market_id
    trader = session.execute(
        select(Trader).where(Trader.person_id == person_id)
    ).scalar_one_or_none()
    if trader is None:
        trader = Trader(person_id=person_id, joined_at=by.now)
        session.add(trader)
    trader.market_id, trader.goods_class_id = details.market_id, details.goods_class_id
    trader.status = "active"
    session.flush()
    record(
        session,
        "trader.join",
        by=by,
        subject=("trader", trader.id),
        after={"market": details.market_id, "goods_class": details.goods_class_id},
    )
    return trader


def change(session: Session, person_id: int, what: str, value: object, *, by: By) -> Result:
    """Change one detail: ``name``, ``market_id``, ``gender`` or ``number_shown`` of the person,
    ``goods_class_id`` of the trader. Safe to repeat.
    """
    # A name is neither hashed nor audited: it stands in the identity row and nowhere else.
    kept = value if what != "name" else None

    def do() -> Result:
        person = get_person(session, person_id)
        before: object = None
        trader = find_trader(session, person_id)
        if what == "goods_class_id":
            if trader is None:
                raise NotFound(trader=person_id)
            before, trader.goods_class_id = trader.goods_class_id, int(str(value))
        else:
            before = getattr(person, what)
            setattr(person, what, value)
        if what == "market_id" and trader is not None:
            trader.market_id = person.market_id
        record(
            session,
            f"person.{what}",
            by=by,
            subject=("person", person_id),
            before={what: before if what != "name" else "(kept apart)"},
            after={what: kept},
        )
        return {"what": what, "value": kept}

    content = {"person": person_id, "what": what, "value": kept}
    return once(session, by, kind="person.change", content=content, do=do)


def ask_to_leave(session: Session, person_id: int, by: By) -> Result:
    """Start the seven days after which the identity row is emptied. Safe to repeat."""

    def do() -> Result:
        person = get_person(session, person_id)
        person.leave_at = person.leave_at or by.now + GRACE
        record(session, "person.leave", by=by, subject=("person", person_id))
        return {"leave_at": person.leave_at.isoformat()}

    return once(session, by, kind="person.leave", content={"person": person_id}, do=do)


def stay(session: Session, person_id: int, by: By) -> Result:
    """Take the wish to leave back. Safe to repeat."""

    def do() -> Result:
        get_person(session, person_id).leave_at = None
        record(session, "person.stay", by=by, subject=("person", person_id))
        return {}

    return once(session, by, kind="person.stay", content={"person": person_id}, do=do)


def leaving_due(session: Session, now: datetime, *, limit: int = 200) -> list[Person]:
    """Those whose grace is over and whose identity rows are to be emptied."""
    due = select(Person).where(Person.leave_at <= now, Person.erased_at.is_(None))
    return list(session.scalars(due.order_by(Person.id).limit(limit)))


def erase_due(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    """Empty the identity rows whose grace is over; returns their person ids. Safe to repeat.

    Name, phone and hash go; ids stay, so that sales and the audit trail keep their shape.
    """
    due = leaving_due(session, now, limit=limit)
    for person in due:
        person.name = person.phone_hash = person.phone_sealed = person.gender = None
        person.erased_at, person.leave_at = now, None
        trader = find_trader(session, person.id)
        if trader is not None:
            trader.status = "left"
        by = By(f"erase:{person.id}", "en", now, "system", "retention", "job")
        record(session, "person.erased", by=by, subject=("person", person.id))
    return [person.id for person in due]


def get_person(session: Session, person_id: int) -> Person:
    """The row, or NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(person=person_id)
    return person


def find_trader(session: Session, person_id: int) -> Trader | None:
    """The trader of a person, or None."""
    return session.execute(select(Trader).where(Trader.person_id == person_id)).scalar_one_or_none()


def _person(session: Session, subscriber: Subscriber, vault: Vault, by: By) -> tuple[Person, bool]:
    """The person of a phone, and whether it is a new one."""
    phone_hash = vault.lookup(subscriber.phone.key)
    person = session.execute(
        select(Person).where(Person.phone_hash == phone_hash)
    ).scalar_one_or_none()
    new = person is None
    if person is None:
        person = Person(
            pack_id=subscriber.pack_id,
            phone_hash=phone_hash,
            language="en",
            number_shown="asked",
            held=False,
            created_at=by.now,
        )
        session.add(person)
    person.phone_sealed = vault.seal(subscriber.phone.e164.encode(), bound_to=phone_hash.encode())
    session.flush()
    return person, new
