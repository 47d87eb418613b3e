"""Days that are let off: closed ones, held ones after all, and relief by two officers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.fixtures.fees import (
    DUTY,
    NOW,
    TODAY,
    Council,
    assert_whole,
    by,
    make_council,
    raise_day,
    take,
)
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.once import Result
from trader_platform.fees.accounts import Who
from trader_platform.fees.models_charges import Adjustment, Advance, Charge, Relief
from trader_platform.fees.queries_relief import reliefs
from trader_platform.fees.service_adjust import Adjust, adjust
from trader_platform.fees.service_relief import (
    AskRelief,
    BadRelief,
    ReliefGone,
    answer_relief,
    ask_relief,
    credit_closed_day,
    relieve,
    reopen_day,
)
from trader_platform.market.models import Stall
from trader_platform.staff.types import NotAllowed, SamePerson

YESTERDAY = TODAY - timedelta(days=1)


def owed(world: World) -> list[tuple[date, int, int]]:
    """Each charge: its day, what it comes to, what is left of it."""
    c = Charge
    with world.db.reading() as connection:
        rows = connection.execute(
            select(c.period_from, c.amount_minor, c.outstanding_minor).order_by(
                c.period_from, c.account_id, c.id
            )
        )
        return [tuple(row) for row in rows]


def credit(world: World) -> int:
    with world.db.reading() as connection:
        total = select(func.coalesce(func.sum(Advance.left_minor), 0))
        return int(connection.execute(total).scalar_one())


def ask(world: World, council: Council, *, who: int = 0, key: str = "ask", **more: object) -> int:
    days = {"first_day": TODAY, "last_day": TODAY, "reason": "flood"} | more
    command = AskRelief(who or council.master, council.id, council.market, **days)  # type: ignore[arg-type]
    with world.db.transaction() as session:
        return int(ask_relief(session, command, by=by(key))["relief"])


def answer(world: World, relief: int, who: int, *, yes: bool = True, key: str = "answer") -> Result:
    with world.db.transaction() as session:
        return answer_relief(session, who, relief, yes=yes, by=by(key))


def let_off(world: World, relief: int, *, limit: int = 20) -> int:
    with world.db.transaction() as session:
        return relieve(session, relief, limit=limit, by=by("job"))


def state(world: World, relief: int) -> str:
    with world.db.reading() as connection:
        return str(connection.execute(select(Relief.state).filter_by(id=relief)).scalar_one())


def test_a_flood_lets_off_a_markets_day_and_credits_what_was_paid(world: World) -> None:
    council = make_council(world, accrues="held")
    for day in (YESTERDAY, TODAY):
        raise_day(world, council, day)
    take(world, council, "t1", DUTY)  # yesterday's and today's are owed: it fills today's
    take(world, council, "walk", DUTY, who=Who(goods_class_id=council.goods))
    asked = ask(world, council)
    assert let_off(world, asked) == 0  # nobody granted it
    assert [x for _, x, _ in owed(world)] == [DUTY] * 7
    assert answer(world, asked, council.finance)["state"] == "granted"
    assert let_off(world, asked, limit=2) == 2
    assert state(world, asked) == "granted"
    assert let_off(world, asked, limit=2) == 1
    assert state(world, asked) == "done"
    assert let_off(world, asked) == 0
    today = [(amount, left) for day, amount, left in owed(world) if day == TODAY]
    assert sorted(today) == [(0, 0), (0, 0), (0, 0), (DUTY, 0)]  # the walk-up traded
    assert credit(world) == DUTY
    a = Adjustment
    with world.db.reading() as connection:
        kept = connection.execute(select(a.kind, a.reason, a.made_by, a.approved_by).distinct())
        assert [tuple(row) for row in kept] == [
            ("waiver", "flood", str(council.master), str(council.finance))
        ]
        trail = select(AuditRow.action).where(AuditRow.subject_kind == "relief")
        assert list(connection.execute(trail.order_by(AuditRow.id)).scalars()) == [
            "relief.ask",
            "relief.answer",
            "relief.done",
        ]
    assert_whole(world)


def test_relief_of_one_zone_leaves_the_others(world: World) -> None:
    council = make_council(world, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Stall).where(Stall.id == council.stalls[1]).values(zone="B"))
    raise_day(world, council, TODAY)
    asked = ask(world, council, zone="B")
    answer(world, asked, council.officer)
    assert let_off(world, asked) == 1
    assert sorted(amount for _, amount, _ in owed(world)) == [0, DUTY, DUTY]
    assert_whole(world)


def test_two_officers_it_takes_whatever_it_comes_to(world: World) -> None:
    council = make_council(world, accrues="held")
    raise_day(world, council, TODAY)
    asked = ask(world, council, who=council.finance)
    with pytest.raises(SamePerson):
        answer(world, asked, council.finance, key="a1")
    with pytest.raises(NotAllowed):
        answer(world, asked, council.master, key="a2")
    with pytest.raises(NotAllowed):
        ask(world, council, who=council.collector.staff_id, key="b")
    assert answer(world, asked, council.officer, yes=False, key="a3")["state"] == "refused"
    with pytest.raises(ReliefGone):
        answer(world, asked, council.officer, key="a4")
    assert let_off(world, asked) == 0
    assert [amount for _, amount, _ in owed(world)] == [DUTY] * 3


def test_asked_and_answered_twice_is_once(world: World) -> None:
    council = make_council(world, accrues="held")
    assert ask(world, council) == ask(world, council)
    (one,) = open_ones(world, council)
    assert answer(world, one, council.officer) == answer(world, one, council.officer)
    assert open_ones(world, council) == []


def open_ones(world: World, council: Council) -> list[int]:
    with world.db.reading() as connection:
        return [x.id for x in reliefs(connection, council.id, state="asked")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": TODAY + timedelta(days=1)},
        {"first_day": TODAY + timedelta(days=1), "last_day": TODAY},
        {"first_day": TODAY - timedelta(days=31)},
        {"zone": "nowhere"},
    ],
)
def test_no_relief_of_days_to_come_nor_of_what_is_not_there(
    world: World, wrong: dict[str, object]
) -> None:
    council = make_council(world)
    with pytest.raises(BadRelief):
        ask(world, council, **wrong)
    assert open_ones(world, council) == []


def test_a_day_that_was_held_after_all_is_owed_again_and_paid_by_its_credit(world: World) -> None:
    council = make_council(world, accrues="held")
    at = (council.id, council.market, TODAY)
    raise_day(world, council, TODAY)
    take(world, council, "t1", DUTY)
    waived = owed(world)
    with world.db.transaction() as session:
        assert reopen_day(session, *at, by=by("early")) == 0
        assert credit_closed_day(session, *at, by=by("closed")) == 3
        assert credit_closed_day(session, *at, by=by("closed")) == 0
    assert credit(world) == DUTY
    assert [left for _, _, left in owed(world)] == [0, 0, 0]
    with world.db.transaction() as session:
        assert reopen_day(session, *at, limit=2, by=by("held")) == 2
        assert reopen_day(session, *at, limit=2, by=by("held")) == 1
        assert reopen_day(session, *at, by=by("held")) == 0
    assert owed(world) == waived
    assert credit(world) == 0
    assert_whole(world)


def test_a_bought_day_meets_a_day_that_was_held_after_all(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    at = (council.id, council.market, TODAY)
    take(world, council, "t1", DUTY * 3, day=YESTERDAY, now=NOW - timedelta(days=1))
    take(world, council, "t2", 14, day=YESTERDAY, now=NOW - timedelta(days=1), today=False)
    raise_day(world, council, TODAY)

    def left() -> list[tuple[int, int]]:
        with world.db.reading() as connection:
            query = select(Advance.left_minor, Advance.days_left).order_by(Advance.id)
            return [tuple(row) for row in connection.execute(query)]

    assert left() == [(DUTY, 1), (14, 0)]
    with world.db.transaction() as session:
        credit_closed_day(session, *at, by=by("closed"))
    assert left() == [(DUTY * 2, 2), (14, 0)]
    with world.db.transaction() as session:
        reopen_day(session, *at, by=by("held"))
    assert left() == [(DUTY, 1), (14, 0)]
    assert_whole(world)


def test_a_penalty_that_came_between_is_owed_beside_the_day(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    at = (council.id, council.market, TODAY)
    raise_day(world, council, TODAY)
    with world.db.transaction() as session:
        charge = session.execute(select(Charge.id)).scalar_one()
        credit_closed_day(session, *at, by=by("closed"))
        late = Adjust(council.finance, council.id, charge, "penalty", 200, "late", TODAY)
        adjust(session, late, by=by("penalty"))
    with world.db.transaction() as session:
        assert reopen_day(session, *at, by=by("held")) == 1
        assert reopen_day(session, *at, by=by("held")) == 0
    assert owed(world) == [(TODAY, DUTY + 200, DUTY + 200)]
    assert_whole(world)


def test_no_officer_says_of_a_charge_that_its_day_was_closed(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    raise_day(world, council, TODAY)
    with world.db.transaction() as session:
        charge = session.execute(select(Charge.id)).scalar_one()
        shut = Adjust(council.finance, council.id, charge, "closed_day", -DUTY, "shut", TODAY)
        with pytest.raises(KeyError):
            adjust(session, shut, by=by("closed"))


def test_what_an_officer_let_off_is_not_asked_again(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    raise_day(world, council, TODAY)
    with world.db.transaction() as session:
        charge = session.execute(select(Charge.id)).scalar_one()
        waiver = Adjust(council.finance, council.id, charge, "waiver", -DUTY, "ill", TODAY)
        adjust(session, waiver, by=by("waiver"))
        assert reopen_day(session, council.id, council.market, TODAY, by=by("held")) == 0
    assert owed(world) == [(TODAY, 0, 0)]
