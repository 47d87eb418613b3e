"""Texts of the browser phones, as a person sends and reads them, answered by the real service."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from playwright.sync_api import Browser, Page, expect

from tests.web.handset import Handset, Wire, new_number
from tests.web.inbox import Inbox
from tests.web.test_phone_page import violations

INBOUND = "**/sms/africastalking/*/inbound"


def test_a_misspelt_question_is_answered_in_one_segment(phone_page: Page) -> None:
    wire = Wire(phone_page, "/sms/")
    number = new_number()
    inbox = Inbox(phone_page, number=number).texts("oniyon brikama").answered()
    expect(inbox.mine.locator(".words")).to_have_text("oniyon brikama")
    expect(inbox.mine.locator(".facts")).to_contain_text("answered by search.sellers")
    expect(inbox.theirs.locator(".words")).to_contain_text(re.compile("onion[\\s\\S]*Brikama"))
    inbox.is_now("delivered")
    facts = inbox.theirs.locator(".facts").inner_text()
    assert re.search(r"\d+ septets, 1 segment · D0\.25 · search\.sellers · delivered", facts)
    expect(inbox.phone.part("sum")).to_have_text("1 text from the service, 1 segment")
    sent, report = (parse_qs(body) for _, body in wire.posts)
    assert sent["from"] == [number]
    assert sent["id"][0].startswith("ATXid_")
    assert report["id"][0].startswith("SIMid_")
    assert report["status"] == ["Success"]


def test_the_examples_of_the_landing_page_are_really_answered(phone_page: Page) -> None:
    phone_page.goto(phone_page.url.removesuffix("phone"))
    examples = phone_page.locator(".examples code").all_inner_texts()
    assert len(examples) == 5
    phone_page.get_by_role("link", name="Open the browser phone").click()
    inbox = Inbox(phone_page)
    for count, words in enumerate(examples, 1):
        inbox.texts(words).answered(count)
        place = words.split()[-1][:2]
        expect(inbox.theirs.last.locator(".words")).to_contain_text(
            re.compile(f"\\n1 {place}", re.I)
        )
        expect(inbox.theirs.last.locator(".facts")).to_contain_text("search.sellers")


def test_a_digit_goes_on_from_the_list(phone_page: Page) -> None:
    inbox = Inbox(phone_page).texts("tomat latrikunda").answered()
    expect(inbox.theirs.locator(".words")).to_contain_text("Text 1 for more of it")
    inbox.texts("1").answered(2)
    expect(inbox.theirs.last.locator(".words")).to_contain_text("Text CALL 1")


def test_a_hundred_copies_of_one_callback_get_one_answer(phone_page: Page) -> None:
    wire = Wire(phone_page, "/sms/")
    inbox = Inbox(phone_page).faults()
    inbox.words.fill("soble serekunda")
    inbox.phone.root.get_by_role("button", name="Send 100 copies").click()
    inbox.tells("100 copies under one id: 100 times HTTP 200.").answered().is_now("delivered")
    inbound = {body for url, body in wire.posts if url.endswith("/inbound")}
    assert len([url for url, _ in wire.posts if url.endswith("/inbound")]) == 100
    assert len(inbound) == 1
    inbox.phone.root.get_by_role("button", name="Same id again").click()
    inbox.tells("Sent again under the same id: HTTP 200.")
    expect(inbox.mine.locator(".facts")).to_contain_text("sent 101 times · answered by")
    inbox.texts("HELP").answered(2)  # the next answer is that of HELP: no other came between
    expect(inbox.theirs.last.locator(".facts")).to_contain_text("help.one")


def test_a_lost_report_leaves_a_text_accepted_until_one_comes(phone_page: Page) -> None:
    inbox = Inbox(phone_page).faults().reports("Nothing: the report is lost")
    inbox.texts("HELP").answered().is_now("sent, no report yet")
    inbox.phone.root.get_by_role("button", name="Report delivered").click()
    inbox.tells("Success: HTTP 200.").is_now("delivered")
    inbox.phone.root.get_by_role("button", name="Repeat the report").click()
    inbox.tells("Success: HTTP 200.").is_now("delivered")


def test_a_late_report_still_counts(phone_page: Page) -> None:
    inbox = Inbox(phone_page).faults().reports("Delivered, 10 s late")
    inbox.texts("HELP").answered().is_now("sent, no report yet").is_now("delivered")


def test_a_report_may_come_twice_or_contradict_itself(phone_page: Page) -> None:
    wire = Wire(phone_page, "/sms/")
    inbox = Inbox(phone_page).faults().reports("Delivered, then failed")
    inbox.texts("HELP").answered().is_now("delivered")
    inbox.reports("Delivered, reported twice").texts("rice brikama").answered(2).is_now("delivered")
    statuses = [parse_qs(body)["status"][0] for url, body in wire.posts if "/delivery" in url]
    assert statuses[:2] == ["Success", "Failed"]
    expect(inbox.theirs.first.locator(".facts")).to_contain_text("delivered")


def test_a_text_that_failed_says_why(phone_page: Page) -> None:
    inbox = Inbox(phone_page).faults().reports("Failed: the phone is full")
    inbox.texts("HELP").answered().is_now(re.compile("failed: .*UserMemoryCapacityExceeded"))


def test_a_report_on_an_unknown_text_is_taken_and_changes_nothing(phone_page: Page) -> None:
    inbox = Inbox(phone_page).faults()
    inbox.phone.root.get_by_role("button", name="Report an unknown text").click()
    inbox.tells("Success: HTTP 200.")
    expect(inbox.theirs).to_have_count(0)


def test_without_a_text_there_is_nothing_to_repeat_or_report(phone_page: Page) -> None:
    inbox = Inbox(phone_page).faults()
    for name, told in (
        ("Send 100 copies", "Nothing was sent yet."),
        ("Same id again", "Nothing was sent yet."),
        ("Report delivered", "No text has come yet."),
        ("Repeat the report", "Nothing was reported yet."),
    ):
        inbox.phone.root.get_by_role("button", name=name).click()
        inbox.tells(told)


def test_phones_have_threads_of_their_own(phone_page: Page) -> None:
    phone_page.get_by_role("button", name="Add a phone").click()
    first, second = Inbox(phone_page, 0), Inbox(phone_page, 1)
    first.texts("oniyon brikama").answered()
    second.texts("HELP").answered()
    expect(second.theirs.locator(".facts")).to_contain_text("help.one")
    expect(first.theirs).to_have_count(1)


def test_a_thread_is_there_again_after_a_reload(phone_page: Page) -> None:
    number = new_number()
    inbox = Inbox(phone_page, number=number).texts("oniyon brikama").answered().is_now("delivered")
    phone_page.reload()
    expect(inbox.theirs).to_have_count(1)
    expect(inbox.mine.locator(".words")).to_have_text("oniyon brikama")
    expect(inbox.mine.locator(".facts")).to_contain_text("answered by search.sellers")
    Handset(phone_page).belongs_to(new_number())
    expect(inbox.theirs).to_have_count(0)
    Handset(phone_page).belongs_to(number)
    expect(inbox.theirs).to_have_count(1)
    expect(inbox.mine).to_have_count(1)


def test_a_service_out_of_reach_is_said(phone_page: Page) -> None:
    phone_page.route(INBOUND, lambda route: route.abort())
    inbox = Inbox(phone_page).texts("onion")
    expect(inbox.phone.part("textResult")).to_have_text("The service did not take it.")
    expect(inbox.mine.locator(".facts")).to_contain_text("not taken by the service")


def test_a_text_is_measured_while_it_is_written(phone_page: Page) -> None:
    inbox = Inbox(phone_page)
    inbox.words.fill("onion")
    expect(inbox.phone.part("size")).to_have_text("5 septets, 1 segment")
    inbox.words.fill("ŋ" * 71)
    expect(inbox.phone.part("size")).to_have_text("71 letters, not all in GSM, 2 segments")


def test_the_raw_callbacks_can_be_read(phone_page: Page) -> None:
    inbox = Inbox(phone_page).texts("HELP").answered().is_now("delivered")
    log = inbox.phone.part("log")
    expect(log).to_contain_text("text from the phone")
    expect(log).to_contain_text("text=HELP")
    expect(log).to_contain_text("delivery report")
    expect(log).to_contain_text("status=Success")


def test_typing_a_text_does_not_dial(phone_page: Page) -> None:
    inbox = Inbox(phone_page)
    inbox.phone.dial().is_in("open")
    inbox.words.press("Escape")
    inbox.texts("5")
    inbox.phone.is_in("open")


def test_everything_works_by_keyboard(phone_page: Page) -> None:
    inbox = Inbox(phone_page)
    inbox.words.focus()
    phone_page.keyboard.type("HELP")
    phone_page.keyboard.press("Tab")
    phone_page.keyboard.press("Enter")
    inbox.answered()
    phone_page.keyboard.press("Tab")
    phone_page.keyboard.press("Enter")
    phone_page.keyboard.press("Tab")
    phone_page.keyboard.press("Enter")
    inbox.tells("100 copies under one id: 100 times HTTP 200.")


def test_axe_finds_nothing_on_threads_in_use(phone_page: Page) -> None:
    Inbox(phone_page).faults().texts("oniyon brikama ŋ").answered()
    assert violations(phone_page) == []


def test_threads_fit_a_narrow_window(browser: Browser, service: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(8000)
    page.goto(service + "/phone")
    Inbox(page).faults().texts("x" * 200).answered().texts("oniyon brikama").answered(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
