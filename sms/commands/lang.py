"""LANG french: the language of texts and screens, a draft said to be one."""

from __future__ import annotations

from sms.ask import Ask, Reply
from sms.parser import fold
from trader_platform.traders.service import Subscriber, choose_language


def lang(ask: Ask) -> Reply:
    """Keep a language; a phone that is new to us has a person from now on."""
    typed = fold(ask.parsed.words)
    for tag, name, draft in ask.catalog.languages:
        if typed and typed in {fold(name), fold(tag), *map(fold, _NAMES.get(tag, ()))}:
            return _chosen(ask, tag, draft=draft)
    return Reply("lang.unknown")


def _chosen(ask: Ask, tag: str, *, draft: bool) -> Reply:
    if ask.phone is None:
        return Reply("lang.unknown")
    subscriber = Subscriber(ask.phone, ask.catalog.pack_id)
    choose_language(ask.session, subscriber, tag, vault=ask.vault, by=ask.by)
    return Reply("lang.draft" if draft else "lang.done", {"language": tag})


# What people call a language that a pack writes otherwise.
_NAMES = {
    "en": ("english", "anglais"),
    "fr": ("french", "francais"),
    "mnk": ("mandinka", "mandingue", "mandingo"),
    "wo": ("wolof", "ouolof"),
    "ff": ("pulaar", "fula", "peul", "fulani"),
}
