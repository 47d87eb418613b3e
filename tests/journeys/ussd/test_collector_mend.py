"""6*1*4*n*2 and *3: a wrong amount, a wrong stall, mended in one act. Sunday 22 November 2026."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.fixtures.collectors import COLLECTOR, PIN, SECOND, collectors, works
from tests.fixtures.fees import assert_whole, stall_card
from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import World
from trader_platform.messaging.models import Message
from trader_platform.payments.models import Payment, Receipt


def code_on(phone: Phone) -> str:
    """The last ticket code on a screen."""
    found = re.findall(r"\b[2-9A-Z]{4} [2-9A-Z]{4}\b", phone.screen)
    assert found, phone.screen
    return str(found[-1])


def took(world: World, stall: int = 0, number: str = COLLECTOR) -> str:
    return code_on(works(world, "1", stall_card(stall), "1", "1", number=number))


def walk_up(world: World) -> str:
    return code_on(works(world, "1", "1", "1", "1", "1"))


def states(world: World) -> list[tuple[str, str, int]]:
    with world.db.reading() as connection:
        rows = connection.execute(
            select(Receipt.state, Payment.state, Payment.amount_minor)
            .join(Payment, Payment.id == Receipt.payment_id)
            .order_by(Receipt.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def kinds(world: World) -> list[str]:
    with world.db.reading() as connection:
        return list(connection.execute(select(Message.kind).order_by(Message.id)).scalars())


def test_a_line_cut_in_the_middle_goes_on_behind_the_pin(world: World) -> None:
    collectors(world)
    code = took(world)
    works(world, "4", "1", "2", "25").sees("CON Why?")
    phone = (
        world.phone(COLLECTOR)
        .dial()
        .reads(
            """CON Go on where you were?
        Mend a ticket
        1 Yes
        2 Start again"""
        )
    )
    phone.press("1").sees("Type your PIN.").press(PIN).sees("CON Why?")
    phone.press("1").sees(f"Take back {code}?", "New ticket, T0: D25")
    assert states(world) == [("good", "booked", 1000)]  # the amount, and nothing done yet


def test_a_wrong_amount(world: World) -> None:
    collectors(world)
    code = took(world)
    phone = works(world, "4", "1", "2").reads(f"CON {code}: the right amount? Type it.\n0 Back")
    for typed in ("x", "000", "10", "321", "0.50"):
        works(world, "4", "1", "2", typed).reads(
            f"""CON Type D1 up to D320
            {code}: the right amount? Type it.
            0 Back"""
        )
    phone.press("0").sees("2 Wrong amount")  # a zero is the way back, never an amount
    phone = works(world, "4", "1", "2", "25").sees("CON Why?\n1 I pressed wrong")
    phone.press("1").reads(
        f"""CON Take back {code}? The trader gets a text. New ticket, T0: D25
        1 Yes
        2 No
        0 Back"""
    )
    phone.press("1")
    new = code_on(phone)
    assert new != code
    phone.reads(f"END Mended. The trader gets a text. New ticket {new}: D25. You hold D25")
    # A double tap, or the same request again: the same answer, and nothing more.
    shown = phone.screen
    assert phone.send().screen == shown
    assert states(world) == [("void", "reversed", 1000), ("good", "booked", 2500)]
    assert kinds(world) == ["receipt.issued", "receipt.mended"]
    works(world).sees("Latrikunda: 1 ticket today\nYou hold D25")
    works(world, "4", code).sees("No ticket of yours has this code.")
    assert_whole(world)


def test_a_wrong_stall(world: World) -> None:
    collectors(world)
    code = took(world)
    phone = works(world, "4", "1", "3")
    phone.reads(f"CON {code}: the right stall card or phone?\n0 Back")
    phone.press("123").sees("CON Card 6, phone 7 or 9 numbers\n")
    phone.press(stall_card(1), "1").reads(
        f"""CON Take back {code}? The trader gets a text. New ticket, T1: D10
        1 Yes
        2 No
        0 Back"""
    )
    phone.press("1")
    new = code_on(phone)
    phone.reads(f"END Mended. The trader gets a text. New ticket {new}: D10. You hold D10")
    works(world, "1", stall_card(0)).sees("1 Today D10")
    works(world, "1", stall_card(1)).sees(f"CON T1 paid today. Ticket {new}, 09:00.")
    assert_whole(world)


def test_a_stall_that_cannot_be(world: World) -> None:
    collectors(world)
    vacant = add_stall(world, market="latrikunda", number="L9")
    code = took(world)
    question = f"\n{code}: the right stall card or phone?\n0 Back"
    phone = works(world, "4", "1", "3")
    for typed, told in (
        (stall_card(99), f"No stall or trader has {stall_card(99)}."),
        ("7654321", "No stall or trader has 7654321."),
        (vacant, "Nobody holds this stall in our list."),
        (stall_card(0), "The ticket says this stall already."),
    ):
        phone.press(typed).reads(f"CON {told}{question}")
    took(world, stall=1, number=SECOND)
    phone = works(world, "4", "1", "3", stall_card(1), "1", "1")
    phone.reads(f"CON There less is owed than this ticket says.{question}")
    assert states(world) == [("good", "booked", 1000)] * 2
    phone.press(stall_card(2), "1", "1").sees("END Mended.")
    assert_whole(world)


def test_a_walk_ups_ticket(world: World) -> None:
    collectors(world)
    code = walk_up(world)
    phone = works(world, "4", "1", "2", "11").sees("CON Type D1 up to D10")
    phone.press("5", "1").reads(
        f"""CON Take back {code}? New ticket, Greens, fruit: D5
        1 Yes
        2 No
        0 Back"""
    )
    phone.press("1")
    new = code_on(phone)
    phone.reads(
        "END Mended. Cross out the paper ticket, write the new code."
        f" New ticket {new}: D5. You hold D5"
    )
    phone = works(world, "4", "1", "3", stall_card(0), "1").sees("The trader gets a text.")
    phone.press("1").sees("END Mended. Cross out the paper ticket. The trader gets a text.")
    assert_whole(world)


def test_too_late_only_the_taking_back_waits(world: World) -> None:
    collectors(world)
    code = took(world)
    took(world, stall=1)
    phone = works(world, "4", code, "2", "7", "1").reads(
        f"CON Take back {code}, T0? The market master must say yes first, then give a right ticket."
        " D10\n1 Yes\n2 No\n0 Back"
    )
    phone.press("1").reads(
        "END Asked. It counts till the market master says yes. Then give a right ticket."
        f" Ticket {code}: D10"
    )
    assert phone.send().screen.startswith("END Asked.")
    assert states(world) == [("good", "void_asked", 1000), ("good", "booked", 1000)]
    assert kinds(world) == ["receipt.issued", "receipt.issued", "void.ask"]


def test_it_was_fresh_when_it_was_shown(world: World) -> None:
    collectors(world)
    code = took(world)
    phone = works(world, "4", "1", "3", stall_card(1), "1").sees("New ticket, T1: D10")
    world.clock.move(minutes=11)
    phone.press("1").sees(f"CON Take back {code}, T0? The market master must say yes first, then")
    phone.press("1").sees("END Asked.", "Then give a right ticket.")
    assert states(world) == [("good", "void_asked", 1000)]


def test_taking_back_after_all(world: World) -> None:
    """He typed what is right, went back, and takes the ticket back: then nothing is taken anew."""
    collectors(world)
    took(world)
    phone = works(world, "4", "1", "2", "25").press("0", "0").sees("1 Take it back")
    phone.press("1", "1", "1").sees("END Taken back.")
    assert states(world) == [("void", "reversed", 1000)]


def test_in_french(world: World) -> None:
    collectors(world, language="fr")
    code = took(world)
    phone = works(world, "4", "1").reads(
        f"""CON {code}, 09:00, T0: D10
        1 L'annuler
        2 Somme fausse
        3 Place fausse
        0 Retour"""
    )
    phone.press("2").reads(f"CON {code}: le bon montant ? Tapez-le.\n0 Retour")
    phone.press("25", "1").reads(
        f"""CON Annuler {code} ? Un SMS part au vendeur. Nouveau ticket, T0: D25
        1 Oui
        2 Non
        0 Retour"""
    )
    phone.press("1")
    new = code_on(phone)
    phone.reads(f"END Corrigé. Un SMS part au vendeur. Nouveau ticket {new}: D25. Vous tenez D25")
    took(world, stall=1)
    phone = works(world, "4", new, "3").reads(
        f"CON {new}: la bonne carte ou le bon numéro ?\n0 Retour"
    )
    phone.press(stall_card(2), "1").reads(
        f"CON Annuler {new}, T0 ? Le chef du marché doit d'abord dire oui, puis refaites le ticket."
        " D25\n1 Oui\n2 Non\n0 Retour"
    )
    phone.press("1").sees("END Demandé.", "Puis refaites le ticket.")
