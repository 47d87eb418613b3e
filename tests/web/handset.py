"""One phone of the browser page as a person uses it: what she presses, what she reads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from urllib.parse import parse_qs

from playwright.sync_api import Locator, Page, Request, expect

CODE = "*384*220#"
_numbers: Iterator[int] = itertools.count(3_100_000)


def new_number() -> str:
    """A Gambian number that nobody has dialled from in this run."""
    return f"+220{next(_numbers)}"


class Handset:
    """The phone at ``index`` on the page, from 0."""

    def __init__(self, page: Page, index: int = 0) -> None:
        self.page = page
        self.root = page.locator("section.station").nth(index)
        self.entry = self.part("entry")
        self.screen = self.part("text")

    def part(self, name: str) -> Locator:
        return self.root.locator(f'[data-part="{name}"]')

    def belongs_to(self, number: str) -> Handset:
        self.part("number").fill(number)
        self.part("number").press("Tab")
        return self

    def dial(self, code: str = CODE) -> Handset:
        self.entry.fill(code)
        self.part("call").click()
        return self.settled()

    def press(self, *answers: str) -> Handset:
        for answer in answers:
            self.is_in("open")  # else the screen tells why, before an answer is read as a code
            self.entry.fill(answer)
            self.part("call").click()
            self.settled()
        return self

    def fault(self, name: str) -> Handset:
        self.root.get_by_role("button", name=name, exact=True).click()
        return self

    def settled(self) -> Handset:
        """Waits for the answer of the service or of the network."""
        expect(self.part("handset")).not_to_have_attribute("data-state", "waiting")
        return self

    def sees(self, *words: str) -> Handset:
        for word in words:
            expect(self.screen).to_contain_text(word)
        return self

    def is_in(self, state: str) -> Handset:
        expect(self.part("handset")).to_have_attribute("data-state", state)
        return self

    def tells(self, sentence: str | re.Pattern[str]) -> Handset:
        expect(self.part("result")).to_have_text(sentence)
        return self

    def joins(self, name: str) -> Handset:
        """Registers as a trader of the first market offered; ends at the main menu."""
        self.dial().press("1", "1", "1", "1", "1", "1", name)
        return self.sees("1 My duty")


class Wire:
    """Every form that the page posts as a gateway does, in the order of sending.

    Of USSD, or of texts with ``"/sms/"``: reports on texts come when they come.
    """

    def __init__(self, page: Page, of: str = "/ussd/") -> None:
        self._of = of
        self.posts: list[tuple[str, str]] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST" and self._of in request.url:
            self.posts.append((request.url, request.post_data or ""))

    def forms(self) -> list[dict[str, str]]:
        return [
            {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
            for _, body in self.posts
        ]
