"""``/r/<code>``: anyone checks a ticket; a wrong code is a sentence, many of them a pause."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from tests.fixtures.fees import DUTY, by, make_council, take
from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.app import create_app
from trader_platform.core.config import Settings
from trader_platform.fees.service_codes import MOST_WRONG
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.market.models import Market
from trader_platform.payments.codes import make_code


@pytest.fixture
def web(world: World, tmp_path: Path) -> Iterator[FlaskClient]:
    settings = Settings.from_env(environment(world, tmp_path))
    app = create_app(settings, clock=world.clock)
    yield app.test_client()
    app.extensions["hops"].db.dispose()


def test_a_good_ticket_says_what_was_paid_and_nothing_personal(
    world: World, web: FlaskClient
) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    for typed in (code, code.lower(), f"{code[:4]} {code[4:]}"):
        page = web.get(f"/r/{typed}")
        assert page.status_code == 200
        for part in (
            "Good ticket",
            "Latrikunda",
            "T0",
            "22.11.2026",
            "D10",
            council.collector.badge,
        ):
            assert part in page.text
        assert "Test-" not in page.text
        assert "+220" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    french = web.get(f"/r/{code}", headers={"Accept-Language": "fr-FR,fr"})
    assert "Bon ticket" in french.text


def test_what_is_no_ticket(world: World, web: FlaskClient) -> None:
    page = web.get("/r/HELLO")
    assert (page.status_code, "not a ticket code" in page.text) == (404, True)
    forged = web.get(f"/r/{make_code()}")
    assert (forged.status_code, "may be false" in forged.text) == (404, True)
    assert web.get("/r/?code=HELLO").status_code == 404
    assert web.get("/r/").status_code == 200


def test_guessing_is_slowed_but_a_right_code_is_answered(world: World, web: FlaskClient) -> None:
    code = take(world, make_council(world), "t1", DUTY)["code"]
    for _ in range(MOST_WRONG):
        assert web.get(f"/r/{make_code()}").status_code == 404
    slow = web.get(f"/r/{make_code()}")
    assert (slow.status_code, slow.headers["Retry-After"]) == (429, "900")
    assert web.get(f"/r/{code}").status_code == 200
    world.clock.move(minutes=16)
    assert web.get(f"/r/{make_code()}").status_code == 404


def test_a_ticket_taken_back_stays_visible(world: World, web: FlaskClient) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    who = council.collector
    with world.db.transaction() as session:
        command = TakeBack(who.staff_id, who.badge_id, code, "other", "Africa/Banjul")
        take_back(session, command, by=by("v1"))
    page = web.get(f"/r/{code}")
    assert (page.status_code, "taken back" in page.text) == (200, True)


@pytest.mark.parametrize(("proxies", "others"), [("1", 404), ("0", 429)])
def test_a_guesser_slows_himself_and_not_who_comes_by_the_same_proxy(
    world: World, tmp_path: Path, proxies: str, others: int
) -> None:
    """Without a proxy of ours the header is anybody's word, and says nothing."""
    settings = Settings.from_env(environment(world, tmp_path, TRUSTED_PROXIES=proxies))
    app = create_app(settings, clock=world.clock)
    web, wrong = app.test_client(), [make_code() for _ in range(MOST_WRONG + 1)]
    for code in wrong:
        last = web.get(f"/r/{code}", headers={"X-Forwarded-For": "192.0.2.1"}).status_code
    assert last == 429
    other = web.get(f"/r/{make_code()}", headers={"X-Forwarded-For": "192.0.2.2"})
    assert other.status_code == others
    app.extensions["hops"].db.dispose()


def test_the_keys_that_sign_are_published(world: World, web: FlaskClient) -> None:
    make_council(world)
    found = web.get("/r/keys").get_json()
    assert found["algorithm"] == "Ed25519"
    assert list(found["keys"]) == ["k1"]


def test_a_right_code_is_answered_while_another_holds_the_write_lock(
    world: World, web: FlaskClient
) -> None:
    code = take(world, make_council(world), "t1", DUTY)["code"]
    with world.db.transaction() as session:
        session.execute(update(Market).values(rank=Market.rank))
        assert web.get(f"/r/{code}").status_code == 200
        assert web.get("/r/HELLO").status_code == 404


def test_a_locked_database_is_a_sentence_and_not_an_error(world: World, web: FlaskClient) -> None:
    make_council(world)
    with world.db.write.begin() as writer:
        lock = "DELETE FROM codes_asked" if world.db.is_sqlite else "LOCK codes_asked"
        writer.execute(text(lock))
        busy = web.get(f"/r/{make_code()}")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    assert "try again" in busy.text
