"""1*3 My tickets, and what a code is worth. It is Sunday 22 November."""

from __future__ import annotations

import json

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
from trader_platform.fees.service_void import TakeBack, take_back
from trader_platform.messaging.models import Message
from trader_platform.payments.codes import SIGNS, check_sign, show_code
from trader_platform.payments.models import CodeAsked
from trader_platform.traders.models import Person


def charging(world: World) -> Council:
    council = make_council(world, accrues="held")
    charge_here(world, council)
    return council


def forged(n: int) -> str:
    seven = "222222" + SIGNS[n]
    return seven + check_sign(seven)


def void(world: World, council: Council, code: str) -> None:
    collector = council.collector
    back = TakeBack(collector.staff_id, collector.badge_id, code, "not_paid", ZONE)
    with world.db.transaction() as session:
        take_back(session, back, by=by("void"))


def asked(world: World) -> list[tuple[str, str]]:
    with world.db.reading() as connection:
        rows = connection.execute(select(CodeAsked.code, CodeAsked.channel))
        return [tuple(row) for row in rows]


def speak_french(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))


def test_no_ticket_yet(world: World) -> None:
    charging(world)
    phone_of(world).dial("1*3").reads("CON You have no ticket yet.\n9 Check a code\n0 Back")
    speak_french(world)
    phone_of(world).dial("1*3").sees("9 Vérifier un code")


def test_a_ticket_and_by_text(world: World) -> None:
    council = charging(world)
    result = take(world, council, "t1", 1000)
    code, badge = show_code(result["code"]), council.collector.badge
    phone = phone_of(world).dial("1*3")
    phone.reads("CON Your tickets\n1 Sun 22 Nov D10\n9 Check a code\n0 Back")
    phone.press("1").reads(
        f"""CON Ticket {code}
        Sun 22 Nov, stall T0, badge {badge}
        For Sun 22 Nov
        Paid D10
        1 Send it by text
        4 Something wrong
        0 Back"""
    )
    phone.press("1").reads(f"END We send ticket {code} by text now. You paid D10")
    phone_of(world).dial("1*3*1").press("1")  # asked twice in a day: one text
    line = Line(world)
    texts = [words for to, words in line.deliver() if to == "+2203020000"]
    good = f"Good ticket. {code}: Latrikunda T0, Sun 22 Nov, badge {badge}. Paid D10"
    assert [words for words in texts if words.startswith("Good")] == [good]
    speak_french(world)
    phone_of(world).dial("1*3*1").reads(
        f"""CON Ticket {code}
        dim 22 nov, place T0, badge {badge}
        Pour dim 22 nov
        Payé D10
        1 L'avoir par SMS
        4 Un souci
        0 Retour"""
    )


def test_the_last_ten_the_newest_first(world: World) -> None:
    council = charging(world)
    for n in range(12):
        take(world, council, f"t{n}", 100 + n)
    phone = phone_of(world).dial("1*3").sees("1 Sun 22 Nov D1.11", "3 Sun 22 Nov D1.09")
    phone.press("98", "98", "98").sees("1 Sun 22 Nov D1.02")
    assert "98" not in phone.screen


def test_a_ticket_that_was_taken_back_says_so(world: World) -> None:
    council = charging(world)
    void(world, council, take(world, council, "t1", 1000)["code"])
    phone_of(world).dial("1*3*1").sees("Taken back Sun 22 Nov", "Paid D10")


def test_anybodys_good_code_shows_nothing_personal(world: World) -> None:
    council = charging(world)
    code = take(world, council, "t1", 1000)["code"]
    phone = phone_of(world, 1).dial("1*3*9")
    phone.reads("CON Type the ticket code. It has 8 signs.\n0 Back")
    phone.press(show_code(code).lower()).reads(
        f"""CON Good ticket.
        Latrikunda T0, Sun 22 Nov, badge {council.collector.badge}
        Paid D10
        1 Check one more
        0 Back"""
    )
    assert asked(world) == []
    speak_french(world)
    phone_of(world, 1).dial("1*3*9").press(code).sees("Bon ticket.", "Payé D10")


def test_who_never_joined_checks_a_code_too(world: World) -> None:
    """A payer by the way, or a buyer: the paper in her hand has a code, and she has a phone."""
    council = charging(world)
    code = take(world, council, "t1", 1000)["code"]
    phone = world.phone("+2203999001").dial().press("1", "2")
    phone.press("1").press("9").sees("CON Type the ticket code.")
    phone.press(code).sees("CON Good ticket.", "Paid D10", "1 Check one more")
    phone.press("1").press(forged(0)).sees("2 Tell the council")
    phone.press("2").sees("CON Join first.")


def test_a_code_that_was_taken_back(world: World) -> None:
    council = charging(world)
    code = take(world, council, "t1", 1000)["code"]
    void(world, council, code)
    phone_of(world).dial("1*3*9").press(code).reads(
        """CON This ticket was taken back on Sun 22 Nov. It is good no more.
        1 Check one more
        2 Tell the council
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1*3*9").press(code).sees("Ce ticket a été repris le dim 22 nov.")


def test_a_slip_of_one_sign_is_said_as_a_slip(world: World) -> None:
    council = charging(world)
    code = take(world, council, "t1", 1000)["code"]
    slips = [("2" if code[0] != "2" else "3") + code[1:], code[:-1] + "O", "7KQ2M9XS"]
    for slip in slips:
        phone_of(world).dial("1*3*9").press(slip).reads(
            """CON This code has a slip: a sign is wrong. Look at it again.
            1 Type again
            0 Back"""
        )
    phone_of(world).dial("1*3*9").press("7KQ2").sees("CON 8 signs. Type them again")
    assert asked(world) == []
    speak_french(world)
    phone_of(world).dial("1*3*9").press(slips[0]).sees("Faute de frappe: un signe est faux.")


def test_a_forged_code_that_passes_the_check_sign_is_unknown_and_kept(world: World) -> None:
    charging(world)
    phone_of(world).dial("1*3*9").press(forged(0)).reads(
        """CON No ticket has this code. It may be false.
        1 Type again
        2 Tell the council
        0 Back"""
    ).press("2").sees("You paid and got no ticket.")
    assert asked(world) == [(forged(0), "ussd")]
    speak_french(world)
    phone_of(world).dial("1*3*9").press(forged(0)).sees("Aucun ticket n'a ce code.")


def test_who_guesses_has_to_wait_and_a_right_code_is_always_answered(world: World) -> None:
    council = charging(world)
    code = take(world, council, "t1", 1000)["code"]
    for n in range(8):
        phone_of(world).dial("1*3*9").press(forged(n)).sees("No ticket has this code.")
    phone_of(world).dial("1*3*9").press(forged(8)).reads(
        """CON You asked for many codes that no ticket has. Wait 15 minutes.
        2 Tell the council
        0 Back"""
    )
    phone_of(world).dial("1*3*9").press(code).sees("Good ticket.")
    phone_of(world, 1).dial("1*3*9").press(forged(8)).sees("No ticket has this code.")
    world.clock.move(minutes=16)
    phone_of(world).dial("1*3*9").press(forged(9)).sees("No ticket has this code.")


def test_a_month_by_text_once_a_day(world: World) -> None:
    council = charging(world)
    take(world, council, "t1", 1000)
    for _ in range(2):
        phone_of(world).dial("1*2").press("1")
    with world.db.reading() as connection:
        found = connection.execute(
            select(Message.params).where(Message.kind == "statement.month")
        ).scalars()
        (params,) = [json.loads(each) for each in found]
    assert params == {"month": TODAY.replace(day=1).isoformat(), "n": 1, "open": 0, "amount": 1000}
