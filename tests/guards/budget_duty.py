"""Traders whose council charges: one who owes, one with a plan, one who paid ahead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.fixtures.fees import (
    MARKET,
    TODAY,
    ZONE,
    Collector,
    Council,
    add_tariff,
    by,
    charge_here,
    phone_of,
    raise_day,
    take,
)
from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.fees.service_council import Spend, enter_spending
from trader_platform.fees.service_reports import Tell, answer, reopen, report_of, tell
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.market.models import GoodsClass, Market, MarketChange, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.payments.codes import SIGNS, check_sign
from trader_platform.payments.models import Receipt
from trader_platform.staff.models import Assignment, Badge
from trader_platform.staff.service import NewStaff, add_staff, end, give_badge

# Stalls of the council of the fee tests; the first three are for its collectors.
DEBTOR, PLANNER, AHEAD = 3, 4, 5


def council_of(world: World) -> Council:
    """The council that ``collectors`` made, found again."""
    with world.db.reading() as connection:
        market = connection.execute(select(Market).where(Market.slug == MARKET)).one()
        held = connection.execute(
            select(Stall.id, Occupancy.trader_id, Stall.number)
            .join(Occupancy, Occupancy.stall_id == Stall.id)
            .where(Stall.market_id == market.id, Stall.number.like("T%"))
            .order_by(Stall.number)
        ).all()
        roles = connection.execute(
            select(Assignment.role, Assignment.staff_id, Badge.id, Badge.number)
            .outerjoin(Badge, Badge.staff_id == Assignment.staff_id)
            .order_by(Assignment.id)
        ).all()
        goods = connection.execute(select(GoodsClass.id).order_by(GoodsClass.id)).scalars().first()
    assert market.council_id is not None
    assert goods is not None
    council = Council(market.council_id, market.id, 0, goods)
    council.stalls = [row.id for row in held]
    council.traders = [row.trader_id for row in held]
    first = next(row for row in roles if row.role == "collector")
    council.collector = Collector(first.staff_id, first.id, first.number)
    council.finance = next(row.staff_id for row in roles if row.role == "finance")
    return council


def settle_duty(world: World) -> None:
    """The council charges; its traders' tickets, reports and spending."""
    council = council_of(world)
    with world.db.transaction() as session:
        add_tariff(session, council, "held")
    charge_here(world, council)
    for days in (5, 4, 3):
        raise_day(world, council, TODAY - timedelta(days=days))
    for n in range(4):
        take(world, council, f"duty{n}", 100 + n, stall=DEBTOR)
    take(world, council, "ahead", 4 * 1000 + 3000, stall=AHEAD)
    wrong = take(world, council, "back", 100, stall=DEBTOR)
    with world.db.transaction() as session:
        collector = council.collector
        back = TakeBack(collector.staff_id, collector.badge_id, wrong["code"], "not_paid", ZONE)
        take_back(session, back, by=by("taken back"))
        _reports(session, council)
        _badge_that_ended(session, world, council)
        for n, what in enumerate(("Roof of the shed", "Water", "Waste", "Night guard", "Light")):
            _spend(session, council, f"spent{n}", what)
        _spend(session, council, "next", "New toilets", due=TODAY + timedelta(days=30))
    phone_of(world, PLANNER).dial("1*5*1").press("2", "1")


def _spend(
    session: Session, council: Council, key: str, what: str, due: date | None = None
) -> None:
    month = TODAY.replace(month=TODAY.month - 1, day=1)
    spend = Spend(council.id, council.market, month, what, 1_000_000, due)
    enter_spending(session, spend, by=by(key))


def _badge_that_ended(session: Session, world: World, council: Council) -> None:
    who = NewStaff(council.id, "Test-9", None, demo=True)
    staff_id = int(add_staff(session, who, vault=world.vault, by=by("ends: staff"))["staff"])
    give_badge(session, staff_id, starts_on=TODAY - timedelta(days=9), by=by("ends: badge"))
    end(session, staff_id, last_day=TODAY - timedelta(days=1), by=by("ends"))


def _reports(session: Session, council: Council) -> None:
    """One in each state, all of the debtor."""
    said = {"right": True, "wrong": False, "found": True, "not_found": False, "again": False}
    for key in ("open", *said):
        kind = "no_ticket" if "found" in key else "overcharge"
        told = tell(session, _told(council, kind), by=by(f"told {key}"))
        if key in said:
            report, right = report_of(session, told["ref"]), said[key]
            officer: dict[str, Any] = {"right": right, "day": TODAY, "zone": ZONE}
            answer(session, council.finance, report, by=by(f"said {key}"), **officer)
            if key == "again":
                trader = council.traders[DEBTOR]
                reopen(session, trader, report, today=TODAY, by=by("reopened"))


def _told(council: Council, kind: str) -> Tell:
    return Tell(
        kind=kind,
        council_id=council.id,
        market_id=council.market,
        day=TODAY,
        trader_id=council.traders[DEBTOR],
        goods_class_id=council.goods,
        due_minor=1000,
        paid_minor=2500,
    )


def tours_duty(world: World) -> list[Phone]:
    """Ways to every screen about duty that its traders' answers lead to."""
    settle_duty(world)
    good, void = _codes(world)
    real, ended = _badges(world)
    slip = ("2" if good[0] != "2" else "3") + good[1:]
    ways: list[tuple[int, str, list[str]]] = [
        (DEBTOR, "1*3*9", [good]),
        (DEBTOR, "1*3*9", [void]),
        (DEBTOR, "1*3*9", [slip]),
        (DEBTOR, "1*4*2", [real]),
        (DEBTOR, "1*4*2", [ended]),
        (DEBTOR, "1*4*1*1", ["10"]),
        (DEBTOR, "1*3*9", [forged(1)[0]]),
        (DEBTOR, "1*4*4*2", ["1"]),
        (PLANNER, "1*5*1", []),
        (PLANNER, "1*5*4", []),
        (AHEAD, "1", []),
        (AHEAD, "1*5*1", []),
        (AHEAD, "1*5*2", []),
        (AHEAD, "1*5*2*1", []),
        (AHEAD, "1*5*3*2", []),
    ]
    phones = [phone_of(world, stall).dial(tail).press(*then) for stall, tail, then in ways]
    anyone = [_not_joined(world, answer) for answer in ("1", real, ended, "77777")]
    return [*phones, _elsewhere(world, real), *_closed(world), _guesser(world), *anyone]


def _codes(world: World) -> tuple[str, str]:
    with world.db.reading() as connection:
        rows = connection.execute(select(Receipt.state, Receipt.code).order_by(Receipt.id))
        codes = {row.state: row.code for row in rows}
    return codes["good"], codes["void"]


def _badges(world: World) -> tuple[str, str]:
    with world.db.reading() as connection:
        numbers = connection.execute(select(Badge.number).order_by(Badge.id)).scalars().all()
    return numbers[0], numbers[-1]


def _not_joined(world: World, *answers: str) -> Phone:
    """Somebody who has not joined, and named no market, asks about a badge."""
    phone = world.phone("+2207000093").dial()
    if "1 English" in phone.screen:
        phone.press("1", "2")
    return phone.dial("1").press("2", *answers)


def _elsewhere(world: World, badge: str) -> Phone:
    """A trader of another market of the council asks for a badge that is real, but not there."""
    phone = world.phone("+2203020099").dial().press("1", "1", "1", "1", "abuko", "1", "Awa")
    return phone.dial("1*4*2").press(badge)


def _closed(world: World) -> list[Phone]:
    """The market is closed, for one who owes and for one who does not."""
    with world.db.transaction() as session:
        market = session.execute(select(Market.id).where(Market.slug == MARKET)).scalar_one()
        change = MarketChange(market_id=market, kind="closure", starts_on=TODAY, ends_on=TODAY)
        session.add(change)
    phones = [phone_of(world, stall).dial("1") for stall in (DEBTOR, AHEAD)]
    with world.db.transaction() as session:
        session.execute(delete(MarketChange).where(MarketChange.market_id == market))
    return phones


def _guesser(world: World) -> Phone:
    """Somebody who tries codes until he has to wait."""
    phone = phone_of(world, PLANNER)
    for code in forged(9):
        phone.dial("1*3*9").press(code)
    return phone


def forged(count: int) -> list[str]:
    """Codes that pass the check sign and that no receipt has."""
    sevens = ["222222" + sign for sign in SIGNS[:count]]
    return [seven + check_sign(seven) for seven in sevens]
