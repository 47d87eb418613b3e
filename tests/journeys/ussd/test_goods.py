"""My goods: sold, some sold, another price, stopped, put back."""

from __future__ import annotations

from sqlalchemy import select

from tests.fixtures.sellers import seller
from tests.fixtures.world import World
from trader_platform.market.models_trade import Listing, Transaction

BINTA = "+2207012345"


def states(world: World) -> list[tuple[str, int]]:
    with world.db.transaction() as session:
        found = session.scalars(select(Listing).order_by(Listing.id))
        return [(x.status, x.quantity_left) for x in found]


def sales(world: World) -> list[tuple[str, int | None, int]]:
    with world.db.transaction() as session:
        found = session.scalars(select(Transaction).order_by(Transaction.id))
        return [(x.status, x.quantity, x.amount_minor) for x in found]


def test_nothing_on_sale(world: World) -> None:
    phone = seller(world).dial("2*3")
    phone.reads(
        """CON You have no goods on sale.
        1 New goods
        2 Same as last time
        0 Back"""
    )


def test_all_sold_in_one_answer(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial("2*3").reads("CON My goods\n1 onion 20, D1,500\n0 Back")
    phone.press("1").reads(
        """CON 20 bags onion, till Mon 23 Nov
        One bag for D1,500
        1 All sold
        2 Some sold
        3 New price
        4 Stop
        0 Back"""
    )
    phone.press("1").reads(
        """CON Sold: 20 bags onion. Well done. You took D30,000
        1 Not this much
        2 Not sold, put it back
        00 Home"""
    )
    assert states(world) == [("sold", 0)]
    assert sales(world) == [("counted", 20, 3_000_000)]


def test_all_sold_on_two_lines_is_one_sale(world: World) -> None:
    awa = seller(world)
    awa.post()
    one = awa.dial().press("2", "3", "1").sees("1 All sold")
    two = awa.dial().press("2", "3", "1").sees("1 All sold")
    one.press("1").sees("Sold: 20 bags onion.")
    two.press("1").sees("You have no goods on sale.")
    assert one.send().screen.startswith("CON Sold: 20 bags onion.")
    assert sales(world) == [("counted", 20, 3_000_000)]


def test_not_sold_after_all_puts_it_back(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1", "1", "2")
    phone.reads("END It is on sale again: 20 bags onion. One bag for D1,500")
    assert states(world) == [("open", 20)]
    assert sales(world) == [("out", 20, 3_000_000)]
    assert phone.send().screen.startswith("END It is on sale again")
    awa.dial("2*3").sees("1 onion 20, D1,500")


def test_not_this_much_corrects_the_sale(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1", "1", "1")
    phone.reads("CON onion: how much did you take? We have D30,000\n0 Back")
    phone.press("much").sees("Type a number, like 1500").press("28500.50")
    phone.reads("END Noted for Sun 22 Nov: onion. You took D28,500.50")
    assert sales(world) == [("counted", 20, 2_850_050)]


def test_some_sold_leaves_the_rest_on_sale(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1", "2")
    phone.reads("CON onion: how many sold? You have 20 bags. Type a number.\n0 Back")
    phone.press("21").sees("CON Type a number up to 20\nonion: how many sold?")
    phone.press("8").reads("END 8 sold, noted. Still on sale: 12 bags onion. You took D12,000")
    phone = awa.dial().press("2", "3", "1", "2").sees("You have 12 bags").press("12")
    phone.reads("END All sold, noted: 12 bags onion. You took D18,000")
    assert states(world) == [("sold", 0)]
    assert sales(world) == [("counted", 8, 1_200_000), ("counted", 12, 1_800_000)]


def test_of_one_thing_some_cannot_be_sold(world: World) -> None:
    awa = seller(world)
    awa.post(quantity=1)
    awa.dial().press("2", "3", "1").reads(
        """CON 1 bag onion, till Mon 23 Nov
        One bag for D1,500
        1 All sold
        3 New price
        4 Stop
        0 Back"""
    )


def test_a_new_price_is_what_others_see(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1", "3")
    phone.reads("CON onion: new price of one bag? Now it is D1,500\n0 Back")
    phone.press("D1,250").reads("END New price, buyers see it now. onion: one bag for D1,250")
    binta = seller(world, BINTA, name="Binta")
    binta.dial().press("2", "1", "onion", "5", "1").sees("Others ask D1,250")


def test_stopped_goods_can_be_sold_again(world: World) -> None:
    awa = seller(world)
    awa.post()
    awa.dial().press("2", "3", "1", "4").reads(
        "END Stopped. Buyers do not see your onion now. To sell it again dial 2, 2."
    )
    assert states(world) == [("stopped", 20)]
    awa.dial("2*3").sees("You have no goods on sale.")
    awa.dial("2*2").sees("Same as last time?", "20 bags onion")


def test_goods_disappear_when_their_day_is_over(world: World) -> None:
    awa = seller(world)
    awa.post()
    awa.post("tomato", "kg", 5, 4_000)
    phone = awa.dial().press("2", "3").sees("1 tomato 5, D40", "2 onion 20, D1,500")
    world.clock.move(hours=15)  # Monday, 00:00 in Banjul
    awa.dial("2*3").reads("CON My goods\n1 onion 20, D1,500\n0 Back")
    phone.press("1").sees("My goods\n1 onion 20, D1,500")
    world.clock.move(hours=24)
    awa.dial("2*3").sees("You have no goods on sale.")
    assert states(world) == [("open", 20), ("open", 5)]


def test_an_act_on_goods_whose_day_is_over_changes_nothing(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1").sees("1 All sold")
    world.clock.move(hours=40)
    phone.press("1").sees("You have no goods on sale.")
    assert states(world) == [("open", 20)]
    assert sales(world) == []


def test_long_lists_page_and_the_digits_mean_what_was_shown(world: World) -> None:
    awa = seller(world)
    for number in range(1, 13):
        awa.post("onion", "bag", number, 100_000 + number * 100)
    phone = (
        awa.dial()
        .press("2", "3")
        .reads(
            """CON My goods
        1 onion 12, D1,012
        2 onion 11, D1,011
        3 onion 10, D1,010
        4 onion 9, D1,009
        5 onion 8, D1,008
        98 More
        0 Back"""
        )
    )
    phone.press("98").sees("1 onion 7, D1,007", "98 More\n99 Before\n0 Back")
    phone.press("98").sees("1 onion 2, D1,002", "2 onion 1, D1,001\n99 Before")
    phone.press("98").sees("CON Press a number you see", "2 onion 1, D1,001")
    phone.press("99").press("2").sees("6 bags onion").press("0").sees("1 onion 7, D1,007")


def test_the_goods_of_others_are_not_hers(world: World) -> None:
    seller(world).post()
    seller(world, BINTA, name="Binta").dial("2*3").sees("You have no goods on sale.")


def test_a_sold_screen_that_was_lost_is_shown_at_the_next_dial(world: World) -> None:
    awa = seller(world)
    awa.post()
    phone = awa.dial().press("2", "3", "1", "1", "9").sees("Press 1 or 2", "Sold: 20 bags onion.")
    phone.press("00").sees("1 My duty")
    assert sales(world) == [("counted", 20, 3_000_000)]
