"""What gets no answer, or another one: repeats, floods, machines, ourselves; and bad input."""

from __future__ import annotations

from datetime import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.sellers import seller
from tests.fixtures.texting import Line, outcomes
from tests.fixtures.world import World

AWA, BUYER = "+2203012345", "+2203099999"


def test_a_hundred_copies_of_one_callback_get_one_answer(world: World) -> None:
    line = Line(world)
    for _ in range(100):
        line.arrive(BUYER, "onion", "AT-same")
    line.answer()
    assert len(line.deliver()) == 1
    assert outcomes(world) == [("answered", "search.none.blank")]


def test_the_same_words_within_two_minutes_get_one_answer(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("onion").sees("onion")
    phone.texts(" ONION ").silence()
    world.clock.move(seconds=121)
    phone.texts("onion").sees("onion")


def test_the_same_words_sent_twice_before_the_first_was_answered(world: World) -> None:
    line = Line(world)
    line.arrive(BUYER, "onion")
    line.arrive(BUYER, "onion")
    line.answer()
    assert len(line.deliver()) == 1
    assert [state for state, _ in outcomes(world)] == ["answered", "silent"]


def test_an_act_is_done_once_and_may_be_done_again_after_it_was_taken_back(world: World) -> None:
    seller(world, AWA).post("onion", "bag", 1, 100_000)
    phone = Line(world).phone(AWA)
    phone.texts("SELL onion 20 1000").sees("On sale")
    phone.texts("SELL onion 20 1000").silence()
    phone.texts("2").sees("Taken back.")
    phone.texts("SELL onion 20 1000").sees("On sale")


def test_a_copy_of_an_act_that_comes_after_another_text_does_nothing(world: World) -> None:
    seller(world, AWA).post("onion", "bag", 1, 100_000)
    phone = Line(world).phone(AWA)
    phone.texts("SELL onion 20 1000").sees("On sale")
    phone.texts("PRICE rice")
    world.clock.move(seconds=20)
    phone.texts("SELL onion 20 1000").silence()
    phone.texts("SOLD onion").sees("Which one?").texts("1").sees("Sold:")
    phone.texts("PRICE oil")
    phone.texts("SOLD onion").silence()
    phone.texts("SELL onion 20 1000").sees("On sale")  # sold meanwhile, so it is meant
    phone.texts("LANG french").sees("Langue")
    phone.texts("LANG english").sees("Language")
    phone.texts("LANG french").sees("Langue")


def test_five_hundred_texts_a_minute_from_one_phone(world: World) -> None:
    line = Line(world)
    for at in range(500):
        world.clock.move(milliseconds=100)
        line.arrive(BUYER, f"HELP {at}")
    line.answer()
    sent = [words for _, words in line.deliver()]
    assert len(sent) == 21
    assert sent[-1].startswith("You sent 20 texts in one hour. We answer again at 10:00.")
    assert sum(state == "silent" for state, _ in outcomes(world)) == 479
    line.phone("+2203088888").texts("HELP").sees("onion brikama")
    world.clock.move(minutes=61)
    line.phone(BUYER).texts("HELP").sees("onion brikama")


def test_a_text_from_ourselves_a_name_or_a_short_code_is_never_answered(world: World) -> None:
    line = Line(world)
    for sender in ("MarketLine", "118", "2200", "+2207000001", "", "Africell"):
        assert line.arrive(sender, "onion")
    assert line.answer() == 0
    assert line.deliver() == []


def test_what_a_machine_wrote_gets_no_answer(world: World) -> None:
    phone = Line(world).phone(BUYER)
    for words in ("Auto reply: I am driving", "Your message was delivered"):
        phone.texts(words).silence()


BAD = [
    "", " ", "a" * 1600, "onion " * 300, "\x00\x01\x02\x7f", "ሰላም ነው", "مرحبا", "你好", "😀😀😀",
    "*384*220#", "1500", "1e9", "-1", "%s%s%n", "{product}", "'; DROP TABLE people; --",
    "<script>alert(1)</script>", "SELL", "CALL 99", "MORE MORE MORE", "STOP STOP STOP", "\n\n\n",
    "PRICE " * 30, "LANG " + "x" * 200, "LUMO " + "y" * 150, "SOLD " + "onion " * 20,
]  # fmt: skip


def test_every_bad_text_gets_one_answer_of_one_segment(world: World) -> None:
    line = Line(world)
    for at, words in enumerate(BAD):
        line.arrive(f"+22030{at:05d}", words)
    line.answer()
    sent = line.deliver()
    assert len(sent) == len(BAD)
    assert len({to for to, _ in sent}) == len(BAD)


def test_too_long_says_so(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("onion " * 40)
    phone.reads("That is too long for us. Text one product and one place, like onion brikama")


TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ["onion", "rice", "brikama", "wassu", "SELL", "SOLD", "PRICE", "LUMO", "CALL", "MORE",
             "STOP", "ALL", "START", "HELP", "LANG", "french", "DUTY", "1", "2", "9", "20", "1500",
             "bags", "monday", "xqzwv", "onyan", "oil", "fish"]
        ),
        max_size=6,
    ).map(" ".join),
)  # fmt: skip


def test_any_text_gets_at_most_one_answer_of_at_most_one_segment(world: World) -> None:
    seller(world, AWA).post()
    line = Line(world)
    numbers = iter(range(10_000))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
    def check(texts: list[str], by_the_trader: bool) -> None:
        number = AWA if by_the_trader else f"+22036{next(numbers):05d}"
        for words in texts:
            line.phone(number).texts(words)  # asserts at most one answer, in one segment
        world.clock.move(hours=2)

    check()
    assert {state for state, _ in outcomes(world)} <= {"answered", "silent"}


def test_while_the_service_is_closed_texts_are_kept_and_answered_after(world: World) -> None:
    line = Line(world)
    line.dispatch.closed_until = time(14, 30)
    for words in ("onion", "rice", "HELP"):
        line.arrive(BUYER, words)
    assert line.dispatch.tell_closed() == 1
    assert line.dispatch.tell_closed() == 0
    ((to, words),) = line.deliver()
    assert (to, words) == (
        BUYER,
        "We mend the service until 14:30. Your text is safe, the answer comes after that.",
    )
    assert {state for state, _ in outcomes(world)} == {"waiting"}
    line.dispatch.closed_until = None
    line.answer()
    assert len(line.deliver()) == 3
