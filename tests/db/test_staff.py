"""Who may act from which day to which day, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.fixtures.fees import (
    DUTY,
    TODAY,
    ZONE,
    Council,
    add_officer,
    by,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.core import phone as phones
from trader_platform.core.errors import IdempotencyConflict
from trader_platform.fees.models_charges import Charge
from trader_platform.fees.models_reports import Report
from trader_platform.fees.service_adjust import ALONE_MINOR, Adjust, adjust, answer_adjustment
from trader_platform.fees.service_reports import Tell, answer, tell
from trader_platform.market.models import Council as CouncilRow
from trader_platform.market.service_stalls import NewStall, add_stall
from trader_platform.staff import service as staff
from trader_platform.staff.queries import badge_holder, badge_seen
from trader_platform.staff.types import NotAllowed, Role

YESTERDAY = TODAY - timedelta(days=1)
LATER = TODAY + timedelta(days=9)


@pytest.mark.parametrize("starts_on", [date(2026, 1, 1), LATER])
def test_who_was_ended_may_do_nothing_also_by_a_role_to_a_later_day(
    world: World, starts_on: date
) -> None:
    council = make_council(world, stalls=1)
    with world.db.transaction() as session:
        to = {"starts_on": starts_on, "ends_on": date(2026, 12, 31)}
        staff.assign(session, council.master, Role.FINANCE, market_id=None, **to, by=by("a"))
        staff.end(session, council.master, last_day=YESTERDAY, by=by("e"))
    finance = frozenset({Role.FINANCE})
    for day in (TODAY, LATER):
        with world.db.transaction() as session, pytest.raises(NotAllowed):
            staff.authorise(session, council.master, council.id, finance, day=day)


def test_who_was_ended_wears_no_badge_also_where_a_new_one_was_drawn(world: World) -> None:
    council = make_council(world, stalls=1)
    me = council.collector
    with world.db.transaction() as session:
        new = staff.give_badge(session, me.staff_id, starts_on=LATER, by=by("b"))
        staff.end(session, me.staff_id, last_day=YESTERDAY, by=by("e"))
    with world.db.reading() as connection:
        for number, day in ((me.badge, TODAY), (new["number"], LATER)):
            seen = badge_seen(connection, number, day)
            assert seen is not None
            assert (seen.ends_on, seen.markets) == (YESTERDAY, ())


def test_a_phone_of_two_councils_opens_the_badge_that_is_good(world: World) -> None:
    council = make_council(world, stalls=1)
    phone = phones.parse("+2203010001")
    assert phone is not None
    with world.db.transaction() as session:
        elsewhere = session.execute(
            select(CouncilRow.id).where(CouncilRow.id != council.id).limit(1)
        ).scalar_one()
        new = staff.NewStaff(elsewhere, "Test-two", phone)
        second = staff.add_staff(session, new, vault=world.vault, by=by("two"))["staff"]
        badge = staff.give_badge(session, second, starts_on=date(2026, 1, 1), by=by("b2"))

    def worn() -> str:
        with world.db.reading() as connection:
            held = badge_holder(connection, world.vault.lookup(phone.key), TODAY)
        assert held is not None
        return held.badge

    assert worn() == badge["number"]
    with world.db.transaction() as session:
        staff.end(session, council.collector.staff_id, last_day=LATER, by=by("e1"))
        staff.end(session, second, last_day=YESTERDAY, by=by("e2"))
    assert worn() == council.collector.badge


def test_an_end_that_came_before_stays(world: World) -> None:
    council = make_council(world, stalls=1)
    me = council.collector
    with world.db.transaction() as session:
        staff.end(session, me.staff_id, last_day=YESTERDAY, by=by("e1"))
        staff.end(session, me.staff_id, last_day=LATER, by=by("e2"))
    with world.db.reading() as connection:
        seen = badge_seen(connection, me.badge, TODAY)
    assert seen is not None
    assert seen.ends_on == YESTERDAY


def test_the_same_key_with_another_last_day_is_refused(world: World) -> None:
    council = make_council(world, stalls=1)

    def assign(ends_on: date | None) -> int:
        with world.db.transaction() as session:
            to = {"market_id": None, "starts_on": TODAY, "ends_on": ends_on}
            return int(
                staff.assign(session, council.master, Role.AUDITOR, **to, by=by("a"))["assignment"]
            )

    assert assign(LATER) == assign(LATER)
    for other in (TODAY, None):
        with pytest.raises(IdempotencyConflict):
            assign(other)


def penalty(council: Council, staff_id: int, charge: int, minor: int, day: date) -> Adjust:
    return Adjust(staff_id, council.id, charge, "penalty", minor, "late", day)


def test_an_officer_of_one_market_says_no_word_on_another(world: World) -> None:
    council = make_council(world, stalls=1)
    take(world, council, "t1", DUTY)
    with world.db.transaction() as session:
        elsewhere = add_officer(
            session, world, council, Role.FINANCE, council.other_market, number="+2203031234"
        )
        charge = session.execute(select(Charge.id)).scalar_one()
        large = penalty(council, council.finance, charge, ALONE_MINOR + 1, TODAY)
        asked = adjust(session, large, by=by("p"))["adjustment"]
        tell(session, Tell("badge", council.id, council.market, TODAY, badge="1"), by=by("r"))
        report = session.execute(select(Report.id)).scalar_one()
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        adjust(session, penalty(council, elsewhere, charge, 100, TODAY), by=by("q"))
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        answer_adjustment(session, elsewhere, asked, yes=True, by=by("x"))
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        answer(session, elsewhere, report, right=True, day=TODAY, zone=ZONE, by=by("y"))


def test_rights_are_of_today_and_not_of_the_day_that_is_named(world: World) -> None:
    council = make_council(world, stalls=1)
    take(world, council, "t1", DUTY)
    with world.db.transaction() as session:
        charge = session.execute(select(Charge.id)).scalar_one()
        tell(session, Tell("badge", council.id, council.market, TODAY, badge="1"), by=by("r"))
        report = session.execute(select(Report.id)).scalar_one()
        for each in (council.finance, council.master):
            staff.end(session, each, last_day=YESTERDAY, by=by(f"e{each}"))
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        adjust(session, penalty(council, council.finance, charge, 100, YESTERDAY), by=by("a"))
    said = {"right": True, "day": YESTERDAY, "zone": ZONE}
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        answer(session, council.finance, report, **said, by=by("b"))
    with world.db.transaction() as session, pytest.raises(NotAllowed):
        add_stall(session, NewStall(council.master, council.market, "Z1"), by=by("c"))
