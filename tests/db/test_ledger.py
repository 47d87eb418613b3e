"""Booking, reversing, repeating, and what guarded accounts refuse, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text

from tests.fixtures.books import DAY, HOLDER, booking, by, council_of
from tests.fixtures.world import World
from trader_platform.core.errors import IdempotencyConflict
from trader_platform.core.signing import Signer
from trader_platform.ledger import service_chain
from trader_platform.ledger.models import ChainLink, Entry, GuardedBalance, Posting
from trader_platform.ledger.queries_check import check_books, trial_balance
from trader_platform.ledger.service import post, post_all, reverse
from trader_platform.ledger.service_chain import link, link_hash, sign_day, with_postings
from trader_platform.ledger.types import EntryGone, NotEnough, ReversedBefore

SIGNER = Signer({"k1": bytes(range(32))})


def held(world: World) -> dict[int, int]:
    with world.db.reading() as connection:
        rows = connection.execute(select(GuardedBalance.account_id, GuardedBalance.held_minor))
        return {row.account_id: row.held_minor for row in rows}


def test_an_entry_is_posted_with_its_lines(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        first = post(session, booking(council, "a"), by=by())
    assert not first.repeated
    with world.db.reading() as connection:
        lines = connection.execute(
            select(Posting.amount_minor).where(Posting.entry_id == first.entry_id)
        )
        assert sorted(lines.scalars()) == [-1000, 1000]
        assert connection.execute(select(Entry.posted)).scalars().all() == [True]
        assert trial_balance(connection, council, DAY) == {"1100": -1000, HOLDER: 1000}
        assert trial_balance(connection, council, date(2026, 11, 21)) == {}
    assert list(held(world).values()) == [1000]


def test_the_same_key_books_once_and_other_content_is_refused(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        first = post(session, booking(council, "a"), by=by())
    with world.db.transaction() as session:
        again = post(session, booking(council, "a"), by=by())
    assert again.repeated
    assert again.entry_id == first.entry_id
    with pytest.raises(IdempotencyConflict), world.db.transaction() as session:
        post(session, booking(council, "a", (HOLDER, 900), ("1100", -900)), by=by())
    with pytest.raises(IdempotencyConflict), world.db.transaction() as session:
        post(session, booking(council, "a", content={"stall": 2}), by=by())
    for other in ({"effective_date": date(2027, 1, 1)}, {"reverses": first.entry_id}):
        with pytest.raises(IdempotencyConflict), world.db.transaction() as session:
            post(session, replace(booking(council, "a"), **other), by=by())
    assert list(held(world).values()) == [1000]


def test_entries_of_one_act_are_booked_together_and_each_once(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        known = post(session, booking(council, "a"), by=by())
        both = [booking(council, "a"), booking(council, "b", content={"stall": 2})]
        again = post_all(session, both, by=by())
        assert [x.repeated for x in again] == [True, False]
        assert again[0].entry_id == known.entry_id
        new = post_all(session, [booking(council, "d"), booking(council, "c")], by=by())
    with world.db.reading() as connection:
        rows = connection.execute(select(Entry.id, Entry.idem_key))
        keys = {row.id: row.idem_key for row in rows}
        assert [keys[x.entry_id] for x in new] == ["d", "c"]
        assert set(connection.execute(select(Entry.posted)).scalars()) == {True}
        assert trial_balance(connection, council, DAY) == {"1100": -4000, HOLDER: 4000}
    with world.db.snapshot() as connection:
        assert check_books(connection).findings == ()
    assert list(held(world).values()) == [4000]


def test_entries_that_do_not_belong_together_are_refused(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        many = [booking(council, key) for key in "abc"]
        for wrong in (many, [many[0], replace(many[1], council_id=council + 1)], []):
            with pytest.raises(ValueError, match="booked together"):
                post_all(session, wrong, by=by())


def test_lines_that_do_not_balance_are_refused(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        with pytest.raises(ValueError, match="balance"):
            post(session, booking(council, "a", (HOLDER, 1000), ("1100", -999)), by=by())
        with pytest.raises(ValueError, match="balance"):
            post(session, booking(council, "b", (HOLDER, 0)), by=by())


def test_nobody_holds_less_than_no_cash(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        post(session, booking(council, "a"), by=by())
    too_much = ((HOLDER, -1001), ("1205:1", 1001))
    with pytest.raises(NotEnough), world.db.transaction() as session:
        post(session, booking(council, "b", *too_much), by=by())
    with world.db.transaction() as session:
        post(session, booking(council, "c", (HOLDER, -1000), ("1205:1", 1000)), by=by())
    assert sorted(held(world).values()) == [0, 1000]


def test_an_entry_is_reversed_once(world: World) -> None:
    with world.db.transaction() as session:
        first = post(session, booking(council_of(session), "a"), by=by())
    for _ in range(2):  # the same answer under the same key
        with world.db.transaction() as session:
            back = reverse(session, first.entry_id, key="a:back", day=DAY, by=by())
    assert back.repeated
    with pytest.raises(ReversedBefore), world.db.transaction() as session:
        reverse(session, first.entry_id, key="other", day=DAY, by=by())
    with pytest.raises(EntryGone), world.db.transaction() as session:
        reverse(session, 999_999, key="none", day=DAY, by=by())
    assert list(held(world).values()) == [0]


def test_cash_that_went_on_is_reversed_another_way(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        first = post(session, booking(council, "a"), by=by())
        post(session, booking(council, "b", (HOLDER, -1000), ("1205:1", 1000)), by=by())
    with pytest.raises(NotEnough), world.db.transaction() as session:
        reverse(session, first.entry_id, key="c", day=DAY, by=by())
    with world.db.transaction() as session:
        lines = (("1100", 1000), ("2100", -1000))
        reverse(session, first.entry_id, key="c", day=DAY, lines=lines, by=by())
        assert trial_balance(session.connection(), council, DAY)["2100"] == -1000


def test_books_of_tests_are_whole_and_a_chain_proves_it(world: World) -> None:
    with world.db.transaction() as session:
        council = council_of(session)
        for number in range(5):
            post(session, booking(council, f"k{number}"), by=by())
    with world.db.transaction() as session:
        assert link(session, council, limit=3) == 3
        assert link(session, council) == 2
        assert link(session, council) == 0
        assert sign_day(session, council, DAY, SIGNER)
        assert not sign_day(session, council, DAY, SIGNER)
    with world.db.snapshot() as connection:
        checked = check_books(connection)
    assert (checked.entries, checked.postings, checked.linked) == (5, 10, 5)
    assert checked.drift_minor == 0
    assert checked.findings == ()


def test_an_entry_that_comes_too_late_is_linked_by_the_whole_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn looks back over so many links; the nightly one over all."""
    monkeypatch.setattr(service_chain, "LATE", 2)
    with world.db.transaction() as session:
        council = council_of(session)
        for number in range(6):
            post(session, booking(council, f"k{number}"), by=by())
    with world.db.transaction() as session:
        before = ""
        rows = session.execute(select(Entry.__table__).order_by(Entry.id)).all()
        for seq, (entry, lines) in enumerate(
            with_postings(session.connection(), rows[1:]), 1
        ):  # the first was not there yet
            before = link_hash(before, entry, lines)
            session.add(ChainLink(entry_id=entry.id, council_id=council, seq=seq, hash=before))
    with world.db.transaction() as session:
        assert link(session, council) == 0
        assert link(session, council, whole=True) == 1
    with world.db.snapshot() as connection:
        assert check_books(connection).findings == ()


def test_a_check_sees_what_raw_sql_behind_the_triggers_did(world: World) -> None:
    """Triggers off, as somebody with the file in hands could: the check finds each by its rule."""
    with world.db.transaction() as session:
        council = council_of(session)
        first = post(session, booking(council, "a"), by=by()).entry_id
        post(session, booking(council, "b"), by=by())
        link(session, council)
        sign_day(session, council, DAY, SIGNER)
    with world.db.write.begin() as connection:
        if world.db.is_sqlite:
            connection.execute(text("DROP TRIGGER postings_no_update"))
        else:
            connection.execute(text("ALTER TABLE postings DISABLE TRIGGER ALL"))
        connection.execute(
            text(
                "UPDATE postings SET amount_minor = 2000 WHERE entry_id = :e AND amount_minor > 0"
            ),
            {"e": first},
        )
    with world.db.snapshot() as connection:
        checked = check_books(connection)
    assert {each.rule for each in checked.findings} == {"L1", "L7", "L11"}
    assert checked.drift_minor == 1000
