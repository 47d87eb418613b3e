"""What the jobs of fees do by the clock: what is raised of which time, which days are signed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, event, select, text, update

from tests.fixtures.fees import (
    DUTY,
    Council,
    add_tariff,
    assert_whole,
    by,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.core import migrate
from trader_platform.core.db import Database
from trader_platform.fees.models_charges import Charge
from trader_platform.fees.queries_raise import CHUNK
from trader_platform.fees.service_council import set_charging
from trader_platform.jobs import fees as job
from trader_platform.jobs.context import JobContext
from trader_platform.ledger.models import DailyHead
from trader_platform.market.models import Council as CouncilRow


class Clock(datetime):
    """The clock that the jobs look at."""

    at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return cls.at


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(job, "datetime", Clock)
    return Clock


def raise_at(world: World, at: datetime) -> int:
    Clock.at = at
    return job.raise_charges(JobContext(None, world.db))  # type: ignore[arg-type]


def switch(world: World, council: Council, at: datetime, *, on: bool = True) -> None:
    with world.db.transaction() as session:
        set_charging(session, council.id, on=on, by=by(f"charging:{at}", now=at))


def raised(world: World) -> list[tuple[str, date]]:
    with world.db.reading() as connection:
        query = select(Charge.fee, Charge.period_from).distinct()
        return sorted(tuple(row) for row in connection.execute(query))


def add_rent(world: World, council: Council) -> None:
    """A rent of the market of the tests, and no duty."""
    with world.db.transaction() as session:
        add_tariff(session, council, "held", amount_minor=0)
        session.execute(text("DELETE FROM tariffs WHERE fee IN ('canteen_rent', 'licence')"))
        add_tariff(session, council, "held", fee="canteen_rent", per="month")
        session.execute(text("UPDATE stalls SET kind = 'canteen', space_class = 'canteen'"))


def duty(*days: int) -> list[tuple[str, date]]:
    return [("daily_duty", date(2026, 11, day)) for day in days]


def test_a_chunk_is_looked_for_while_others_write(world: World) -> None:
    """On SQLite a hop waits for the lock: it is taken to write, and not where nothing is new."""
    council = make_council(world, stalls=CHUNK + 1, accrues="held")
    switch(world, council, datetime(2026, 11, 22, tzinfo=UTC))
    other = Database(world.url, lock_wait_seconds=0.1)
    looked, taken = [0], [0]

    def write_meanwhile(
        connection: Connection, _cursor: object, statement: str, *_: object
    ) -> None:
        if "FROM occupancies" in statement:
            looked[0] += 1
            with other.transaction() as session:
                session.execute(text("UPDATE councils SET name = name"))

    def count(_: Connection) -> None:
        taken[0] += 1

    event.listen(world.db.read, "before_cursor_execute", write_meanwhile)
    event.listen(world.db.write, "commit", count)
    assert raise_at(world, datetime(2026, 11, 22, 12, tzinfo=UTC)) == CHUNK + 1
    assert looked[0] >= 2
    raised_in, taken[0] = taken[0], 0
    assert raise_at(world, datetime(2026, 11, 22, 13, tzinfo=UTC)) == 0
    assert (raised_in, taken[0]) == (2 if world.db.is_sqlite else 1, 0)
    other.dispose()


def test_a_council_that_begins_to_charge_raises_nothing_of_before(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    now = datetime(2026, 11, 3, 12, tzinfo=UTC)
    assert raise_at(world, now) == 0
    switch(world, council, now)
    raise_at(world, now)
    assert raised(world) == duty(3)
    switch(world, council, now + timedelta(days=1), on=False)
    later = now + timedelta(days=3)
    switch(world, council, later)
    raise_at(world, later)
    assert raised(world) == duty(3, 6)
    switch(world, council, later + timedelta(days=2))  # said again: it charges since the 6th
    raise_at(world, later + timedelta(days=2))
    assert raised(world) == duty(3, 6, 7, 8)
    assert_whole(world)


def test_who_charges_since_nobody_knows_when_is_looked_at_a_week_back(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(CouncilRow).where(CouncilRow.id == council.id).values(charging=True))
    raise_at(world, datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert raised(world) == duty(*range(15, 23))


@pytest.mark.parametrize(("since", "rents"), [(1, 1), (2, 0)])
def test_a_months_rent_is_raised_after_a_long_stop(world: World, since: int, rents: int) -> None:
    council = make_council(world, stalls=1, accrues="held")
    add_rent(world, council)
    switch(world, council, datetime(2026, 11, since, 12, tzinfo=UTC))
    assert raise_at(world, datetime(2026, 11, 19, 12, tzinfo=UTC)) == rents
    assert raised(world) == [("canteen_rent", date(2026, 11, 1))] * rents
    assert raise_at(world, datetime(2026, 11, 20, 12, tzinfo=UTC)) == 0
    assert_whole(world)


def test_each_day_gets_a_signed_head_also_those_that_a_stopped_worker_missed(world: World) -> None:
    council = make_council(world, stalls=1)
    switch(world, council, datetime(2026, 11, 1, 12, tzinfo=UTC))
    keys = SimpleNamespace(signing_keys={"k1": bytes(range(32))})
    context = JobContext(keys, world.db)  # type: ignore[arg-type]

    def chain(day: int) -> list[int]:
        Clock.at = datetime(2026, 11, day, 1, tzinfo=UTC)
        job.chain(context)
        with world.db.reading() as connection:
            heads = connection.execute(select(DailyHead.day).order_by(DailyHead.day))
            return [head.day for head in heads.scalars()]

    assert chain(21) == []  # nothing is booked
    take(world, council, "t1", DUTY, now=datetime(2026, 11, 21, 9, tzinfo=UTC))
    assert chain(22) == [21]
    assert chain(25) == [21, 22, 23, 24]
    assert chain(25) == [21, 22, 23, 24]
    assert_whole(world)


def test_an_old_council_goes_on_charging(world: World) -> None:
    council = make_council(world, stalls=1)
    migrate.downgrade(world.url, "0013")
    with world.db.transaction() as session:
        session.execute(
            text("UPDATE councils SET charging = true WHERE id = :id"), {"id": council.id}
        )
    migrate.upgrade(world.url)
    with world.db.reading() as connection:
        known = CouncilRow.charging_since.is_not(None)
        found = connection.execute(select(CouncilRow.id, CouncilRow.charging_since).where(known))
        assert [tuple(row) for row in found] == [
            (council.id, datetime.now(UTC).date() - timedelta(days=7))
        ]
