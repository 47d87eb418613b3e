"""6 My work: PIN and badge, a collector's day. It is Sunday 22 November 2026."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.fixtures.collectors import COLLECTOR, PIN, badge, collectors, ends, works
from tests.fixtures.crawler import state_of
from tests.fixtures.fees import TODAY, by, make_council, stall_card
from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.messaging.models import Message
from trader_platform.staff import service as staff
from trader_platform.staff.models import Staff
from trader_platform.staff.pins import set_pin
from trader_platform.staff.types import Role


def test_a_badge_adds_a_sixth_choice_and_the_pin_opens_it(world: World) -> None:
    council = collectors(world)
    phone = world.phone(COLLECTOR).dial()
    phone.reads(
        """CON Market Line
        1 My duty
        2 Sell
        3 Prices
        4 Lumo
        5 More
        6 My work"""
    )
    phone.press("6").reads(
        """CON My work
        Type your PIN.
        0 Back"""
    )
    phone.press("48290").reads(
        """CON A PIN has 4 numbers.
        My work
        Type your PIN.
        0 Back"""
    )
    phone.press(PIN).reads(
        f"""CON Badge {badge(council)}
        You hold D0
        1 Collector
        0 Back"""
    )
    phone.press("1").reads(
        """CON Latrikunda: 0 tickets today
        You hold D0
        1 Ticket
        2 Today
        4 Mend a ticket
        0 Back"""
    )
    # Home and back again: the PIN was typed in this dialogue.
    phone.press("00").sees("6 My work").press("6").sees("You hold D0")


def test_the_pin_is_asked_once_a_dialogue_and_leaves_no_trace(world: World) -> None:
    collectors(world)
    phone = world.phone(COLLECTOR).dial().press("6", PIN).sees("You hold")
    state = state_of(world, phone)
    pin = re.compile(rf"(?<!\d){PIN}(?!\d)")  # its digits may stand in a badge's number
    kept = json.dumps([state.draft, state.back, state.reply, state.saved, state.result])
    assert not pin.search(kept)
    with world.db.reading() as connection:
        acts = connection.execute(select(Act.result)).scalars().all()
    assert not [act for act in acts if pin.search(act)]
    phone.dial().press("6").sees("Type your PIN.")


def test_a_dialled_string_waits_at_the_pin_and_then_goes_on(world: World) -> None:
    collectors(world)
    phone = world.phone(COLLECTOR).dial("6*1*1").sees("Type your PIN.")
    phone.press(PIN).sees("Ticket. Type stall card or phone.")
    phone.dial("6*1*1").press("0").sees("6 My work").press("3").sees("CON Prices")


def test_three_wrong_pins_lock_for_a_day(world: World) -> None:
    collectors(world)
    phone = world.phone(COLLECTOR).dial().press("6", "1111")
    phone.reads(
        """CON Wrong PIN. 2 tries left
        My work
        Type your PIN.
        0 Back"""
    )
    phone.send().sees("2 tries left")  # a gateway's repeat counts no second failure
    phone.press("2222").sees("Wrong PIN. 1 try left")
    phone.press("3333").reads(
        "END Too many wrong PINs. Wait 24 hours. Or ask the council for a new PIN."
    )
    phone.dial().press("6", PIN).sees("Wait 24 hours.")
    world.clock.move(hours=23)
    phone.dial().press("6", PIN).sees("Wait 1 hour.")
    world.clock.move(hours=2)
    phone.dial().press("6", PIN).sees("You hold D0")


def test_who_has_no_pin_yet_is_told_whom_to_ask(world: World) -> None:
    make_council(world)
    phone = world.phone(COLLECTOR).dial().press("1", "2").press("6", PIN)
    phone.reads("END This badge has no PIN yet. Ask the council for one.")


def test_a_badge_that_ended_yesterday_takes_nothing(world: World) -> None:
    council = collectors(world)
    works(world, "1", stall_card(0), "1", "1").sees("Ticket")
    ends(world, council, TODAY - timedelta(days=1))
    phone = world.phone(COLLECTOR).dial().sees("5 More")
    assert "6 My work" not in phone.screen
    phone.press("6").reads(
        f"END Badge {badge(council)} ended on Sat 21 Nov. Take no more duty."
        " Hand over at the council: D10"
    )
    world.phone(COLLECTOR).dial("6*1*1").sees("END Badge")


def test_a_badge_that_ends_in_mid_dialogue_takes_no_more(world: World) -> None:
    council = collectors(world)
    phone = works(world, "1", stall_card(0), "1").sees("Cash in my hand")
    ends(world, council, TODAY - timedelta(days=1))
    phone.press("1").sees("END Badge", "Take no more duty.")


def test_the_last_day_of_a_badge_counts(world: World) -> None:
    council = collectors(world)
    ends(world, council, TODAY)
    works(world, "1", stall_card(0), "1", "1").sees("CON Ticket")


def test_another_phone_has_no_badge(world: World) -> None:
    collectors(world)
    phone = world.phone().dial().press("1", "2").press("6")
    phone.sees("END This phone has no badge. You cannot take duty with it.")


def test_the_day_and_its_tickets(world: World) -> None:
    collectors(world)
    phone = works(world, "2")
    phone.reads(
        """CON Sun 22 Nov: 0 tickets
        Cash D0
        You hold D0
        1 Last tickets
        2 Send by text
        0 Back"""
    )
    phone.press("1").reads("CON You gave no ticket yet.\n0 Back")
    works(world, "1", stall_card(0), "1", "1")
    works(world, "1", "1", "1", "1", "1")
    works(world).reads(
        """CON Latrikunda: 2 tickets today
        You hold D20
        1 Ticket
        2 Today
        4 Mend a ticket
        0 Back"""
    )
    phone = works(world, "2").reads(
        """CON Sun 22 Nov: 2 tickets
        Cash D20
        You hold D20
        1 Last tickets
        2 Send by text
        0 Back"""
    )
    phone.press("1").reads(
        """CON Last tickets
        1 Greens, fruit, 09:00 D10
        2 T0, 09:00 D10
        0 Back"""
    )
    phone.press("2").sees("T0: D10", "1 Take it back")


def test_yesterdays_cash_is_held_and_is_not_todays(world: World) -> None:
    collectors(world)
    works(world, "1", stall_card(0), "1", "1").sees("CON Ticket")
    world.clock.move(days=1)
    phone = works(world, "2").sees("Mon 23 Nov: 0 tickets", "Cash D0", "You hold D10")
    phone.press("1").sees("1 T0, Sun 22 Nov D10").press("1").sees(", Sun 22 Nov, T0: D10")


def test_the_day_goes_by_text(world: World) -> None:
    collectors(world)
    works(world, "1", stall_card(0), "1", "1")
    phone = works(world, "2", "2").reads("END We send it by text. You hold D10")
    phone.send().sees("We send it by text.")
    with world.db.reading() as connection:
        texts = connection.execute(
            select(Message.params).where(Message.kind == "collector.day")
        ).scalars()
        params = [json.loads(each) for each in texts]
    assert [(each["n"], each["amount"], each["held"]) for each in params] == [(1, 1000, 1000)]


def test_a_collector_of_two_markets_says_where_he_stands(world: World) -> None:
    council = collectors(world)
    with world.db.transaction() as session:
        staff.assign(
            session,
            council.collector.staff_id,
            Role.COLLECTOR,
            market_id=council.other_market,
            starts_on=TODAY,
            by=by("second market"),
        )
    phone = works(world).sees("CON At which market are you?").pick("Abuko")
    phone.sees("Abuko: 0 tickets today").press("1", "1", "1").sees("Today D10").press("1", "1")
    phone.sees("Write on the paper:")


def test_a_master_alone_takes_no_duty(world: World) -> None:
    council = collectors(world)
    with world.db.transaction() as session:
        set_pin(session, council.master, PIN, vault=world.vault, by=by("pin:master"))
        staff.give_badge(session, council.master, starts_on=TODAY, by=by("badge:master"))
    number = f"+22030300{len('master'):02d}"
    phone = world.phone(number).dial().press("1", "2").press("6", PIN).sees("You hold D0")
    assert "Collector" not in phone.screen
    world.phone(number).dial("6*1*1").press(PIN).sees("You hold D0")


def failures(world: World) -> int:
    with world.db.reading() as connection:
        return connection.execute(select(func.max(Staff.pin_failures))).scalar_one()


class Killed(BaseException):
    """The process is gone."""


def killed(*_: object) -> bool:
    """The process dies after the commit of the act, before the dialogue is written."""
    raise Killed


def dies_at(world: World, phone: Phone, answer: str) -> None:
    world.hops.store.swap = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        phone.press(answer)
    world.restart()


def test_a_wrong_pin_counts_once_however_often_it_is_sent(world: World) -> None:
    collectors(world)
    phone = world.phone(COLLECTOR).dial().press("6")
    dies_at(world, phone, "1111")
    for _ in range(8):
        phone.send().sees("Wrong PIN. 2 tries left")
    assert failures(world) == 1
    phone.press(PIN).sees("You hold")
    assert failures(world) == 0


def test_a_redial_after_the_pin_asks_for_it_again(world: World) -> None:
    """The line was cut as the PIN was right: whoever dials next has not typed it."""
    collectors(world)
    phone = world.phone(COLLECTOR).dial().press("6")
    dies_at(world, phone, PIN)
    world.phone(COLLECTOR).dial().sees("Type your PIN.").press("1", "1").sees("A PIN has 4 numbers")
