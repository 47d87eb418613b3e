"""What bad networks do, made by the buttons of the phone: the service must bear it all."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.web.handset import CODE, Handset, Wire, new_number

ENDPOINT = "**/ussd/africastalking/*"
OPERATOR = "Connection problem or invalid MMI code."


def test_a_repeat_sends_the_same_body_and_gets_the_same_bytes(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1")
    phone.fault("Repeat the last request").tells("Repeated: same bytes.")
    assert wire.posts[-1] == wire.posts[-2]
    phone.sees("What do you want?").press("2").sees("1 My duty")


def test_a_repeat_that_differs_is_said(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number()).dial()
    phone_page.route(ENDPOINT, lambda route: route.fulfill(body="CON something else"))
    phone.fault("Repeat the last request").tells("Repeated: the answer differs.")


def test_nothing_to_repeat_is_said(phone_page: Page) -> None:
    Handset(phone_page).fault("Repeat the last request").tells("Nothing was sent yet.")


def test_an_act_sent_twice_at_once_is_done_once(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).joins("Binta")
    phone.press("2", "1", "onion", "20", "1", "1500")
    if "Is your price right" in phone.screen.inner_text():
        phone.press("1")
    phone.sees("1 Yes, sell").entry.fill("1")
    phone.fault("Send twice at once").tells("Sent twice: both answers are the same.")
    phone.is_in("ended").sees("On sale till")
    assert wire.posts[-1] == wire.posts[-2]
    phone.dial("*384*220*2*3#").sees("My goods", "1 ")
    expect(phone.screen).to_have_text(re.compile("onion", re.IGNORECASE))
    assert len(re.findall("(?i)onion", phone.screen.inner_text())) == 1


def test_a_dial_sent_twice_opens_one_line(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number())
    phone.entry.fill(CODE)
    phone.fault("Send twice at once").tells("Sent twice: both answers are the same.")
    phone.is_in("open").press("1").sees("What do you want?")


def test_a_dropped_line_is_forgotten_here_and_resumed_there(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1", "1", "1", "1")
    sent = len(wire.posts)
    phone.fault("Drop the line").tells("The line is dropped. The service was not told.")
    phone.is_in("idle")
    assert len(wire.posts) == sent
    phone.dial().sees("Go on where you were?")


def test_a_drop_with_notice_tells_the_service(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(number := new_number()).dial().press("1", "1", "1")
    phone.fault("Drop, tell the service").tells("Notice sent: HTTP 200.")
    url, _ = wire.posts[-1]
    assert url.endswith("/events")
    notice, before = wire.forms()[-1], wire.forms()[-2]
    assert int(notice.pop("durationInMillis")) >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", notice.pop("date"))
    assert notice.pop("lastAppResponse").startswith("CON ")
    assert notice == {
        "phoneNumber": number,
        "errorMessage": "",
        "serviceCode": CODE,
        "hopsMetadata": "",
        "hopsCount": "4",
        "status": "Incomplete",
        "sessionId": before["sessionId"],
        "cost": "0.00",
        "networkCode": "99999",
        "input": "1*1*1",
    }


def test_without_a_line_there_is_nothing_to_drop(phone_page: Page) -> None:
    phone = Handset(phone_page)
    for name in ("Drop the line", "Drop, tell the service", "Drop, send the answer late"):
        phone.fault(name).tells("No line is open.")


def test_an_answer_may_arrive_after_the_line_dropped(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1")
    phone.part("delay").fill("1")
    phone.entry.fill("1")
    phone.fault("Drop, send the answer late").is_in("idle")
    phone.tells("The late answer reached the service after 1 s.")
    assert wire.forms()[-1]["text"] == "1*1"
    expect(phone.part("log")).to_contain_text("arrived after the line was dropped")
    phone.is_in("idle").dial().is_in("open")


def test_a_delay_holds_the_request_back(phone_page: Page) -> None:
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number())
    phone.part("delay").fill("1")
    phone.tells("Each request waits 1 s before it is sent.")
    phone.part("call").click()
    phone.is_in("waiting")
    assert wire.posts == []
    phone.settled().is_in("open")


def test_an_answer_for_a_dropped_line_does_not_come_back(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number())
    phone.part("delay").fill("1")
    phone.part("call").click()
    phone.is_in("waiting").part("end").click()
    phone.is_in("idle")
    expect(phone.part("log").locator("li")).to_have_count(1)
    phone.is_in("idle").sees("Dial ")


def test_an_answer_without_con_or_end_is_the_operators_error(phone_page: Page) -> None:
    phone = Handset(phone_page).belongs_to(new_number())
    answers = iter([(200, "oops"), (200, ""), (404, "END no"), (500, "CON 1 Yes")])

    def answer(route: Route) -> None:
        status, body = next(answers)
        route.fulfill(status=status, body=body)

    phone_page.route(ENDPOINT, answer)
    for _ in range(4):
        phone.dial().is_in("ended").sees(OPERATOR)
        expect(phone.part("operator")).to_be_visible()
    phone_page.unroute(ENDPOINT)
    phone.dial().is_in("open")
    expect(phone.part("operator")).to_be_hidden()


def test_a_service_out_of_reach_is_the_operators_error(phone_page: Page) -> None:
    phone_page.route(ENDPOINT, lambda route: route.abort())
    Handset(phone_page).belongs_to(new_number()).dial().is_in("ended").sees(OPERATOR)


def test_no_answer_in_ten_seconds_ends_the_line(phone_page: Page) -> None:
    held: list[Route] = []
    phone_page.route(ENDPOINT, lambda route: held.append(route))
    phone = Handset(phone_page).belongs_to(new_number())
    phone.part("call").click()
    expect(phone.part("handset")).to_have_attribute("data-state", "ended", timeout=15_000)
    phone.sees("No answer from the service.")
    assert 9_900 <= int(phone.part("time").inner_text().split()[0]) <= 12_000
    held[0].abort()


def test_letters_outside_the_alphabet_are_marked(phone_page: Page) -> None:
    phone_page.route(ENDPOINT, lambda route: route.fulfill(body="END ŋaŋo"))
    phone = Handset(phone_page).belongs_to(new_number()).dial().sees("ŋaŋo")
    assert phone.screen.locator("mark").all_inner_texts() == ["ŋ", "ŋ"]
    expect(phone.part("septets")).to_have_text("Letters not in GSM")
    expect(phone.part("odd")).to_have_text("A simple phone cannot show: ŋ")


def test_a_screen_that_is_too_long_is_marked(phone_page: Page) -> None:
    phone_page.route(ENDPOINT, lambda route: route.fulfill(body="CON " + "a" * 157))
    phone = Handset(phone_page).belongs_to(new_number()).dial().is_in("open")
    expect(phone.part("septets")).to_have_text("161 of 160 septets")
    expect(phone.root.locator(".meter")).to_have_class("meter over")


def test_labels_of_hops_come_back_as_the_gateway_sends_them(phone_page: Page) -> None:
    headers: list[str | None] = []

    def label(route: Route) -> None:
        headers.append(route.request.headers.get("at-ussd-hop-metadata"))
        name = f"step-{len(headers)}"
        route.fulfill(body="CON go on", headers={"at-ussd-hop-metadata": name})

    phone_page.route(ENDPOINT, label)
    wire = Wire(phone_page)
    phone = Handset(phone_page).belongs_to(new_number()).dial().press("1")
    assert headers == [None, "step-1"]
    phone_page.unroute(ENDPOINT)
    phone.fault("Drop, tell the service").tells("Notice sent: HTTP 200.")
    assert wire.forms()[-1]["hopsMetadata"] == "step-1|step-2"
