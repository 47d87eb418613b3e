"""What holds a drain back: the cap of a phone, the budget of a council, the rate of a gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from sms.sender import Pace
from tests.fakes.gateways import Call, Said
from tests.fixtures.outbox import Outbox, SoonStopping, outbox_of
from tests.fixtures.world import World
from trader_platform.core.clock import epoch_ms
from trader_platform.messaging.service_claim import give_up_on_lost
from trader_platform.messaging.service_gateways import Limits


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        yield made


def counted(outbox: Outbox, contact: int) -> int:
    with outbox.world.db.reading() as connection:
        sql = text("SELECT capped_count FROM contacts WHERE id = :id")
        return int(connection.execute(sql, {"id": contact}).scalar_one())


def test_a_gateway_is_not_asked_for_more_than_it_bears(world: World) -> None:
    with outbox_of(world, Pace(limits={"africastalking": Limits(texts_a_second=5)})) as outbox:
        for at in range(12):
            outbox.queue("price.bare", outbox.contact(f"+22030123{at:02d}"), f"in:{at}")
        outbox.sender.catalogs.get(1)  # read already: the drain has half a second
        # The clock stands still: what is in the bucket goes, the rest has to wait for it to move.
        outbox.sender.drain(stopping=SoonStopping())
        assert len(outbox.fake.taken) == 10
        outbox.world.clock.move(milliseconds=199)
        outbox.sender.drain(stopping=SoonStopping())
        assert len(outbox.fake.taken) == 10
        outbox.world.clock.move(milliseconds=201)
        outbox.sender.drain()
        assert len(outbox.fake.taken) == 12


def test_the_cap_is_kept_for_each_phone_and_day(outbox: Outbox) -> None:
    her = outbox.contact()
    for at in range(5):
        outbox.news(her, f"c:{at}")
    outbox.queue("price.bare", her, "in:1")
    assert outbox.sender.drain() == 4
    assert sorted(outbox.rows("state, failure")) == [
        ("accepted", None),
        ("accepted", None),
        ("accepted", None),
        ("accepted", None),
        ("queued", "cap"),
        ("queued", "cap"),
    ]
    assert counted(outbox, her) == 3
    outbox.world.clock.at = outbox.world.clock.at.replace(hour=23, minute=59)
    assert outbox.sender.drain() == 0
    outbox.world.clock.move(minutes=2)  # another day, but night
    assert outbox.sender.drain() == 0
    outbox.world.clock.move(hours=8)
    assert outbox.sender.drain() == 2
    assert counted(outbox, her) == 2


def test_a_text_that_was_not_taken_does_not_count(outbox: Outbox) -> None:
    her = outbox.contact()
    outbox.news(her, "c:1")
    outbox.fake.special["+2203012345"] = {"statusCode": 407, "status": "CouldNotRoute"}
    outbox.sender.drain()
    assert outbox.rows() == [("failed",)]
    assert counted(outbox, her) == 0
    assert outbox.spent() == [(1, 0, 0, 0)]


def test_an_answer_of_the_gateway_that_comes_too_late_takes_no_cost_back(outbox: Outbox) -> None:
    """The call outlived its lease: its text is unknown, and stays it whatever is said of it now."""
    her = outbox.contact()
    id_ = outbox.news(her, "c:1")
    fake, accept = outbox.fake, outbox.fake.accept

    def too_late(call: Call) -> Said:
        outbox.world.clock.move(seconds=31)
        with outbox.world.db.transaction() as session:
            assert give_up_on_lost(session, epoch_ms(outbox.world.clock.now())) == 1
        return accept(call)

    fake.special["+2203012345"] = {"statusCode": 500, "status": "InternalServerError"}
    fake.accept = too_late  # type: ignore[method-assign]
    outbox.sender.drain()
    assert (outbox.row(id_)["state"], outbox.row(id_)["segments"]) == ("unknown", 1)
    assert outbox.spent() == [(1, 1, 25, 25)]
    assert counted(outbox, her) == 1


def test_the_budget_of_a_council_and_day(outbox: Outbox) -> None:
    _rules(outbox, budget_a_day_minor=60)
    for at in range(4):
        outbox.news(outbox.contact(f"+220301234{at}"), f"c:{at}")
    outbox.queue("price.bare", outbox.contact(), "in:1", council_id=1)
    assert outbox.sender.drain() == 3
    assert sorted(outbox.rows("kind, state")) == [
        ("council.says", "accepted"),
        ("council.says", "accepted"),
        ("council.says", "queued"),
        ("council.says", "queued"),
        ("price.bare", "accepted"),
    ]
    assert outbox.spent() == [(1, 3, 75, 50)]
    outbox.world.clock.move(days=1)
    assert outbox.sender.drain() == 2


def _rules(outbox: Outbox, **changed: int) -> None:
    with outbox.world.db.transaction() as session:
        settings = json.loads(session.execute(text("SELECT settings FROM packs")).scalar_one())
        settings["sms"] |= changed
        session.execute(text("UPDATE packs SET settings = :s"), {"s": json.dumps(settings)})
    outbox.sender.catalogs.forget()


def test_the_gateways_price_is_what_is_booked(outbox: Outbox) -> None:
    her = outbox.contact()
    outbox.fake.special["+2203012345"] = {"cost": "GMD 0.4001", "messageId": "x1"}
    outbox.news(her, "c:1")
    outbox.sender.drain()
    assert outbox.rows("cost_minor") == [(41,)]
    assert outbox.spent() == [(1, 1, 41, 41)]
    outbox.fake.special["+2203012345"] = {"cost": "KES 0.8000", "messageId": "x2"}
    outbox.news(her, "c:2")
    outbox.sender.drain()
    assert outbox.rows("cost_minor") == [(41,), (25,)]
