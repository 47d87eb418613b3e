"""The browser's modules beside their Python likes: what both compute must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import Browser, Page

from trader_platform.core import gsm
from trader_platform.core.phone import parse
from ussd.simulator.terminal import NotADialString, split_dial

TEXTS = [
    "",
    "CON Buyer asks: press 2, 4\n1 My duty\n2 Sell",
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    "{lumo} [x] ~ ^ \\ | €",
    "\f",
    "Ñaño ñ à ä ö ü § ¿ ¡ ¤",
    "ŋaŋ",
    "ɓ ɗ ƴ ɲ ë ó ç À ê œ",
    "`",
    "’ “ ” – … •",
    "\u00a0\t",
    "😀 onion",
    "n\u0303",
    "a" * 160,
    "€" * 80,
    "".join(sorted(gsm.BASIC)),
    "".join(sorted(gsm.EXTENSION)),
]


@pytest.fixture(scope="module")
def modules(browser: Browser, service: str) -> Iterator[Page]:
    """One page for all: the modules hold no state."""
    page = browser.new_page()
    page.goto(service + "/phone")
    yield page
    page.close()


def call(page: Page, module: str, name: str, *args: object) -> object:
    script = "async ([file, name, args]) => (await import(`/phone/static/${file}`))[name](...args)"
    return page.evaluate(script, [f"{module}.js", name, list(args)])


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_septets_are_those_of_the_service(modules: Page, text: str) -> None:
    assert call(modules, "septets", "septets", text) == gsm.septets(text)


def test_every_letter_of_the_first_plane_costs_the_same_on_both_sides(modules: Page) -> None:
    letters = [chr(point) for point in range(0x3000) if not 0xD800 <= point < 0xE000]
    script = """async (letters) => {
      const { septets } = await import("/phone/static/septets.js");
      return letters.map((letter) => septets(letter));
    }"""
    assert modules.evaluate(script, letters) == [gsm.septets(letter) for letter in letters]


@pytest.mark.parametrize("text", [text for text in TEXTS if text], ids=range(len(TEXTS) - 1))
def test_the_letters_outside_are_marked_and_nothing_is_lost(modules: Page, text: str) -> None:
    runs = call(modules, "septets", "runs", text)
    assert isinstance(runs, list)
    assert "".join(run["text"] for run in runs) == text
    odd = {letter for run in runs if run["odd"] for letter in run["text"]}
    assert odd == {letter for letter in text if gsm.septets(letter) is None}


@pytest.mark.parametrize(
    "typed",
    ["3012345", "301 2345", "+2203012345", "002203012345", "2203012345", "833012345",
     "+220833012345", "+221771234567", "221771234567", "+221 77 123 45 67"],
)  # fmt: skip
def test_a_number_becomes_what_the_service_reads(modules: Page, typed: str) -> None:
    number = parse(typed.replace(" ", ""))
    assert number is not None
    assert call(modules, "numbers", "toE164", typed) == number.e164


@pytest.mark.parametrize("typed", ["", "abc", "12", "+", "30123456", "+220abc", "*384*220#"])
def test_what_is_no_number_is_refused(modules: Page, typed: str) -> None:
    assert call(modules, "numbers", "toE164", typed) is None


@pytest.mark.parametrize(
    "dialled",
    ["*384*220#", "*384*220*2*1#", "*384*233*3#", "*384*220*2*onion#", "384*220#", "*384*220",
     "**#", "", "#", "*384*220**1#", "*384#"],
)  # fmt: skip
def test_a_dial_string_is_cut_alike(modules: Page, dialled: str) -> None:
    cut = call(modules, "wire", "splitDial", dialled, "*384*220#")
    if cut is None:
        with pytest.raises(NotADialString):
            split_dial(dialled)
        return
    expected = split_dial(dialled)
    assert cut == {"code": expected.code, "text": expected.text}


@pytest.mark.parametrize(
    "text", ["", "1*2", "a b&c=d+e%", "ñ ŋ 😀", "!'()*~-._", "1**2", "line\nbreak"]
)
def test_a_hop_is_encoded_as_gateways_do(modules: Page, text: str) -> None:
    session = {"id": "ATUid_" + "0" * 32, "number": "+2203012345", "code": "*384*220#"}
    body = call(modules, "wire", "hopBody", {**session, "text": text})
    expected = urlencode(
        {
            "phoneNumber": "+2203012345",
            "serviceCode": "*384*220#",
            "text": text,
            "sessionId": session["id"],
            "networkCode": "99999",
        }
    )
    assert body == expected.replace("~", "%7E")


def test_each_dial_has_a_new_name_of_the_right_form(modules: Page) -> None:
    names = {str(call(modules, "wire", "newSessionId")) for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) == 38 and name.startswith("ATUid_") for name in names)
    assert all(set(name[6:]) <= set("0123456789abcdef") for name in names)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (200, "CON 1 Yes", "CON"),
        (200, "END Bye", "END"),
        (200, "CON", "ERROR"),
        (200, " CON 1 Yes", "ERROR"),
        (200, "con yes", "ERROR"),
        (200, "", "ERROR"),
        (404, "END Not here", "ERROR"),
        (500, "CON 1 Yes", "ERROR"),
    ],
)
def test_an_answer_is_read_as_the_gateway_reads_it(
    modules: Page, status: int, text: str, kind: str
) -> None:
    reply = call(modules, "wire", "readReply", {"status": status, "text": text})
    assert isinstance(reply, dict)
    assert reply["kind"] == kind


def test_a_text_is_posted_as_the_gateway_posts_it(modules: Page) -> None:
    text = {"id": "ATXid_1", "from": "+2203012345", "to": "2200", "words": "a&b ñ*"}
    body = call(modules, "smswire", "inboundBody", {**text, "now": 1_795_647_806_386})
    assert dict(parse_qsl(str(body), keep_blank_values=True)) == {
        "date": "2026-11-25T23:03:26Z",
        "from": "+2203012345",
        "id": "ATXid_1",
        "linkId": "",
        "text": "a&b ñ*",
        "to": "2200",
        "networkCode": "99999",
    }


def test_a_report_says_why_only_where_a_text_failed(modules: Page) -> None:
    report = {"id": "SIMid_1", "phone": "+2203012345", "status": "Success", "reason": ""}
    body = call(modules, "smswire", "reportBody", report)
    assert body == "id=SIMid_1&status=Success&phoneNumber=%2B2203012345&networkCode=99999"
    failed = {**report, "status": "Failed", "reason": "AbsentSubscriber"}
    body = call(modules, "smswire", "reportBody", failed)
    assert str(body).endswith("&failureReason=AbsentSubscriber")


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1),
     ("€" * 81, 2), ("ŋ" * 70, 1), ("ŋ" * 71, 2), ("ŋ" * 134, 2), ("ŋ" * 135, 3)],
)  # fmt: skip
def test_segments_are_counted_as_they_are_billed(modules: Page, text: str, count: int) -> None:
    assert call(modules, "smswire", "segments", text) == count
