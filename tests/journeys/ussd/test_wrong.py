"""1*4 Something wrong: charged too much, no ticket, what I told you. It is Sunday 22 November."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from tests.fixtures.fees import (
    TODAY,
    ZONE,
    Council,
    by,
    charge_here,
    make_council,
    phone_of,
    take,
)
from tests.fixtures.texting import Line
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.once import Act
from trader_platform.fees.models_reports import Report
from trader_platform.fees.service_reports import answer
from trader_platform.fees.service_unnamed import forget_who_told
from trader_platform.traders.models import Person

TRADER = "+2203020000"


def charging(world: World) -> Council:
    council = make_council(world, accrues="held")
    charge_here(world, council)
    return council


def reports(world: World) -> list[Report]:
    with world.db.transaction() as session:
        found = list(session.scalars(select(Report).order_by(Report.id)))
        session.expunge_all()
    return found


def speak_french(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))


def say(world: World, staff: int, report: int, *, right: bool, key: str) -> None:
    with world.db.transaction() as session:
        answer(session, staff, report, right=right, day=TODAY, zone=ZONE, by=by(key))


def test_charged_too_much_told_with_a_name(world: World) -> None:
    council = charging(world)
    phone = (
        phone_of(world)
        .dial("1*4")
        .reads(
            """CON What is wrong?
        1 Was I charged right?
        2 Is the collector real?
        3 I got no ticket
        4 What I told you
        0 Back"""
        )
    )
    phone.press("1").reads(
        """CON Greens, fruit at Latrikunda, one day.
        The right duty is D10
        1 I paid more
        2 I paid right
        0 Back"""
    )
    phone.press("1").reads("CON How much did the collector take? Type it.\n0 Back")
    phone.press("x").sees("CON Type a number, like 25")
    phone.press("25").reads("CON Type the badge number.\n1 I do not know it\n0 Back")
    phone.press(council.collector.badge).reads(
        """CON Tell the council?
        Right is D10, you paid D25
        1 Yes, with my name
        2 Yes, no name
        0 Back"""
    )
    phone.press("1")
    (report,) = reports(world)
    phone.reads(
        f"END The council has it. Number {report.ref}. It must answer by Sun 29 Nov. Too much: D15"
    )
    assert (report.kind, report.badge) == ("overcharge", council.collector.badge)
    assert (report.due_minor, report.paid_minor) == (1000, 2500)
    assert report.trader_id == council.traders[0]


def test_the_same_in_french(world: World) -> None:
    charging(world)
    speak_french(world)
    phone = (
        phone_of(world)
        .dial("1*4")
        .reads(
            """CON Quel souci ?
        1 Ai-je payé trop ?
        2 Est-ce un vrai agent ?
        3 Pas de ticket
        4 Ce que j'ai dit
        0 Retour"""
        )
    )
    phone.press("1").sees("La bonne taxe: D10", "1 J'ai payé plus")
    phone.press("1", "25", "1").reads(
        """CON Le dire à la commune ?
        Juste D10, vous avez payé D25
        1 Oui, avec mon nom
        2 Oui, sans nom
        0 Retour"""
    )
    phone.press("1").sees("La commune l'a. Numéro ", "Réponse avant dim 29 nov. En trop: D15")
    phone_of(world).dial("1*4*4*1").sees("Toujours ouvert.\nLa commune répond avant dim 29 nov")


def test_paid_right_is_said_before_it_is_told(world: World) -> None:
    charging(world)
    phone = phone_of(world).dial("1*4*1").press("1", "10")
    phone.reads("CON For you this is right: D10\n1 Tell the council still\n0 Back")
    phone.press("1", "1").sees("Right is D10, you paid D10")


def test_a_report_with_no_name_keeps_no_id(world: World) -> None:
    charging(world)
    phone = phone_of(world).dial("1*4*1").press("1", "25", "1", "2")
    (report,) = reports(world)
    phone.sees(f"Number {report.ref}.")
    phone.send().sees(f"Number {report.ref}.")  # a repeat changes nothing
    assert len(reports(world)) == 1
    assert (report.trader_id, report.goods_class_id is not None) == (None, True)
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert report.told_at == int(midnight.timestamp() * 1000)
    with world.db.reading() as connection:
        trail = connection.execute(
            select(AuditRow.actor_kind, AuditRow.actor_id, AuditRow.at).where(
                AuditRow.action == "report.tell"
            )
        ).one()
        acts = connection.execute(select(Act.kind, Act.result).where(Act.kind.like("report%")))
        ((kind, result),) = acts.all()
    assert tuple(trail) == ("nobody", "", midnight)
    assert kind == "report.tell.unnamed"
    assert json.loads(result)["ref"] == report.ref
    phone_of(world).dial("1*4*4").sees("You told us nothing yet.")
    # A day later nothing leads from her phone to it any more.
    later = world.clock.now() + timedelta(days=1, seconds=1)
    with world.db.transaction() as session:
        assert forget_who_told(session, later - timedelta(days=1), most=10) == 1
        assert forget_who_told(session, later - timedelta(days=1), most=10) == 0
    assert len(reports(world)) == 1


def test_no_ticket_given(world: World) -> None:
    charging(world)
    phone = phone_of(world).dial("1*4*3")
    phone.reads("CON You paid and got no ticket. How much did you pay? Type it.\n0 Back")
    phone.press("25").sees("Type the badge number.").press("1").reads(
        """CON Tell the council?
        No ticket today for D25
        1 Yes, with my name
        2 Yes, no name
        0 Back"""
    )
    phone.press("1")
    (report,) = reports(world)
    phone.reads(
        f"END The council has it. Number {report.ref}. It must answer by Sun 29 Nov."
        " No ticket for D25"
    )
    assert (report.kind, report.badge, report.paid_minor) == ("no_ticket", None, 2500)
    speak_french(world)
    phone_of(world).dial("1*4*3").press("25", "1").sees("Pas de ticket ce jour pour D25")


def test_told_answered_not_happy_and_answered_by_another(world: World) -> None:
    council = charging(world)
    phone = phone_of(world)
    phone.dial("1*4*4").reads(
        """CON You told us nothing yet.
        1 Was I charged right?
        0 Back"""
    )
    phone.dial("1*4*1").press("1", "25", "1", "1")
    (report,) = reports(world)
    phone.dial("1*4*4").reads(f"CON What you told us\n1 Sun 22 Nov {report.ref}\n0 Back")
    phone.press("1").reads(
        f"""CON Number {report.ref}, Sun 22 Nov
        Still open.
        The council must answer by Sun 29 Nov
        0 Back"""
    )
    line = Line(world)
    say(world, council.finance, report.id, right=False, key="a1")
    assert line.deliver()[-1] == (
        TRADER,
        f"Number {report.ref}: D10 is right for Greens, fruit at Latrikunda."
        " Not happy? Dial *384*220*1*4#, press 4. You paid D25",
    )
    phone.dial("1*4*4*1").reads(
        f"""CON Number {report.ref}, Sun 22 Nov
        The council says no.
        This duty is right: D10
        1 I am not happy
        0 Back"""
    )
    phone.press("1").reads(
        f"END Number {report.ref} is open again. A second officer looks at it by Sun 29 Nov."
    )
    phone.dial("1*4*4*1").sees("Open again.\nA second officer answers by Sun 29 Nov")
    say(world, council.officer, report.id, right=True, key="a2")
    assert line.deliver()[-1][1].startswith(f"Number {report.ref}: you were right.")
    phone.dial("1*4*4*1").reads(
        f"""CON Number {report.ref}, Sun 22 Nov
        You were right.
        You paid too much: D15
        0 Back"""
    )


def test_a_council_that_is_late_is_said_to_be(world: World) -> None:
    charging(world)
    phone_of(world).dial("1*4*3").press("25", "1", "1")
    world.clock.move(days=8)
    phone_of(world).dial("1*4*4*1").sees("Still open.\nThe council is late: Sun 29 Nov")


def test_where_the_council_takes_no_duty_nothing_is_told(world: World) -> None:
    council = make_council(world)
    take(world, council, "t1", 1000)
    phone_of(world).dial("1*4").sees("One day: D10")
    phone_of(world).dial("1*4*2").sees("One day: D10")
    assert reports(world) == []
