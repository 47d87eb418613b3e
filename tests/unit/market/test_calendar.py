"""Market days as tables and as laws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.market.calendar import (
    CLOSED,
    LOOK_AHEAD_DAYS,
    MOVED,
    NOT_TODAY,
    OPEN,
    UNKNOWN,
    Change,
    State,
    coming_changes,
    is_open,
    next_open_day,
    state_of,
)
from trader_platform.market.catalog import Place


def place(kind: str = "lumo", *days: int, id: int = 1) -> Place:
    return Place(
        id=id,
        slug="x",
        kind=kind,
        name="X",
        short_name="X",
        council_id=None,
        days=days,
        rank=0,
        latitude=None,
        longitude=None,
        region=None,
    )


SUNDAY = date(2026, 11, 22)
WEDNESDAY = date(2026, 11, 25)
FARAFENNI = place("lumo", 7)
BAKOTEH = place("daily")
NOBODY_KNOWS = place("lumo")


def closed(first: date, last: date, market: int = 1) -> Change:
    return Change(market, "closure", first, last)


def moved(day: date, to: date, market: int = 1) -> Change:
    return Change(market, "move", day, day, to)


def after(days: int, day: date = SUNDAY) -> date:
    return day + timedelta(days=days)


@pytest.mark.parametrize(
    ("where", "changes", "day", "held"),
    [
        (FARAFENNI, [], SUNDAY, True),
        (FARAFENNI, [], after(1), False),
        (BAKOTEH, [], after(1), True),
        (NOBODY_KNOWS, [], SUNDAY, None),
        (place("price_only"), [], SUNDAY, None),
        (place("daily", 1, 2), [], SUNDAY, False),
        (FARAFENNI, [closed(SUNDAY, SUNDAY)], SUNDAY, False),
        (FARAFENNI, [closed(after(-3), after(3))], SUNDAY, False),
        (FARAFENNI, [closed(after(1), after(3))], SUNDAY, True),
        (FARAFENNI, [closed(SUNDAY, SUNDAY, market=2)], SUNDAY, True),
        (BAKOTEH, [closed(SUNDAY, SUNDAY)], SUNDAY, False),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], SUNDAY, False),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], WEDNESDAY, True),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], after(7), True),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY, market=2)], WEDNESDAY, False),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY), closed(WEDNESDAY, WEDNESDAY)], WEDNESDAY, False),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY), moved(WEDNESDAY, after(4))], WEDNESDAY, False),
        (NOBODY_KNOWS, [moved(SUNDAY, WEDNESDAY)], WEDNESDAY, True),
    ],
)
def test_is_open(where: Place, changes: list[Change], day: date, held: bool | None) -> None:
    assert is_open(where, changes, day) is held


@pytest.mark.parametrize(
    ("where", "changes", "following"),
    [
        (FARAFENNI, [], after(7)),
        (place("lumo", 1, 4), [], after(1)),
        (BAKOTEH, [], after(1)),
        (NOBODY_KNOWS, [], None),
        (NOBODY_KNOWS, [moved(SUNDAY, WEDNESDAY)], WEDNESDAY),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], WEDNESDAY),
        (FARAFENNI, [moved(after(7), after(5))], after(5)),
        (FARAFENNI, [closed(after(7), after(7))], after(14)),
        (FARAFENNI, [closed(SUNDAY, after(LOOK_AHEAD_DAYS + 9))], None),
    ],
)
def test_next_open_day(where: Place, changes: list[Change], following: date | None) -> None:
    assert next_open_day(where, changes, SUNDAY) == following


@pytest.mark.parametrize(
    ("where", "changes", "day", "state"),
    [
        (FARAFENNI, [], SUNDAY, State(OPEN)),
        (FARAFENNI, [], after(1), State(NOT_TODAY)),
        (NOBODY_KNOWS, [], SUNDAY, State(UNKNOWN)),
        (FARAFENNI, [closed(SUNDAY, after(2))], SUNDAY, State(CLOSED, after(2))),
        (
            FARAFENNI,
            [closed(SUNDAY, after(2)), closed(after(3), after(9))],
            SUNDAY,
            State(CLOSED, after(9)),
        ),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], SUNDAY, State(MOVED, WEDNESDAY)),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], WEDNESDAY, State(OPEN)),
        (FARAFENNI, [moved(SUNDAY, WEDNESDAY)], after(-3), State(MOVED, WEDNESDAY)),
        (FARAFENNI, [closed(SUNDAY, SUNDAY)], after(-3), State(CLOSED, SUNDAY)),
        (FARAFENNI, [closed(after(7), after(7))], SUNDAY, State(OPEN)),
    ],
)
def test_state_of(where: Place, changes: list[Change], day: date, state: State) -> None:
    assert state_of(where, changes, day) == state


def test_coming_changes_are_the_ones_that_still_matter() -> None:
    over, later = closed(after(-9), after(-1)), closed(after(9), after(9))
    moving = moved(after(-1), after(2))
    assert coming_changes([later, over, moving], SUNDAY) == [moving, later]


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
PLACES = st.builds(
    lambda kind, days: place(kind, *sorted(days)),
    st.sampled_from(["daily", "lumo", "price_only"]),
    st.sets(st.integers(1, 7)),
)
CLOSURES = st.builds(lambda day, n: closed(day, after(n, day)), DAYS, st.integers(0, 40))
MOVES = st.builds(moved, DAYS, DAYS)
CHANGES = st.lists(CLOSURES | MOVES, max_size=6)


@given(PLACES, CHANGES, DAYS)
def test_the_next_day_is_open_and_none_before_it_is(
    where: Place, changes: list[Change], day: date
) -> None:
    following = next_open_day(where, changes, day)
    if following is None:
        assert not any(is_open(where, changes, after(n, day)) for n in range(1, 300))
        return
    assert following > day
    assert is_open(where, changes, following)
    between = range(1, min((following - day).days, LOOK_AHEAD_DAYS))
    assert not any(is_open(where, changes, after(n, day)) for n in between)


@given(PLACES, CHANGES, DAYS, DAYS, st.integers(0, 40))
def test_a_closed_day_is_never_open(
    where: Place, changes: list[Change], day: date, first: date, days: int
) -> None:
    closure = closed(first, after(days, first))
    if closure.starts_on <= day <= closure.ends_on:
        assert is_open(where, [*changes, closure], day) is False
        state = state_of(where, [*changes, closure], day)
        assert state.kind == CLOSED
        assert state.day is not None
        assert state.day >= closure.ends_on


@given(PLACES, CHANGES, DAYS)
def test_a_state_says_what_is_open(where: Place, changes: list[Change], day: date) -> None:
    assert (state_of(where, changes, day).kind == OPEN) is bool(is_open(where, changes, day))


@given(PLACES, st.lists(MOVES, max_size=4), DAYS)
def test_other_markets_changes_do_not_matter(
    where: Place, changes: list[Change], day: date
) -> None:
    of_others = [Change(2, x.kind, x.starts_on, x.ends_on, x.moved_to) for x in changes]
    assert is_open(where, of_others, day) == is_open(where, [], day)
