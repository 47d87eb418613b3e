"""3*3*w*i*1 Seller, call me: one seller gets the buyer's number, once; five a day."""

from __future__ import annotations

import json

from sqlalchemy import text, update

from tests.fixtures.french import buyer as french_buyer
from tests.fixtures.phone import Phone
from tests.fixtures.sellers import Seller, seller
from tests.fixtures.world import World
from tests.journeys.ussd.test_prices import buyer
from trader_platform.traders.models import Person

AWA = "+2207012345"
BUYER = "+2203012345"


def texts(world: World) -> list[tuple[str, dict[str, object]]]:
    with world.db.reading() as connection:
        rows = connection.execute(
            text("SELECT kind, params FROM messages WHERE kind = 'call.seller' ORDER BY id")
        )
        return [(row.kind, json.loads(row.params)) for row in rows]


def awa(world: World, **posted: int) -> Seller:
    made = seller(world, AWA, name="Awa Jallow", market="serrekunda")
    made.post(price=150_000, **posted)
    return made


def at_the_seller(phone: Phone) -> Phone:
    """From home to the first seller of onions near Serrekunda."""
    return phone.press("3", "3", "onion serrekunda", "1")


def test_a_seller_gets_the_buyers_number(world: World) -> None:
    made = awa(world)
    phone = at_the_seller(buyer(world))
    phone.reads(
        """CON Awa, Serrekunda: 20 bags onion
        One bag for D1,500
        1 Seller, call me
        0 Back"""
    )
    phone.press("1").reads(
        "END We gave your number to Awa for this one time. A call may come today."
    )
    ((kind, params),) = texts(world)
    assert kind == "call.seller"
    assert params["market"] == made.market
    assert params["price"] == 150_000
    assert BUYER not in json.dumps(params)


def test_the_same_in_french(world: World) -> None:
    awa(world)
    phone = at_the_seller(french_buyer(world, BUYER))
    phone.reads(
        """CON Awa, Serrekunda: 20 sacs oignon
        Par sac: D1,500
        1 Vendeur, appelez-moi
        0 Retour"""
    )
    phone.press("1").reads(
        "END Nous avons donné votre numéro à Awa pour cette seule fois."
        " On peut vous appeler aujourd'hui."
    )


def test_a_number_is_given_once_however_often_it_is_asked(world: World) -> None:
    awa(world)
    phone = at_the_seller(buyer(world)).press("1").send()
    phone.sees("END We gave your number to Awa")
    at_the_seller(phone.dial()).press("1").sees("END We gave your number to Awa")
    assert len(texts(world)) == 1


def test_a_seller_who_shows_her_number_may_be_asked_too(world: World) -> None:
    made = awa(world)
    with world.db.transaction() as session:
        session.execute(update(Person).where(Person.id == made.person).values(number_shown="all"))
    phone = at_the_seller(buyer(world)).sees("Call +2207012345", "1 Seller, call me")
    phone.press("1").sees("END We gave your number to Awa")


def test_nobody_is_called_about_her_own_goods(world: World) -> None:
    made = awa(world)
    at_the_seller(made.dial()).sees("CON Awa, Serrekunda").sees("0 Back")
    assert "call me" not in at_the_seller(made.later()).screen


def test_five_a_day_and_then_tomorrow(world: World) -> None:
    six_sellers(world)
    phone = buyer(world).press("3", "3", "onion serrekunda")
    for number in range(5):
        at(phone.dial(), number).press("1").sees("END We gave your number")
    at(phone.dial(), 5).press("1").reads(
        "END You asked for 5 calls today. That is the most. Ask again tomorrow."
    )
    assert len(texts(world)) == 5
    world.clock.move(days=1)
    six_sellers(world, "71")
    at(phone.dial(), 5).press("1").sees("END We gave your number")


def six_sellers(world: World, prefix: str = "70") -> None:
    for number in range(6):
        seller(world, f"+220{prefix}123{number:02}", name="Awa", market="serrekunda").post()


def at(phone: Phone, number: int) -> Phone:
    """The offer at a place of the list, over its pages."""
    phone.press("3", "3", "onion serrekunda")
    while number >= (shown := phone.screen.count("Serrekunda")):
        phone.press("98")
        number -= shown
    return phone.press(str(number + 1))


def test_the_sixth_is_refused_in_french(world: World) -> None:
    six_sellers(world)
    phone = french_buyer(world, BUYER)
    for number in range(6):
        at(phone.dial(), number).press("1")
    phone.reads("END Vous avez demandé 5 appels aujourd'hui. C'est le maximum. Demandez demain.")


def test_a_seller_who_stopped_all_texts_is_left_alone(world: World) -> None:
    awa(world)
    phone = at_the_seller(buyer(world))
    stop_all(world)
    phone.press("1").reads(
        """CON We cannot give your number to this seller now.
        1 Other sellers
        0 Back"""
    )
    phone.press("1").sees("CON onion")
    assert texts(world) == []


def stop_all(world: World) -> None:
    """The only contact there is: a text that joining queued made it."""
    with world.db.transaction() as session:
        session.execute(text("UPDATE contacts SET stopped = 'all'"))


def test_goods_sold_meanwhile_lead_back_to_the_list(world: World) -> None:
    made = awa(world)
    phone = at_the_seller(buyer(world))
    with world.db.transaction() as session:
        session.execute(
            text("UPDATE listings SET status = 'sold' WHERE trader_id = :id"), {"id": made.trader}
        )
    phone.press("1").sees("CON Nobody sells onion near Serrekunda now.")
    assert texts(world) == []


def test_a_line_cut_after_the_act_shows_what_was_done(world: World) -> None:
    awa(world)
    phone = at_the_seller(buyer(world)).press("1")
    phone.sees("END We gave your number to Awa")
    world.restart()
    phone.send().sees("END We gave your number to Awa")
    assert len(texts(world)) == 1
