"""Storing what came in: once, durably, in few statements, whoever sent it."""

from __future__ import annotations

import threading

from sqlalchemy import text

from sms.gateways.base import InboundSms, OptOut
from sms.inbox import Inbox
from tests.fixtures.world import World
from trader_platform.core.errors import Busy
from trader_platform.market.catalog import Catalogs

SHORT = "2200"
PHONE = "+2203012345"


def inbox_of(world: World) -> Inbox:
    return Inbox(
        world.db,
        vault=world.vault,
        clock=world.clock,
        catalogs=Catalogs(world.db),
        own=("MarketLine", "+2207000001"),
    )


def sms(words: str = "onion", id_: str | None = "AT1", sender: str = PHONE) -> InboundSms:
    return InboundSms("africastalking", id_, sender, SHORT, words)


def rows(world: World, what: str = "state, provider_id, contact_id") -> list[tuple[object, ...]]:
    with world.db.reading() as connection:
        found = connection.execute(text(f"SELECT {what} FROM inbound_texts ORDER BY id"))
        return [tuple(row) for row in found]


def test_a_repeat_is_stored_once(world: World) -> None:
    inbox = inbox_of(world)
    assert inbox.receive(sms()) is True
    assert inbox.receive(sms()) is False
    assert inbox.receive(sms("rice", "AT2")) is True
    assert [(row[0], row[1]) for row in rows(world)] == [("waiting", "AT1"), ("waiting", "AT2")]


def test_both_forms_of_a_number_are_one_contact(world: World) -> None:
    inbox = inbox_of(world)
    inbox.receive(sms(id_="AT1"))
    inbox.receive(sms(id_="AT2", sender="+220833012345"))
    inbox.receive(sms(id_="AT3", sender="+220833512345"))
    contacts = [row[2] for row in rows(world)]
    assert len(set(contacts)) == 2
    assert None not in contacts


def test_who_got_the_longer_number_is_answered_at_it(world: World) -> None:
    inbox, longer = inbox_of(world), "+220833012345"
    inbox.receive(sms(id_="AT1"))
    for number in range(2):
        inbox.receive(sms(id_=f"AT{number + 2}", sender=longer))
    with world.db.reading() as connection:
        ((bound, sealed),) = connection.execute(
            text("SELECT phone_hash, phone_sealed FROM contacts")
        ).all()
    assert world.vault.open(bytes(sealed), bound_to=bound.encode()) == longer.encode()


def test_without_an_id_the_same_words_in_a_minute_are_one_text(world: World) -> None:
    inbox = inbox_of(world)
    assert inbox.receive(sms(id_=None)) is True
    assert inbox.receive(sms(id_=None)) is False
    assert inbox.receive(sms("rice", None)) is True
    world.clock.move(seconds=60)
    assert inbox.receive(sms(id_=None)) is True


def test_names_short_codes_and_ourselves_are_kept_and_never_answered(world: World) -> None:
    inbox = inbox_of(world)
    for number, sender in enumerate(
        ("Africell", "118", "MarketLine", "+2207000001", SHORT, "", "x" * 300, "+123")
    ):
        assert inbox.receive(sms(id_=f"AT{number}", sender=sender)) is True
    assert {(row[0], row[2]) for row in rows(world)} == {("silent", None)}


def test_words_are_sealed_and_bound_to_their_row(world: World) -> None:
    inbox_of(world).receive(sms("tell nobody"))
    ((sealed,),) = rows(world, "words")
    assert isinstance(sealed, bytes)
    assert b"tell nobody" not in sealed
    assert world.vault.open(sealed, bound_to=b"africastalking:AT1") == b"tell nobody"


def test_whatever_bytes_come_are_stored(world: World) -> None:
    inbox = inbox_of(world)
    for words in ("", "\0a", "\ud83d", "😀" * 1000, "x" * 100_000, "ሰላም", "\x01\x02\r\n"):
        assert inbox.receive(sms(words, None)) is True
    assert inbox.receive(InboundSms("kannel", "\0" * 9 + "y" * 200, PHONE, "\0" * 50, "", "\0"))
    assert len(rows(world)) == 8


def test_a_new_phone_that_texts_eight_times_at_once_loses_nothing(world: World) -> None:
    world.db.dispose()
    inbox = inbox_of(world)
    inbox.receive(sms("first", "AT0", "+2203099999"))
    new: list[bool] = []

    def send(number: int) -> None:
        # As the gateway does: what was not taken is sent again.
        while True:
            try:
                new.append(inbox.receive(sms(str(number % 4), f"AT{number % 4 + 1}")))
            except Busy:
                continue
            return

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 4 + [True] * 4
    assert len({row[2] for row in rows(world)[1:]}) == 1


def test_an_opt_out_is_noted_once_and_also_of_a_phone_that_never_texted(world: World) -> None:
    inbox = inbox_of(world)
    inbox.receive(sms())
    for phone in (PHONE, PHONE, "+2203099999", "+220833099999"):
        assert inbox.opt_out(OptOut("africastalking", phone)) is True
    assert inbox.opt_out(OptOut("africastalking", "Africell")) is False
    with world.db.reading() as connection:
        out = connection.execute(text("SELECT opted_out FROM contacts")).scalars().all()
        action = text("SELECT count(*) FROM audit WHERE action = 'contact.opt_out'")
        assert (list(out), connection.execute(action).scalar_one()) == ([True, True], 2)
