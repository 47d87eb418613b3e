"""The texts of one phone of the browser page: what she writes, what comes, how it is reported."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.handset import Handset, new_number

ANSWER_MS = 20_000


class Inbox:
    """The texts of one phone on the page."""

    def __init__(self, page: Page, index: int = 0, number: str = "") -> None:
        self.phone = Handset(page, index).belongs_to(number or new_number())
        self.words = self.phone.part("words")
        self.mine = self.phone.root.locator(".thread .mine")
        self.theirs = self.phone.root.locator(".thread .theirs")

    def texts(self, words: str) -> Inbox:
        self.words.fill(words)
        self.words.press("Enter")
        return self

    def answered(self, count: int = 1) -> Inbox:
        expect(self.theirs).to_have_count(count, timeout=ANSWER_MS)
        return self

    def faults(self) -> Inbox:
        self.phone.part("textFaults").locator("summary").click()
        return self

    def reports(self, label: str) -> Inbox:
        self.phone.part("manner").select_option(label=label)
        return self

    def is_now(self, state: str | re.Pattern[str]) -> Inbox:
        expect(self.theirs.last.locator(".facts")).to_contain_text(state, timeout=ANSWER_MS)
        return self

    def tells(self, sentence: str) -> Inbox:
        expect(self.phone.part("faultResult")).to_have_text(sentence, timeout=ANSWER_MS)
        return self
