"""What is paid ahead: for days that come, wherever she trades then; and debts she leaves behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.db.test_charges import raise_day, raise_price, rows
from tests.fixtures.fees import (
    DUTY,
    MARKET,
    NOW,
    TODAY,
    ZONE,
    Council,
    assert_whole,
    by,
    charge_here,
    make_council,
    raise_chunk,
    stall_card,
    take,
)
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.clock import local_day
from trader_platform.fees.accounts import Who
from trader_platform.fees.models import Tariff
from trader_platform.fees.models_charges import Advance, Charge, FeeAccount
from trader_platform.fees.queries_collector import Asked, asked_of
from trader_platform.fees.queries_officer import defaulters
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_relief import credit_closed_day
from trader_platform.fees.types import Day, NoTariff, WrongAmount
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.fees import raise_charges
from trader_platform.market.models import Market, MarketDay, Stall
from trader_platform.market.models_stalls import Occupancy

TOMORROW = TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=1)


def asked(world: World, council: Council, who: Who, day: date = TOMORROW) -> Asked:
    with world.db.reading() as connection:
        return asked_of(connection, who, market_id=council.market, day=day)


def leaves(world: World, last_day: date) -> None:
    with world.db.transaction() as session:
        session.execute(update(Occupancy).values(ends_on=last_day))


def another_stall(world: World, council: Council, slug: str = MARKET, number: str = "X1") -> int:
    """A new stall of the first trader, from tomorrow on."""
    with world.db.transaction() as session:
        market = session.execute(select(Market).where(Market.slug == slug)).scalar_one()
        stall = Stall(market_id=market.id, number=number, card=stall_card(77), demo=True)
        session.add(stall)
        session.flush()
        session.add(
            Occupancy(
                stall_id=stall.id,
                trader_id=council.traders[0],
                council_id=market.council_id,
                starts_on=TOMORROW,
                entered_by="test",
            )
        )
        return stall.id


def raise_for_hawkers(world: World, council: Council, day: date) -> int:

    period = Period(council.id, "daily_duty", day, day)
    with world.db.transaction() as session:
        charges, _ = raise_chunk(
            session,
            period,
            open_markets={council.market: Day(day)},
            hawkers=True,
            by=by(f"hawkers:{day}"),
        )
    return charges


def test_bought_days_are_not_used_for_days_before_the_purchase(world: World) -> None:
    council = make_council(world, stalls=1, accrues="traded")
    charge_here(world, council)
    context, now = JobContext(None, world.db), datetime.now(UTC)  # type: ignore[arg-type]
    day = local_day(now - timedelta(minutes=5), ZONE)
    assert raise_charges(context) == 0  # nobody traded
    assert take(world, council, "t1", DUTY * 5, day=day, now=now)["ahead_days"] == 4
    raise_charges(context)
    assert rows(world, Charge.period_from) == [(day,)]
    assert rows(world, Advance.days_left) == [(4,)]


def test_a_hawker_who_paid_ahead_is_not_asked_again(world: World) -> None:
    council = make_council(world, stalls=1, accrues="traded")
    leaves(world, TODAY - timedelta(days=30))
    who = Who(trader_id=council.traders[0])
    code = take(world, council, "t1", DUTY * 3, who=who)["code"]
    told = asked(world, council, who)
    assert (told.today_minor, told.paid_by and told.paid_by.code) == (0, code)
    assert raise_for_hawkers(world, council, TOMORROW) == 1
    assert raise_for_hawkers(world, council, TOMORROW) == 0
    told = asked(world, council, who)
    assert (told.today_minor, told.paid_by and told.paid_by.code) == (0, code)
    more = take(world, council, "t2", DUTY, who=who, day=TOMORROW + timedelta(days=1), now=LATER)
    assert (more["left"], more["ahead_days"]) == (0, 1), "her day was met by what she had paid"
    assert rows(world, Advance.days_left) == [(0,), (1,)]
    assert_whole(world)


def test_a_bought_day_is_used_at_the_place_she_holds_now_though_she_only_holds_it(
    world: World,
) -> None:
    """The duty accrues by trading: the bought day alone makes it owed at her new place."""
    council = make_council(world, stalls=1, accrues="traded")
    take(world, council, "t1", DUTY * 2)
    leaves(world, TODAY)
    stall = another_stall(world, council)
    assert raise_day(world, council, TOMORROW) == 1
    key = f"stall:{stall}:trader:{council.traders[0]}"
    assert (key,) in rows(world, FeeAccount.key)
    assert rows(world, Advance.days_left) == [(0,)]
    assert_whole(world)


def test_what_an_earlier_payment_left_over_is_taken_off(world: World) -> None:
    council = make_council(world, stalls=1, accrues="traded")
    who = Who(stall_id=council.stalls[0])
    take(world, council, "t1", DUTY + 400)
    assert asked(world, council, who).today_minor == DUTY - 400
    paid = take(world, council, "t2", DUTY - 400, day=TOMORROW, now=LATER, ahead=False)
    assert (paid["left"], paid["ahead"]) == (0, 0)
    assert_whole(world)


def test_nothing_is_taken_ahead_where_nobody_knows_the_markets_days(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Market).where(Market.id == council.market).values(kind="lumo"))
        session.execute(delete(MarketDay).where(MarketDay.market_id == council.market))
    told = asked(world, council, Who(stall_id=council.stalls[0]), TODAY)
    assert told.most_minor == told.total_minor == DUTY
    with pytest.raises(WrongAmount):
        take(world, council, "t1", DUTY * 5, open_today=None)
    assert take(world, council, "t2", DUTY, open_today=None)["left"] == 0


def test_what_she_owes_of_a_stall_that_she_left_is_asked_for_and_paid(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    raise_day(world, council, TODAY)
    leaves(world, TODAY)
    who = Who(trader_id=council.traders[0])
    told = asked(world, council, who)
    assert (told.today_minor, told.old_minor) == (DUTY, DUTY)
    paid = take(world, council, "t1", DUTY * 2, who=who, day=TOMORROW, now=LATER)
    assert (paid["left"], paid["ahead"]) == (0, 0)
    assert paid["days"] == [TODAY.isoformat(), TOMORROW.isoformat()]
    assert_whole(world)


def test_who_moves_keeps_what_she_paid_ahead(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    take(world, council, "t1", DUTY * 5)
    leaves(world, TODAY)
    stall = another_stall(world, council)
    assert asked(world, council, Who(stall_id=stall)).today_minor == 0
    raise_price(world, council, TOMORROW, DUTY + 300)
    assert raise_day(world, council, TOMORROW) == 1
    assert rows(world, Charge.period_from, Charge.outstanding_minor)[-1] == (TOMORROW, 0)
    with world.db.reading() as connection:
        query = select(FeeAccount.stall_id, Advance.days_left)
        held = connection.execute(query.join(Advance, Advance.account_id == FeeAccount.id)).all()
        moved = connection.execute(
            select(AuditRow.subject_id).where(AuditRow.action == "advance.move")
        ).all()
    assert held == [(stall, 3)]
    assert len(moved) == 1
    assert_whole(world)


def test_a_ticket_at_the_new_stall_brings_it_along_too(world: World) -> None:
    council = make_council(world, stalls=1, accrues="traded")
    take(world, council, "t1", DUTY * 2)
    leaves(world, TODAY)
    who = Who(stall_id=another_stall(world, council))
    paid = take(world, council, "t2", DUTY, who=who, day=TOMORROW, now=LATER)
    assert (paid["left"], paid["ahead_days"]) == (0, 1)
    assert rows(world, Advance.days_left) == [(0,), (1,)]
    assert_whole(world)


@pytest.mark.parametrize("slug", ["abuko", "brikama"])
def test_a_phone_means_the_stall_where_the_collector_stands(world: World, slug: str) -> None:
    """Her newest stall is at another market, or of another council."""
    council = make_council(world, stalls=1)
    another_stall(world, council, slug)
    who = Who(trader_id=council.traders[0])
    paid = take(world, council, "t1", DUTY, who=who, day=TOMORROW, now=LATER)
    assert paid["stall"] == council.stalls[0]


def test_a_day_that_turned_out_closed_is_bought_still(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    take(world, council, "t1", DUTY * 3)
    raise_day(world, council, TOMORROW)
    with world.db.transaction() as session:
        credit_closed_day(session, council.id, council.market, TOMORROW, by=by("closed"))
    raise_price(world, council, TOMORROW + timedelta(days=1), DUTY + 300)
    for ahead in (2, 3):
        raise_day(world, council, TODAY + timedelta(days=ahead))
    assert [owed for (owed,) in rows(world, Charge.outstanding_minor)] == [0] * 4
    assert_whole(world)


def test_rent_is_of_canteens_alone(world: World) -> None:
    """The rows of the Gambian pack itself."""
    council = make_council(world, stalls=2)
    with world.db.transaction() as session:
        of = update(Stall).where(Stall.id == council.stalls[1])
        session.execute(of.values(kind="canteen", space_class="canteen"))
    assert raise_day(world, council, TODAY.replace(day=1), "canteen_rent") == 1
    with world.db.reading() as connection:
        query = select(FeeAccount.stall_id, Charge.fee)
        owed = connection.execute(query.join(Charge, Charge.account_id == FeeAccount.id)).all()
    assert owed == [(council.stalls[1], "canteen_rent")]


def test_rent_is_paid_where_there_is_no_daily_duty(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    with world.db.transaction() as session:
        tariff = session.execute(select(Tariff).order_by(Tariff.id.desc()).limit(1)).scalar_one()
        kept = {c.name: getattr(tariff, c.name) for c in Tariff.__table__.columns if c.name != "id"}
        rent = {"fee": "canteen_rent", "per": "month", "amount_minor": 5000}
        session.add(Tariff(**kept | rent | {"space_class": "canteen"}))
        session.execute(delete(Tariff).where(Tariff.fee == "daily_duty"))
        of = update(Stall).where(Stall.id.in_(council.stalls))
        session.execute(of.values(kind="canteen", space_class="canteen"))
    assert raise_day(world, council, TODAY.replace(day=1), "canteen_rent") == 2
    told = asked(world, council, Who(stall_id=council.stalls[0]))
    assert (told.today_minor, told.old_minor, told.most_minor) == (0, 5000, 5000)
    with pytest.raises(WrongAmount):  # there is no price at which days ahead could be bought
        take(world, council, "t1", 5001)
    assert take(world, council, "t2", 5000, today=False, ahead=False)["left"] == 0
    with pytest.raises(NoTariff):
        take(world, council, "t3", 5000)
    with pytest.raises(NoTariff):
        asked(world, council, Who(stall_id=council.stalls[0]))
    assert_whole(world)


def test_who_owes_by_a_walk_up_ticket_is_nobody_to_ask(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    take(world, council, "w1", 100, who=Who(goods_class_id=council.goods))
    raise_day(world, council, TODAY)
    with world.db.reading() as connection:
        (one,) = defaulters(connection, council.id, TOMORROW)
    assert (one.trader_id, one.owed_minor, type(one.owed_minor)) == (council.traders[0], DUTY, int)
