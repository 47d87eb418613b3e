"""The line drops: what was typed is offered again, what was done is shown, once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.fixtures.phone import Phone
from tests.fixtures.world import World
from trader_platform.market.models_trade import Listing

AWA = "+2203012345"


def joined(world: World) -> None:
    world.phone(AWA).dial().press("1", "1", "1", "1", "bakoteh", "1", "Demo Awa").sees(
        "Good, Demo."
    )


def selling(world: World) -> Phone:
    """On the confirmation of twenty bags of onion."""
    return world.phone(AWA).dial().press("2", "1", "onion", "20", "1", "25").sees("1 Yes, sell")


def listings(world: World) -> int:
    with world.db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(Listing)).scalar_one())


def test_a_dropped_line_is_taken_up_where_it_was(world: World) -> None:
    joined(world)
    cut = selling(world)
    world.restart()
    again = (
        world.phone(AWA).dial().sees("CON Go on where you were?\nSell 20", "1 Yes", "2 Start again")
    )
    assert again.press("1").screen == cut.screen
    again.press("1").sees("END On sale till")
    assert listings(world) == 1
    world.phone(AWA).dial().sees("CON Demo\n1 My duty")


def test_start_again_forgets_the_draft(world: World) -> None:
    joined(world)
    selling(world)
    world.phone(AWA).dial().press("2").sees("CON Demo\n1 My duty")
    world.phone(AWA).dial().sees("CON Demo\n1 My duty")


def test_the_offer_lasts_ten_minutes(world: World) -> None:
    joined(world)
    selling(world)
    world.clock.move(minutes=9, seconds=59)
    world.phone(AWA).dial().sees("Go on where you were?").press("1").sees("1 Yes, sell")
    world.clock.move(minutes=10, seconds=1)
    world.phone(AWA).dial().sees("CON Demo\n1 My duty")


def test_a_dial_string_is_not_held_up_by_the_offer_and_does_not_end_it(world: World) -> None:
    joined(world)
    selling(world)
    world.phone(AWA).dial("3").sees("CON Prices")


def test_another_phone_is_offered_nothing(world: World) -> None:
    joined(world)
    selling(world)
    world.phone("+2207654321").dial().sees("1 English")


def test_the_new_form_of_the_number_takes_up_the_old_ones_draft(world: World) -> None:
    joined(world)
    selling(world)
    world.phone("+220833012345").dial().sees("Go on where you were?")


def test_consent_is_shown_again_until_it_is_answered(world: World) -> None:
    consent = world.phone(AWA).dial().press("1", "1").sees("1 I agree")
    assert world.phone(AWA).dial().screen == consent.screen


class Killed(BaseException):
    """Stands for SIGKILL inside one process: nothing below may catch it."""


def test_killed_between_commit_and_answer_the_redial_shows_what_was_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(world)
    phone = selling(world)

    def die(*_: object, **__: object) -> bool:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(world.hops.store, "swap", die)
        with pytest.raises(Killed):
            phone.press("1")
    world.restart()
    assert listings(world) == 1
    shown = world.phone(AWA).dial().sees("END On sale till", "20")
    assert phone.send().screen == shown.screen, "the gateway's repeat gets the same bytes"
    assert listings(world) == 1
    world.phone(AWA).dial().sees("CON Demo\n1 My duty")
