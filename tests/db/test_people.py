"""People: one row a subscriber, keys that rotate, rows that are emptied, acts done once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.fixtures.world import SUNDAY, World, vault_of_tests
from trader_platform.audit.models import AuditRow
from trader_platform.core.crypto import Vault
from trader_platform.core.errors import IdempotencyConflict
from trader_platform.core.once import Act, By, once
from trader_platform.core.phone import Phone
from trader_platform.traders import service
from trader_platform.traders.models import Person
from trader_platform.traders.rotation import renew

PHONE = Phone("+2203012345", "+220833012345")


def by(key: str = "k1", language: str = "en") -> By:
    return By(key, language, SUNDAY, "person", "new", "ussd", "lang.set")


def make_person(world: World, key: str = "k1", phone: Phone = PHONE) -> Person:
    with world.db.transaction() as session:
        subscriber = service.Subscriber(phone, 1)
        service.choose_language(session, subscriber, "fr", vault=world.vault, by=by(key))
    with world.db.transaction() as session:
        return session.scalars(select(Person).order_by(Person.id.desc())).first()


def test_choosing_a_language_writes_person_act_and_audit_once(world: World) -> None:
    for _ in range(2):
        make_person(world)
    with world.db.transaction() as session:
        (person,) = session.scalars(select(Person)).all()
        (act,) = session.scalars(select(Act)).all()
        (row,) = session.scalars(select(AuditRow).filter_by(actor_kind="person")).all()
    assert (person.language, person.pack_id, person.created_at) == ("fr", 1, SUNDAY)
    assert b"3012345" not in person.phone_sealed
    assert world.vault.open(person.phone_sealed, bound_to=person.phone_hash.encode()) == (
        b"+220833012345"
    )
    assert (act.key, act.kind, act.screen) == ("k1", "person.language", "lang.set")
    assert json.loads(act.result) == {"language": "fr", "new": True}
    assert (row.action, row.subject_id) == ("person.language", str(person.id))
    assert "3012345" not in f"{row.after}{row.before}{act.result}{act.content_hash}"


def test_the_same_key_with_other_content_is_refused_and_changes_nothing(world: World) -> None:
    make_person(world)
    subscriber = service.Subscriber(PHONE, 1)
    with world.db.transaction() as session, pytest.raises(IdempotencyConflict):
        service.choose_language(session, subscriber, "wo", vault=world.vault, by=by())
    with world.db.transaction() as session:
        assert session.scalars(select(Person.language)).all() == ["fr"]


def test_a_failed_act_leaves_no_key_behind(world: World) -> None:
    def fails() -> dict[str, int]:
        raise ValueError("half way")

    def attempt() -> None:
        with world.db.transaction() as session:
            once(session, by(), kind="x", content={}, do=fails)

    with pytest.raises(ValueError, match="half way"):
        attempt()
    with world.db.transaction() as session:
        assert session.scalars(select(Act.key)).all() == []
        assert once(session, by(), kind="x", content={}, do=lambda: {"n": 1}) == {
            "language": "en",
            "n": 1,
        }


def test_one_phone_cannot_be_two_people(world: World) -> None:
    person = make_person(world)
    with pytest.raises(IntegrityError), world.db.transaction() as session:
        session.add(
            Person(pack_id=1, phone_hash=person.phone_hash, language="en", created_at=SUNDAY)
        )


def test_a_transaction_is_not_opened_inside_another(world: World) -> None:
    with (
        pytest.raises(RuntimeError, match="open already"),
        world.db.transaction(),
        world.db.transaction(),
    ):
        pass


def test_rotation_brings_every_phone_under_the_new_keys(world: World) -> None:
    for number in range(5):
        make_person(world, f"k{number}", Phone(f"+220301234{number}", f"+220301234{number}"))
    old = vault_of_tests()
    new = Vault({"new": bytes(32), "test": bytes(range(32))}, b"another lookup key")
    with world.db.transaction() as session:
        first = renew(session, new, limit=3)
    assert (first.seen, first.written) == (3, 3)
    with world.db.transaction() as session:
        rest = renew(session, new, after_id=first.last_id or 0)
        again = renew(session, new)
    assert (rest.written, again.seen, again.written) == (2, 5, 0)
    with world.db.transaction() as session:
        for person in session.scalars(select(Person)):
            e164 = new.open(person.phone_sealed, bound_to=person.phone_hash.encode()).decode()
            assert person.phone_hash == new.lookup(e164) != old.lookup(e164)


def test_erasing_waits_seven_days_and_then_empties_the_row(world: World) -> None:
    person = make_person(world)
    with world.db.transaction() as session:
        service.change(session, person.id, "name", "Demo Awa", by=by("k2"))
        service.ask_to_leave(session, person.id, by("k3"))
    almost, over = SUNDAY + timedelta(days=6, hours=23), SUNDAY + timedelta(days=7)
    with world.db.transaction() as session:
        assert service.erase_due(session, almost) == []
        assert service.erase_due(session, over) == [person.id]
        assert service.erase_due(session, over) == []
    with world.db.transaction() as session:
        row = session.get(Person, person.id)
        assert (row.name, row.phone_hash, row.phone_sealed, row.gender) == (None,) * 4
        everything = " ".join(
            f"{x.before}{x.after}" for x in session.scalars(select(AuditRow))
        ) + " ".join(f"{x.result}{x.key}" for x in session.scalars(select(Act)))
    assert "Awa" not in everything
    newcomer = make_person(world, "k4")
    assert newcomer.id != person.id


def test_who_stays_is_not_erased(world: World) -> None:
    person = make_person(world)
    with world.db.transaction() as session:
        service.ask_to_leave(session, person.id, by("k2"))
        service.stay(session, person.id, by("k3"))
        assert service.erase_due(session, SUNDAY + timedelta(days=30)) == []
