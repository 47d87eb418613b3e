"""DUTY, TICKET and BADGE by text: what is owed, what a code is worth, who may take duty."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from tests.fixtures.fees import DUTY, TODAY, by, make_council, take
from tests.fixtures.texting import Line
from tests.fixtures.world import World
from trader_platform.commands.packs import load_pack
from trader_platform.fees.service_codes import MOST_WRONG
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.market.models import Council, Pack
from trader_platform.payments.codes import SIGNS, check_sign, make_code
from trader_platform.payments.models import CodeAsked
from trader_platform.staff.models import Assignment
from trader_platform.staff.service import assign
from trader_platform.staff.types import Role

PACKS = Path(__file__).parents[2] / "fixtures" / "packs"
TRADER = "+2203020000"  # the holder of the first stall of tests.fixtures.fees


def charging(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Council).values(charging=True))


def test_her_proof_and_what_its_code_is_worth(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    line = Line(world)
    line.deliver()
    shown = f"{code[:4]} {code[4:]}"
    assert line.sent == [
        (
            TRADER,
            f"Ticket {shown}: Latrikunda T0, Sun 22 Nov, badge {council.collector.badge}."
            f" Check it: text TICKET {shown}. Paid D10",
        )
    ]
    asker = line.phone("+2207000077")
    good = (
        f"Good ticket. {shown}: Latrikunda T0, Sun 22 Nov, badge {council.collector.badge}."
        " Paid D10"
    )
    asker.texts(f"TICKET {code}").reads(good)
    asker.texts(f"ticket {shown.lower()}").reads(good)


def test_a_slip_is_no_forgery_and_a_forgery_is_kept(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    asker = Line(world).phone("+2207000077")
    wrong = SIGNS[(SIGNS.index(code[2]) + 1) % len(SIGNS)]
    asker.texts(f"TICKET {code[:2]}{wrong}{code[3:]}").sees("That code has a slip")
    forged = "2222222" + check_sign("2222222")
    asker.texts(f"TICKET {forged}").sees("No ticket has the code 2222 222")
    with world.db.reading() as connection:
        kept = connection.execute(select(CodeAsked.code, CodeAsked.channel)).all()
    assert [tuple(row) for row in kept] == [(forged, "sms")]


def test_guessing_is_slowed_and_a_right_code_is_answered(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    asker = Line(world).phone("+2207000077")
    for _ in range(MOST_WRONG):
        asker.texts(f"TICKET {make_code()}").sees("No ticket has the code")
    asker.texts(f"TICKET {make_code()}").sees("Too many wrong codes")
    asker.texts(f"TICKET {code}").sees("Good ticket.")
    with world.db.reading() as connection:
        count = connection.execute(select(func.count()).select_from(CodeAsked)).scalar_one()
    assert count == MOST_WRONG


def test_a_ticket_taken_back(world: World) -> None:
    council = make_council(world)
    code = take(world, council, "t1", DUTY)["code"]
    who = council.collector
    with world.db.transaction() as session:
        command = TakeBack(who.staff_id, who.badge_id, code, "pressed_wrong", "Africa/Banjul")
        take_back(session, command, by=by("v1"))
    line = Line(world)
    line.deliver()
    assert "is taken back: pressed wrong." in line.sent[-1][1]
    line.phone("+2207000077").texts(f"TICKET {code}").sees("was taken back on Sun 22 Nov")


@pytest.mark.parametrize("words", ["ticket", "TICKET?"])
def test_ticket_alone(world: World, words: str) -> None:
    Line(world).phone().texts(words).reads(
        "Which ticket? Text TICKET and the 8 signs, like TICKET 7KQ2M9XD"
    )


def test_badges(world: World) -> None:
    council = make_council(world)
    badge = council.collector.badge
    asker = Line(world).phone(TRADER)
    asker.texts(f"BADGE {badge}").reads(
        f"Real. Badge {badge}, Test-0001, takes duty at Latrikunda today."
        " Since Thu 1 Jan. Pay no other person."
    )
    asker.texts("badge").sees("Which badge? Text BADGE and the 5 numbers")
    other = str((int(badge[0]) % 9) + 1) + badge[1:]
    asker.texts(f"BADGE {other}").sees(f"Do not pay. There is no badge {other}.")


def test_a_badge_for_the_whole_council(world: World) -> None:
    """Who has named no market is told the council; who has, her market."""
    council = make_council(world)
    second = council.second
    line = Line(world)
    with world.db.transaction() as session:
        give = {"market_id": None, "starts_on": TODAY}
        assign(session, second.staff_id, Role.COLLECTOR, by=by("all"), **give)
    line.phone("+2207000078").texts(f"BADGE {second.badge}").reads(
        f"Real. Badge {second.badge}, Test-0002, takes duty for Kanifing council today."
        " Since Thu 1 Jan. Pay no other person."
    )
    line.phone(TRADER).texts(f"BADGE {second.badge}").sees("takes duty at Latrikunda today.")
    with world.db.transaction() as session:
        here = update(Assignment).where(Assignment.staff_id == second.staff_id)
        session.execute(here.values(ends_on=TODAY - timedelta(days=1)))
    line.phone("+2207000079").texts(f"BADGE {second.badge}").sees("but takes no duty today.")


def test_a_badge_of_another_country_is_none_here(world: World) -> None:
    council = make_council(world)
    load_pack(world.db, str(PACKS / "tinyland"), world.clock)
    with world.db.transaction() as session:
        elsewhere = session.execute(select(Pack.id).where(Pack.slug == "tinyland")).scalar_one()
        session.execute(update(Council).where(Council.id == council.id).values(pack_id=elsewhere))
    world.restart()
    badge = council.collector.badge
    Line(world).phone().texts(f"BADGE {badge}").sees(f"Do not pay. There is no badge {badge}.")


def test_what_she_owes(world: World) -> None:
    council = make_council(world)
    charging(world)
    phone = Line(world).phone(TRADER)
    phone.texts("DUTY").reads("Sun 22 Nov: all is paid. You owe nothing. You have no ticket yet.")
    take(world, council, "t1", 400)
    world.clock.move(minutes=3)  # the same words sooner are no second question
    phone.texts("duty").reads(
        "Sun 22 Nov, Latrikunda T0: today D6, old D0. Pay the collector, see the badge first."
        " You owe D6"
    )
    code = take(world, council, "t2", 600)["code"]
    phone.texts("DUTY today").reads(
        f"Sun 22 Nov: all is paid. You owe nothing. Last ticket {code[:4]} {code[4:]}: D6"
    )
