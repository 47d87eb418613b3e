"""6*1*1 Ticket: three answers, and everything that may stand in the way."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.fixtures.collectors import COLLECTOR, PIN, SECOND, badge, collectors, works
from tests.fixtures.fees import DUTY, TODAY, Council, assert_whole, stall_card, take
from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import SUNDAY, World
from trader_platform.fees.models import Tariff
from trader_platform.market.models import MarketChange, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.messaging.models import Contact, Message
from trader_platform.payments.codes import read_code
from trader_platform.payments.models import Payment, Receipt

HOLDER = "+2203020000"


def code_of(phone: Phone) -> str:
    found = re.search(r"(?:Ticket|paper:) (\w{4} \w{4})", phone.screen)
    assert found, phone.screen
    read_code(found[1])
    return found[1]


def tickets(world: World) -> int:
    with world.db.reading() as connection:
        return connection.execute(select(func.count()).select_from(Receipt)).scalar_one()


def owes(world: World, council: Council, days: int = 2) -> None:
    """The first stall's trader traded on the days before and paid half of each."""
    for back in range(days, 0, -1):
        day = TODAY - timedelta(days=back)
        take(world, council, f"part:{back}", DUTY // 2, day=day, now=SUNDAY - timedelta(days=back))


def test_a_ticket_in_three_answers_by_stall_card(world: World) -> None:
    collectors(world)
    phone = works(world, "1").reads(
        """CON Ticket. Type stall card or phone.
        1 No card, no phone
        0 Back"""
    )
    phone.press(stall_card(0)).reads(
        """CON Test-0 T0, Greens, fruit
        1 Today D10
        3 Other amount
        0 Back"""
    )
    phone.press("1").reads(
        """CON T0: take D10
        1 Cash in my hand
        0 Back"""
    )
    phone.press("1")
    phone.reads(
        f"""CON Ticket {code_of(phone)}. The trader gets a text.
        T0 paid D10
        1 Next ticket
        00 Home"""
    )
    phone.press("1").sees("CON Ticket. Type stall card or phone.")
    assert_whole(world)


def test_a_ticket_by_phone(world: World) -> None:
    collectors(world)
    for typed in ("3020000", "302 0000", HOLDER.removeprefix("+")):
        works(world, "1", typed).sees("CON Test-0 T0, Greens, fruit", "1 Today D10")
    works(world, "1", "3020000", "1", "1").sees("CON Ticket", "T0 paid D10")


def test_a_trader_without_a_stall_pays_where_the_collector_stands(world: World) -> None:
    council = collectors(world)
    with world.db.transaction() as session:
        session.execute(
            update(Occupancy)
            .where(Occupancy.stall_id == council.stalls[0])
            .values(ends_on=TODAY - timedelta(days=1))
        )
    phone = works(world, "1", "3020000").sees("CON Test-0, Greens, fruit\n1 Today D10")
    phone.press("1").sees("CON Greens, fruit: take D10")
    phone.press("1").sees("The trader gets a text.\nPaid D10")
    assert_whole(world)


def test_a_walk_up_is_asked_by_her_goods_and_gets_paper(world: World) -> None:
    collectors(world)
    phone = works(world, "1", "1").sees("CON Sells what?", "1 Greens, fruit", "2 Fish")
    phone.press("1").reads(
        """CON Greens, fruit
        1 Today D10
        3 Other amount
        0 Back"""
    )
    phone.press("3", "11").sees("CON Type D1 up to D10\nGreens, fruit owes D10.")
    phone.press("10").sees("CON Greens, fruit: take D10").press("1")
    phone.reads(
        f"""CON Write on the paper: {code_of(phone)}
        Paid D10
        1 Next ticket
        00 Home"""
    )
    assert tickets(world) == 1
    # 0 leads to no screen that would take it again.
    phone.press("0").sees("6 My work")
    works(world, "1", "1", "1", "1", "1").sees("Write on the paper:")
    assert tickets(world) == 2
    assert_whole(world)


@pytest.mark.parametrize("why", [{"stopped": "all"}, {"opted_out": True}])
def test_who_may_not_be_texted_gets_paper(world: World, why: dict[str, object]) -> None:
    collectors(world)
    works(world, "1", stall_card(0), "1", "1").sees("The trader gets a text.")
    with world.db.transaction() as session:
        session.execute(update(Contact).values(**why))
    world.clock.move(days=1)
    works(world, "1", stall_card(0), "1", "1").sees("CON Write on the paper:")
    with world.db.reading() as connection:
        texts = connection.execute(select(func.count()).select_from(Message)).scalar_one()
    assert texts == 1


def test_arrears_are_offered_with_today(world: World) -> None:
    council = collectors(world)
    owes(world, council)
    phone = works(world, "1", stall_card(0)).reads(
        """CON Test-0 T0, Greens, fruit
        1 Today D10
        2 Today and old D20
        3 Other amount
        0 Back"""
    )
    phone.press("2").sees("CON T0: take D20").press("1").sees("T0 paid D20")
    works(world, "1", stall_card(0)).sees("T0 paid today.")
    assert_whole(world)


def test_paid_already_names_the_ticket_and_offers_the_old_duty(world: World) -> None:
    council = collectors(world)
    owes(world, council)
    first = works(world, "1", stall_card(0), "1", "1")
    phone = works(world, "1", stall_card(0), number=SECOND).reads(
        f"""CON T0 paid today. Ticket {code_of(first)}, 09:00. Take no duty for today.
        2 Old duty D10
        3 Other amount
        8 Next
        0 Back"""
    )
    phone.press("2").sees("CON T0: take D10").press("1").sees("T0 paid D10")
    phone = works(world, "1", stall_card(0)).sees("T0 paid today.", "8 Next")
    assert "Old duty" not in phone.screen
    phone.press("8").sees("CON Ticket. Type stall card or phone.")
    assert_whole(world)


def test_other_amount_is_a_part_or_days_ahead(world: World) -> None:
    collectors(world)
    phone = works(world, "1", stall_card(0), "3").reads(
        """CON T0 owes D10. How much do you get? Type it.
        0 Back"""
    )
    for wrong in ("-5", "0.5", "1000000000", "321", "ten", "000"):
        again = works(world, "1", stall_card(0), "3", wrong)
        again.sees("CON Type D1 up to D320\nT0 owes D10.")
    phone.press("4").sees("CON T0: take D4").press("1").sees("T0 paid D4")
    works(world, "1", stall_card(0)).sees("1 Today D6").press("3", "26", "1").sees("T0 paid D26")
    with world.db.reading() as connection:
        kinds = connection.execute(select(Message.kind).order_by(Message.id)).scalars().all()
    assert kinds == ["receipt.part", "receipt.ahead"]
    assert_whole(world)


def test_another_councils_stall_and_another_market(world: World) -> None:
    council = collectors(world)
    moved = add_stall(world, market="brikama", number="K5")
    near = add_stall(world, market="abuko", number="A9")
    with world.db.transaction() as session:
        for card, slot in ((moved, 1), (near, 2)):
            stall = session.execute(select(Stall).where(Stall.card == card)).scalar_one()
            session.add(
                Occupancy(
                    stall_id=stall.id,
                    trader_id=council.traders[slot],
                    council_id=council.id,
                    starts_on=TODAY,
                    entered_by="test",
                )
            )
    works(world, "1", moved).reads(
        """CON K5 is in Brikama. Your badge is not for there.
        1 Type again
        0 Back"""
    )
    works(world, "1", near).sees("CON A9 is at Abuko. Your badge is not for there.")
    works(world, "1", "3020001").sees("CON")
    assert tickets(world) == 0


def test_a_closed_market(world: World) -> None:
    council = collectors(world)
    phone = works(world, "1", stall_card(0), "1").sees("Cash in my hand")
    with world.db.transaction() as session:
        session.add(
            MarketChange(
                market_id=council.market,
                kind="closure",
                starts_on=TODAY,
                ends_on=TODAY + timedelta(days=3),
            )
        )
    phone.press("1").sees("END Latrikunda is closed")
    works(world, "1", stall_card(1)).reads(
        "END Latrikunda is closed on Sun 22 Nov. No duty is taken today."
    )
    assert tickets(world) == 0


def test_a_number_that_nobody_has_and_one_with_a_slip(world: World) -> None:
    collectors(world)
    works(world, "1", "7654321").reads(
        """CON No stall or trader has 7654321.
        1 Type again
        2 No card, no phone
        0 Back"""
    )
    works(world, "1", stall_card(99)).sees(f"No stall or trader has {stall_card(99)}.")
    slip = stall_card(0)[:-1] + str((int(stall_card(0)[-1]) + 1) % 10)
    works(world, "1", slip).sees("CON Card 6, phone 7 or 9 numbers\nTicket. Type")


def test_a_stall_that_nobody_holds(world: World) -> None:
    collectors(world)
    card = add_stall(world, market="latrikunda", number="L9")
    phone = works(world, "1", card).reads(
        """CON Nobody holds this stall in our list.
        1 Type again
        2 No card, no phone
        0 Back"""
    )
    phone.press("2").sees("Sells what?")


def test_a_place_without_a_tariff(world: World) -> None:
    collectors(world)
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(valid_from=TODAY + timedelta(days=1)))
    works(world, "1", stall_card(0)).sees("CON No duty is set for this place. Take none.")


def test_a_tariff_that_changes_at_midnight_in_mid_dialogue(world: World) -> None:
    """He was shown D10 for Sunday; at five past midnight the ticket is still Sunday's."""
    council = collectors(world)
    world.clock.move(hours=14, minutes=59)
    phone = works(world, "1", stall_card(0)).sees("Today D10")
    with world.db.transaction() as session:
        session.add(
            Tariff(
                council_id=council.id,
                market_id=council.market,
                goods_class_id=council.goods,
                fee="daily_duty",
                per="day",
                accrues="traded",
                amount_minor=2 * DUTY,
                currency="GMD",
                valid_from=TODAY + timedelta(days=1),
                date_precision="day",
                certainty="sourced",
                source="made up for the tests",
            )
        )
    phone.press("1")
    world.clock.move(minutes=5)
    phone.press("1").sees("T0 paid D10")
    with world.db.reading() as connection:
        message = connection.execute(select(Message.params)).scalar_one()
    assert f'"filled":["{TODAY.isoformat()}"]' in message
    works(world, "1", stall_card(0)).sees("Today D20")
    assert_whole(world)


def test_two_collectors_at_one_stall(world: World) -> None:
    """The second was shown D10 too: he is told that it is paid, and takes nothing."""
    collectors(world)
    first = works(world, "1", stall_card(0), "1")
    second = works(world, "1", stall_card(0), "1", number=SECOND)
    first.press("1").sees("T0 paid D10")
    second.press("1").sees(f"CON T0 paid today. Ticket {code_of(first)}")
    assert tickets(world) == 1
    assert_whole(world)


def sent(phone: Phone) -> str:
    """The answer to one copy of a request, in a thread of its own."""
    screen = phone.send().screen
    phone.hops.store.close()
    return screen


def test_a_double_tap_and_eight_equal_hops_give_one_ticket(world: World) -> None:
    collectors(world)
    phone = works(world, "1", stall_card(0), "1")
    phone.text += "*1"
    twins = [Phone(phone.hops, COLLECTOR, session=phone.session, text=phone.text) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        screens = set(pool.map(sent, twins))
    # On a busy machine a lock may be waited for in vain; whoever was answered got this ticket.
    answered = {screen for screen in screens if "The line was cut." not in screen}
    assert len(answered) == 1, screens
    assert tickets(world) == 1
    phone.send().sees("T0 paid D10")
    assert_whole(world)


def test_the_line_cut_between_amount_and_cash_goes_on_behind_the_pin(world: World) -> None:
    collectors(world)
    works(world, "1", stall_card(0), "1").sees("Cash in my hand")
    phone = world.phone(COLLECTOR).dial().sees("Go on where you were?\nTicket\n1 Yes")
    phone.press("1").sees("Type your PIN.").press(PIN).sees("CON T0: take D10")
    phone.press("1").sees("T0 paid D10")
    assert tickets(world) == 1


def test_killed_between_commit_and_answer_the_redial_shows_the_same_ticket(world: World) -> None:
    council = collectors(world)
    phone = works(world, "1", stall_card(0), "1").sees("Cash in my hand")
    world.hops.store.swap = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        phone.press("1")
    assert tickets(world) == 1
    world.restart()
    phone = world.phone(COLLECTOR).dial()
    with world.db.reading() as connection:
        code = connection.execute(select(Receipt.code)).scalar_one()
        holder = connection.execute(select(Payment.badge_id)).scalar_one()
    phone.sees(f"CON Ticket {code[:4]} {code[4:]}. The trader gets a text.\nT0 paid D10")
    assert holder == council.collector.badge_id
    phone.press("1").sees("Type your PIN.").press(PIN).sees("CON Ticket. Type stall card")
    assert tickets(world) == 1


class Killed(BaseException):
    """The process is gone."""


def killed(*_: object) -> bool:
    """The process dies here: nothing of the dialogue is written after the act's commit."""
    raise Killed


def test_the_badge_is_on_the_proof(world: World) -> None:
    council = collectors(world)
    works(world, "1", stall_card(0), "1", "1")
    with world.db.reading() as connection:
        params = connection.execute(select(Message.params)).scalar_one()
    assert f'"badge":"{badge(council)}"' in params
    assert market_id(world, "latrikunda") == council.market
