"""5 More: settings, what the service says of itself, and leaving."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, insert, select, update

from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.market.models import Council, Pack, Stall, Unit
from trader_platform.market.models_trade import Listing
from trader_platform.traders.models import Person, Trader
from trader_platform.traders.service import erase_due

AWA = "+2203012345"


def buyer(world: World, number: str = AWA) -> Phone:
    return world.phone(number).dial().press("1", "2")


def joined(world: World, number: str = AWA, name: str = "Awa") -> Phone:
    phone = world.phone(number).dial().press("1", "1", "1", "1", "bakoteh", "1", name)
    return phone.sees(f"Good, {name}. You are in.")


def person(world: World) -> Person:
    with world.db.transaction() as session:
        return session.execute(select(Person)).scalar_one()


def test_more_shows_what_there_is_with_its_own_digits(world: World) -> None:
    phone = buyer(world).press("5")
    phone.reads("CON More\n2 Where did our money go?\n3 Settings\n6 About this\n0 Back")


def test_who_does_not_sell_has_language_and_leave(world: World) -> None:
    buyer(world).press("5", "3").reads("CON Settings\n1 Language\n5 Leave\n0 Back")
    world.phone().dial("5*3*4").sees("Settings")


def test_another_language_is_kept(world: World) -> None:
    phone = buyer(world).press("5", "3", "1").sees("CON Language\n1 English\n2 Francais")
    phone.press("1").reads("CON Saved: English\n1 Settings\n00 Home")
    phone.press("1").sees("CON Settings")
    phone.press("1", "3").sees("Mandinka here is a draft.").press("1").sees("Mandinka")
    assert person(world).language == "mnk"


def test_who_sees_her_number(world: World) -> None:
    phone = joined(world).press("5", "3", "3")
    phone.reads(
        """CON Who sees my number? Now: Buyers I say yes to
        1 Nobody
        2 Buyers I say yes to
        3 All buyers
        0 Back"""
    )
    phone.press("3").reads("CON Saved: All buyers\n1 Settings\n00 Home")
    assert person(world).number_shown == "all"
    phone.press("1", "3").sees("Now: All buyers")


def test_her_name_market_goods_and_gender(world: World) -> None:
    phone = joined(world).press("5", "3", "4")
    phone.reads(
        """CON Awa, Bakoteh
        1 Name
        2 Market
        3 Stall card
        4 Goods
        5 Woman or man
        0 Back"""
    )
    phone.press("1", "Awa Fatty").sees("CON Saved: Awa\n").press("00")
    phone.press("5", "3", "4", "2").sees("Where? Press a number or type a place.")
    phone.press("latrikunda").sees("CON Saved: Latrikunda\n")
    phone.press("1", "4").sees("CON Awa, Latrikunda\n").press("4", "2").sees("CON Saved: Fish\n")
    phone.press("1", "4", "5").sees("Only to count, with no name.").press("1")
    phone.sees("CON Saved: Woman\n")
    found = person(world)
    assert (found.name, found.gender) == ("Awa Fatty", "w")
    assert found.market_id == market_id(world, "latrikunda")
    with world.db.reading() as connection:
        assert connection.execute(select(Trader.market_id)).scalar_one() == found.market_id
        results = connection.execute(select(Act.result)).scalars().all()
    assert "Fatty" not in str(results)


def test_a_place_nobody_knows_is_typed_another_way(world: World) -> None:
    phone = joined(world).press("5", "3", "4", "2", "Xyzzyqw")
    phone.reads(
        """CON We know no place: Xyzzyqw
        Type it another way.
        1 Pick from a list
        0 Back"""
    )
    phone.press("kunda").sees("Did you mean", "4 No, type again")
    phone.pick("Serrekunda").sees("CON Saved: Serrekunda\n")


def test_a_stall_card_brings_its_market_with_it(world: World) -> None:
    card = add_stall(world, market="latrikunda", number="L7")
    phone = joined(world).press("1").sees("1 My stall card").press("1")
    phone.press("123").sees("CON Card number: 6 numbers\nType the number")
    phone.press(card).reads("CON Saved: Stall L7\n1 Settings\n00 Home")
    phone.press("1", "4").sees("CON Awa, Latrikunda L7\n")
    other = world.phone("+2207012345").dial().press("1", "1", "1", "1", "bakoteh", "1", "Binta")
    other.press("5", "3", "4", "3", card).sees("Stall L7 has a name on it.")
    other.press("1").sees("CON Saved: Stall L7\n")


def test_it_says_only_what_it_knows_of_itself(world: World) -> None:
    phone = (
        buyer(world).press("5", "6").reads("CON About this\n2 Who runs it\n3 How to press\n0 Back")
    )
    phone.press("2").sees("Market Line: no phone to call is known here yet.").press("0")
    phone.press("3").sees("0 is back, 00 is home.")


def test_costs_and_council_are_told_where_they_are_known(world: World) -> None:
    with world.db.transaction() as session:
        pack = session.execute(select(Pack)).scalar_one()
        known = '"dial_cost_minor": 150, "text_cost_minor": 200}'
        pack.settings = pack.settings.removesuffix("}") + ", " + known
        session.execute(update(Council).where(Council.slug == "kanifing").values(phone="+2204000"))
    phone = joined(world).press("5", "6", "1")
    phone.sees("Dialling costs D1.50. A text to us costs D2. Texts to you cost nothing.")
    phone.press("0", "2").sees("Market Line is run with Kanifing council. Call +2204000")


def test_a_demonstration_says_so(world: World) -> None:
    add_stall(world)
    with world.db.transaction() as session:
        session.execute(update(Stall).values(demo=True))
    phone = buyer(world).press("5", "6", "2")
    phone.sees("Market Line is a demo here. People, stalls and prices are made up.")


def offer(world: World) -> None:
    with world.db.transaction() as session:
        trader = session.execute(select(Trader)).scalar_one()
        session.execute(
            insert(Listing).values(
                trader_id=trader.id,
                market_id=trader.market_id,
                product_id=1,
                unit_id=session.execute(select(Unit.id).limit(1)).scalar_one(),
                quantity=2,
                quantity_left=2,
                price_minor=100,
                currency="GMD",
                status="open",
                posted_at=world.clock.now(),
                expires_at=world.clock.now(),
                expires_on=date(2026, 11, 22),
                channel="ussd",
            )
        )


def test_leaving_stops_her_goods_and_empties_her_row_after_seven_days(world: World) -> None:
    phone = joined(world)
    offer(world)
    phone.press("5", "3", "5").reads(
        "CON We delete your name and number. Your goods stop now."
        " Old sales and pay stay with no name.\n1 Delete me\n2 No, I stay\n0 Back"
    )
    phone.press("1").sees("END You are out. On Sun 29 Nov we delete your name and number.")
    with world.db.reading() as connection:
        assert connection.execute(select(Listing.status)).scalar_one() == "stopped"
    world.clock.move(days=6)
    assert not erase(world)
    world.phone().dial().sees("You asked to leave. On Sun 29 Nov we delete your name and number.")
    world.clock.move(days=1)
    assert erase(world)
    gone = person(world)
    assert (gone.name, gone.phone_hash, gone.phone_sealed) == (None, None, None)
    joined(world, name="Isatou")
    with world.db.reading() as connection:
        statuses = connection.execute(select(Trader.status).order_by(Trader.id)).scalars().all()
        assert connection.execute(select(func.count()).select_from(Person)).scalar_one() == 2
    assert statuses == ["left", "active"]


def erase(world: World) -> list[int]:
    with world.db.transaction() as session:
        return erase_due(session, world.clock.now())


def test_who_stays_keeps_everything(world: World) -> None:
    joined(world).press("5", "3", "5", "1").sees("END You are out.")
    world.clock.move(days=2)
    world.phone().dial().press("1").sees("CON Awa\n1 My duty")
    world.clock.move(days=30)
    assert not erase(world)
    assert person(world).name == "Awa"


def test_a_stall_of_one_who_left_is_free(world: World) -> None:
    card = add_stall(world)
    world.phone().dial().press("1", "1", "1", card, "1", "1", "Awa", "5", "3", "5", "1")
    world.clock.move(days=8)
    assert erase(world)
    phone = world.phone("+2207012345").dial().press("1", "1", "1", card)
    phone.sees("Stall B12, Bakoteh. Is it yours?")
