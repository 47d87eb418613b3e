"""Charges that change: hands, shares, closures, waivers, tickets taken back; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests.fixtures.fees import (
    DUTY,
    NOW,
    TODAY,
    ZONE,
    Council,
    add_tariff,
    assert_whole,
    by,
    make_council,
    raise_chunk,
    take,
)
from tests.fixtures.world import World
from trader_platform.core.clock import local_day
from trader_platform.fees.accounts import Who
from trader_platform.fees.models import Tariff
from trader_platform.fees.models_charges import Adjustment, Advance, Charge, FeeAccount
from trader_platform.fees.queries_check import check_fees
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_adjust import ALONE_MINOR, Adjust, adjust, answer_adjustment
from trader_platform.fees.service_void import TakeBack, answer_void, ask_void, take_back
from trader_platform.fees.types import Day, WrongAmount
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.fees import raise_charges
from trader_platform.ledger.queries_check import trial_balance
from trader_platform.ledger.service import post
from trader_platform.ledger.types import Booking
from trader_platform.market.models import Council as CouncilRow
from trader_platform.market.models import MarketChange, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.staff.service import give_badge
from trader_platform.staff.types import NotAllowed, SamePerson


def raise_day(world: World, council: Council, day: date, fee: str = "daily_duty") -> int:
    last = day if fee == "daily_duty" else (day.replace(day=28) + timedelta(4)).replace(day=1)
    period = Period(council.id, fee, day, last)
    with world.db.transaction() as session:
        days = {council.market: Day(day)}
        at = by(f"r{day}", now=datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
        return raise_chunk(session, period, open_markets=days, by=at)[0]


def rows(world: World, *columns: Any) -> list[tuple[Any, ...]]:
    with world.db.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def balance(world: World, council: Council) -> dict[str, int]:
    with world.db.reading() as connection:
        return trial_balance(connection, council.id, TODAY + timedelta(days=99))


def hold(world: World, council: Council, stall: int, trader: int, **more: Any) -> None:
    with world.db.transaction() as session:
        session.add(
            Occupancy(
                stall_id=council.stalls[stall],
                trader_id=council.traders[trader],
                council_id=council.id,
                entered_by="test",
                **more,
            )
        )


def test_a_stall_that_changes_hands_in_mid_month(world: World) -> None:
    """Each owes her own days; the month's rent is of who held it on the first."""
    council = make_council(world, stalls=2, accrues="held")
    first, changed = date(2026, 11, 1), date(2026, 11, 15)
    with world.db.transaction() as session:
        session.execute(update(Occupancy).values(ends_on=changed - timedelta(days=1)))
        session.execute(update(Stall).where(Stall.id.in_(council.stalls)).values(kind="canteen"))
        tariff = session.execute(select(Tariff).order_by(Tariff.id.desc()).limit(1)).scalar_one()
        kept = {c.name: getattr(tariff, c.name) for c in Tariff.__table__.columns if c.name != "id"}
        session.add(Tariff(**kept | {"fee": "canteen_rent", "per": "month"}))
    hold(world, council, 0, 1, starts_on=changed)
    assert raise_day(world, council, first, "canteen_rent") == 2
    assert raise_day(world, council, changed - timedelta(days=1)) == 2
    assert raise_day(world, council, changed) == 1
    with world.db.reading() as connection:
        found = connection.execute(
            select(FeeAccount.trader_id)
            .join(Charge, Charge.account_id == FeeAccount.id)
            .where(FeeAccount.stall_id == council.stalls[0], Charge.period_from == changed)
        ).scalar_one()
    assert found == council.traders[1]
    assert take(world, council, "t1", DUTY)["trader"] == council.traders[1]
    assert_whole(world)


def test_who_shares_a_stall_owes_by_herself(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    hold(world, council, 0, 1, starts_on=TODAY, share=2)
    assert raise_day(world, council, TODAY) == 3
    by_card = take(world, council, "t1", DUTY)
    assert by_card["trader"] == council.traders[0]  # the first share is meant by the card
    assert_whole(world)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(date(2026, 6, 1), None), (date(2025, 1, 1), date(2026, 1, 1)), (date(2025, 1, 1), None)],
)
def test_no_two_hold_one_share_at_once(world: World, starts_on: date, ends_on: date | None) -> None:
    council = make_council(world, stalls=2)
    with pytest.raises(DBAPIError):
        hold(world, council, 0, 1, starts_on=starts_on, ends_on=ends_on)
    hold(world, council, 0, 1, starts_on=starts_on, ends_on=ends_on, share=2)


def test_a_day_that_is_free_raises_nothing(world: World) -> None:
    council = make_council(world, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(amount_minor=0))
    assert raise_day(world, council, TODAY) == 0
    with pytest.raises(WrongAmount):
        take(world, council, "w1", DUTY, who=Who(goods_class_id=council.goods))
    assert_whole(world)


def test_the_job_credits_a_day_that_turned_out_closed(world: World) -> None:
    council = make_council(world, accrues="held")
    context = JobContext(None, world.db)  # type: ignore[arg-type]
    with world.db.transaction() as session:
        session.execute(update(CouncilRow).where(CouncilRow.id == council.id).values(charging=True))
    assert raise_charges(context) > 0
    assert raise_charges(context) == 0
    day = local_day(datetime.now(UTC) - timedelta(minutes=5), ZONE)
    take(world, council, "t1", DUTY, day=day, now=datetime.now(UTC))
    with world.db.transaction() as session:
        values = {"kind": "closure", "starts_on": day, "ends_on": day}
        session.add(MarketChange(market_id=council.market, **values))
    assert raise_charges(context) == 0
    owed = [row[1] for row in rows(world, Charge.period_from, Charge.amount_minor) if row[0] == day]
    assert owed == [0, 0, 0]
    assert sum(row[0] for row in rows(world, Advance.left_minor)) == DUTY
    assert_whole(world)


def test_flood_relief_needs_a_second_person(world: World) -> None:
    council = make_council(world, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(amount_minor=ALONE_MINOR * 2))
    raise_day(world, council, TODAY)
    (charge,) = rows(world, Charge.id)[0]

    def ask(minor: int, key: str) -> dict[str, Any]:
        command = Adjust(council.finance, council.id, charge, "waiver", minor, "flood", TODAY)
        with world.db.transaction() as session:
            return adjust(session, command, by=by(key))

    asked = ask(-ALONE_MINOR - 1, "a1")
    assert asked["state"] == "asked"
    assert ask(-ALONE_MINOR, "a2")["state"] == "made"

    def answer(who: int, key: str) -> dict[str, Any]:
        with world.db.transaction() as session:
            id_ = asked["adjustment"]
            return answer_adjustment(session, who, id_, yes=True, by=by(key))

    with pytest.raises(SamePerson):
        answer(council.finance, "b1")
    with pytest.raises(NotAllowed):
        answer(council.master, "b2")
    with pytest.raises(WrongAmount):  # the charge came to less meanwhile
        answer(council.officer, "b3")
    with world.db.transaction() as session:
        answered = answer_adjustment(
            session, council.officer, asked["adjustment"], yes=False, by=by("b4")
        )
    assert answered["state"] == "refused"
    states = rows(world, Adjustment.state, Adjustment.approved_by)
    assert states == [("made", None), ("refused", str(council.officer))]
    assert_whole(world)


def test_a_limit_is_not_passed_in_parts(world: World) -> None:
    council = make_council(world, stalls=2, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(amount_minor=ALONE_MINOR * 3))
    raise_day(world, council, TODAY)
    one, other = (id_ for (id_,) in rows(world, Charge.id))

    def ask(charge: int, minor: int, staff_id: int = council.master) -> dict[str, Any]:
        command = Adjust(staff_id, council.id, charge, "waiver", -minor, "flood", TODAY)
        with world.db.transaction() as session:
            return adjust(session, command, by=by(f"{charge}:{minor}:{staff_id}"))

    assert ask(one, ALONE_MINOR - 100)["state"] == "made"
    assert ask(one, 200)["state"] == "asked"
    assert ask(one, 100, council.finance)["state"] == "made"
    assert ask(one, 1)["state"] == "asked"  # whoever made the others
    assert ask(other, ALONE_MINOR)["state"] == "made"
    assert_whole(world)


@pytest.mark.parametrize("checker", ["NULL", "made_by"])
def test_the_check_sees_what_no_second_person_said_yes_to(world: World, checker: str) -> None:
    council = make_council(world, stalls=1, accrues="held")
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(amount_minor=ALONE_MINOR * 2))
    raise_day(world, council, TODAY)
    (charge,) = rows(world, Charge.id)[0]
    command = Adjust(council.finance, council.id, charge, "waiver", -ALONE_MINOR - 1, "x", TODAY)
    with world.db.transaction() as session:
        asked = adjust(session, command, by=by("a"))["adjustment"]
        answer_adjustment(session, council.officer, asked, yes=True, by=by("b"))
    assert_whole(world)
    with world.db.transaction() as session:
        session.execute(text(f"UPDATE adjustments SET approved_by = {checker}"))
    with world.db.snapshot() as connection:
        assert [finding.rule for finding in check_fees(connection)] == ["L10"]


def test_what_was_let_off_for_a_rise_counts_for_no_limit(world: World) -> None:
    council = make_council(world, stalls=1, accrues="held")
    take(world, council, "t1", DUTY * 2)
    raise_price(world, council, TODAY + timedelta(days=1), DUTY + ALONE_MINOR * 2)
    raise_day(world, council, TODAY + timedelta(days=1))
    charge = rows(world, Charge.id)[-1][0]
    command = Adjust(council.finance, council.id, charge, "penalty", ALONE_MINOR, "late", TODAY)
    with world.db.transaction() as session:
        assert adjust(session, command, by=by("p1"))["state"] == "made"
    assert_whole(world)


def hand_over(world: World, council: Council, minor: int) -> None:
    """Custody comes later; what it posts is known."""
    lines = (("1205:1", minor), (f"1200:{council.collector.badge}", -minor))
    booking = Booking(council.id, "handover", "h1", lines, "GMD", TODAY, {})
    with world.db.transaction() as session:
        post(session, booking, by=by("h1"))


def raise_price(world: World, council: Council, since: date, minor: int) -> None:
    with world.db.transaction() as session:
        add_tariff(session, council, "held", valid_from=since, amount_minor=minor)


def void(world: World, council: Council, ticket: dict[str, Any]) -> None:
    me = council.collector
    command = TakeBack(me.staff_id, me.badge_id, ticket["code"], "not_paid", ZONE)
    with world.db.transaction() as session:
        ask_void(session, command, by=by(f"ask{ticket['payment']}"))
    with world.db.transaction() as session:
        answered = {"yes": True, "reason": "not_paid", "zone": ZONE, "by": by("yes")}
        answer_void(session, council.master, ticket["payment"], **answered)
    assert_whole(world)


def test_a_walk_up_taken_back_owes_nothing(world: World) -> None:
    council = make_council(world)
    me = council.collector
    ticket = take(world, council, "w1", DUTY, who=Who(goods_class_id=council.goods))
    command = TakeBack(me.staff_id, me.badge_id, ticket["code"], "pressed_wrong", ZONE)
    with world.db.transaction() as session:
        take_back(session, command, by=by("v1"))
    assert rows(world, Charge.status, Charge.outstanding_minor) == [("cancelled", 0)]
    assert set(balance(world, council).values()) == {0}
    assert_whole(world)


def test_cash_that_went_on_is_to_be_refunded_to_a_walk_up(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "w1", DUTY, who=Who(goods_class_id=council.goods))
    hand_over(world, council, DUTY)
    void(world, council, ticket)
    books = balance(world, council)
    assert (books["2300"], books["1205:1"], books["1100"], books["4100"]) == (-DUTY, DUTY, 0, 0)


@pytest.mark.parametrize("ahead", [0, 2])
def test_cash_that_went_on_is_credited_to_the_payer(world: World, ahead: int) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY * (1 + ahead))
    hand_over(world, council, DUTY * (1 + ahead))
    void(world, council, ticket)
    books = balance(world, council)
    assert books["2100"] == -DUTY * (1 + ahead)
    assert books[f"1200:{council.collector.badge}"] == 0
    assert rows(world, Charge.outstanding_minor) == [(DUTY,)]


def test_a_ticket_that_only_paid_ahead_and_whose_cash_went_on(world: World) -> None:
    """Nothing of it fills a charge: all of it is her credit already, and stays that."""
    council = make_council(world)
    take(world, council, "t1", DUTY)
    ticket = take(world, council, "t2", DUTY)
    hand_over(world, council, DUTY * 2)
    void(world, council, ticket)
    assert balance(world, council)["2100"] == -DUTY
    assert rows(world, Advance.left_minor) == [(DUTY,)]


def test_a_walk_ups_penalty_goes_back_out_of_penalties(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "w1", DUTY, who=Who(goods_class_id=council.goods))
    charge = rows(world, Charge.id)[0][0]
    command = Adjust(council.finance, council.id, charge, "penalty", 500, "late", TODAY)
    with world.db.transaction() as session:
        adjust(session, command, by=by("p1"))
    assert balance(world, council)["4400"] == -500
    void(world, council, ticket)
    assert set(balance(world, council).values()) == {0}


def ahead_and_then_dearer(world: World, days: int) -> tuple[Council, dict[str, Any]]:
    """Today and some days ahead are paid at once; from tomorrow on a day costs 300 more."""
    council = make_council(world, stalls=1, accrues="held")
    ticket = take(world, council, "t1", DUTY * days)
    tomorrow = TODAY + timedelta(days=1)
    raise_price(world, council, tomorrow, DUTY + 300)
    raise_day(world, council, tomorrow)
    assert rows(world, Charge.amount_minor, Charge.outstanding_minor) == [(DUTY, 0), (DUTY, 0)]
    return council, ticket


def test_days_whose_ticket_is_taken_back_keep_no_old_price(world: World) -> None:
    """Nothing was paid: all of it is owed, at the price of each day."""
    council, ticket = ahead_and_then_dearer(world, 3)
    void(world, council, ticket)
    owed = [(DUTY, DUTY), (DUTY + 300, DUTY + 300)]
    assert rows(world, Charge.amount_minor, Charge.outstanding_minor) == owed
    books = balance(world, council)
    assert (books["1100"], books["2100"], books["4900"]) == (DUTY * 2 + 300, 0, 0)


def test_what_an_officer_let_off_stays_let_off(world: World) -> None:
    council, ticket = ahead_and_then_dearer(world, 3)
    (charge, _), _ = rows(world, Charge.id, Charge.period_from)
    command = Adjust(council.finance, council.id, charge, "rebate", -250, "rain", TODAY)
    with world.db.transaction() as session:
        adjust(session, command, by=by("r1"))
    void(world, council, ticket)
    owed = [(DUTY - 250, DUTY - 250), (DUTY + 300, DUTY + 300)]
    assert rows(world, Charge.amount_minor, Charge.outstanding_minor) == owed


def test_cash_that_went_on_keeps_the_price_it_bought(world: World) -> None:
    council, ticket = ahead_and_then_dearer(world, 2)
    hand_over(world, council, DUTY * 2)
    void(world, council, ticket)
    assert rows(world, Charge.amount_minor) == [(DUTY,), (DUTY,)]
    assert balance(world, council)["2100"] == -DUTY * 2


def test_what_an_earlier_ticket_left_over_pays_the_rest_of_this_one(world: World) -> None:
    council = make_council(world)
    assert take(world, council, "t1", DUTY + 400)["ahead"] == 400
    tomorrow = TODAY + timedelta(days=1)
    again = take(world, council, "t2", DUTY - 400, day=tomorrow, now=NOW + timedelta(days=1))
    assert (again["left"], again["ahead"]) == (0, 0)
    assert rows(world, Advance.left_minor) == [(0,)]
    assert_whole(world)


def test_a_badge_of_somebody_else_and_one_that_ended_yesterday(world: World) -> None:
    council = make_council(world)
    mine, other = council.collector, council.second
    for key, badge in (("b1", other.badge_id), ("b2", mine.badge_id)):
        number = other.badge if key == "b2" else mine.badge
        borrowed = type(mine)(mine.staff_id, badge, number)
        with pytest.raises(NotAllowed):
            take(world, council, key, DUTY, collector=borrowed)
    with world.db.transaction() as session:
        give_badge(session, mine.staff_id, starts_on=TODAY, by=by("new badge"))
        ended = session.execute(
            text("SELECT ends_on FROM badges WHERE id = :id"), {"id": mine.badge_id}
        ).scalar_one()
    assert str(ended) == str(TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed):
        take(world, council, "b3", DUTY)
    assert_whole(world)
