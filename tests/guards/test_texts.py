"""Every text, in every language, with the longest of everything, is one segment and whole."""

from __future__ import annotations

import pytest

from sms.texts import TEXTS, render
from sms.texts_worst import worst_catalog, worst_params, worst_people
from trader_platform.commands import translations as tool
from trader_platform.core.gsm import SCREEN_SEPTETS, is_plain
from trader_platform.messaging.kinds import KINDS

WELCOME_SEPTETS = 120
CATALOG, PEOPLE, PARAMS = worst_catalog(), worst_people(), worst_params()


def test_every_kind_has_words_and_no_other_has() -> None:
    assert set(TEXTS) == set(KINDS)


@pytest.mark.parametrize("answerable", [True, False])
@pytest.mark.parametrize("language", ["en", *tool.LANGUAGES])
@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_the_longest_of_everything_fits(kind: str, language: str, answerable: bool) -> None:
    text = render(kind, PARAMS, language, CATALOG, people=PEOPLE, answerable=answerable)
    assert text
    assert len(text) <= (WELCOME_SEPTETS if kind.startswith("welcome.") else SCREEN_SEPTETS)
    assert is_plain(text)
    assert "{" not in text
