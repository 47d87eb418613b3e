"""STOP, STOP lumo, STOP ALL, START, START lumo: what this phone wants to be sent."""

from __future__ import annotations

from sms.ask import Ask, Reply
from trader_platform.messaging import service_rights as rights
from trader_platform.messaging.policy import Rules


def stop(ask: Ask) -> Reply:
    """Stop what is named: most texts, all of them, or one topic. Says what is stopped then."""
    topic = ask.parsed.topic or rights.MOST
    stopped = rights.stop(ask.session, ask.texter.contact_id, topic, by=ask.by)
    if not stopped:
        return Reply("stop.one", {"topic": topic})
    return Reply("stop.all" if stopped == rights.ALL else "stop.done")


def start(ask: Ask) -> Reply:
    """Let all texts come again, or those of one topic."""
    topic = ask.parsed.topic or rights.ALL
    rights.start(ask.session, ask.texter.contact_id, topic, by=ask.by)
    topics = list(rights.TOPICS) if topic == rights.ALL else [topic]
    n = Rules.of(ask.catalog.settings).texts_a_day
    return Reply("start.done", {"topics": topics, "n": n})
