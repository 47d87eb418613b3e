"""Lists are cut by what is left of 160 septets; digits mean what was shown."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ussd.paging import Words, page_of
from ussd.screen import Ask, Item, Menu, Option, Rows

WORDS = Words(
    back="Back",
    home="Home",
    more="More",
    before="Before",
    press="Press {first} to {last}",
    press_one="Press {digit}",
    press_or="Press {first} or {last}",
    press_three="Press {first}, {second} or {last}",
    press_seen="Press a number you see",
    press_or_type="Press a number or type",
)
labels = st.lists(st.text("abcdefgh ,0123ŋñ", min_size=1, max_size=40), min_size=1, max_size=40)


def items(names: list[str]) -> list[Item]:
    return [Item(name, "there", {"at": at}) for at, name in enumerate(names)]


@given(labels, st.booleans())
def test_every_row_is_on_exactly_one_page_and_every_page_fits(
    names: list[str], wrong: bool
) -> None:
    menu = Menu("Pick one", [Option("8", "Other market", "other")], items(names))
    seen: list[int] = []
    number, last = -1, False
    while not last:
        number += 1
        page = page_of(menu, WORDS, number=number, wrong=wrong)
        assert len(page.text) <= 160
        assert page.choices["8"] == ["other", {}]
        rows = {digit: save for digit, (_, save) in page.choices.items() if digit != "8"}
        assert list(rows) == [str(place) for place in range(1, len(rows) + 1)]
        seen += [save["at"] for save in rows.values()]
        last = "98 More" not in page.text
        assert last == (number + 1 == page.pages)
        assert ("99 Before" in page.text) == (number > 0)
    assert seen == list(range(len(names)))


def test_rows_of_later_pages_are_not_worded() -> None:
    worded: list[int] = []

    def row(at: int) -> Item:
        worded.append(at)
        return Item(f"row {at}", "there", {"at": at})

    page = page_of(Menu("Pick", items=Rows(range(10_000), row)), WORDS, number=1)
    assert page.choices["1"] == ["there", {"at": 5}]
    assert max(worded) <= 10


@given(labels, st.integers(min_value=-3, max_value=99))
def test_a_page_that_is_no_longer_there_is_the_last_one(names: list[str], number: int) -> None:
    page = page_of(Menu("Pick", items=items(names)), WORDS, number=number)
    assert 0 <= page.number < page.pages


def test_a_short_list_has_no_page_lines() -> None:
    page = page_of(Menu("Pick", items=items(["a", "b"])), WORDS)
    assert page.text == "CON Pick\n1 a\n2 b\n0 Back"


def test_fixed_options_keep_their_digit_and_rows_never_reach_it() -> None:
    menu = Menu(
        "Did you mean", [Option("4", "Not here", "none")], items([f"m{x}" for x in range(9)])
    )
    page = page_of(menu, WORDS)
    assert re.findall(r"(?m)^(\d+) ", page.text) == ["1", "2", "3", "4", "98", "0"]


def test_the_line_after_a_wrong_key_says_what_to_press() -> None:
    def line(menu: Menu) -> str:
        return page_of(menu, WORDS, wrong=True).text.splitlines()[0]

    def options(*digits: str) -> list[Option]:
        return [Option(digit, "x", "y") for digit in digits]

    assert line(Menu("Read")) == "CON Press 0"
    assert line(Menu("Done", zero="home")) == "CON Press 00"
    assert line(Menu("One", options("1"))) == "CON Press 1 or 0"
    assert line(Menu("Two", options("1", "3"))) == "CON Press 1 or 3"
    assert line(Menu("Three", options("1", "2", "4"))) == "CON Press 1, 2 or 4"
    assert line(Menu("Many", options("1", "2", "3", "4"))) == "CON Press 1 to 4"
    assert line(Menu("List", items=items(["a"]))) == "CON Press a number you see"
    assert line(Ask("Ask", items=items(["a"]))) == "CON Press a number or type"
    assert line(Ask("Own", reask="Type a number, like 20")) == "CON Type a number, like 20"
