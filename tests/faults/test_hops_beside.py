"""Hops of a running service while something long goes on beside them: all of them are answered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.fakes.gateways import FakeAfricasTalking, FakeGateway, FakeKannel
from tests.fixtures.dialling import dialling
from tests.fixtures.served import running
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.core import valkey
from trader_platform.core.clock import MovableClock, epoch_ms
from trader_platform.core.db import Database
from trader_platform.core.phone import parse
from trader_platform.core.queues import Doorbell
from trader_platform.messaging.service import contact_of_phone, queue
from trader_platform.messaging.types import Outgoing

# Generous: a gateway waits for seconds. The figures are in docs/performance.md.
LONGEST_SECONDS = 1.0


@pytest.fixture
def embedded(sqlite_world: Path, tmp_path: Path) -> Iterator[World]:
    """A DATA_DIR with the Gambian pack, today."""
    path = tmp_path / "market.db"
    shutil.copyfile(sqlite_world, path)
    db = Database(f"sqlite:///{path}", lock_wait_seconds=20)
    world = World(f"sqlite:///{path}", db, MovableClock(datetime.now(UTC)))
    yield world
    world.hops.store.close()
    db.dispose()


def queue_notices(world: World, count: int) -> None:
    """Of one campaign, half in other words; nothing is due yet, and no hour holds them back."""
    now = world.clock.now()
    with world.db.transaction() as session:
        (settings,) = session.execute(text("SELECT settings FROM packs WHERE id = 1")).one()
        pack = json.loads(settings)
        pack["sms"] |= {"quiet_until_time": "00:00:00", "quiet_from_time": "23:59:59"}
        session.execute(text("UPDATE packs SET settings = :s"), {"s": json.dumps(pack)})
        for at in range(count):
            phone = parse(f"+22030{at:05d}")
            assert phone is not None
            contact = contact_of_phone(session, phone, pack_id=1, vault=world.vault, now=now)
            news = {"council": 1, "news": f"Water is back at tap {at % 2}"}
            notice = Outgoing("council.says", contact, 1, f"c:{at}", now, news, council_id=1)
            assert queue(session, notice, zone="Africa/Banjul") is not None
        session.execute(text("UPDATE messages SET due_at = :never"), {"never": 2**52})


def begin(world: World, folder: Path, count: int) -> None:
    """All notices are due now, and the worker is told."""
    now = epoch_ms(world.clock.now())
    for first in range(1, count + 1, 200):  # one long write of ours would hold up the hops
        with world.db.transaction() as session:
            sql = "UPDATE messages SET due_at = :now WHERE id BETWEEN :first AND :first + 199"
            session.execute(text(sql), {"now": now, "first": first})
    socket = valkey.noted_socket(folder)
    assert socket is not None
    assert Doorbell(lambda: valkey.url_of(socket)).ring("sms.deliver")


def states(world: World) -> dict[str, int]:
    with world.db.reading() as connection:
        rows = connection.execute(text("SELECT state, count(*) FROM messages GROUP BY state"))
        return {row[0]: row[1] for row in rows}


# A disk that others keep busy syncs in up to half a second: longer than a hop waits for the lock.
@pytest.mark.parametrize(
    ("fake_class", "notices"),
    [pytest.param(FakeAfricasTalking, 9000, marks=pytest.mark.long), (FakeKannel, 1500)],
)
def test_every_hop_beside_a_long_drain(
    embedded: World, tmp_path: Path, fake_class: type[FakeGateway], notices: int
) -> None:
    """To a gateway that takes a hundred texts in a call, and to one that takes one."""
    fake = fake_class()
    settings = {
        "SMS_GATEWAY": "kannel" if fake_class is FakeKannel else "africastalking",
        "AFRICASTALKING_USERNAME": "market",
        "AFRICASTALKING_API_KEY": "k",
        "AFRICASTALKING_BASE_URL": fake.url,
        "KANNEL_SENDSMS_URL": fake.url,
        "KANNEL_USERNAME": "market",
        "KANNEL_PASSWORD": "k",
        "KANNEL_SENDER_ID": "5678",
    }
    queue_notices(embedded, notices)
    try:
        # English, then "I buy": the first is an act, and waits for the lock that the drain takes.
        with (
            running(embedded, tmp_path, **settings) as server,
            dialling(server, "", "1", "1*2") as phones,
        ):
            wait_until(lambda: len(phones.hops) > 30, "phones are dialling")
            before = len(phones.hops)
            begin(embedded, tmp_path, notices)
            wait_until(lambda: states(embedded) == {"accepted": notices}, "all texts left")
            beside = len(phones.hops) - before
        assert beside > 30, "the drain was over before anybody dialled"
        assert phones.wrong() == [], phones.told()
        assert max(seconds for seconds, _, _ in phones.hops) < LONGEST_SECONDS, phones.told()
        assert len({number for number, _ in fake.taken}) == len(fake.taken) == notices
    finally:
        fake.stop()
