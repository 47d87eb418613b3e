"""Joining in five answers, or four with a stall card."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.once import Act
from trader_platform.market.models import StallClaim
from trader_platform.traders.models import Person, Trader

AWA, BINTA = "+2203012345", "+2207012345"


def buyer(world: World, number: str = AWA) -> Phone:
    return world.phone(number).dial().press("1", "2")


def joined(world: World, number: str = AWA, name: str = "Awa") -> Phone:
    """A trader of greens at Bakoteh who has no card."""
    phone = world.phone(number).dial().press("1", "1", "1", "1", "bakoteh", "1", name)
    return phone.sees(f"Good, {name}. You are in.")


def test_a_trader_joins_in_five_answers(world: World) -> None:
    phone = world.phone().dial().press("1", "1")
    phone.reads(
        "CON We keep your name, phone, stall, goods, sales and pay. Your council sees it."
        " You can leave any day.\n1 I agree\n2 No\n3 Tell me more"
    )
    phone.press("1").reads(
        """CON Type the number on your stall card.
        1 I have no card
        0 Back"""
    )
    phone.press("1").reads(
        """CON Your market? Press a number or type its name.
        1 Serrekunda
        2 Latrikunda
        3 Brikama
        4 Albert Market
        5 Bakoteh
        98 More
        0 Back"""
    )
    phone.press("bakoteh").reads(
        """CON What do you sell most?
        1 Greens, fruit
        2 Fish
        3 Rice, coos
        4 Nuts, beans
        98 More
        0 Back"""
    )
    phone.press("2").reads("CON Type your name, as people call you.\n0 Back")
    phone.press("Awa Ceesay").reads(
        """CON Good, Awa. You are in.
        1 My duty
        2 Sell
        3 Prices
        4 Lumo
        5 More"""
    )
    world.phone().dial().sees("CON Awa\n")
    with world.db.reading() as connection:
        row = connection.execute(select(Person.name, Person.consent_version)).one()
        trader = connection.execute(select(Trader.market_id, Trader.status)).one()
    assert tuple(row) == ("Awa Ceesay", 1)
    assert tuple(trader) == (market_id(world, "bakoteh"), "active")


def test_her_name_stands_in_one_row_only(world: World) -> None:
    joined(world, name="Fatoumatta")
    with world.db.reading() as connection:
        acts = connection.execute(select(Act.result)).scalars().all()
        trail = connection.execute(select(AuditRow.before, AuditRow.after)).all()
    told = f"{acts} {trail}"
    assert "trader" in told
    assert "Fatoumatta" not in told


def test_with_a_stall_card_four_answers_do(world: World) -> None:
    card = add_stall(world, market="latrikunda", number="L7")
    phone = world.phone().dial().press("1", "1", "1", card)
    phone.reads("CON Stall L7, Latrikunda. Is it yours?\n1 Yes\n2 No\n0 Back")
    phone.press("1").sees("What do you sell most?").press("1", "Awa").sees("You are in")
    phone.press("5", "3", "4").sees("CON Awa, Latrikunda L7\n")


def test_a_misread_card_is_asked_again(world: World) -> None:
    card = add_stall(world)
    phone = world.phone().dial().press("1", "1", "1")
    swapped = card[1] + card[0] + card[2:]
    for wrong in (swapped, "12345", "card", "100003"):
        phone.press(wrong)
        if "Wrong key" in phone.screen:
            phone.press("1").sees("stall card")
        else:
            phone.sees("CON Card number: 6 numbers, or 1\nType the number")
    phone.press(f"{card[:3]} {card[3:]}").sees("Stall B12, Bakoteh. Is it yours?")


def test_a_card_that_has_a_name_on_it_is_contested(world: World) -> None:
    card = add_stall(world)
    world.phone(AWA).dial().press("1", "1", "1", card, "1", "1", "Awa")
    phone = world.phone(BINTA).dial().press("1", "1", "1", card)
    phone.reads(
        """CON Stall B12 has a name on it. The council will look.
        1 Go on
        2 Type again
        0 Back"""
    )
    phone.press("1", "1", "Binta").sees("Good, Binta. You are in.")
    with world.db.reading() as connection:
        claims = connection.execute(select(StallClaim.contested).order_by(StallClaim.id))
        assert claims.scalars().all() == [False, True]


def test_an_unknown_market_keeps_nobody_out(world: World) -> None:
    phone = world.phone().dial().press("1", "1", "1", "1", "Xyzzyqw")
    phone.reads(
        """CON We do not know this market yet: Xyzzyqw
        1 Type again
        2 Go on with no market
        0 Back"""
    )
    phone.press("2", "1", "Awa").sees("You are in")
    phone.press("1").sees("CON No stall is in your name yet")
    phone.press("00", "5", "3", "4").sees("CON Awa, no market\n")


def test_a_market_word_that_fits_several_is_asked_about(world: World) -> None:
    phone = world.phone().dial().press("1", "1", "1", "1", "kunda")
    phone.sees("Did you mean", "Serrekunda", "Latrikunda", "4 Not here")
    phone.pick("Latrikunda").sees("What do you sell most?")


def test_a_name_has_letters(world: World) -> None:
    phone = world.phone().dial().press("1", "1", "1", "1", "bakoteh", "1")
    phone.press("77").sees("CON Type your name with letters\nType your name, as people call you.")
    phone.press("Ñaña Sañneh-Jóbe").sees("Good, Ñaña.")


def test_who_says_no_loses_nothing(world: World) -> None:
    phone = world.phone().dial().press("1", "1", "3").sees("Buyers see your goods and market.")
    phone.press("3").sees("To leave press 5, 3, 5.", "Old sales and pay stay with no name.")
    phone.press("2").sees("END You did not join. That is fine.")
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Trader)).scalar_one() == 0


def test_consent_is_asked_once(world: World) -> None:
    world.phone().dial().press("1", "1", "1").sees("stall card")
    world.clock.move(hours=2)
    phone = (
        world.phone()
        .dial()
        .press("1")
        .reads("CON Join first. It takes 5 answers.\n1 Join\n9 Check a code\n0 Back")
    )
    phone.press("1").sees("Type the number on your stall card.")


def test_back_from_the_card_shows_the_consent_again(world: World) -> None:
    phone = world.phone().dial().press("1", "1", "1", "0").sees("We keep your name", "1 I agree")
    phone.press("1").sees("Type the number on your stall card.")
    with world.db.reading() as connection:
        kinds = select(func.count()).select_from(Act).where(Act.kind == "person.consent")
        assert connection.execute(kinds).scalar_one() == 1


def test_a_dropped_line_goes_on_at_the_goods(world: World) -> None:
    world.phone().dial().press("1", "1", "1", "1", "bakoteh")
    phone = world.phone().dial().sees("Go on where you were?").press("1")
    phone.sees("What do you sell most?").press("1", "Awa").sees("Good, Awa.")


def test_a_repeated_last_answer_joins_once(world: World) -> None:
    phone = joined(world)
    first = phone.screen
    assert phone.send().screen == first
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Trader)).scalar_one() == 1


def test_a_buyer_is_led_to_join_and_then_forgotten(world: World) -> None:
    buyer(world)
    world.phone().dial("1*1").sees("CON Join first. It takes 5 answers.")
