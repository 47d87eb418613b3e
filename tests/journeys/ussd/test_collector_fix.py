"""6*1*4 Mend a ticket: at once by himself, later by the master's yes."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from tests.fixtures.collectors import COLLECTOR, SECOND, collectors, works
from tests.fixtures.fees import ZONE, assert_whole, by, stall_card
from tests.fixtures.phone import Phone
from tests.fixtures.world import SUNDAY, World
from trader_platform.fees.service_void import answer_void
from trader_platform.messaging.models import Message
from trader_platform.payments.models import Payment, Receipt


def took(world: World, stall: int = 0, number: str = COLLECTOR) -> str:
    """The code of a ticket that a collector just took."""
    phone = works(world, "1", stall_card(stall), "1", "1", number=number).sees("CON Ticket")
    return phone.screen.removeprefix("CON Ticket ")[:9]


def state(world: World, code: str) -> tuple[str, str]:
    with world.db.reading() as connection:
        row = connection.execute(
            select(Receipt.state, Payment.state)
            .join(Payment)
            .where(Receipt.code == code.replace(" ", ""))
        ).one()
    return row[0], row[1]


def confirmed(world: World, *answers: str) -> Phone:
    return works(world, "4", *answers)


def test_his_last_ticket_is_taken_back_at_once(world: World) -> None:
    collectors(world)
    code = took(world)
    phone = works(world, "4").reads(
        """CON Type the ticket code.
        1 My last ticket
        0 Back"""
    )
    phone.press("1").reads(
        f"""CON {code}, 09:00, T0: D10
        1 Take it back
        2 Wrong amount
        3 Wrong stall
        0 Back"""
    )
    phone.press("1").reads(
        """CON Why?
        1 I pressed wrong
        2 Trader did not pay
        3 Paid two times
        4 Other
        0 Back"""
    )
    phone.press("2").reads(
        f"""CON Take back {code}, T0? The trader gets a text. D10
        1 Yes
        2 No
        0 Back"""
    )
    phone.press("1").reads(
        f"END Taken back. The trader gets a text. Ticket {code}: D10. You hold D0"
    )
    assert phone.send().screen.startswith("END Taken back.")
    assert state(world, code) == ("void", "reversed")
    with world.db.reading() as connection:
        told = connection.execute(
            select(Message.params).where(Message.kind == "receipt.taken")
        ).scalar_one()
    assert json.loads(told)["why"] == "not_paid"
    # The day's duty is owed again, and the ticket is no more on his list.
    works(world, "1", stall_card(0)).sees("1 Today D10")
    works(world, "4", code).sees("No ticket of yours has this code.")
    assert_whole(world)


def test_no_leaves_the_ticket_as_it_is(world: World) -> None:
    collectors(world)
    code = took(world)
    confirmed(world, "1", "1", "1", "2").sees("Latrikunda: 1 ticket today")
    assert state(world, code) == ("good", "booked")


def test_a_walk_ups_paper_is_crossed_out(world: World) -> None:
    collectors(world)
    works(world, "1", "1", "1", "1", "1").sees("Write on the paper:")
    phone = confirmed(world, "1", "1", "1").sees("Greens, fruit? D10\n1 Yes")
    phone.press("1").sees("END Taken back. Cross out the paper ticket.")
    assert_whole(world)


def test_an_older_ticket_waits_for_the_master(world: World) -> None:
    council = collectors(world)
    code = took(world)
    took(world, stall=1)
    phone = confirmed(world, code, "1", "3").reads(
        f"""CON Take back {code}, T0? The market master must say yes first. D10
        1 Yes
        2 No
        0 Back"""
    )
    phone.press("1").reads(
        f"END Asked. It counts till the market master says yes. Ticket {code}: D10"
    )
    assert state(world, code) == ("good", "void_asked")
    confirmed(world, code.lower()).reads(
        f"""CON {code}, 09:00, T0: D10
        You asked. The market master has not answered.
        0 Back"""
    )
    works(world).sees("Latrikunda: 2 tickets today\nYou hold D20")
    with world.db.transaction() as session:
        payment = session.execute(
            select(Payment.id).where(Payment.state == "void_asked")
        ).scalar_one()
        answer_void(
            session,
            council.master,
            payment,
            yes=True,
            reason="paid_twice",
            zone=ZONE,
            by=by("yes", now=world.clock.now(), actor=str(council.master)),
        )
    assert state(world, code) == ("void", "reversed")
    works(world).sees("Latrikunda: 1 ticket today\nYou hold D10")
    assert_whole(world)


def test_his_last_ticket_after_ten_minutes_waits_too(world: World) -> None:
    collectors(world)
    code = took(world)
    phone = confirmed(world, code, "1", "1").sees("The trader gets a text.")
    world.clock.move(minutes=11)
    # It was fresh when it was shown: then the next screen says what has changed.
    phone.press("1").sees("The market master must say yes first.").press("1").sees("END Asked.")
    assert state(world, code) == ("good", "void_asked")


def test_codes_that_are_not_his(world: World) -> None:
    collectors(world)
    works(world, "4").reads("CON Type the ticket code.\n0 Back")
    others = took(world, number=SECOND)
    works(world, "4", others).reads(
        """CON No ticket of yours has this code.
        1 Type again
        0 Back"""
    )
    slip = others[:-1] + ("2" if others[-1] != "2" else "3")
    works(world, "4", slip).sees("CON 8 signs. Type them again\nType the ticket code.")
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Receipt)).scalar_one() == 1
    assert world.clock.now() > SUNDAY
