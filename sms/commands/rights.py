"""STOP, STOP lumo, STOP ALL, START: what this phone wants to be sent."""

from __future__ import annotations

from sms.ask import Ask, Reply
from trader_platform.messaging import service_rights as rights


def stop(ask: Ask) -> Reply:
    """Stop what is named: most texts, all of them, or one topic."""
    topic = ask.parsed.topic or rights.MOST
    rights.stop(ask.session, ask.texter.contact_id, topic, by=ask.by)
    if topic in rights.TOPICS:
        return Reply("stop.one", {"topic": topic})
    return Reply("stop.all" if topic == rights.ALL else "stop.done")


def start(ask: Ask) -> Reply:
    """Let all texts come again."""
    rights.start(ask.session, ask.texter.contact_id, by=ask.by)
    n = ask.catalog.settings.get("messages", {}).get("daily_cap", 3)
    return Reply("start.done", {"topics": list(rights.TOPICS), "n": n})
