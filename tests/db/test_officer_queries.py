"""What officers ask of the books: each figure, its filter, its pages; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.db.test_ahead import leaves
from tests.db.test_charges import rows
from tests.fixtures.fees import (
    DUTY,
    NOW,
    OTHER_COUNCIL_MARKET,
    OTHER_MARKET,
    TODAY,
    ZONE,
    Collector,
    Council,
    add_tariff,
    assert_whole,
    by,
    make_council,
    make_elsewhere,
    raise_chunk,
    raise_day,
    take,
)
from tests.fixtures.world import World
from trader_platform.fees.accounts import Who
from trader_platform.fees.models_charges import Charge
from trader_platform.fees.models_reports import Report
from trader_platform.fees.queries_officer import (
    Ageing,
    Cluster,
    Filter,
    arrears,
    collected_by_badge,
    collected_by_day,
    collected_by_zone,
    defaulters,
    register,
    report_clusters,
    voids,
)
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_adjust import Adjust, adjust
from trader_platform.fees.service_relief import credit_closed_day
from trader_platform.fees.service_reports import Tell, answer, tell
from trader_platform.fees.service_void import TakeBack, answer_void, ask_void, take_back
from trader_platform.fees.types import Day
from trader_platform.market.models import Stall

DAY = timedelta(days=1)
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
SUMS = (collected_by_day, collected_by_zone, collected_by_badge)
LISTS = (*SUMS, register, voids, report_clusters)


def ask(world: World, query: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with world.db.reading() as connection:
        return query(connection, *args, **more)


def of(council: Council, first: date = TODAY, last: date = TODAY, market: int = 0) -> Filter:
    return Filter(council.id, first, last, market or None)


def sums(world: World, query: Callable[..., Any], asked: Filter) -> dict[Any, tuple[int, int]]:
    found = ask(world, query, asked)
    assert {line.made_by for line in found} <= {asked}
    return {line.of: (line.expected_minor, line.collected_minor) for line in found}


def walk_up(council: Council) -> Who:
    return Who(goods_class_id=council.goods)


def waive(world: World, council: Council, charge: int, minor: int) -> None:
    command = Adjust(council.finance, council.id, charge, "waiver", -minor, "flood", TODAY)
    with world.db.transaction() as session:
        adjust(session, command, by=by(f"waive{charge}"))


def close(world: World, council: Council, day: date) -> None:
    with world.db.transaction() as session:
        at = (council.id, council.market)
        credit_closed_day(session, *at, day, by=by(f"close{day}"))


def ask_back(world: World, me: Collector, ticket: dict[str, Any], *, now: datetime = NOW) -> None:
    command = TakeBack(me.staff_id, me.badge_id, ticket["code"], "not_paid", ZONE)
    with world.db.transaction() as session:
        ask_void(session, command, by=by(f"ask{ticket['payment']}", now=now))


def say_yes(world: World, council: Council, ticket: dict[str, Any], *, now: datetime = NOW) -> None:
    said = {"yes": True, "reason": "not_paid", "zone": ZONE}
    with world.db.transaction() as session:
        key = by(f"yes{ticket['payment']}", now=now)
        answer_void(session, council.master, ticket["payment"], **said, by=key)


def void(
    world: World, council: Council, ticket: dict[str, Any], collector: Collector | None = None
) -> None:
    ask_back(world, collector or council.collector, ticket)
    say_yes(world, council, ticket)


def report(world: World, council: Council, key: str, badge: str | None, **more: Any) -> int:
    """One report about a badge; returns its id."""
    kind, day = more.pop("kind", "overcharge"), more.pop("day", TODAY)
    with world.db.transaction() as session:
        told = Tell(kind, council.id, council.market, day, badge=badge, **more)
        ref = tell(session, told, by=by(key))["ref"]
        return session.execute(select(Report.id).where(Report.ref == ref)).scalar_one()


def ageing(*lines: tuple[int, int]) -> tuple[Ageing, ...]:
    cuts = ((0, 7), (8, 30), (31, 90), (91, None))
    return tuple(Ageing(cut, *line) for cut, line in zip(cuts, lines, strict=True))


def test_arrears_are_cut_by_days_past_due(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    for days in (0, 1, 7, 8, 30, 31, 90, 91):
        raise_day(world, council, TODAY - days * DAY)
    two = (2, DUTY * 2)
    assert ask(world, arrears, council.id, TODAY) == ageing(two, two, two, (1, DUTY))
    take(world, council, "t1", 400, today=False)
    assert ask(world, arrears, council.id, TODAY) == ageing(two, two, two, (1, DUTY - 400))
    take(world, council, "t2", DUTY - 400, today=False)
    assert ask(world, arrears, council.id, TODAY) == ageing(two, two, two, (0, 0))
    today = ask(world, arrears, council.id, TOMORROW)
    assert today == ageing((2, DUTY * 2), two, two, (1, DUTY))
    assert_whole(world)


def test_rent_is_in_arrears_when_its_month_is_over(world: World) -> None:
    council = make_council(world, stalls=1)
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    with world.db.transaction() as session:
        add_tariff(session, council, "held", fee="canteen_rent", per="month")
        session.execute(update(Stall).values(kind="canteen"))
        period = Period(council.id, "canteen_rent", first, last)
        raise_chunk(session, period, open_markets={council.market: Day(first)}, by=by("rent"))
    none = (0, 0)
    assert ask(world, arrears, council.id, last) == ageing(none, none, none, none)
    assert ask(world, defaulters, council.id, last) == ()
    assert ask(world, arrears, council.id, last + DAY) == ageing((1, DUTY), none, none, none)
    assert [x.since for x in ask(world, defaulters, council.id, last + DAY)] == [first]


def test_who_owes_most_comes_first_and_pages_go_on_where_they_ended(world: World) -> None:
    council = make_council(world, stalls=4, accrues="held")
    for days in (3, 2, 0):
        raise_day(world, council, TODAY - days * DAY)
    take(world, council, "t0", DUTY, stall=0, today=False)
    take(world, council, "t3", DUTY * 2, stall=3, today=False)  # she owes for today only
    take(world, council, "w1", 100, who=walk_up(council), day=TODAY - 2 * DAY)
    found = ask(world, defaulters, council.id, TODAY)
    assert [(x.trader_id, x.stall, x.owed_minor, x.since) for x in found] == [
        (council.traders[1], "T1", DUTY * 2, TODAY - 3 * DAY),
        (council.traders[2], "T2", DUTY * 2, TODAY - 3 * DAY),
        (council.traders[0], "T0", DUTY, TODAY - 2 * DAY),
    ]
    pages, after = [], None
    while page := ask(world, defaulters, council.id, TODAY, after=after, limit=1):
        pages.append(page)
        after = (page[-1].owed_minor, page[-1].account_id)
    assert pages == [(one,) for one in found]
    assert_whole(world)


def test_who_owes_without_a_stall_is_a_defaulter_too(world: World) -> None:
    council = make_council(world, stalls=1)
    leaves(world, TODAY - 30 * DAY)
    take(world, council, "t1", 400, who=Who(trader_id=council.traders[0]), day=YESTERDAY)
    (one,) = ask(world, defaulters, council.id, TODAY)
    assert (one.trader_id, one.stall, one.owed_minor) == (council.traders[0], None, DUTY - 400)


def test_expected_and_collected_day_by_day(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    for day in (YESTERDAY, TODAY, TOMORROW):
        raise_day(world, council, day)
    take(world, council, "t1", DUTY, day=YESTERDAY, now=NOW - DAY)
    take(world, council, "t2", DUTY)
    asked_back = take(world, council, "t3", 300, stall=1)
    wide = of(council, YESTERDAY, TODAY)
    days = {YESTERDAY: (DUTY * 2, DUTY), TODAY: (DUTY * 2, DUTY + 300)}
    assert sums(world, collected_by_day, wide) == days
    assert sums(world, collected_by_day, of(council)) == {TODAY: days[TODAY]}
    ask_back(world, council.collector, asked_back)
    assert sums(world, collected_by_day, wide) == days, "it counts until somebody says yes"
    say_yes(world, council, asked_back)
    assert sums(world, collected_by_day, of(council)) == {TODAY: (DUTY * 2, DUTY)}
    assert_whole(world)


def test_less_is_expected_where_a_day_was_closed_or_let_off(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    for day in (YESTERDAY, TODAY):
        raise_day(world, council, day)
    close(world, council, YESTERDAY)
    waive(world, council, rows(world, Charge.id, Charge.period_from)[-1][0], 400)
    wide = of(council, YESTERDAY, TODAY)
    left = DUTY * 2 - 400
    assert sums(world, collected_by_day, wide) == {YESTERDAY: (0, 0), TODAY: (left, 0)}
    assert sums(world, collected_by_zone, wide) == {"": (left, 0)}
    assert_whole(world)


@pytest.mark.parametrize("query", SUMS)
def test_a_walk_up_taken_back_is_gone(world: World, query: Callable[..., Any]) -> None:
    council = make_council(world)
    ticket = take(world, council, "w1", DUTY, who=walk_up(council))
    assert list(sums(world, query, of(council)).values()) == [(DUTY, DUTY)]
    void(world, council, ticket)
    assert sums(world, query, of(council)) == {}


def test_zones_and_what_has_no_stall(world: World) -> None:
    council = make_council(world, stalls=3, accrues="held")
    with world.db.transaction() as session:
        for stall, zone in zip(council.stalls, ("A", "A", "B"), strict=True):
            session.execute(update(Stall).where(Stall.id == stall).values(zone=zone))
    raise_day(world, council, TODAY)
    take(world, council, "t1", DUTY)
    take(world, council, "t2", 300, stall=1)
    take(world, council, "w1", 100, who=walk_up(council))
    back = take(world, council, "t3", DUTY, stall=2)
    zones = {"": (DUTY, 100), "A": (DUTY * 2, DUTY + 300), "B": (DUTY, DUTY)}
    assert sums(world, collected_by_zone, of(council)) == zones
    void(world, council, back)
    assert sums(world, collected_by_zone, of(council)) == zones | {"B": (DUTY, 0)}
    assert sums(world, collected_by_zone, of(council, TOMORROW, TOMORROW)) == {}


def test_a_badge_was_to_bring_what_its_tickets_were_for(world: World) -> None:
    council = make_council(world, stalls=3, accrues="held")
    mine, other = council.collector.badge, council.second.badge
    for day in (YESTERDAY, TODAY):
        raise_day(world, council, day)
    take(world, council, "t1", 500)
    assert sums(world, collected_by_badge, of(council)) == {mine: (DUTY, 500)}
    take(world, council, "t2", 200)  # of the same charge
    assert sums(world, collected_by_badge, of(council)) == {mine: (DUTY, 700)}
    take(world, council, "t3", 300, collector=council.second)  # the rest of it
    badges = {mine: (DUTY, 700), other: (DUTY, 300)}
    assert sums(world, collected_by_badge, of(council)) == badges
    back = take(world, council, "t4", DUTY + 100, stall=1, collector=council.second)
    both = badges | {other: (DUTY * 3, DUTY + 400)}  # and 100 of yesterday's
    assert sums(world, collected_by_badge, of(council)) == both
    void(world, council, back, collector=council.second)
    assert sums(world, collected_by_badge, of(council)) == badges
    late = take(world, council, "t5", DUTY, stall=2, now=NOW + DAY)
    assert sums(world, collected_by_badge, of(council)) == badges, "it was paid on another day"
    assert late["days"] == [TODAY.isoformat()]
    assert sums(world, collected_by_badge, of(council, TOMORROW, TOMORROW)) == {mine: (DUTY, DUTY)}
    assert_whole(world)


def test_a_badge_was_not_to_bring_what_was_let_off(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    badge = council.collector.badge
    other = council.second.badge
    take(world, council, "t1", 500)
    take(world, council, "t2", 400, collector=council.second)
    both = {badge: (DUTY, 500), other: (DUTY, 400)}
    assert sums(world, collected_by_badge, of(council)) == both
    waive(world, council, rows(world, Charge.id)[0][0], 500)  # what came last is credit now
    left = {badge: (DUTY - 500, 500), other: (0, 400)}
    assert sums(world, collected_by_badge, of(council)) == left
    close(world, council, TODAY)
    assert sums(world, collected_by_badge, of(council)) == left | {badge: (0, 500)}
    assert_whole(world)


def test_money_for_days_ahead_is_expected_of_a_badge_when_they_come(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    badge = council.collector.badge
    take(world, council, "t1", DUTY * 3)
    assert sums(world, collected_by_badge, of(council)) == {badge: (DUTY, DUTY * 3)}
    raise_day(world, council, TOMORROW)
    assert sums(world, collected_by_badge, of(council)) == {badge: (DUTY * 2, DUTY * 3)}


def a_day_of_work(world: World, council: Council) -> None:
    """A ticket, one that is taken back, something owed since yesterday, and a report."""
    key = str(council.market)
    raise_day(world, council, YESTERDAY)
    raise_day(world, council, TODAY)
    take(world, council, f"{key}a", DUTY, who=Who(stall_id=council.stalls[0]))
    back = take(world, council, f"{key}b", DUTY, who=walk_up(council))
    me = council.collector
    with world.db.transaction() as session:
        reverse = TakeBack(me.staff_id, me.badge_id, back["code"], "paid_twice", ZONE)
        take_back(session, reverse, by=by(f"{key}back"))
    report(world, council, f"{key}r", me.badge, due_minor=DUTY, paid_minor=DUTY + 500)


def test_each_of_two_markets_and_both(world: World) -> None:
    here = make_council(world, stalls=1, accrues="held")
    there = make_elsewhere(world, OTHER_MARKET)
    assert here.id == there.id
    assert here.other_market == there.market
    for council in (here, there):
        a_day_of_work(world, council)
    badges = {council.collector.badge: (DUTY, DUTY) for council in (here, there)}
    assert sums(world, collected_by_badge, of(here)) == badges
    assert sums(world, collected_by_day, of(here)) == {TODAY: (DUTY * 2, DUTY * 2)}
    for query in LISTS:
        at = [ask(world, query, of(here, market=x.market)) for x in (here, there)]
        assert [len(lines) for lines in at] == [2 if query is register else 1] * 2
        if query not in SUMS:
            assert sorted(map(repr, ask(world, query, of(here)))) == sorted(map(repr, sum(at, ())))
    only = {there.collector.badge: (DUTY, DUTY)}
    assert sums(world, collected_by_badge, of(here, market=there.market)) == only
    for query in SUMS[:2]:
        (line,) = sums(world, query, of(here, market=there.market)).values()
        assert line == (DUTY, DUTY)
    assert_whole(world)


def test_another_councils_rows_never_appear(world: World) -> None:
    mine = make_council(world, stalls=1, accrues="held")
    theirs = make_elsewhere(world, OTHER_COUNCIL_MARKET)
    assert mine.id != theirs.id
    a_day_of_work(world, theirs)
    for query in LISTS:
        assert ask(world, query, of(theirs)) != ()
        assert ask(world, query, of(mine)) == ()
        assert ask(world, query, of(mine, market=theirs.market)) == ()
    none = (0, 0)
    assert ask(world, arrears, theirs.id, TODAY) == ageing((1, DUTY), none, none, none)
    assert ask(world, arrears, mine.id, TODAY) == ageing(none, none, none, none)
    assert len(ask(world, defaulters, theirs.id, TODAY)) == 1
    assert ask(world, defaulters, mine.id, TODAY) == ()


def test_the_register_has_every_receipt_once_and_void_ones_keep_their_line(world: World) -> None:
    council = make_council(world, stalls=3)
    taken = [take(world, council, f"t{stall}", DUTY, stall=stall) for stall in range(3)]
    take(world, council, "t4", DUTY, day=TOMORROW, now=NOW + DAY)
    ask_back(world, council.collector, taken[1], now=NOW + DAY)
    say_yes(world, council, taken[1], now=NOW + DAY)
    lines = ask(world, register, of(council))
    assert [(x.code, x.serial) for x in lines] == [(x["code"], x["serial"]) for x in taken]
    assert {(x.series, x.badge, x.day, x.amount_minor) for x in lines} == {
        (council.collector.badge, council.collector.badge, TODAY, DUTY)
    }
    states = [("good", None), ("void", "not_paid"), ("good", None)]
    assert [(x.state, x.void_reason) for x in lines] == states
    assert ask(world, voids, of(council)) == (lines[1],)
    assert ask(world, voids, of(council, TOMORROW, TOMORROW)) == (), "it is of its own day"
    assert len(ask(world, register, of(council, TODAY, TOMORROW))) == 4


@pytest.mark.parametrize("query", [register, voids])
def test_pages_of_receipts(world: World, query: Callable[..., Any]) -> None:
    council = make_council(world, stalls=3)
    for stall in range(3):
        void(world, council, take(world, council, f"t{stall}", DUTY, stall=stall))
    lines = ask(world, query, of(council))
    assert len(lines) == 3
    first = ask(world, query, of(council), limit=2)
    assert first == lines[:2]
    rest = ask(world, query, of(council), after=first[-1].receipt_id, limit=2)
    assert rest == lines[2:]
    assert ask(world, query, of(council), after=rest[-1].receipt_id, limit=2) == ()


def test_reports_about_a_badge_are_counted_together(world: World) -> None:
    council = make_council(world, stalls=1)
    mine, other = council.collector.badge, council.second.badge
    ids = [
        report(world, council, f"m{extra}", mine, due_minor=DUTY, paid_minor=DUTY + extra)
        for extra in (500, 200)
    ]
    for key in ("o1", "o2"):
        report(world, council, key, other, kind="no_ticket", paid_minor=DUTY)
    report(world, council, "fair", mine, due_minor=DUTY, paid_minor=DUTY - 300)
    report(world, council, "real", other, kind="badge")
    report(world, council, "nobody's", None, due_minor=DUTY, paid_minor=DUTY * 2)
    report(world, council, "before", other, day=YESTERDAY, due_minor=0, paid_minor=1)
    with world.db.transaction() as session:
        right: dict[str, Any] = {"right": True, "day": TODAY, "zone": ZONE}
        answer(session, council.finance, ids[0], **right, by=by("right"))
    clusters = (Cluster(mine, 3, 1, 700), Cluster(other, 2, 0, 0))
    assert ask(world, report_clusters, of(council)) == clusters
    tie = ask(world, report_clusters, of(council, YESTERDAY, TODAY))
    assert [(x.badge, x.reports) for x in tie] == [(x, 3) for x in sorted([mine, other])]
    assert ask(world, report_clusters, of(council, TOMORROW, TOMORROW)) == ()
