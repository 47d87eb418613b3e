"""STOP, a topic, ALL, START, the gateway's own opt-out, LANG: what people want to be sent."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from sms.gateways.base import OptOut
from sms.parser import rows
from tests.fixtures.sellers import seller
from tests.fixtures.texting import Line, outcomes
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.market.models import Pack
from trader_platform.messaging.models import Contact
from trader_platform.messaging.service_rights import ALL, STOPPABLE
from trader_platform.traders.models import Person

AWA, BUYER = "+2203012345", "+2203099999"


def said(world: World) -> tuple[str, str, bool]:
    with world.db.transaction() as session:
        contact = session.scalars(select(Contact)).one()
        return contact.stopped, contact.stopped_topics, contact.opted_out


def trail(world: World) -> list[str]:
    with world.db.transaction() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [row.action for row in rows if row.subject_kind == "contact"]


def test_stop_and_start(world: World) -> None:
    phone = Line(world).phone(BUYER)
    phone.texts("STOP").sees("Stopped.", "STOP ALL ends these too. START brings all back.")
    assert said(world) == ("most", "", False)
    phone.texts("HELP").sees("onion brikama")  # an answer still comes
    phone.texts("START").sees("Good, texts come again", "At most 3 a day")
    assert said(world) == ("", "", False)
    assert trail(world) == ["contact.stop", "contact.start"]


def test_stop_one_topic(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("STOP LUMO").sees("Stopped: lumo. The rest still comes.")
    phone.texts("stop council").sees("Stopped: council news.")
    assert said(world) == ("", "council,lumo", False)
    phone.texts("STOP DUTY").sees("Stopped: duty. The rest still comes.")
    assert said(world) == ("", "council,duty,lumo", False)
    phone.texts("START LUMO").sees("Good, texts come again: lumo.")
    assert said(world) == ("", "council,duty", False)


def test_every_topic_that_can_be_named_can_be_stopped() -> None:
    named = {command.partition(".")[2] for command, _, _ in rows() if command.startswith("topic.")}
    assert named == {*STOPPABLE, ALL}


@pytest.mark.parametrize("first", ["STOP", "STOP ALL"])
def test_start_of_one_topic_leaves_the_others_stopped(world: World, first: str) -> None:
    phone = Line(world).phone(BUYER).texts(first)
    phone.texts("START DUTY").sees("Good, texts come again: duty.")
    assert said(world) == ("", "alert,buyers,council,lumo,want", False)


def test_a_weaker_stop_is_answered_by_the_one_that_stands(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("STOP")
    phone.texts("STOP LUMO").sees("Stopped. Only")
    phone.texts("STOP ALL").sees("Stopped, all of it.")
    phone.texts("STOP COUNCIL").sees("Stopped, all of it.")
    world.clock.move(minutes=3)
    phone.texts("STOP").sees("Stopped, all of it.")
    assert said(world) == ("all", "council,lumo", False)


def test_start_says_how_many_texts_the_pack_allows(world: World) -> None:
    with world.db.transaction() as session:
        pack = session.get_one(Pack, 1)
        settings = json.loads(pack.settings)
        settings["sms"]["texts_a_day"] = 7
        pack.settings = json.dumps(settings)
    Line(world).phone(BUYER).texts("START").sees("At most 7 a day")


def test_stop_all_is_told_once_a_day_and_start_is_heard(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("stop all").sees("Stopped, all of it.")
    phone.texts("onion").sees("You are on STOP ALL, so we do not answer.")
    phone.texts("rice").silence()
    world.clock.move(hours=23)
    phone.texts("onion").silence()
    world.clock.move(hours=2)
    phone.texts("rice").sees("You are on STOP ALL")
    phone.texts("STOP").sees("Stopped, all of it.")
    assert said(world)[0] == "all"
    phone.texts("START").sees("Good, texts come again")
    phone.texts("onion").sees("Nobody sells onion")


def test_saying_it_again_changes_nothing(world: World) -> None:
    line = Line(world)
    for _ in range(3):
        line.phone(BUYER).texts("STOP")
        world.clock.move(minutes=3)
    assert trail(world) == ["contact.stop"]


def test_after_the_gateways_own_opt_out_nothing_is_answered_until_start(world: World) -> None:
    line = Line(world)
    phone = line.phone(BUYER).texts("HELP")
    line.inbox.opt_out(OptOut("africastalking", BUYER))
    phone.texts("onion").silence()
    phone.texts("STOP").silence()
    assert said(world) == ("most", "", True)
    phone.texts("START").sees("Good, texts come again")
    assert said(world) == ("", "", False)


def test_stop_is_kept_when_the_phone_may_not_be_answered_any_more(world: World) -> None:
    line = Line(world)
    phone = line.phone(BUYER)
    for at in range(22):
        phone.texts(f"HELP {at + 1}")
    phone.texts("STOP").silence()
    assert said(world)[0] == "most"


LANGUAGES = {
    "LANG french": ("fr", "Langue: Francais."),
    "lang Français": ("fr", "Langue"),
    "LANG wolof": ("wo", "It is a draft"),
    "LANG mandinka": ("mnk", "It is a draft"),
    "langue pulaar": ("ff", "It is a draft"),
    "LANG fula": ("ff", "It is a draft"),
    "LANG english": ("en", "Language: English."),
}


def test_language(world: World) -> None:
    line = Line(world)
    for at, (typed, (tag, words)) in enumerate(LANGUAGES.items()):
        line.phone(f"+22030999{at:02d}").texts(typed).sees(words)
        with world.db.transaction() as session:
            assert session.scalars(select(Person.language).order_by(Person.id)).all()[at] == tag


def test_a_language_that_is_not_there(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("LANG klingon")
    phone.reads("Text LANG and one of these: English, Francais, Mandinka, Wolof, Pulaar")
    phone.texts("LANG").sees("Text LANG and one of these")
    with world.db.transaction() as session:
        assert session.scalars(select(Person)).all() == []


def test_rights_in_french(world: World) -> None:
    phone = Line(world).phone(BUYER).texts("LANG french")
    phone.texts("arrêter").sees("Fini.", "START")
    phone.texts("STOP tout").sees("Fini, tout.")
    phone.texts("oignon").sees("STOP ALL")
    phone.texts("reprendre").sees("les messages reviennent")


def test_a_trader_keeps_her_language_of_ussd(world: World) -> None:
    seller(world, AWA)
    world.phone(AWA).dial().press("5", "3", "1", "2")
    Line(world).phone(AWA).texts("HELP").sees("SELL oignon")
    assert outcomes(world) == [("answered", "help.two")]
