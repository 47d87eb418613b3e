"""Who may act from which day to which day, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.fixtures.fees import TODAY, by, make_council
from tests.fixtures.world import World
from trader_platform.staff import service as staff
from trader_platform.staff.queries import badge_seen
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
