"""What an act at the keypad is confirmed by: one text, in the act's own transaction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select, update

from sms.texts import render
from sms.texts_people import resolve
from tests.fixtures.sellers import Seller, by, seller
from tests.fixtures.world import World
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By
from trader_platform.market.service_join import agree, leave
from trader_platform.market.service_listings import post_listing
from trader_platform.messaging.models import Contact, Message
from trader_platform.traders import service as traders
from trader_platform.traders.models import Person

NUMBER = "+2203012345"


def queued(world: World, kind: str = "") -> list[Any]:
    with world.db.reading() as connection:
        rows = connection.execute(select(Message.__table__).order_by(Message.id)).all()
    return [row for row in rows if row.kind.startswith(kind)]


def worded(world: World, row: Any) -> str:
    catalog = world.hops.catalogs.get(row.pack_id)
    params = json.loads(row.params)
    with world.db.reading() as connection:
        people = resolve(connection, world.vault, [(row.kind, params)])
    return render(row.kind, params, "en", catalog, people=people)


def post(world: World, awa: Seller, act: By) -> None:
    with world.db.transaction() as session:
        post_listing(session, awa.command(), by=act)


def leaving(world: World, awa: Seller, act: By | None = None) -> None:
    with world.db.transaction() as session:
        leave(session, awa.person, act or by(world), zone=awa.catalog.zone)


def test_a_dialogue_leaves_the_texts_that_it_promises(world: World) -> None:
    phone = world.phone(NUMBER).dial().press("1", "1", "1", "1", "bakoteh", "1", "Awa")
    phone.sees("You are in")
    world.phone(NUMBER).dial("2*1").press("onion", "20", "1", "1500", "1").sees("On sale till")
    world.phone(NUMBER).dial("5*3*5").press("1").sees("You are out")
    assert [row.kind for row in queued(world)] == [
        "consent.text",
        "welcome.trader",
        "listing.done",
        "deletion.asked",
    ]
    texts = [worded(world, row) for row in queued(world)]
    assert texts[1].startswith("You have joined, Awa. Dial *384*220# any time.")
    assert texts[2].startswith("On sale till Mon 23 Nov: 20 bags onion.")
    assert "On Sun 29 Nov we delete your name" in texts[3]
    with world.db.reading() as connection:
        contact = connection.execute(select(Contact.__table__)).one()
        person = connection.execute(select(Person.phone_hash)).one()
    assert contact.phone_hash == person.phone_hash
    assert (
        world.vault.open(contact.phone_sealed, bound_to=contact.phone_hash.encode())
        == NUMBER.encode()
    )
    assert {row.contact_id for row in queued(world)} == {contact.id}


def test_the_same_request_again_queues_nothing_more(world: World) -> None:
    awa = seller(world)
    acts = [by(world, "post:1"), by(world, "leave:1"), by(world, "yes:1")]
    for _ in range(2):
        post(world, awa, acts[0])
        leaving(world, awa, acts[1])
        with world.db.transaction() as session:
            agree(session, awa.person, acts[2], zone="Africa/Banjul")
    for kind in ("listing.done", "deletion.asked", "consent.text"):
        assert len(queued(world, kind)) == 1, kind


def test_a_text_stands_in_the_act_s_own_transaction(world: World) -> None:
    awa = seller(world)
    before = len(queued(world))
    free = replace(awa.command(), price_minor=0)

    def both() -> None:
        with world.db.transaction() as session:
            post_listing(session, awa.command(), by=by(world))
            post_listing(session, free, by=by(world))

    with pytest.raises(DomainError):
        both()
    assert len(queued(world)) == before


def test_only_her_first_three_goods_are_confirmed(world: World) -> None:
    awa = seller(world)
    for _ in range(5):
        post(world, awa, by(world))
    rows = queued(world, "listing.done")
    assert len(rows) == 3
    assert json.loads(rows[0].params) == {
        "product": awa.product("onion"),
        "unit": awa.unit("bag"),
        "qty": 20,
        "price": 150_000,
        "date": "2026-11-23",
    }
    assert rows[0].act_at == rows[0].due_at == epoch_ms(world.clock.now())


@pytest.mark.parametrize("channel", ["sms", "demo"])
def test_acts_elsewhere_are_not_confirmed(world: World, channel: str) -> None:
    awa = seller(world)
    before = len(queued(world))
    post(world, awa, replace(by(world), channel=channel))
    leaving(world, awa, replace(by(world), channel=channel))
    assert len(queued(world)) == before


def test_a_phone_on_its_gateway_s_opt_out_is_left_alone(world: World) -> None:
    awa = seller(world)
    before = len(queued(world))
    with world.db.transaction() as session:
        session.execute(update(Contact).values(opted_out=True))
    post(world, awa, by(world))
    assert len(queued(world)) == before


def test_who_stayed_and_leaves_again_is_told_again(world: World) -> None:
    awa = seller(world)
    for _ in range(2):
        leaving(world, awa)
    assert len(queued(world, "deletion.asked")) == 1
    with world.db.transaction() as session:
        traders.stay(session, awa.person, by(world))
    world.clock.move(minutes=1)
    leaving(world, awa)
    assert len(queued(world, "deletion.asked")) == 2


def test_a_known_phone_costs_one_read_and_one_insert(world: World) -> None:
    awa = seller(world)
    for _ in range(2):
        post(world, awa, by(world))
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = world.db.write
    event.listen(engine, "before_cursor_execute", note)
    post(world, awa, by(world))
    about = [x for x in statements if "contacts" in x or "INTO messages" in x]
    post(world, awa, by(world))
    event.remove(engine, "before_cursor_execute", note)
    assert [x.split()[0] for x in about] == ["SELECT", "INSERT"]
    assert sum("contacts" in x for x in statements) == 1
