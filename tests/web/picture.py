"""Takes the README's picture of the browser phone: `python -m tests.web.picture docs/phone.png`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.web.inbox import Inbox
from tests.web.running import chromium, demo_service

BUYER = "+2203774653"


def take(browser: Browser, service: str, path: Path) -> None:
    """Two texts answered and a price asked on USSD, on one phone."""
    page = browser.new_page(viewport={"width": 1280, "height": 1010}, color_scheme="light")
    page.goto(service + "/phone")
    page.wait_for_selector("main[data-ready]")
    inbox = Inbox(page, number=BUYER)
    inbox.phone.dial().press("1", "2", "3", "2", "soble serekunda").sees("onion")
    inbox.texts("oniyon brikama").answered().is_now("delivered")
    inbox.texts("1").answered(2).is_now("delivered")
    page.locator("h1").click()  # a focus ring is nothing to show
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_service(Path(folder)) as url,
        chromium() as launched,
    ):
        take(launched, url, Path(sys.argv[1]))
