"""Tickets: what they fill, what they refuse, once and only once, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from tests.fixtures.fees import (
    DUTY,
    NOW,
    SIGNER,
    TODAY,
    assert_whole,
    by,
    make_council,
    raise_chunk,
    take,
)
from tests.fixtures.world import World
from trader_platform.core.errors import IdempotencyConflict
from trader_platform.core.once import Act
from trader_platform.fees.accounts import Who
from trader_platform.fees.models_charges import Advance, Allocation, Charge
from trader_platform.fees.queries_collector import ticket_of_badge
from trader_platform.fees.queries_raise import Period
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, TooLate, answer_void, ask_void, take_back
from trader_platform.fees.types import Day, MarketClosed, NoOccupant, TicketGone, WrongAmount
from trader_platform.messaging.models import Message
from trader_platform.payments.codes import read_code
from trader_platform.payments.models import Payment, Receipt
from trader_platform.staff.types import BadgeHolder, NotAllowed, SamePerson


def count(world: World, table: type) -> int:
    with world.db.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_full_ticket_raises_pays_and_proves(world: World) -> None:
    council = make_council(world)
    result = take(world, council, "t1", DUTY)
    assert read_code(result["code"]) == result["code"]
    assert (result["days"], result["left"], result["ahead"]) == ([TODAY.isoformat()], 0, 0)
    assert result["text"] is True
    with world.db.reading() as connection:
        charge = connection.execute(select(Charge.amount_minor, Charge.outstanding_minor)).one()
        message = connection.execute(select(Message.kind, Message.params)).one()
    assert tuple(charge) == (DUTY, 0)
    assert message.kind == "receipt.issued"
    assert result["code"] in message.params
    assert_whole(world)


def test_the_same_request_gives_the_same_ticket(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY)
    assert take(world, council, "t1", DUTY) == first
    with pytest.raises(IdempotencyConflict):
        take(world, council, "t1", DUTY + 1)
    assert (count(world, Payment), count(world, Receipt), count(world, Message)) == (1, 1, 1)
    assert_whole(world)


def test_part_now_and_the_rest_later(world: World) -> None:
    council = make_council(world)
    assert take(world, council, "t1", 400)["left"] == 600
    second = take(world, council, "t2", 600)
    assert (second["left"], second["serial"]) == (0, 2)
    assert count(world, Charge) == 1
    assert_whole(world)


def test_todays_ticket_is_todays_and_the_rest_is_the_oldest_first(world: World) -> None:
    council = make_council(world, accrues="held")
    raise_days(world, council.id, council.market, TODAY - timedelta(days=3), 3)
    result = take(world, council, "t1", DUTY + 1500)
    days = [TODAY - timedelta(days=3), TODAY - timedelta(days=2), TODAY]
    assert result["days"] == [day.isoformat() for day in days]
    assert result["left"] == 1500
    old = take(world, council, "t2", 500, today=False)
    assert old["days"] == [(TODAY - timedelta(days=2)).isoformat()]
    assert_whole(world)


def test_more_than_is_owed_buys_days_ahead_at_todays_price(world: World) -> None:
    council = make_council(world)
    result = take(world, council, "t1", DUTY * 3 + 500)
    assert (result["ahead"], result["ahead_days"]) == (DUTY * 2 + 500, 2)
    world.clock.move(days=1)
    tomorrow = TODAY + timedelta(days=1)
    raise_days(world, council.id, council.market, tomorrow, 3)
    with world.db.reading() as connection:
        advance = connection.execute(select(Advance.left_minor, Advance.days_left)).one()
        open_charges = connection.execute(
            select(func.count()).where(Charge.outstanding_minor > 0)
        ).scalar_one()
    # Two days were bought; the credit beside them is less than the third day's price.
    assert tuple(advance) == (500, 0)
    assert open_charges == 0
    assert_whole(world)


def test_a_walk_up_pays_no_more_than_the_duty_and_each_is_its_own(world: World) -> None:
    council = make_council(world)
    who = Who(goods_class_id=council.goods)
    first = take(world, council, "w1", DUTY, who=who)
    second = take(world, council, "w2", DUTY, who=who)
    assert first["code"] != second["code"]
    assert (first["text"], count(world, Charge)) == (False, 2)
    with pytest.raises(WrongAmount):
        take(world, council, "w3", DUTY + 1, who=who)
    assert_whole(world)


@pytest.mark.parametrize("amount", [0, -5, 10**9])
def test_amounts_that_are_none(world: World, amount: int) -> None:
    council = make_council(world, stalls=1)
    with pytest.raises(WrongAmount):
        take(world, council, "t1", amount)
    assert (count(world, Payment), count(world, Act)) == (0, count(world, Act))
    assert_whole(world)


def test_who_may_not_take_it(world: World) -> None:
    council = make_council(world)
    with pytest.raises(NotAllowed):
        take(
            world,
            council,
            "t1",
            DUTY,
            market=council.other_market,
            who=Who(trader_id=council.traders[0] + 0),
            stall=0,
            collector=council.collector,
            day=TODAY - timedelta(days=400),
            now=NOW - timedelta(days=400),
        )
    with world.db.transaction() as session:
        session.execute(
            text("UPDATE assignments SET ends_on = :day WHERE staff_id = :who"),
            {
                "day": (TODAY - timedelta(days=1)).isoformat()
                if world.db.is_sqlite
                else TODAY - timedelta(days=1),
                "who": council.collector.staff_id,
            },
        )
    with pytest.raises(NotAllowed):
        take(world, council, "t2", DUTY)
    assert count(world, Payment) == 0


def test_nobody_holds_the_stall_and_a_closed_market(world: World) -> None:
    council = make_council(world)
    with pytest.raises(NoOccupant):
        take(world, council, "t1", DUTY, day=date(2025, 1, 1))
    with pytest.raises(MarketClosed):
        take(world, council, "t2", DUTY, open_today=False)
    assert_whole(world)


def raise_days(world: World, council_id: int, market: int, first: date, days: int) -> None:
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        period = Period(council_id, "daily_duty", day, day)
        for _ in range(2):  # safe to repeat
            last: int | None = 0
            while last is not None:
                with world.db.transaction() as session:
                    _, chunk = raise_chunk(
                        session,
                        period,
                        open_markets={market: Day(day)},
                        after=last,
                        limit=2,
                        by=by(f"raise{day}{last}"),
                    )
                last = chunk.last


def back(council, code: str, *, who=None, reason: str = "pressed_wrong") -> TakeBack:  # type: ignore[no-untyped-def]
    who = who or council.collector
    return TakeBack(who.staff_id, who.badge_id, code, reason, "Africa/Banjul")


def test_his_own_last_ticket_is_taken_back_at_once(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY + 300)
    with world.db.transaction() as session:
        result = take_back(session, back(council, ticket["code"]), by=by("v1"))
    assert result["text"] is True
    with world.db.reading() as connection:
        state = connection.execute(select(Payment.state)).scalar_one()
        left = connection.execute(select(Charge.outstanding_minor)).scalar_one()
        undone = connection.execute(select(Allocation.undone_by)).scalars().all()
        kinds = connection.execute(select(Message.kind).order_by(Message.id)).scalars().all()
    assert (state, left) == ("reversed", DUTY)
    assert None not in undone
    assert kinds == ["receipt.issued", "receipt.taken"]
    assert_whole(world)
    with pytest.raises(TicketGone), world.db.transaction() as session:
        take_back(session, back(council, ticket["code"]), by=by("v2"))
    assert take(world, council, "t2", DUTY)["serial"] == 2
    assert_whole(world)


def test_the_ticket_before_one_that_was_taken_back_is_not_his_last(world: World) -> None:
    council = make_council(world)
    first, last = (take(world, council, f"t{n}", DUTY, stall=n) for n in range(2))
    with world.db.transaction() as session:
        take_back(session, back(council, last["code"]), by=by("v1"))
    with pytest.raises(TooLate), world.db.transaction() as session:
        take_back(session, back(council, first["code"]), by=by("v2"))
    me = council.collector
    holder = BadgeHolder(me.staff_id, council.id, "Test", me.badge_id, me.badge, None, ())
    with world.db.reading() as connection:
        mine = ticket_of_badge(connection, holder, first["code"], NOW)
    assert mine is not None
    assert not mine.at_once


def test_what_only_the_master_may_take_back(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY)
    take(world, council, "t2", DUTY, stall=1)
    with pytest.raises(TooLate), world.db.transaction() as session:
        take_back(session, back(council, first["code"]), by=by("v1"))
    with pytest.raises(TicketGone), world.db.transaction() as session:
        ask_void(session, back(council, first["code"], who=council.second), by=by("v2"))
    with world.db.transaction() as session:
        ask_void(session, back(council, first["code"]), by=by("v3"))
    asked = first["payment"]
    with pytest.raises(NotAllowed), world.db.transaction() as session:
        answer_void(
            session,
            council.second.staff_id,
            asked,
            yes=True,
            reason="other",
            zone="Africa/Banjul",
            by=by("v4"),
        )
    with world.db.transaction() as session:
        answer_void(
            session,
            council.master,
            asked,
            yes=True,
            reason="other",
            zone="Africa/Banjul",
            by=by("v5"),
        )
    assert_whole(world)


def test_eleven_minutes_later_it_is_too_late(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY)
    late = by("v1", now=NOW + timedelta(minutes=11))
    with pytest.raises(TooLate), world.db.transaction() as session:
        take_back(session, back(council, ticket["code"]), by=late)


def test_nobody_says_yes_to_his_own(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY)
    with world.db.transaction() as session:
        ask_void(session, back(council, ticket["code"]), by=by("v1"))
        session.execute(
            text("UPDATE assignments SET role = 'master' WHERE staff_id = :who"),
            {"who": council.collector.staff_id},
        )
    with pytest.raises(SamePerson), world.db.transaction() as session:
        answer_void(
            session,
            council.collector.staff_id,
            ticket["payment"],
            yes=True,
            reason="other",
            zone="Africa/Banjul",
            by=by("v2"),
        )


def test_two_series_do_not_touch_each_other(world: World) -> None:
    council = make_council(world)
    one = take(world, council, "t1", DUTY)
    other = take(world, council, "t2", DUTY, stall=1, collector=council.second)
    assert (one["serial"], other["serial"]) == (1, 1)
    with world.db.transaction() as session:
        third = take_ticket(session, council.ticket(DUTY, stall=2), signer=SIGNER, by=by("t3"))
    assert third["serial"] == 2
    assert_whole(world)
