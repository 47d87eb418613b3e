"""The phone by keyboard alone, by its own keypad, and with letters from the number keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.handset import CODE, Handset, Wire, new_number


def focused(page: Page) -> str:
    script = "document.activeElement.dataset.part ?? document.activeElement.dataset.key ?? ''"
    return str(page.evaluate(script))


def tab_to(page: Page, part: str) -> None:
    for _ in range(60):
        if focused(page) == part:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {part}")


def test_a_dialogue_needs_no_mouse(phone_page: Page) -> None:
    keys = phone_page.keyboard
    phone = Handset(phone_page)
    tab_to(phone_page, "number")
    keys.press("Control+A")
    keys.type(new_number())
    tab_to(phone_page, "entry")
    keys.press("Enter")
    phone.settled().sees("1 English")
    keys.type("1")
    keys.press("Enter")
    phone.settled().sees("What do you want?")
    keys.press("Escape")
    phone.is_in("idle")
    expect(phone.entry).to_have_value(CODE)


def test_digits_find_the_answer_from_anywhere_on_the_phone(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number()).dial()
    phone.part("end").focus()
    phone_page.keyboard.type("12")
    expect(phone.entry).to_have_value("12")
    assert focused(phone_page) == "entry"
    phone_page.keyboard.press("Escape")
    phone.is_in("idle")


def test_keys_go_to_the_phone_used_last_when_nothing_has_the_focus(phone_page: Page) -> None:
    phone_page.get_by_role("button", name="Add a phone").click()
    first, second = Handset(phone_page, 0), Handset(phone_page, 1)
    for phone in (first, second):
        phone.belongs_to(new_number()).dial()
    phone_page.evaluate("document.activeElement.blur()")
    phone_page.keyboard.type("5")
    expect(second.entry).to_have_value("5")
    expect(first.entry).to_have_value("")
    phone_page.keyboard.press("Enter")
    second.settled().is_in("open")


def test_typing_a_number_of_the_phone_stays_there(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to("")
    phone.part("number").type("3012345")
    expect(phone.part("number")).to_have_value("3012345")
    expect(phone.entry).to_have_value(CODE)


def test_every_control_shows_its_focus(phone_page: Page) -> None:
    phone_page.keyboard.press("Tab")
    seen = set()
    for _ in range(60):
        phone_page.keyboard.press("Tab")
        width = phone_page.evaluate(
            "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
        )
        name = focused(phone_page)
        if not name and phone_page.evaluate("document.activeElement === document.body"):
            break
        assert width >= 2, name
        seen.add(name)
    assert {"number", "people", "screen", "entry", "call", "clear", "end", "1", "0", "#"} <= seen
    assert {"drop", "notice", "repeat", "twice", "late", "delay"} <= seen


def test_the_keypad_types_and_clears(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number())
    for _ in CODE:
        phone.part("clear").click()
    expect(phone.entry).to_have_value("")
    for sign in CODE:
        phone.root.locator(f'[data-key="{sign}"]').click()
    expect(phone.entry).to_have_value(CODE)
    phone.part("call").click()
    phone.settled().is_in("open")
    assert wire.forms()[0]["serviceCode"] == CODE


def test_letters_by_pressing_a_number_key_again(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number()).dial()
    phone.part("mode").click()
    expect(phone.part("mode")).to_have_attribute("aria-pressed", "true")
    for key in ("6", "6", "6", "5", "2"):  # o, j, a
        phone.root.locator(f'[data-key="{key}"]').click()
    expect(phone.entry).to_have_value("oja")
    phone.part("clear").click()
    expect(phone.entry).to_have_value("oj")


def test_what_is_no_code_is_refused_by_the_phone(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial("12345")
    phone.is_in("ended").sees("No such code.")
    assert wire.posts == []


def test_what_is_no_number_cannot_dial(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to("12")
    phone.part("call").click()
    expect(phone.part("wrong")).to_contain_text("This is no phone number.")
    expect(phone.part("number")).to_have_attribute("aria-invalid", "true")
    assert wire.posts == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("833012345", "+220833012345"),
        ("+221771234567", "+221771234567"),
        ("3012345", "+2203012345"),
    ],
)
def test_any_form_of_a_number_dials(phone_page: Page, typed: str, sent: str) -> None:
    wire = Wire(phone_page)
    Handset(phone_page).belongs_to(typed).dial().is_in("open")
    assert wire.forms()[0]["phoneNumber"] == sent
