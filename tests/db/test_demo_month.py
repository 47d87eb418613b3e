"""The demo month: whole books, the same whenever it is played, nothing twice after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fixtures.fees import SIGNER, assert_whole
from tests.fixtures.world import World
from trader_platform.core.db import Database
from trader_platform.demo_month import BESIDE, play_month
from trader_platform.demo_places import SETTLED_AT_ONCE, STALLS, Turn
from trader_platform.fees.models_charges import Charge
from trader_platform.fees.models_reports import Report
from trader_platform.market.models import Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.messaging.models import Message
from trader_platform.payments.models import CodeAsked, Payment


def counts(world: World) -> list[int]:
    tables = (Charge, Payment, Report, Message)
    with world.db.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]


def test_a_day_of_two_markets(world: World) -> None:
    played = play_month(world.db, world.vault, SIGNER, now=world.clock.now(), days=1)
    charges, payments, _reports, texts = counts(world)
    assert (played.days, charges, texts) == (2, 400, 0)
    assert 120 < payments < 400
    assert_whole(world)
    before = counts(world)
    world.clock.move(days=1)
    again = play_month(world.db, world.vault, SIGNER, now=world.clock.now(), days=1)
    assert (again.days, again.tickets) == (0, 0)
    assert counts(world) == before


@pytest.mark.parametrize(("seconds", "turns"), [(0.0, None), (60.0, 2)])
def test_a_turn_takes_acts_until_its_time_is_over(
    world: World, seconds: float, turns: int | None
) -> None:
    """An act a turn makes the month last as long as its pauses; a long turn cuts hops."""
    took, watched = _watched(Payment)
    pace = replace(BESIDE, seconds=seconds, turn=watched)
    play_month(world.db, world.vault, SIGNER, now=world.clock.now(), pace=pace, days=1)
    tickets = [payments for payments in took if payments]
    assert sum(tickets) > 120
    assert len(tickets) == (turns or sum(tickets))  # one a market, or one a ticket


def test_a_market_is_made_in_short_turns_and_after_a_kill_to_its_end(world: World) -> None:
    """Two hundred stalls in one transaction made hops wait in vain at the first start."""
    made, watched = _watched(Stall, killed_after=5)
    pace = replace(BESIDE, turn=watched)
    with pytest.raises(ConnectionAbortedError):
        play_month(world.db, world.vault, SIGNER, now=world.clock.now(), pace=pace, days=1)
    play_month(world.db, world.vault, SIGNER, now=world.clock.now(), pace=pace, days=1)
    with world.db.reading() as connection:
        held = connection.execute(select(func.count()).select_from(Occupancy)).scalar_one()
    assert held == 2 * STALLS
    assert max(made) == SETTLED_AT_ONCE


def _watched(table: type, *, killed_after: int = 0) -> tuple[list[int], Turn]:
    """A turn, and how many rows each one adds; at that one it is killed before its commit."""
    added: list[int] = []

    def count(session: Session) -> int:
        return session.execute(select(func.count()).select_from(table)).scalar_one()

    @contextmanager
    def turn(db: Database) -> Iterator[Session]:
        with db.transaction() as session:
            before = count(session)
            yield session
            added.append(count(session) - before)
            if len(added) == killed_after:
                raise ConnectionAbortedError

    return added, turn


def test_a_week_has_what_a_dashboard_is_judged_on(world: World) -> None:
    """A ticket taken back, a wrong charge that was reported and answered, a forged code asked."""
    play_month(world.db, world.vault, SIGNER, now=world.clock.now(), days=8)
    with world.db.reading() as connection:
        states = set(connection.execute(select(Payment.state)).scalars())
        answers = set(connection.execute(select(Report.state)).scalars())
        forged = connection.execute(select(func.count()).select_from(CodeAsked)).scalar_one()
    assert "reversed" in states
    assert "right" in answers
    assert forged
    assert_whole(world)


class _Killed(Exception):
    pass


def test_ended_half_way_it_goes_on(world: World) -> None:
    """As after a kill: some acts of a day are committed, its mark is not."""
    calls = iter(range(1_000))

    def stopping() -> bool:
        if next(calls) == 1:
            raise _Killed
        return False

    with pytest.raises(_Killed):
        play_month(world.db, world.vault, SIGNER, now=world.clock.now(), days=1, stopping=stopping)
    rest = play_month(world.db, world.vault, SIGNER, now=world.clock.now(), days=1)
    assert rest.days == 1
    assert counts(world)[0] == 400
    assert_whole(world)
