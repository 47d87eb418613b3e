"""The stall register: cards, who holds a stall when, and what the database itself refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from stdnum import damm

from tests.fixtures.fees import NOW, TODAY, ZONE, by, make_council
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.clock import local_day
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.retention import erase_people
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_stalls import (
    Hold,
    NewStall,
    StallGone,
    StallTaken,
    add_stall,
    card_svg,
    occupy,
    vacate,
)
from trader_platform.staff.types import NotAllowed
from trader_platform.traders.models import Trader
from trader_platform.traders.service import ask_to_leave


def test_a_stall_gets_a_card_with_a_check_digit(world: World) -> None:
    council = make_council(world, stalls=1)
    new = NewStall(council.officer, council.market, "k12", "Gate", "canteen")
    with world.db.transaction() as session:
        first = add_stall(session, new, by=by("a"))
    with world.db.transaction() as session:
        again = add_stall(session, new, by=by("a"))
    assert again == first
    assert len(first["card"]) == 6
    assert damm.is_valid(first["card"])
    with pytest.raises(KeyError), world.db.transaction() as session:
        add_stall(
            session,
            NewStall(council.officer, council.market, "K13", kind="palace"),
            by=by("b"),
        )
    stranger = NewStall(council.collector.staff_id, council.market, "K14")
    with pytest.raises(NotAllowed), world.db.transaction() as session:
        add_stall(session, stranger, by=by("c"))


def test_a_stall_changes_hands_and_never_has_two(world: World) -> None:
    council = make_council(world, stalls=2)
    stall, (old, new) = council.stalls[0], council.traders
    with world.db.reading() as connection:
        held = connection.execute(
            select(Occupancy.id).where(Occupancy.stall_id == stall)
        ).scalar_one()
    hold = Hold(council.master, stall, new, TODAY)
    with pytest.raises(StallTaken), world.db.transaction() as session:
        occupy(session, hold, by=by("a"))
    with world.db.transaction() as session:
        yesterday = TODAY - timedelta(days=1)
        vacate(session, council.master, held, last_day=yesterday, by=by("b"))
        occupy(session, hold, by=by("c"))
    with world.db.reading() as connection:
        rows = connection.execute(
            select(Occupancy.trader_id, Occupancy.ends_on)
            .where(Occupancy.stall_id == stall)
            .order_by(Occupancy.starts_on)
        ).all()
        trail = connection.execute(
            select(AuditRow.action).where(AuditRow.subject_kind == "stall")
        ).scalars()
        assert [tuple(row) for row in rows] == [(old, yesterday), (new, None)]
        assert list(trail) == ["stall.vacate", "stall.occupy"]


def test_two_may_share_a_stall(world: World) -> None:
    council = make_council(world, stalls=2)
    hold = Hold(council.master, council.stalls[0], council.traders[1], TODAY, share=2)
    with world.db.transaction() as session:
        occupy(session, hold, by=by("a"))
    with pytest.raises(StallGone), world.db.transaction() as session:
        occupy(
            session,
            Hold(council.master, 999_999, council.traders[1], TODAY),
            by=by("b"),
        )


@pytest.mark.parametrize("days", [(0, None), (-400, 0), (5, 9), (-1, None)])
def test_the_database_itself_refuses_an_overlap(world: World, days: tuple[int, int | None]) -> None:
    council = make_council(world, stalls=2)
    first, last = days
    row = {
        "stall_id": council.stalls[0],
        "share": 1,
        "trader_id": council.traders[1],
        "council_id": council.id,
        "starts_on": TODAY + timedelta(days=first),
        "ends_on": None if last is None else TODAY + timedelta(days=last),
        "entered_by": "attack",
    }
    with pytest.raises(IntegrityError), world.db.write.begin() as connection:
        connection.execute(insert(Occupancy), row)
    before = {**row, "starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    with world.db.write.begin() as connection:
        connection.execute(insert(Occupancy), before)


def test_a_card_is_drawn_as_a_picture() -> None:
    picture = ElementTree.fromstring(card_svg("104529"))
    assert picture.tag.endswith("svg")
    assert card_svg("104529") != card_svg("104537")


def test_who_left_holds_no_stall_from_the_next_day_on(world: World) -> None:
    council = make_council(world, stalls=2)
    with world.db.transaction() as session:
        person = session.get_one(Trader, council.traders[0]).person_id
        ask_to_leave(session, person, by("l", now=NOW - timedelta(days=8)))
    with world.db.transaction() as session:
        later = TODAY + timedelta(days=500)
        hold = Hold(council.master, council.stalls[1], council.traders[0], later, share=2)
        occupy(session, hold, by=by("later"))
    context = JobContext(None, world.db)  # type: ignore[arg-type]
    assert erase_people(context) == 1
    today = local_day(datetime.now(UTC), ZONE)
    with world.db.reading() as connection:
        rows = connection.execute(
            select(Occupancy.trader_id, Occupancy.ends_on).order_by(Occupancy.id)
        ).all()
        trail = select(AuditRow.action).where(AuditRow.action == "stall.release")
        assert len(connection.execute(trail).all()) == 2
    assert [tuple(row) for row in rows] == [
        (council.traders[0], today),
        (council.traders[1], None),
    ]
    assert erase_people(context) == 0
