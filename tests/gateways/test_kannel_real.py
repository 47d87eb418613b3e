"""A real Kannel carries texts both ways, and its reports move the texts that it carried.

Phone (fakesmsc) - bearerbox - smsbox - our web process over HTTP, and back by our adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from sms.gateways.base import Recipient, SendResult, Verdict
from sms.gateways.kannel import Kannel, KannelAccount
from sms.jobs import answer
from tests.fixtures import kannel as real
from tests.fixtures.served import TOKEN, Server, environment, served
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.core.config import Settings
from trader_platform.core.errors import BadConfig
from trader_platform.jobs.context import JobContext

PHONE = "+2203012345"
WORDS = " Onion + 50% @ D1,500 & é £ {x} € ~ ñ"


@dataclass
class Line:
    """A web process with a Kannel before it."""

    world: World
    server: Server
    kannel: real.Kannel
    folder: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.world.db.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def settings(self) -> Settings:
        """Of a worker beside that web process."""
        return Settings.from_env(
            environment(
                self.world,
                self.folder,
                SMS_GATEWAY="kannel",
                KANNEL_SENDSMS_URL=self.kannel.sendsms_url,
                KANNEL_USERNAME=real.USERNAME,
                KANNEL_PASSWORD=real.PASSWORD,
                KANNEL_SENDER_ID=real.SHORT_CODE,
                KANNEL_CALLBACK_URL=self.server.url,
            )
        )


@pytest.fixture
def line(world: World, tmp_path: Path) -> Iterator[Line]:
    with ExitStack() as stack:
        server = stack.enter_context(served(world, tmp_path))
        inbound = f"{server.url}/sms/kannel/{TOKEN}/inbound"
        kannel = stack.enter_context(real.running_kannel(tmp_path, inbound))
        yield Line(world, server, kannel, tmp_path)


def test_a_text_comes_in_is_answered_and_the_answer_is_reported(line: Line) -> None:
    with real.smsc(line.kannel, f"{PHONE} {real.SHORT_CODE} text help"):
        wait_until(lambda: bool(line.rows("SELECT id FROM inbound_texts")), "the text is stored")
        found = line.rows("SELECT gateway, state, texted, network FROM inbound_texts")
        assert found == [("kannel", "waiting", real.SHORT_CODE, "fake")]

        assert answer(JobContext(line.settings(), line.world.db)) == 1
        ((state, gateway),) = line.rows("SELECT state, gateway FROM messages")
        assert (state, gateway) in {("accepted", "kannel"), ("delivered", "kannel")}
        wait_until(lambda: bool(line.kannel.heard()), "the phone hears the answer")
        assert line.kannel.heard()[0].startswith(f"{real.SHORT_CODE} {PHONE} text ")
        wait_until(
            lambda: line.rows("SELECT state FROM messages") == [("delivered",)],
            "the report moves the text",
        )
        wait_until(
            lambda: (
                line.rows("SELECT status FROM delivery_reports ORDER BY status")
                == [("accepted",), ("delivered",)]
            ),
            "taken by the SMSC and delivered, in whichever order they came",
        )


def test_a_text_waits_in_kannel_while_we_are_away(line: Line) -> None:
    with line.world.db.write.begin() as connection:
        connection.execute(text("ALTER TABLE inbound_texts RENAME TO inbound_texts_away"))
    with real.smsc(line.kannel, f"{PHONE} {real.SHORT_CODE} text onion"):
        wait_until(lambda: "503" in line.kannel.log("smsbox"), "we are asked and say 503")
        with line.world.db.write.begin() as connection:
            connection.execute(text("ALTER TABLE inbound_texts_away RENAME TO inbound_texts"))
        wait_until(lambda: bool(line.rows("SELECT id FROM inbound_texts")), "it comes again")


@pytest.fixture
def kannel(tmp_path: Path) -> Iterator[real.Kannel]:
    """One that nobody asks for answers."""
    with real.running_kannel(tmp_path, "http://127.0.0.1:9/inbound") as running:
        yield running


def _send(
    kannel: real.Kannel, *, password: str = real.PASSWORD, sender: str = "2200"
) -> SendResult:
    account = KannelAccount(
        kannel.sendsms_url, real.USERNAME, password, "http://127.0.0.1:9/delivery", sender
    )
    (result,) = Kannel(account).send(WORDS, [Recipient(41, PHONE)])
    return result


def test_the_words_reach_the_phone_as_they_are(kannel: real.Kannel) -> None:
    with real.smsc(kannel, "1 2 text nothing", copies=0):
        assert _send(kannel) == SendResult(41, Verdict.ACCEPTED)
        wait_until(lambda: bool(kannel.heard()), "the phone hears")
        assert kannel.heard() == [f"2200 {PHONE} text {WORDS}"]


def test_what_kannel_refuses_is_told_apart(kannel: real.Kannel) -> None:
    with pytest.raises(BadConfig):
        _send(kannel, password="wrong")
    with pytest.raises(BadConfig, match="KANNEL_SENDER_ID"):
        _send(kannel, sender="")


def test_without_an_smsc_kannel_keeps_the_text(kannel: real.Kannel) -> None:
    result = _send(kannel)
    assert result.verdict is Verdict.ACCEPTED
