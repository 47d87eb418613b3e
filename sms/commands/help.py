"""HELP, HELP 2, HELP sell: the first page to who buys, the second to who sells."""

from __future__ import annotations

from typing import Final

from sms.ask import Ask, Reply

_OF_TRADERS: Final = {"sell", "sold", "duty"}


def help_(ask: Ask) -> Reply:
    """The page that is asked for, else the one that fits."""
    number, topic = ask.parsed.number, ask.parsed.topic
    if number is not None:
        return Reply("help.two" if number == 2 else "help.one")
    if topic:
        return Reply("help.two" if topic in _OF_TRADERS else "help.one")
    return Reply("help.two" if ask.trader_id else "help.one")
