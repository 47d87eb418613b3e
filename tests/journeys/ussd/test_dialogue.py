"""The dialogue itself: gates, wrong keys, repeats, dropped lines, dial strings."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.traders.models import Person

HOME = """CON Market Line
    1 My duty
    2 Sell
    3 Prices
    4 Lumo
    5 More"""


def known(world: World, number: str = "+2203012345") -> Phone:
    """A phone that has chosen English and buys."""
    return world.phone(number).dial().press("1", "2")


def test_the_first_dial_asks_the_language_and_then_what_she_wants(world: World) -> None:
    phone = world.phone().dial()
    phone.reads("CON Market Line\n1 English\n2 Francais\n3 Mandinka\n4 Wolof\n5 Pulaar")
    phone.press("1").reads("CON What do you want?\n1 I sell: join\n2 I buy: see prices\n0 Back")
    phone.press("2").reads(HOME)
    world.phone().dial().reads(HOME)


def test_a_draft_language_says_so_first(world: World) -> None:
    phone = world.phone().dial().press("3")
    phone.sees("Mandinka here is a draft. Some words may be wrong.").press("2")
    phone.sees("What do you want?")


def test_a_wrong_key_shows_the_same_screen_under_one_line(world: World) -> None:
    phone = world.phone().dial().press("9")
    phone.sees("CON Press 1 to 5\nMarket Line\n1 English")
    phone.press("2")
    assert "Francais" not in phone.screen


def test_three_wrong_keys_explain_the_keys_and_lead_back(world: World) -> None:
    phone = known(world).press("3").sees("Prices")
    before = phone.screen
    phone.press("77", "77", "77").sees("Wrong key 3 times.", "1 Show it again", "00 Home")
    assert phone.press("1").screen == before


def test_zero_goes_back_and_two_zeros_go_home(world: World) -> None:
    phone = known(world).press("5", "6").sees("About this").press("0").sees("CON More")
    phone.press("6", "00").reads(HOME)
    phone.press("0").sees("END Thank you. Nothing is lost. Dial *384*220# any time.")


def test_a_gate_is_not_left_by_zeros(world: World) -> None:
    phone = world.phone().dial().press("00").sees("1 English")
    phone.press("0").sees("END Thank you")
    world.phone().dial().sees("1 English")


def test_a_repeated_request_gets_the_same_bytes_and_acts_once(world: World) -> None:
    phone = world.phone().dial().press("1")
    first = phone.screen
    for _ in range(3):
        assert phone.send().screen == first
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Person)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(Act)).scalar_one() == 1


def test_an_older_hop_that_comes_late_changes_nothing(world: World) -> None:
    phone = known(world).press("3", "2")
    here, transcript = phone.screen, phone.text
    phone.text = "1*2*3"
    phone.send().sees("END The line was cut.")
    phone.text = transcript
    assert phone.send().screen == here


def test_a_session_belongs_to_its_phone_and_code(world: World) -> None:
    phone = known(world)
    stranger = world.phone("+2207654321")
    stranger.session, stranger.text = phone.session, phone.text + "*3"
    stranger.send().sees("END Sorry, we made a mistake.")
    other_code = world.phone(code="*384*999#")
    other_code.session, other_code.text = phone.session, phone.text + "*3"
    other_code.send().sees("END Sorry")
    phone.press("3").sees("Prices")


def test_a_dial_string_leads_where_its_digits_lead(world: World) -> None:
    known(world)
    walked = world.phone().dial().press("5", "6").screen
    assert world.phone().dial("5*6").screen == walked


def test_a_dial_string_waits_behind_the_language(world: World) -> None:
    phone = world.phone().dial("5*6").sees("1 English").press("1").sees("What do you want?")
    phone.press("2").sees("About this")


def test_a_wrong_digit_in_a_dial_string_stops_there(world: World) -> None:
    known(world)
    world.phone().dial("5**6").sees("CON Press", "More")
    world.phone().dial("5*77*6").sees("CON Press", "More")


def test_a_dial_string_runs_no_act(world: World) -> None:
    known(world)
    with world.db.reading() as connection:
        before = connection.execute(select(func.count()).select_from(Act)).scalar_one()
    world.phone().dial("5*3*1*2").sees("Language", "2 Francais")
    with world.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Act)).scalar_one() == before


def test_what_is_not_a_phone_number_is_told_so(world: World) -> None:
    for number in ("", "abc", "+22030", "😀"):
        world.phone(number).dial().sees("END We cannot serve this number.")


def test_both_forms_of_a_number_are_one_caller(world: World) -> None:
    known(world, "+2203012345")
    world.phone("+220833012345").dial().reads(HOME)


def test_odd_input_is_asked_again(world: World) -> None:
    odd = ["", "#", "*", "😀", "ŋaari", "x" * 500, "1*1", "\x00", "-5", "'; drop table people;--"]
    for place, typed in enumerate(odd):
        known(world, f"+22030123{place:02d}").press(typed).sees("CON Press 1 to 5\nMarket Line")


def test_after_the_end_nothing_more_is_taken(world: World) -> None:
    phone = known(world).press("0")
    end = phone.screen
    assert phone.press("1").screen == end


def test_a_clock_that_steps_back_breaks_nothing(world: World) -> None:
    phone = known(world)
    world.clock.move(hours=-3)
    phone.press("3").sees("Prices")
    world.phone().dial().reads(HOME)


def test_the_badge_string_tells_a_phone_without_one(world: World) -> None:
    known(world)
    world.phone().dial("6*1*1").sees("END This phone has no badge.")


def test_a_service_code_that_nobody_knows_is_served_by_the_default_pack(world: World) -> None:
    known(world)
    world.phone(code="*384*999#").dial().reads(HOME)
