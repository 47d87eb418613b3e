"""Who sells it: bare words, what is not sure, what nobody sells."""

from __future__ import annotations

from tests.fixtures.french import trader as french_trader
from tests.fixtures.prices import fill, seen
from tests.fixtures.sellers import seller
from tests.fixtures.texting import Line
from tests.fixtures.world import World

AWA, BINTA, BUYER = "+2203012345", "+2207012345", "+2203099999"


def two_sellers(world: World) -> Line:
    seller(world, AWA).post("onion", "bag", 20, 150_000)
    seller(world, BINTA, market="brikama", name="Binta Ceesay").post("onion", "bag", 5, 140_000)
    return Line(world)


def test_a_misspelt_word_and_a_place(world: World) -> None:
    two_sellers(world).phone(BUYER).texts("oniyon brikama").reads(
        """onion, one bag
        1 Brikama 5, D1,400
        2 Serrekunda 20, D1,500
        Text 1 for more of it"""
    )


def test_one_of_the_list_keeps_her_number(world: World) -> None:
    phone = two_sellers(world).phone(BUYER).texts("onion brikama").texts("1")
    phone.reads(
        "Binta, Brikama: 5 bags onion, one bag for D1,400. Text CALL 1 and the seller calls you."
    )
    assert AWA not in str(phone.got)
    assert BINTA not in str(phone.got)


def test_a_seller_who_shows_her_number(world: World) -> None:
    line = two_sellers(world)
    world.phone(AWA).dial().press("5", "3", "3", "3").sees("Saved")
    phone = line.phone(BUYER).texts("onion serrekunda").texts("1")
    phone.reads(f"Awa, Serrekunda: 20 bags onion, one bag for D1,500. Call {AWA}")


def test_more_goes_on_where_the_page_ended(world: World) -> None:
    for at in range(7):
        seller(world, f"+22030123{at:02d}").post("onion", "bag", at + 1, 100_000 + at * 100)
    phone = Line(world).phone(BUYER).texts("onion").sees("or MORE")
    pages = [phone.answer or ""]
    for _ in range(2):
        phone.texts("more")
        pages.append(phone.answer or "")
    phone.texts("more").reads("That was all. Text a product, like rice")
    rows = [row for page in pages for row in page.splitlines() if row[:1].isdigit()]
    assert len(rows) == 7
    assert len({row[2:] for row in rows}) == 7
    assert "MORE" not in pages[-1]


def test_a_digit_on_the_second_page_is_of_that_page(world: World) -> None:
    for at in range(4):
        seller(world, f"+22030123{at:02d}").post("onion", "bag", at + 1, 100_000)
    phone = Line(world).phone(BUYER).texts("onion").texts("MORE").sees("1 Serrekunda 1, D1,000")
    phone.texts("1").sees("1 bag onion")


def test_nobody_in_that_place_but_elsewhere(world: World) -> None:
    two_sellers(world).phone(BUYER).texts("onion farafenni").sees(
        "No onion at Farafenni. Nearest, one bag:", "1 ", "2 ", "Text 1 or 2"
    )


def test_nobody_and_no_price(world: World) -> None:
    Line(world).phone(BUYER).texts("onion brikama").reads(
        "Nobody sells onion near Brikama now and we know no price. Lumo days: text LUMO"
    )


def test_nobody_but_a_price(world: World, ids: dict[str, int]) -> None:
    fill(world, [seen(ids, at="brikama", goods="onion", price_minor=4000, n=n) for n in range(3)])
    Line(world).phone(BUYER).texts("onion brikama").reads(
        "Nobody sells onion near Brikama now. 3 reports, Sun 22 Nov: one kg D40."
        " Other places: text PRICE onion"
    )


def test_what_most_pay_stands_first_where_it_is_known(world: World, ids: dict[str, int]) -> None:
    line = two_sellers(world)
    rows = [seen(ids, at="brikama", goods="onion", unit="bag", price_minor=130_000, n=n)
            for n in range(3)]  # fmt: skip
    fill(world, rows)
    line.phone(BUYER).texts("onion brikama").sees("onion, one bag, most pay D1,300\n1 Brikama")


def test_not_sure_which_product(world: World) -> None:
    phone = two_sellers(world).phone(BUYER).texts("onyan").sees("Did you mean", "onion")
    phone.texts("1").sees("onion, one bag")


def test_two_products_in_one_text(world: World) -> None:
    phone = two_sellers(world).phone(BUYER).texts("tomato onion")
    phone.reads("One product in one text, please. Text 1 for tomato, 2 for onion.")
    phone.texts("2").sees("onion, one bag")


def test_a_place_that_nobody_knows(world: World) -> None:
    phone = two_sellers(world).phone(BUYER).texts("onion xqzwv")
    phone.reads("onion: we know no place xqzwv. Text only onion, and we look in all markets.")


def test_a_lumo_alone_is_its_day(world: World) -> None:
    Line(world).phone(BUYER).texts("wassu").sees("Wassu lumo: each Monday")


def test_goods_in_other_languages(world: World) -> None:
    line = two_sellers(world)
    for word in ("oignon", "jaboo", "soble", "basalle", "yabas", "SOBLEH?"):
        line.phone(BUYER).texts(word).sees("onion, one bag")


def test_a_buyer_who_reads_french(world: World) -> None:
    line = two_sellers(world)
    phone = line.phone(BUYER).texts("LANG french").sees("Langue: Francais")
    phone.texts("oignon brikama").reads(
        """oignon, par sac
        1 Brikama 5, D1,400
        2 Serrekunda 20, D1,500
        Tapez 1 pour en savoir plus"""
    )
    phone.texts("1").sees("Binta, Brikama: 5 sacs oignon")


def test_sellers_who_left_or_are_on_hold_are_in_no_list(world: World) -> None:
    french_trader(world, AWA).post()
    line = Line(world)
    phone = line.phone(BUYER).texts("onion").sees("Serrekunda")
    world.phone(AWA).dial().press("5", "3", "5", "1")
    phone.texts("1").sees("This is not on sale any more.")
    phone.texts("CALL 1").sees("This is not on sale any more.")
    phone.texts("onion now").sees("Nobody sells onion")


def test_unknown_words_get_help_three_times_and_then_silence(world: World) -> None:
    phone = Line(world).phone(BUYER)
    phone.texts("qqzzv").reads(
        "We do not know: qqzzv. Text one product and a place, like onion brikama. Or text HELP"
    )
    phone.texts("wwqqz").sees("Text like this: onion brikama.")
    phone.texts("zzkkq").sees("Dial *384*220#")
    phone.texts("kkqqz").silence()
    phone.texts("zzqqx").silence()
    phone.texts("onion").sees("Nobody sells onion")
    phone.texts("qqzzw").sees("We do not know: qqzzw.")


def test_nothing_can_be_asked_of_a_text_that_asks_nothing(world: World) -> None:
    line = two_sellers(world)
    for at, words in enumerate(
        (
            "Are you coming home tonight",
            "ok",
            "I love you my dear",
            "Good morning how is the family",
        )
    ):
        phone = line.phone(f"+22030999{at:02d}").texts(words)
        phone.sees("We do not know")
        assert "D1" not in (phone.answer or "")
