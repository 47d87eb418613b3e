"""Names and numbers for texts: few queries for many texts, and nobody who is erased."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from sms.texts import render
from sms.texts_people import resolve
from sms.texts_values import People
from tests.fixtures.sellers import by, seller
from tests.fixtures.world import World
from trader_platform.core import phone as phones
from trader_platform.core.crypto import Vault
from trader_platform.messaging.service import contact_of_phone
from trader_platform.traders import service as traders
from trader_platform.traders.models import Person

BUYER = "+2203012399"


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that are run."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(world.db.read, "before_cursor_execute", note)
    yield seen
    event.remove(world.db.read, "before_cursor_execute", note)


def buyer(world: World) -> int:
    phone = phones.parse(BUYER)
    assert phone is not None
    with world.db.transaction() as session:
        return contact_of_phone(session, phone, pack_id=1, vault=world.vault, now=world.clock.now())


def found(world: World, *texts: tuple[str, dict[str, int]], vault: Vault | None = None) -> People:
    with world.db.reading() as connection:
        return resolve(connection, vault or world.vault, texts)


def test_a_thousand_texts_cost_three_queries(world: World) -> None:
    people = [seller(world, f"+22070123{at}") for at in range(40, 50)]
    contact = buyer(world)
    texts: list[tuple[str, dict[str, int]]] = [
        *(("call.open", {"person": people[at % 10].person}) for at in range(1000)),
        ("call.seller", {"contact": contact}),
    ]
    with counted(world) as statements:
        known = found(world, *texts)
    assert len(statements) == 3
    assert known.phones["contact", contact] == BUYER
    assert known.phones["person", people[3].person] == "+2207012343"
    assert len(known.names) == 10


def test_texts_that_name_nobody_ask_nothing(world: World) -> None:
    with counted(world) as statements:
        assert found(world, ("more.end", {}), ("call.full", {"n": 5})) == People()
    assert statements == []


def test_a_number_is_opened_only_for_a_text_that_shows_it(world: World) -> None:
    awa = seller(world)
    known = found(world, ("search.seller", {"person": awa.person}))
    assert (len(known.names), known.phones) == (1, {})


def test_only_the_first_name_is_said_and_cut(world: World) -> None:
    awa = seller(world)
    with world.db.transaction() as session:
        session.execute(
            update(Person).where(Person.id == awa.person).values(name="Marie-Antoinette  Ndow")
        )
    assert found(world, ("welcome.trader", {"person": awa.person})).names == {
        awa.person: "Marie-Antoin"
    }


def test_the_erased_are_named_by_no_text(world: World) -> None:
    awa = seller(world)
    with world.db.transaction() as session:
        traders.ask_to_leave(session, awa.person, by(world))
    with world.db.transaction() as session:
        traders.erase_due(session, world.clock.now() + timedelta(days=8))
    known = found(world, ("call.open", {"person": awa.person}))
    assert known == People()
    text = render(
        "call.open",
        {"person": awa.person, "product": 1, "unit": 1, "price": 1},
        "en",
        awa.catalog,
        people=known,
    )
    assert text == "This is not on sale any more."


@pytest.mark.parametrize("kind", ["call.open", "search.seller.open"])
def test_what_no_key_opens_counts_as_erased(world: World, kind: str) -> None:
    awa = seller(world)
    stranger = Vault({"test": bytes(32)}, b"another-key-of-the-tests-that-is-long-enough")
    assert found(world, (kind, {"person": awa.person}), vault=stranger).phones == {}
