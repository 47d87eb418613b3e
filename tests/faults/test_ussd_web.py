"""What a gateway may do to the web process: bad tokens, bad bodies, eight copies at once."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import func, select

from tests.fixtures.served import TOKEN, served
from tests.fixtures.world import World
from trader_platform.core.once import Act
from trader_platform.traders.models import Person
from ussd.models import UssdSession


def count(world: World, table: type) -> int:
    with world.db.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_eight_copies_of_a_hop_have_one_effect_and_one_answer(world: World, tmp_path: Path) -> None:
    workers = 1 if world.db.is_sqlite else 2
    with served(world, tmp_path, workers=workers) as server:
        first = server.together("ATUid_1", "", copies=8)
        assert len(first) == 1
        assert count(world, UssdSession) == 1
        chosen = server.together("ATUid_1", "1", copies=8)
        assert chosen == {
            (200, "CON What do you want?\n1 I sell: join\n2 I buy: see prices\n0 Back")
        }
        assert (count(world, Person), count(world, Act)) == (1, 1)
        assert server.hop("ATUid_1", "1") == next(iter(chosen))
        server.kill()
    with served(world, tmp_path) as server:
        assert server.hop("ATUid_1", "1") == next(iter(chosen)), "a restart lost the last reply"
        assert "1 My duty" in server.hop("ATUid_1", "1*2")[1]


def test_what_is_no_hop_never_becomes_an_error(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path) as server:
        path = f"/ussd/africastalking/{TOKEN}"
        bodies = [b"", b"x" * 1_000_000, b"\x00\xff", b"text=1&text=2", b"{}", b"a=" * 50_000]
        for body in bodies:
            status, answer = server.request(path, body)
            assert (status, answer[:4]) == (200, "END "), body[:20]
        assert server.hop("s", "", number="nobody")[1].startswith("END We cannot serve")
        assert server.hop("s" * 300, "")[1].startswith("END ")
        assert server.hop("s", "", token="wrong")[0] == 404
        assert server.request("/ussd/nobody/" + TOKEN, b"")[0] == 404
        assert server.request(path + "/events", b"sessionId=s&status=Incomplete") == (200, "OK")
        assert server.hop("after", "")[1].startswith("CON Market Line")
        metrics = server.request("/metrics")[1]
        assert 'ussd_hop_seconds_count{outcome="refused"} 1.0' in metrics
        assert 'ussd_hop_seconds_count{outcome="con"} 1.0' in metrics


def test_twenty_dials_a_minute_are_enough_for_one_phone(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path) as server:
        answers = [server.hop(f"s{dial}", "")[1] for dial in range(21)]
        assert answers[19].startswith("CON ")
        assert answers[20].startswith("END Too many dials from this phone.")
        assert server.hop("s3", "")[1] == answers[3], "a repeat is not a new dialogue"
        assert server.hop("other", "", number="+2207654321")[1].startswith("CON ")


def test_read_only_is_a_polite_end(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path, READ_ONLY_UNTIL="14:30") as server:
        assert server.hop("s", "") == (
            200,
            "END We mend the service until 14:30. Nothing is lost."
            " Please dial *384*220# after 14:30.",
        )
    assert count(world, UssdSession) == 0


def test_both_ways_in_give_the_same_answer(world: World, tmp_path: Path) -> None:
    """A plain POST is answered in front of Flask, one with a query by Flask's view."""
    with served(world, tmp_path) as server:
        front = server.hop("s1", "")
        path = f"/ussd/africastalking/{TOKEN}"
        form = (
            b"sessionId=s2&phoneNumber=%2B2203012345&serviceCode=%2A384%2A220%23"
            b"&networkCode=99999&text="
        )
        assert server.request(path + "?x=1", form) == front
        query = (
            "?session_id=h1&session_msisdn=2203012345&session_msg=*384*220%23"
            "&session_operation=begin&session_from=*384*220%23"
        )
        status, body = server.request(f"/ussd/hollatags/{TOKEN}{query}")
        assert status == 200
        assert json.loads(body)["session_operation"] == "continue"
        assert json.loads(body)["session_msg"] == front[1].removeprefix("CON ")
