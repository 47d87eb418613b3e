"""What is not kept of texts: words after 90 days, the phone of who left after her last text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.outbox import Outbox, outbox_of
from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.core.config import Settings
from trader_platform.core.crypto import Vault
from trader_platform.core.once import By
from trader_platform.core.phone import parse
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.retention import erase_people, erase_texts, forget_phones
from trader_platform.messaging.rotation import renew_contacts, renew_words
from trader_platform.messaging.service_inbound import Arrived, store, words_key
from trader_platform.traders.models import Person
from trader_platform.traders.service import ask_to_leave

OLD = timedelta(days=90, minutes=1)


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        world.clock.at = datetime.now(UTC)
        yield made


@pytest.fixture
def context(world: World, tmp_path: Path) -> JobContext:
    return JobContext(Settings.from_env(environment(world, tmp_path, **REDIS)), world.db)


REDIS = {"REDIS_URL": "redis://127.0.0.1:9/0"}


def arrive(outbox: Outbox, words: str, number: str = "+2203012345", **more: Any) -> None:
    phone = parse(number)
    arrived = Arrived("africastalking", words, number, phone, "2200", words, 1)
    now = more.get("now", outbox.world.clock.now())
    assert store(outbox.world.db, arrived, vault=outbox.world.vault, now=now)


def look(outbox: Outbox, sql: str) -> list[tuple[Any, ...]]:
    with outbox.world.db.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_words_go_after_ninety_days(outbox: Outbox, context: JobContext) -> None:
    before = outbox.world.clock.now() - OLD
    arrive(outbox, "old onion", now=before)
    arrive(outbox, "new onion")
    her = outbox.contact()
    typed = {"word": "onoin"}
    old = outbox.queue("unknown.first", her, "in:1", params=typed, act_at=before, offers={"a": 1})
    new = outbox.queue("unknown.first", her, "in:2", params=typed)
    notice = outbox.news(her, "c:1", act_at=before)
    outbox.sender.drain()
    waiting = outbox.queue("unknown.first", her, "in:3", params=typed, act_at=before)
    assert erase_texts(context) == 2
    assert erase_texts(context) == 0
    kept = look(outbox, "SELECT words IS NULL, words_hash = '' FROM inbound_texts ORDER BY id")
    assert kept == [(True, True), (False, False)]
    assert (outbox.row(old)["params"], outbox.row(old)["offers"]) == ("{}", None)
    assert {outbox.row(id_)["params"] for id_ in (new, waiting)} == {'{"word":"onoin"}'}
    assert "news" in outbox.row(notice)["params"]


def leaves(outbox: Outbox) -> int:
    """A person who asked to leave more than seven days ago."""
    outbox.world.phone().dial().press("2")  # Francais
    with outbox.world.db.transaction() as session:
        person = session.query(Person).one()
        then = outbox.world.clock.now() - timedelta(days=8)
        by = By("test:leave", "fr", then, "person", str(person.id), "ussd")
        ask_to_leave(session, person.id, by)
        return person.id


def test_who_leaves_gets_a_last_text_in_her_language_and_is_then_forgotten(
    outbox: Outbox, context: JobContext
) -> None:
    person = leaves(outbox)
    arrive(outbox, "oignon")
    assert erase_people(context) == 1
    assert erase_people(context) == 0
    assert look(outbox, f"SELECT phone_hash FROM people WHERE id = {person}") == [(None,)]
    assert forget_phones(context) == 0  # her last text has not left
    outbox.fake.mode = "503"
    outbox.sender.drain()
    assert forget_phones(context) == 0
    outbox.fake.mode = "ok"
    outbox.world.clock.move(minutes=2)
    outbox.sender.drain()
    ((number, words),) = outbox.fake.taken
    assert number == "+2203012345"
    assert words.startswith("Fait.")
    assert forget_phones(context) == 1
    assert forget_phones(context) == 0
    assert look(outbox, "SELECT phone_hash, phone_sealed, goodbye_id FROM contacts") == [
        (None, None, None)
    ]
    assert look(outbox, "SELECT words, words_hash FROM inbound_texts") == [(None, "")]
    assert outbox.rows("params") == [("{}",)]
    outbox.contact()  # the phone may come back, as a new one
    assert len(look(outbox, "SELECT id FROM contacts")) == 2


def test_a_last_text_that_cannot_leave_is_given_up_and_she_is_forgotten(
    outbox: Outbox, context: JobContext
) -> None:
    leaves(outbox)
    erase_people(context)
    outbox.world.clock.move(days=3, minutes=1)  # the job looks at the real clock
    outbox.sender.drain()
    assert outbox.rows() == [("expired",)]
    assert forget_phones(context) == 1


def test_rotation_reaches_contacts_and_words(outbox: Outbox) -> None:
    arrive(outbox, "onion")
    arrive(outbox, "rice", "+2207654321")
    newer = Vault(
        {"new": bytes(range(1, 33)), "test": bytes(range(32))},
        b"another-lookup-key-of-the-tests-long-enough",
    )
    for part in (renew_contacts, renew_words):
        last, written = 0, 0
        while last is not None:
            with outbox.world.db.transaction() as session:
                chunk = part(session, newer, after_id=last, limit=1)
            last, written = chunk.last_id, written + chunk.written
        assert written == 2
        with outbox.world.db.transaction() as session:
            assert part(session, newer).written == 0
    only_new = Vault({"new": bytes(range(1, 33))}, b"another-lookup-key-of-the-tests-long-enough")
    for hash_, sealed in look(outbox, "SELECT phone_hash, phone_sealed FROM contacts"):
        e164 = only_new.open(sealed, bound_to=hash_.encode()).decode()
        assert only_new.lookup(e164) == hash_
    words = look(outbox, "SELECT provider_id, words FROM inbound_texts ORDER BY id")
    read = [only_new.open(w, bound_to=words_key("africastalking", p)) for p, w in words]
    assert read == [b"onion", b"rice"]
