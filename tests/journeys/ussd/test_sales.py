"""My sales: what the week brought, correcting, taking out, adding."""

from __future__ import annotations

from sqlalchemy import select

from tests.fixtures.sellers import by, seller
from tests.fixtures.world import World
from trader_platform.market.models_trade import Transaction
from trader_platform.market.service_listings import sell_out
from trader_platform.market.types import ListingOf


def sales(world: World) -> list[tuple[str, int]]:
    with world.db.transaction() as session:
        found = session.scalars(select(Transaction).order_by(Transaction.id))
        return [(x.status, x.amount_minor) for x in found]


def test_no_sale_yet(world: World) -> None:
    phone = seller(world).dial("2*5")
    phone.reads("CON This week: no sale yet.\n1 Last sales\n2 Add a sale\n0 Back")
    phone.press("1").reads("CON No sale is noted yet.\n2 Add a sale\n0 Back")
    phone.press("2").sees("What did you sell?")


def test_add_a_sale_in_three_answers(world: World) -> None:
    awa = seller(world)
    phone = (
        awa.dial()
        .press("2", "5", "2")
        .reads(
            """CON What did you sell? Press a number or type a word.
        1 onion
        2 tomato
        3 bitter tomato
        0 Back"""
        )
    )
    phone.press("2").reads("CON tomato: how much did you take? Type it.\n0 Back")
    phone.press("750").reads("END Noted for Sun 22 Nov: tomato. You took D750")
    assert phone.send().screen == "END Noted for Sun 22 Nov: tomato. You took D750"
    assert sales(world) == [("counted", 75_000)]
    phone = awa.dial("2*5")
    phone.reads("CON This week: 1 sale.\nYou took D750\n1 Last sales\n2 Add a sale\n0 Back")
    phone.press("1").reads("CON Last sales\n1 Sun 22 Nov tomato D750\n0 Back")
    phone.press("1").reads(
        """CON Sun 22 Nov: tomato
        You took D750
        1 Wrong amount
        2 Take it out
        0 Back"""
    )


def test_a_wrong_amount_is_corrected_and_a_later_sale_is_not(world: World) -> None:
    awa = seller(world)
    awa.dial().press("2", "5", "2", "onion", "100")
    phone = awa.dial().press("2", "5", "1", "1", "1")
    phone.reads("CON onion: how much did you take? We have D100\n0 Back")
    phone.press("120").reads("END Noted for Sun 22 Nov: onion. You took D120")
    phone = awa.dial().press("2", "5", "1", "1", "1").sees("We have D120")
    phone.press("0", "0", "0").sees("This week: 1 sale.").press("2", "onion", "50")
    phone.sees("END Noted for Sun 22 Nov: onion. You took D50")
    assert sales(world) == [("counted", 12_000), ("counted", 5_000)]


def test_taken_out_does_not_count(world: World) -> None:
    awa = seller(world)
    awa.dial().press("2", "5", "2", "onion", "100")
    phone = awa.dial().press("2", "5", "1", "1", "2")
    phone.reads("END Taken out. It does not count now: onion D100")
    assert phone.send().screen == "END Taken out. It does not count now: onion D100"
    assert sales(world) == [("out", 10_000)]
    awa.dial("2*5").sees("This week: no sale yet.").press("1").sees("No sale is noted yet.")


def test_a_sale_from_a_listing_says_how_many(world: World) -> None:
    awa = seller(world)
    posted = awa.post()
    with world.db.transaction() as session:
        sell_out(session, ListingOf(awa.trader, posted["listing"], "UTC"), by=by(world))
    awa.dial("2*5*1*1").sees("CON Sun 22 Nov: 20 bags onion\nYou took D30,000")


def test_a_week_begins_on_monday(world: World) -> None:
    awa = seller(world)
    awa.dial().press("2", "5", "2", "onion", "100")
    world.clock.move(days=1)
    awa.dial("2*5").sees("This week: no sale yet.")
    awa.dial("2*5*1").sees("1 Sun 22 Nov onion D100")


def test_many_sales_page(world: World) -> None:
    awa = seller(world)
    for number in range(1, 9):
        awa.dial().press("2", "5", "2", "sweet potatoes", f"{number}0000.50").sees("END Noted")
    phone = awa.dial("2*5").sees("This week: 8 sales.\nYou took D360,004\n").press("1")
    phone.sees("1 Sun 22 Nov sweet potatoes D80,000.50", "98 More\n0 Back")
    phone.press("98").sees("99 Before").press("99").press("1").sees("You took D80,000.50")


def test_what_is_no_amount_is_asked_again(world: World) -> None:
    awa = seller(world)
    phone = awa.dial().press("2", "5", "2", "onion", "lots")
    phone.sees("Type a number, like 1500", "onion: how much did you take?")
    phone.press("10000000").sees("Type a number, like 1500")
    phone.press("9999999.99").sees("END Noted for Sun 22 Nov: onion. You took D9,999,999.99")
    assert sales(world) == [("counted", 999_999_999)]
