"""Mending a ticket: the wrong one back and the right one taken, in one commit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from sms.texts import render
from tests.fixtures.fees import (
    DUTY,
    NOW,
    SIGNER,
    TODAY,
    ZONE,
    Council,
    assert_whole,
    by,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.core.errors import DomainError, IdempotencyConflict
from trader_platform.fees.accounts import Who
from trader_platform.fees.models_charges import Advance, Charge, FeeAccount
from trader_platform.fees.queries_collector import held_minor
from trader_platform.fees.service_mend import Mend, mend_ticket
from trader_platform.fees.service_void import TakeBack, TooLate
from trader_platform.fees.types import NoOccupant, PaidToday, TicketGone, WrongAmount
from trader_platform.messaging.models import Message
from trader_platform.payments.models import Payment, Receipt
from trader_platform.staff.types import BadgeHolder


def wrong(council: Council, code: str, **more: Any) -> TakeBack:
    who = more.pop("by_whom", council.collector)
    return TakeBack(who.staff_id, who.badge_id, code, "pressed_wrong", ZONE)


def mend(
    world: World, council: Council, code: str, key: str = "mend", **right: Any
) -> dict[str, Any]:
    now = right.pop("now", NOW)
    command = Mend(wrong(council, code, by_whom=right.pop("by_whom", council.collector)), **right)
    with world.db.transaction() as session:
        return mend_ticket(session, command, signer=SIGNER, by=by(key, now=now))


def texts(world: World) -> list[tuple[str, dict[str, Any]]]:
    with world.db.reading() as connection:
        rows = connection.execute(select(Message.kind, Message.params).order_by(Message.id))
        return [(row.kind, json.loads(row.params)) for row in rows]


def owed(world: World, stall: int) -> int:
    """What the account of a stall owes."""
    with world.db.reading() as connection:
        rows = select(func.coalesce(func.sum(Charge.outstanding_minor), 0)).join(
            FeeAccount, FeeAccount.id == Charge.account_id
        )
        return int(connection.execute(rows.where(FeeAccount.stall_id == stall)).scalar_one())


def held(world: World, council: Council) -> int:
    one = council.collector
    holder = BadgeHolder(one.staff_id, council.id, "", one.badge_id, one.badge, None, ())
    with world.db.reading() as connection:
        return held_minor(connection, holder)


def everything(world: World) -> dict[str, int]:
    names = ("payments", "receipts", "ledger_entries", "messages", "audit", "acts")
    with world.db.reading() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in names
        }


def refused(
    world: World, council: Council, code: str, why: type[DomainError], **right: Any
) -> None:
    """A refusal leaves everything as it was."""
    before, held_before = everything(world), held(world, council)
    with pytest.raises(why):
        mend(world, council, code, f"refused {why.__name__} {right}", **right)
    assert (everything(world), held(world, council)) == (before, held_before)
    assert_whole(world)


def test_a_wrong_amount(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", 10 * DUTY)
    result = mend(world, council, first["code"], amount_minor=DUTY)
    assert (result["was"], result["amount"], result["held"]) == (first["code"], DUTY, DUTY)
    assert (result["days"], result["left"], result["ahead"]) == ([TODAY.isoformat()], 0, 0)
    assert (result["text"], result["paper"]) == (True, False)
    assert result["serial"] == first["serial"] + 1
    with world.db.reading() as connection:
        states = connection.execute(select(Receipt.code, Receipt.state).order_by(Receipt.id)).all()
        payments = connection.execute(select(Payment.state).order_by(Payment.id)).scalars().all()
        ahead = connection.execute(select(func.sum(Advance.left_minor))).scalar_one()
        reversal = connection.execute(select(Payment.reversal_id).order_by(Payment.id)).first()
    assert [tuple(row) for row in states] == [(first["code"], "void"), (result["code"], "good")]
    assert (payments, ahead) == (["reversed", "booked"], 0)
    assert reversal is not None
    assert reversal[0] is not None
    assert held(world, council) == DUTY
    assert_whole(world)


def test_the_payer_gets_one_text_of_what_is_right_now(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY)
    result = mend(world, council, first["code"], amount_minor=DUTY // 2)
    (_, (kind, params)) = texts(world)
    assert kind == "receipt.mended"
    catalog = world.hops.catalogs.get(1)
    new, old = (f"{code[:4]} {code[4:]}" for code in (result["code"], first["code"]))
    badge = council.collector.badge
    assert render(kind, params, "en", catalog) == (
        f"Ticket {new} is right, not {old}: Latrikunda T0, Sun 22 Nov, badge {badge}."
        " Still to pay: D5. Paid D5"
    )
    assert render(kind, params, "fr", catalog).startswith(f"Le ticket {new} vaut, pas {old}:")
    again = mend(world, council, result["code"], "more", amount_minor=3 * DUTY)
    assert again["ahead_days"] == 2
    words = render(*texts(world)[-1], "en", catalog)
    assert words.endswith("Paid ahead: 2 days. Paid D30")
    assert "Still to pay" not in words
    assert_whole(world)


def test_a_wrong_stall(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY)
    result = mend(world, council, first["code"], who=Who(stall_id=council.stalls[1]))
    assert (result["number"], result["amount"], result["held"]) == ("T1", DUTY, DUTY)
    assert (result["text"], result["paper"]) == (True, False)
    assert [owed(world, stall) for stall in council.stalls[:2]] == [DUTY, 0]
    # Each payer hears once: one that her ticket is good no more, the other of hers.
    assert [kind for kind, _ in texts(world)] == [
        "receipt.issued",
        "receipt.taken",
        "receipt.issued",
    ]
    assert [x["code"] for _, x in texts(world)[1:]] == [first["code"], result["code"]]
    assert_whole(world)


def test_a_trader_of_two_stalls_is_told_once(world: World) -> None:
    council = make_council(world)
    with world.db.transaction() as session:
        session.execute(
            text("UPDATE occupancies SET trader_id = :a WHERE trader_id = :b"),
            {"a": council.traders[0], "b": council.traders[1]},
        )
    first = take(world, council, "t1", DUTY)
    mend(world, council, first["code"], who=Who(stall_id=council.stalls[1]))
    assert [kind for kind, _ in texts(world)] == ["receipt.issued", "receipt.mended"]
    assert_whole(world)


def test_a_walk_up_was_somebody_after_all(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY, who=Who(goods_class_id=council.goods))
    result = mend(world, council, first["code"], who=Who(trader_id=council.traders[2]))
    assert (result["text"], result["paper"]) == (True, True)
    with world.db.reading() as connection:
        statuses = connection.execute(select(Charge.status).order_by(Charge.id)).scalars().all()
    assert statuses == ["cancelled", "live"]
    assert_whole(world)


def test_a_walk_ups_amount(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", DUTY, who=Who(goods_class_id=council.goods))
    refused(world, council, first["code"], WrongAmount, amount_minor=DUTY + 1)
    result = mend(world, council, first["code"], amount_minor=DUTY // 2)
    assert (result["amount"], result["text"], result["paper"]) == (DUTY // 2, False, True)
    assert_whole(world)


def test_who_shares_a_stall_is_mended_and_not_the_first_share(world: World) -> None:
    council = make_council(world)
    with world.db.transaction() as session:
        session.execute(
            text("UPDATE occupancies SET stall_id = :a, share = 2 WHERE trader_id = :b"),
            {"a": council.stalls[0], "b": council.traders[1]},
        )
    first = take(world, council, "t1", DUTY, who=Who(trader_id=council.traders[1]))
    assert first["trader"] == council.traders[1]
    assert mend(world, council, first["code"], amount_minor=500)["trader"] == council.traders[1]
    assert_whole(world)


def test_old_duty_stays_old_duty(world: World) -> None:
    """A ticket for old duty alone raises no duty of today when it is mended."""
    council = make_council(world)
    yesterday = TODAY - timedelta(days=1)
    take(world, council, "old", DUTY // 4, day=yesterday, now=NOW - timedelta(days=1))
    first = take(world, council, "t1", DUTY // 4, today=False)
    result = mend(world, council, first["code"], amount_minor=DUTY // 2)
    assert result["days"] == [yesterday.isoformat()]
    assert owed(world, council.stalls[0]) == DUTY // 4
    assert_whole(world)


def test_the_same_request_mends_once(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", 2 * DUTY)
    result = mend(world, council, first["code"], amount_minor=DUTY)
    before = everything(world)
    assert mend(world, council, first["code"], amount_minor=DUTY) == result
    assert everything(world) == before
    with pytest.raises(IdempotencyConflict):
        mend(world, council, first["code"], amount_minor=DUTY + 1)
    # The same again under another key finds the wrong ticket gone.
    refused(world, council, first["code"], TicketGone, amount_minor=DUTY)


def test_what_is_refused(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    for amount in (0, -1, DUTY):
        refused(world, council, code, WrongAmount, amount_minor=amount)
    refused(world, council, code, WrongAmount, who=Who(stall_id=council.stalls[0]))
    refused(world, council, code, NoOccupant, who=Who(stall_id=999_999))
    refused(world, council, code, TicketGone, amount_minor=500, by_whom=council.second)


def test_a_stall_that_owes_less_keeps_the_wrong_ticket(world: World) -> None:
    council = make_council(world)
    take(world, council, "paid", DUTY, stall=1, collector=council.second)
    code = take(world, council, "t1", DUTY)["code"]
    refused(world, council, code, PaidToday, who=Who(stall_id=council.stalls[1]))


def test_days_paid_ahead_go_to_the_right_stall(world: World) -> None:
    council = make_council(world)
    first = take(world, council, "t1", 3 * DUTY)
    assert first["ahead_days"] == 2
    result = mend(world, council, first["code"], who=Who(stall_id=council.stalls[1]))
    assert result["ahead_days"] == 2
    assert_whole(world)


def test_the_limits_of_taking_back_at_once(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    late = NOW + timedelta(minutes=11)
    refused(world, council, code, TooLate, amount_minor=500, now=late)
    last = take(world, council, "t2", DUTY, stall=1)["code"]
    refused(world, council, code, TooLate, amount_minor=500)
    with world.db.transaction() as session:
        # What hand-overs will do: the cash is in somebody else's hand.
        session.execute(text("UPDATE guarded_balances SET held_minor = 999"))
    with pytest.raises(TooLate):
        mend(world, council, last, amount_minor=500)
