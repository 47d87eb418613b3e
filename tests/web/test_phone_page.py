"""The pages as pages: fit for narrow screens and for screen readers, closed to the outside."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.handset import Handset, new_number

AXE = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}

# The least contrast of each element's own text with any colour behind it, gradients included.
CONTRAST = """(selector) => {
  const channels = (css) => css.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map(
      (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const painted = style.backgroundImage.match(/rgba?\\([^)]*\\)/g);
      if (painted) return painted;
      if (channels(style.backgroundColor)[3] !== 0) return [style.backgroundColor];
    }
    return ["rgb(255, 255, 255)"];
  };
  const found = {};
  for (const element of document.querySelectorAll(selector)) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!own.length || !element.checkVisibility()) continue;
    const ink = light(channels(getComputedStyle(element).color));
    const ratios = behind(element).map((css) => light(channels(css))).map(
      (paper) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
    found[own[0].data.trim()] = Math.min(...ratios);
  }
  return found;
}"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)  # not a script element: the page's policy would refuse it
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")
    # What axe cannot judge counts as well, but for colours over the gradients of the handset:
    # those are measured by a test of their own.
    unsure = [one for one in found["incomplete"] if one["id"] != "color-contrast"]
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found["violations"] + unsure
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/phone"])
def test_axe_finds_nothing(browser: Browser, service: str, path: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(service + path)
    assert violations(page) == []
    page.close()


def test_axe_finds_nothing_on_phones_in_use(phone_page: Page) -> None:
    phone_page.get_by_role("button", name="Add a phone").click()
    Handset(phone_page, 0).belongs_to(new_number()).dial().press("1")
    Handset(phone_page, 1).dial("nothing")
    Handset(phone_page, 1).belongs_to("12")
    Handset(phone_page, 0).part("details").locator("summary").click()
    assert violations(phone_page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_the_handset_stand_out_from_the_darkest_and_lightest_of_it(
    browser: Browser, service: str, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(service + "/phone")
    Handset(page).belongs_to(new_number()).dial()
    ratios = page.evaluate(CONTRAST, "section.station :is(.handset, .handset *)")
    assert len(ratios) > 20
    assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}
    page.close()


@pytest.mark.parametrize("path", ["/", "/phone"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_window(
    browser: Browser, service: str, path: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(service + path)
    if path == "/phone":
        Handset(page).belongs_to(new_number()).dial().part("details").locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_screen_text_is_large_and_needs_no_second_look(phone_page: Page) -> None:
    size = Handset(phone_page).screen.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 22


def test_the_screen_is_read_out_when_it_changes(phone_page: Page) -> None:
    screen = Handset(phone_page).screen
    expect(screen).to_have_attribute("aria-live", "polite")
    expect(screen).to_have_attribute("aria-atomic", "true")


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_nothing_is_fetched_from_elsewhere_and_nothing_is_refused(
    browser: Browser, service: str, path: str
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda r: complaints.append(r.url) if r.status >= 400 else None)
    page.goto(service + path, wait_until="networkidle")
    if path == "/phone":
        Handset(page).belongs_to(new_number()).dial().press("1")
    assert asked
    assert [url for url in asked if not url.startswith(service)] == []
    assert complaints == []
    page.close()


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_the_policy_allows_no_inline_code(browser: Browser, service: str, path: str) -> None:
    page = browser.new_page()
    response = page.goto(service + path)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page.close()


def test_the_numbers_of_the_phones_are_remembered(phone_page: Page) -> None:
    phone_page.get_by_role("button", name="Add a phone").click()
    first, second = new_number(), new_number()
    Handset(phone_page, 0).belongs_to(first)
    Handset(phone_page, 1).belongs_to(second)
    phone_page.reload()
    expect(Handset(phone_page, 0).part("number")).to_have_value(first)
    expect(Handset(phone_page, 1).part("number")).to_have_value(second)
    phone_page.get_by_role("button", name="Remove phone 1").click()
    phone_page.reload()
    expect(Handset(phone_page, 0).part("number")).to_have_value(second)
    expect(phone_page.locator("section.station")).to_have_count(1)


def test_a_demo_person_lends_her_number(phone_page: Page) -> None:
    phone = Handset(phone_page)
    people = phone.part("people").locator("option").all()
    label, number = people[1].inner_text(), people[1].get_attribute("value")
    phone.part("people").select_option(label=label)
    expect(phone.part("number")).to_have_value(number or "")
    phone.part("people").select_option(label="A new number, not joined")
    phone.dial().sees("1 English")


def test_broken_memory_does_not_break_the_page(phone_page: Page) -> None:
    phone_page.evaluate("localStorage.setItem('trader-phone', '{\"numbers\": 5')")
    phone_page.reload()
    Handset(phone_page).belongs_to(new_number()).dial().is_in("open")


def test_the_inbox_says_that_no_text_has_come(phone_page: Page) -> None:
    expect(Handset(phone_page).part("inbox")).to_contain_text("No text has come to this phone yet.")


def test_who_wants_less_motion_gets_none(browser: Browser, service: str) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(service + "/phone")
    page.route("**/ussd/africastalking/*", lambda route: None)
    phone = Handset(page).belongs_to(new_number())
    phone.part("call").click()
    phone.is_in("waiting")
    bars = phone.root.locator(".bars")
    assert bars.evaluate("(e) => getComputedStyle(e).animationName") == "none"
    page.close()


def test_the_landing_page_leads_to_the_phone(browser: Browser, service: str) -> None:
    page = browser.new_page()
    page.goto(service + "/")
    expect(page.get_by_text("*384*220#", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Is the service alive?")).to_have_attribute(
        "href", "/healthz"
    )
    page.get_by_role("link", name="Open the browser phone").click()
    expect(page).to_have_url(service + "/phone")
    Handset(page).belongs_to(new_number()).dial().is_in("open")
    page.close()
