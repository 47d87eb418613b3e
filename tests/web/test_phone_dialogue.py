"""The browser phone against the running service: dial, answer, deep dial, two phones, END."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.handset import CODE, Handset, Wire, new_number


def test_a_first_dial_shows_the_languages(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(number := new_number()).dial()
    phone.sees("1 English", "2 Francais").is_in("open")
    (form,) = wire.forms()
    assert re.fullmatch(r"ATUid_[0-9a-f]{32}", form.pop("sessionId"))
    assert form == {
        "phoneNumber": number,
        "serviceCode": CODE,
        "text": "",
        "networkCode": "99999",
    }
    expect(phone.part("prompt")).to_have_text("Your answer")


def test_answers_are_joined_by_stars_in_one_dialogue(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1", "2", "4")
    phone.sees("3 Pick a day")
    assert [form["text"] for form in wire.forms()] == ["", "1", "1*2", "1*2*4"]
    assert len({form["sessionId"] for form in wire.forms()}) == 1
    expect(phone.part("hop")).to_have_text("Hop 4")


def test_a_deep_dial_is_cut_into_code_and_first_text(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1", "2")
    phone.part("end").click()
    phone.dial("*384*220*4*3#").sees("1 Monday")
    last = wire.forms()[-1]
    assert (last["serviceCode"], last["text"]) == (CODE, "4*3")
    phone.press("1")
    assert wire.forms()[-1]["text"] == "4*3*1"


def test_two_phones_talk_at_once(phone_page: Page) -> None:
    phone_page.get_by_role("button", name="Add a phone").click()
    first = Handset(phone_page, 0).belongs_to(new_number())
    second = Handset(phone_page, 1).belongs_to(new_number())
    first.dial()
    second.dial()
    first.press("1").sees("What do you want?")
    second.sees("1 English")
    first.press("2").sees("1 My duty")
    second.sees("1 English").press("1").sees("What do you want?")
    first.sees("1 My duty")


def test_a_listing_of_one_phone_is_found_by_another(phone_page: Page) -> None:
    seller = Handset(phone_page).belongs_to(new_number()).joins("Isatou")
    seller.press("2", "1", "okra", "37", "1", "410")
    if "Is your price right" in seller.screen.inner_text():
        seller.press("1")
    seller.sees("1 Yes, sell").press("1").is_in("ended").sees("On sale till")
    phone_page.get_by_role("button", name="Add a phone").click()
    buyer = Handset(phone_page, 1).belongs_to(new_number()).dial().press("1", "2", "3", "3")
    buyer.press("okra", "1").sees("37, D410").press("1").sees("Isatou")


def test_an_end_closes_the_line_and_the_next_dial_is_new(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1", "1", "2")
    phone.is_in("ended").sees("You did not join")
    expect(phone.part("prompt")).to_have_text("Number to dial")
    expect(phone.entry).to_have_value(CODE)
    phone.dial().is_in("open")
    names = [form["sessionId"] for form in wire.forms()]
    assert names[-1] not in names[:-1]


def test_the_septets_shown_are_those_of_the_whole_answer(phone_page: Page) -> None:
    with phone_page.expect_response("**/ussd/africastalking/**") as caught:
        phone = Handset(phone_page).belongs_to(new_number()).dial()
    expect(phone.part("septets")).to_have_text(f"{len(caught.value.text())} of 160 septets")
    expect(phone.part("time")).to_have_text(re.compile(r"^\d+ ms$"))


def test_the_raw_request_and_answer_can_be_read(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number()).dial()
    phone.part("details").locator("summary").click()
    log = phone.part("log")
    expect(log.get_by_label("Request")).to_contain_text("serviceCode=%2A384%2A220%23&text=&")
    expect(log.get_by_label("Answer")).to_contain_text("CON ")
    expect(log.locator(".when")).to_contain_text("HTTP 200")
