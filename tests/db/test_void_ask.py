"""The market master's text when a collector asks him to take a ticket back, on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from sms.texts import render
from tests.fixtures.fees import DUTY, NOW, TODAY, ZONE, Council, by, make_council, take
from tests.fixtures.world import World
from trader_platform.core import phone as phones
from trader_platform.core.errors import DomainError
from trader_platform.fees.accounts import Who
from trader_platform.fees.service_void import TakeBack, VoidAsked, answer_void, ask_void
from trader_platform.fees.types import TicketGone
from trader_platform.market.models import Market
from trader_platform.messaging.models import Contact, Message
from trader_platform.staff import service as staff
from trader_platform.staff.models import Assignment, Staff
from trader_platform.staff.types import NotAllowed, Role

MASTER = "+2203030006"  # as tests.fixtures.fees gives it to the market's master


def ask(world: World, council: Council, code: str, key: str = "ask", **more: Any) -> dict[str, Any]:
    who = council.collector
    command = TakeBack(who.staff_id, who.badge_id, code, more.pop("reason", "not_paid"), ZONE)
    with world.db.transaction() as session:
        return ask_void(session, command, by=by(key, **more))


def refused(world: World, council: Council, code: str, why: type[DomainError], key: str) -> None:
    with pytest.raises(why):
        ask(world, council, code, key)


def asked(world: World) -> list[Any]:
    """Texts to masters, each with the phone that it goes to."""
    with world.db.reading() as connection:
        return list(
            connection.execute(
                select(Message.__table__, Contact.phone_hash, Contact.phone_sealed)
                .join(Contact, Contact.id == Message.contact_id)
                .where(Message.kind == "void.ask")
                .order_by(Message.id)
            )
        )


def told(world: World) -> list[str]:
    """The phones that are texted."""
    return [
        world.vault.open(row.phone_sealed, bound_to=row.phone_hash.encode()).decode()
        for row in asked(world)
    ]


def officer(world: World, council: int, number: str | None, **more: Any) -> int:
    """One more of a council's people; without a role a master there from the first day on."""
    parsed = phones.parse(number) if number else None
    with world.db.transaction() as session:
        new = staff.NewStaff(council, "Test-more", parsed)
        key = f"more {number} {council}"
        id_ = int(staff.add_staff(session, new, vault=world.vault, by=by(key))["staff"])
        given = {"market_id": None, "starts_on": date(2026, 1, 1), **more}
        role = given.pop("role", Role.MASTER)
        staff.assign(session, id_, role, **given, by=by(f"{key} role"))
    return id_


def words(world: World, row: Any, language: str) -> str:
    catalog = world.hops.catalogs.get(row.pack_id)
    return render(row.kind, json.loads(row.params), language, catalog)


def test_the_master_is_asked_once(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY)
    first = ask(world, council, ticket["code"])
    assert ask(world, council, ticket["code"]) == first
    (row,) = asked(world)
    assert told(world) == [MASTER]
    assert (row.council_id, row.state) == (council.id, "queued")
    assert json.loads(row.params) == {
        "badge": council.collector.badge,
        "code": ticket["code"],
        "stall": "T0",
        "goods": council.goods,
        "why": "not_paid",
        "amount": DUTY,
    }
    code = f"{ticket['code'][:4]} {ticket['code'][4:]}"
    badge = council.collector.badge
    assert words(world, row, "en") == (
        f"Badge {badge} wants to take back ticket {code}, T0: not paid."
        " It counts till you say yes. It is D10"
    )
    assert words(world, row, "fr") == (
        f"Badge {badge} veut annuler le ticket {code}, T0: pas payé."
        " Il compte jusqu'à votre oui. Montant D10"
    )
    refused(world, council, ticket["code"], VoidAsked, "again")
    assert len(asked(world)) == 1


def test_a_walk_up_is_named_by_what_she_sells(world: World) -> None:
    council = make_council(world)
    who = Who(goods_class_id=council.goods)
    ask(world, council, take(world, council, "t1", DUTY, who=who)["code"])
    (row,) = asked(world)
    assert ", Greens, fruit: not paid." in words(world, row, "en")


def test_asked_again_after_a_no_he_is_told_again(world: World) -> None:
    council = make_council(world)
    ticket = take(world, council, "t1", DUTY)
    ask(world, council, ticket["code"])
    with world.db.transaction() as session:
        answer_void(
            session,
            council.master,
            ticket["payment"],
            yes=False,
            reason="other",
            zone=ZONE,
            by=by("no"),
        )
    later = NOW + timedelta(minutes=30)
    ask(world, council, ticket["code"], "again", now=later, reason="paid_twice")
    assert [json.loads(row.params)["why"] for row in asked(world)] == ["not_paid", "paid_twice"]


def test_what_is_refused_tells_nobody(world: World) -> None:
    council = make_council(world)
    others = take(world, council, "t1", DUTY, collector=council.second)["code"]
    refused(world, council, others, TicketGone, "others")
    refused(world, council, "222222WW", TicketGone, "none")
    mine = take(world, council, "t2", DUTY)["code"]
    with world.db.transaction() as session:
        ended = Assignment.staff_id == council.collector.staff_id
        yesterday = TODAY - timedelta(days=1)
        session.execute(update(Assignment).where(ended).values(ends_on=yesterday))
    refused(world, council, mine, NotAllowed, "ended")
    assert asked(world) == []


def test_every_master_of_that_market_on_that_day(world: World) -> None:
    council = make_council(world)
    with world.db.reading() as connection:
        other = connection.execute(
            select(Market.council_id).where(Market.slug == "brikama")
        ).scalar_one()
    assert other is not None
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    here = {"market_id": council.market}
    officer(world, council.id, "+2203040001")  # in the whole council
    officer(world, council.id, "+2203040002", **here, ends_on=TODAY)  # to the end of today
    officer(world, council.id, "+2203040003", **here, ends_on=yesterday)
    officer(world, council.id, "+2203040004", **here, starts_on=tomorrow)
    officer(world, council.id, "+2203040005", market_id=council.other_market)
    officer(world, council.id, "+2203040006", role=Role.FINANCE)
    officer(world, council.id, None)
    officer(world, other, "+2203040007")
    ask(world, council, take(world, council, "t1", DUTY)["code"])
    assert told(world) == [MASTER, "+2203040001", "+2203040002"]


def test_who_asks_is_not_asked(world: World) -> None:
    """A collector who is a master too: his own yes would count for nothing."""
    council = make_council(world)
    with world.db.transaction() as session:
        both = council.collector.staff_id
        more = {"market_id": council.market, "starts_on": date(2026, 1, 1)}
        staff.assign(session, both, Role.MASTER, **more, by=by("both"))
    ask(world, council, take(world, council, "t1", DUTY)["code"])
    assert told(world) == [MASTER]


def test_the_phone_that_texted_before_has_one_contact(world: World) -> None:
    council = make_council(world)
    with world.db.transaction() as session:
        hashed, sealed = session.execute(
            select(Staff.phone_hash, Staff.phone_sealed).where(Staff.id == council.master)
        ).one()
        session.add(Contact(pack_id=1, phone_hash=hashed, phone_sealed=sealed, created_at=1))
    ask(world, council, take(world, council, "t1", DUTY)["code"])
    assert told(world) == [MASTER]
