"""Joining and leaving: the whole outcome, once for one key, also when two come at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.db import Database
from trader_platform.core.errors import IdempotencyConflict, NotFound
from trader_platform.core.once import Act, By
from trader_platform.market.models import GoodsClass, Stall, StallClaim
from trader_platform.market.queries_stalls import (
    card_number,
    make_card,
    stall_by_id,
    stall_of_card,
    stall_of_trader,
)
from trader_platform.market.service_join import Joining, claim_stall, join, leave
from trader_platform.traders.models import Person, Trader
from trader_platform.traders.service import Details

AWA, BINTA = "+2203012345", "+2207012345"


def by(world: World, key: str) -> By:
    return By(key, "en", world.clock.now(), "person", "1", "ussd")


def person(world: World, number: str = AWA) -> int:
    """Somebody who has chosen a language."""
    world.phone(number).dial().press("1", "2")
    with world.db.reading() as connection:
        return int(connection.execute(select(func.max(Person.id))).scalar_one())


def joining(world: World, person_id: int, stall_id: int | None = None) -> Joining:
    with world.db.reading() as connection:
        goods = connection.execute(select(func.min(GoodsClass.id))).scalar_one()
    return Joining(person_id, Details("Awa Ceesay", market_id(world, "bakoteh"), goods), stall_id)


def stall(world: World, **where: str) -> int:
    card = add_stall(world, **where)
    with world.db.reading() as connection:
        return int(connection.execute(select(Stall.id).where(Stall.card == card)).scalar_one())


def act(db: Database, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
    with db.transaction() as session:
        return call(session, *args, **named)


def count(world: World, table: type, **where: object) -> int:
    with world.db.reading() as connection:
        query = select(func.count()).select_from(table).filter_by(**where)
        return int(connection.execute(query).scalar_one())


def test_joining_twice_with_one_key_is_one_trader(world: World) -> None:
    command = joining(world, person(world), stall(world))
    first = act(world.db, join, command, by(world, "k1"))
    assert act(world.db, join, command, by(world, "k1")) == first
    assert count(world, Trader) == count(world, StallClaim) == 1
    assert count(world, Act, kind="trader.join") == 1
    assert count(world, AuditRow, action="trader.join") == 1
    assert count(world, AuditRow, action="stall.claim") == 1


def test_joining_twice_with_two_keys_is_one_trader(world: World) -> None:
    command = joining(world, person(world))
    for key in ("k1", "k2"):
        act(world.db, join, command, by(world, key))
    assert count(world, Trader) == 1


def test_the_same_key_with_other_answers_is_refused(world: World) -> None:
    command = joining(world, person(world))
    act(world.db, join, command, by(world, "k1"))
    other = replace(command, details=replace(command.details, market_id=None))
    with pytest.raises(IdempotencyConflict):
        act(world.db, join, other, by(world, "k1"))
    with world.db.reading() as connection:
        kept = connection.execute(select(Trader.market_id)).scalar_one()
    assert kept == command.details.market_id


def test_an_unknown_stall_leaves_nobody_joined(world: World) -> None:
    command = joining(world, person(world), 987654)
    with pytest.raises(NotFound):
        act(world.db, join, command, by(world, "k1"))
    assert count(world, Trader) == count(world, StallClaim) == 0
    assert count(world, Act, kind="trader.join") == 0
    assert count(world, AuditRow, action="trader.join") == 0


def test_a_new_card_ends_the_old_claim_and_brings_its_market(world: World) -> None:
    first, second = stall(world), stall(world, market="latrikunda", number="L7")
    who = person(world)
    trader = act(world.db, join, joining(world, who, first), by(world, "k1"))["trader"]
    act(world.db, claim_stall, who, second, by=by(world, "k2"))
    with world.db.reading() as connection:
        found = stall_of_trader(connection, trader)
        old = stall_by_id(connection, first)
    assert found is not None
    assert (found.id, found.taken_by) == (second, trader)
    assert old is not None
    assert old.taken_by is None
    latrikunda = market_id(world, "latrikunda")
    assert count(world, Trader, market_id=latrikunda) == 1
    assert count(world, Person, market_id=latrikunda) == 1


def test_the_same_card_again_is_no_second_claim(world: World) -> None:
    who, where = person(world), stall(world)
    act(world.db, join, joining(world, who, where), by(world, "k1"))
    result = act(world.db, claim_stall, who, where, by=by(world, "k2"))
    assert result["contested"] is False
    assert count(world, StallClaim) == 1


def test_who_does_not_sell_claims_nothing(world: World) -> None:
    with pytest.raises(NotFound):
        act(world.db, claim_stall, person(world), stall(world), by=by(world, "k1"))
    assert count(world, StallClaim) == 0


def test_of_two_who_type_one_card_at_once_one_is_contested(world: World) -> None:
    where = stall(world)
    people = [person(world), person(world, BINTA)]
    start = threading.Barrier(2)

    def claim(who: int) -> None:
        db = Database(world.url, lock_wait_seconds=20)
        start.wait()
        try:
            act(db, join, joining(world, who, where), by(world, f"join-{who}"))
        except DBAPIError as error:  # reported by the counts below
            print(error)
        finally:
            db.dispose()

    threads = [threading.Thread(target=claim, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert count(world, StallClaim, contested=False) == 1
    assert count(world, StallClaim, contested=True) == 1


def test_leaving_twice_with_one_key_is_one_wish(world: World) -> None:
    who = person(world)
    act(world.db, join, joining(world, who), by(world, "k1"))
    first = act(world.db, leave, who, by(world, "k2"), zone="UTC")
    assert act(world.db, leave, who, by(world, "k2"), zone="UTC") == first
    assert count(world, AuditRow, action="person.leave") == 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "١٢٣٤٥٦", "1 2 3"])
def test_what_cannot_be_a_card(typed: str) -> None:
    assert card_number(typed) is None


def test_a_slip_of_the_thumb_is_found() -> None:
    for five in ("00000", "10452", "90001", "12345"):
        card = make_card(five)
        assert card_number(f" {card[:3]}-{card[3:]} ") == card
        wrong = {
            card[:at] + str(other) + card[at + 1 :] for at in range(6) for other in range(10)
        } - {card}
        swapped = {card[:at] + card[at + 1] + card[at] + card[at + 2 :] for at in range(5)} - {card}
        assert not [each for each in wrong | swapped if card_number(each)]


def test_a_card_of_another_country_is_unknown(world: World) -> None:
    card = add_stall(world)
    with world.db.reading() as connection:
        assert stall_of_card(connection, 1, card) is not None
        assert stall_of_card(connection, 2, card) is None
