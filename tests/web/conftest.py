"""The running service, as `make run` starts it, and Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.running import chromium, demo_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo installation of its own, empty at the start but for the demo."""
    with demo_service(tmp_path_factory.mktemp("web")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium with a profile of its own; it needs no network but this machine's."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def phone_page(browser: Browser, service: str) -> Iterator[Page]:
    """The page of the browser phone in a browser that remembers nothing of other tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(8000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(service + "/phone")
    page.wait_for_selector("main[data-ready]")
    yield page
    context.close()
    assert errors == []
