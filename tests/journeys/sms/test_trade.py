"""SELL, SOLD, DUTY and CALL: what traders and buyers do by text, and how it is taken back."""

from __future__ import annotations

from sqlalchemy import select, update

from tests.fixtures.french import trader as french_trader
from tests.fixtures.sellers import Seller, seller
from tests.fixtures.texting import Line, Texting
from tests.fixtures.world import SUNDAY, World
from trader_platform.fees.queries import duty_for
from trader_platform.market.models_trade import CallRequest, Listing, Transaction
from trader_platform.messaging.models import Message
from trader_platform.traders.models import Person, Trader

AWA, BINTA, BUYER = "+2203012345", "+2207012345", "+2203099999"


def rows(world: World, table: type) -> list[object]:
    with world.db.transaction() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def awa(world: World) -> Texting:
    """A trader who sold onions by the bag before."""
    made = seller(world, AWA)
    made.post("onion", "bag", 3, 150_000)
    line = Line(world)
    line.phone(AWA).texts("SOLD onion")
    return line.phone(AWA)


def test_goods_on_sale_in_one_text_and_back(world: World) -> None:
    phone = awa(world).texts("SELL onion 20 1500")
    phone.reads(
        "On sale till Mon 23 Nov: 20 bags onion. Wrong? Text 2. Sold? Text SOLD onion."
        " One bag for D1,500"
    )
    phone.texts("2").reads("Taken back. It is not on sale: onion")
    assert [x.status for x in rows(world, Listing)] == ["sold", "stopped"]


FORMS = (
    "SELL onion 20 1,500",
    "sell onions 20 D1500/bag",
    "Sell 20 bags onion 1500",
    "SELL oniyon 20 1500",
    "sell onion 20 1500D",
    "sell 20 onion at D1500 each",
    "SELL: onion, 20, 1500.",
    '"SELL onion 20 1500"',
    "sell onion D1500 20",
    "SELL onion 1500 dalasi 20 bags",
    "SELL onion 1,500 dalasis 20 bags",
    "SELL onion D 1500 20 bags",
    "sell 20 onion GMD 1500",
    "SELL onion 20 1500 D",
)
WRONG = (
    "SELL",
    "SELL onion",
    "SELL onion 20",
    "SELL onion 20 0",
    "SELL onion 0 1500",
    "SELL onion 20 1e9",
    "SELL onion 20 99999999999",
    "SELL onion 99999 1500",
    "SELL 20 1500",
    "SELL onion 20 15 00 7",
    "SELL xqzwv 20 1500",
    "SELL onion 9999 99999",
    "SELL onion 20 D 1500",  # the mark may be of either
    "SELL nice red onion 20 1500",
    "sell onion tomorrow at 9 and come back before 6",
    "Sell me onion for 2 days from 7",
)


def test_however_it_is_typed(world: World) -> None:
    phone = awa(world)
    for words in FORMS:
        phone.texts(words).sees("20 bags onion", "One bag for D1,500")
        world.clock.move(minutes=3)
    assert len(rows(world, Listing)) == 1 + len(FORMS)


def test_a_wrong_form_gets_an_example_and_sells_nothing(world: World) -> None:
    phone = awa(world)
    for words in WRONG:
        phone.texts(words).reads(
            "Text it like this: SELL onion 20 1500. That is 20 bags, D1,500 each"
        )
    assert len(rows(world, Listing)) == 1


def test_a_letter_to_somebody_sells_nothing(world: World) -> None:
    phone = awa(world)
    words = "Sell the onion my sister left, 20 people came yesterday and owe me 1500, tell mother"
    phone.texts(words).sees("too long")
    assert len(rows(world, Listing)) == 1


def test_a_measure_that_is_not_known_is_asked_for(world: World) -> None:
    seller(world, AWA)
    phone = Line(world).phone(AWA).texts("SELL onion 20 1500").sees("20 onion: of what?\n1 ")
    assert rows(world, Listing) == []
    chosen = next(x for x in (phone.answer or "").splitlines() if x.endswith("bag"))
    phone.texts(chosen[0]).sees("20 bags onion", "One bag for D1,500")


def test_a_price_that_is_far_off_is_asked_about_before_anything_is_on_sale(world: World) -> None:
    seller(world, BINTA, name="Binta Ceesay").post("onion", "bag", 5, 140_000)
    phone = awa(world).texts("SELL onion 20 15000")
    phone.reads(
        "Others ask D1,400 for one bag of onion. You typed D15,000. Right? Text 1 for yes, 2 for no"
    )
    assert len(rows(world, Listing)) == 2
    phone.texts("2").reads("Taken back. It is not on sale: onion")
    phone.texts("SELL onion 20 15000.").sees("Others ask")
    phone.texts("1").sees("On sale till", "D15,000")
    assert len(rows(world, Listing)) == 3


def test_not_sure_which_goods_to_sell(world: World) -> None:
    phone = awa(world).texts("SELL onyan 20 1500").sees("Did you mean")
    first = (phone.answer or "").find("onion")
    assert first > 0
    phone.texts("1").sees("20 bags onion")


def test_as_many_goods_as_one_may_have(world: World) -> None:
    made = seller(world, AWA)
    for _ in range(20):
        made.post()
    Line(world).phone(AWA).texts("SELL onion 20 1500").reads(
        "You have 20 goods on sale. That is the most. Text SOLD and a product first."
    )


def test_who_may_not_sell(world: World) -> None:
    line = Line(world)
    line.phone(BUYER).texts("SELL onion 20 1500").sees("This phone has not joined.", "*384*220*2#")
    line.phone("+221771234567").texts("SELL onion 20 1500").sees("This phone has not joined.")
    line.phone("+447911123456").texts("SELL onion 20 1500").sees("Here you can ask")
    line.phone("+447911123456").texts("DUTY").sees("Here you can ask")
    assert rows(world, Listing) == []


def test_who_is_on_hold_or_leaves_cannot_sell(world: World) -> None:
    made = seller(world, AWA)
    line = Line(world)
    with world.db.transaction() as session:
        session.execute(update(Person).values(held=True))
    line.phone(AWA).texts("SELL onion 20 1500").sees("on hold")
    with world.db.transaction() as session:
        session.execute(update(Person).values(held=False))
    world.phone(AWA).dial().press("5", "3", "5", "1")
    line.phone(AWA).texts("SELL onion 2 1500").sees("You asked to leave. On Sun 29 Nov")
    assert rows(world, Listing) == []
    assert made.trader


def test_a_trader_without_a_market(world: World) -> None:
    seller(world, AWA, market=None)
    line = Line(world)
    line.phone(AWA).texts("SELL 20 bags onion 1500").sees("We do not know your market yet.")
    line.phone(AWA).texts("DUTY").sees("No market is in your name yet")


def test_sold_and_back(world: World) -> None:
    phone = awa(world).texts("SELL onion 20 1500").texts("SOLD onions!")
    phone.reads("Sold: 20 bags onion. Wrong? Text 2. You took D30,000")
    phone.texts("2").reads("On sale again: 20 bags onion. One bag for D1,500")
    assert [x.status for x in rows(world, Transaction)] == ["counted", "out"]
    phone.texts("2").silence()


def test_two_goods_of_one_name(world: World) -> None:
    made = seller(world, AWA)
    made.post("onion", "bag", 3, 150_000)
    made.post("onion", "kg", 8, 4_000)
    phone = Line(world).phone(AWA).texts("SOLD onion").sees("Which one?", "1 kg, 8, D40")
    phone.texts("2").reads("Sold: 3 bags onion. Wrong? Text 2. You took D4,500")


def test_a_slip_of_the_goods_means_what_she_has(world: World) -> None:
    made = seller(world, AWA)
    made.post("onion", "bag", 3, 150_000)
    Line(world).phone(AWA).texts("SOLD onyan").sees("Sold: 3 bags onion")


def test_sold_what_is_not_there(world: World) -> None:
    phone = awa(world).texts("SOLD onion.")
    phone = phone.texts("SOLD tomato").sees("You have no tomato on sale.", "*384*220*2*3#")
    phone.texts("SOLD").sees("Sold what?")
    phone.texts("SOLD onion 2").sees("Sold what?")
    phone.texts("Sold my old car to a friend in town").sees("We do not know")


def test_taken_back_too_late(world: World) -> None:
    phone = awa(world).texts("SELL onion 20 1500")
    world.clock.move(minutes=31)
    phone.texts("2").sees("You have no open list here.")
    assert rows(world, Listing)[-1].status == "open"


def test_duty(world: World) -> None:
    seller(world, AWA)
    french_trader(world, BINTA)
    line = Line(world)
    line.phone(AWA).texts("DUTY").reads(
        """Greens, fruit, Serrekunda
        Not sure, ask: since 2020, told 3 Mar 2020
        One day: D10"""
    )
    line.phone(BINTA).texts("taxe").sees("Serrekunda", "D10")
    line.phone(BUYER).texts("duty").sees("This phone has not joined.")


def test_duty_where_no_tariff_is_known(world: World) -> None:
    made = seller(world, AWA)
    goods = next(c.id for c in made.catalog.classes.values() if c.slug == "greens")
    with world.db.reading() as connection:
        untold = next(
            place.slug
            for place in made.catalog.markets.values()
            if place.council_id
            and duty_for(connection, place.council_id, place.id, goods, SUNDAY.date()) is None
        )
    seller(world, BINTA, market=untold)
    Line(world).phone(BINTA).texts("DUTY").sees("council takes no duty here yet.")


def test_sell_and_sold_in_french(world: World) -> None:
    made = french_trader(world, AWA)
    made.post("onion", "bag", 3, 150_000)
    phone = Line(world).phone(AWA).texts("vendu oignon").sees("oignon", "D4,500")
    phone.texts("2").sees("oignon")
    phone.texts("vendre oignon 20 1500").sees("lun 23 nov", "20 sacs oignon", "D1,500")
    phone.texts("SELL oignon").sees("SELL")


def sent_to(line: Line, number: str) -> list[str]:
    """What a seller was told of buyers."""
    return [words for to, words in line.sent if to == number and "buyer" in words]


def call(world: World) -> tuple[Seller, Line, Texting]:
    made = seller(world, AWA)
    made.post("onion", "bag", 20, 150_000)
    line = Line(world)
    return made, line, line.phone(BUYER).texts("onion")


def test_call_gives_the_buyers_number_to_one_seller_once(world: World) -> None:
    _, line, phone = call(world)
    phone.texts("CALL 1").reads(
        "We gave your number to Awa for this one time. A call may come today: onion, D1,500"
    )
    told = sent_to(line, AWA)
    assert told == [
        f"A buyer at Serrekunda asks for your onion, one bag for D1,500. Please call {BUYER}"
    ]
    world.clock.move(minutes=3)
    phone.texts("CALL 1").sees("We gave your number to Awa")
    assert sent_to(line, AWA) == told
    assert len(rows(world, CallRequest)) == 1


def test_call_a_seller_who_shows_her_number(world: World) -> None:
    made, line, phone = call(world)
    made.dial().press("5", "3", "3", "3")
    phone.texts("CALL 1").reads(f"Call Awa on {AWA}: onion, one bag for D1,500")
    assert sent_to(line, AWA) == []


def test_call_a_seller_who_shows_it_to_nobody_still_reaches_her(world: World) -> None:
    made, line, phone = call(world)
    made.dial().press("5", "3", "3", "1")
    phone.texts("CALL 1").sees("We gave your number to Awa")
    assert AWA not in str(phone.got)
    assert BUYER in str(sent_to(line, AWA))


def test_call_without_a_list_or_a_number(world: World) -> None:
    _, line, phone = call(world)
    phone.texts("CALL").sees("Call which one?")
    phone.texts("CALL 4").reads("The list has 1 to 1. Text one of these.")
    line.phone("+2203088888").texts("CALL 1").sees("You have no open list here.")
    world.clock.move(minutes=31)
    phone.texts("CALL 1").sees("You have no open list here.")
    assert rows(world, CallRequest) == []


def test_five_calls_a_day(world: World) -> None:
    line = Line(world)
    for at in range(6):
        seller(world, f"+22030123{at:02d}").post("onion", "bag", 1, 100_000)
    phone = line.phone(BUYER).texts("onion")
    said = []
    for page in range(2):
        for n in (1, 2, 3):
            world.clock.move(seconds=1)
            said.append(phone.texts(f"CALL {n}" + " please" * page).answer or "")
        phone.texts("MORE")
    assert sum("We gave your number" in x for x in said) == 5
    assert said[-1] == "You asked for 5 calls today. That is the most. Text again tomorrow."
    assert len(rows(world, CallRequest)) == 5


def test_call_about_ones_own_goods_or_goods_that_are_gone(world: World) -> None:
    made, line, phone = call(world)
    line.phone(AWA).texts("onion").texts("CALL 1").sees("This is not on sale any more.")
    made.dial().press("5", "3", "5", "1")
    phone.texts("CALL 1").sees("This is not on sale any more.")
    assert rows(world, CallRequest) == []


def test_call_a_seller_who_stopped_all_texts(world: World) -> None:
    _, line, phone = call(world)
    line.phone(AWA).texts("STOP ALL")
    phone.texts("CALL 1").sees("This is not on sale any more.")
    assert rows(world, CallRequest) == []
    with world.db.reading() as connection:
        kinds = connection.execute(select(Message.kind)).scalars().all()
    assert "call.seller" not in kinds


def test_call_a_seller_who_left(world: World) -> None:
    made, _, phone = call(world)
    with world.db.transaction() as session:
        session.execute(update(Trader).where(Trader.id == made.trader).values(status="left"))
    phone.texts("CALL 1").sees("This is not on sale any more.")


def test_a_foreign_phone_gives_no_number_away(world: World) -> None:
    _, line, _ = call(world)
    abroad = line.phone("+447911123456").texts("onion").sees("Serrekunda")
    abroad.texts("CALL 1").sees("Here you can ask")
    line.phone("+221771234567").texts("onion").texts("CALL 1").sees("We gave your number to Awa")
