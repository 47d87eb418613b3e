"""4 Lumo: by day, by place, closed or moved. Today is Sunday 22 November 2026."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from tests.fixtures.phone import Phone
from tests.fixtures.stalls import market_id
from tests.fixtures.world import World
from trader_platform.core.once import By
from trader_platform.market.models import DayTold
from trader_platform.market.service_calendar import announce_change, closure, move

SUNDAY = date(2026, 11, 22)


def buyer(world: World) -> Phone:
    return world.phone().dial().press("1", "2")


def close(world: World, slug: str, first: date, last: date) -> None:
    by = By(f"test:{slug}:{first}", "en", world.clock.now(), "operator", "test", "cli")
    with world.db.transaction() as session:
        announce_change(session, closure(market_id(world, slug), first, last), by)


def shift(world: World, slug: str, day: date, to: date) -> None:
    by = By(f"test:{slug}:{day}", "en", world.clock.now(), "operator", "test", "cli")
    with world.db.transaction() as session:
        announce_change(session, move(market_id(world, slug), day, to), by)


def test_who_never_joined_sees_the_next_lumo(world: World) -> None:
    buyer(world).press("4").reads(
        """CON Next: Farafenni, Sun 22 Nov
        1 Today
        2 Next day
        3 Pick a day
        4 Pick a place
        5 Closed or moved
        0 Back"""
    )


def test_lumos_of_today_and_tomorrow(world: World) -> None:
    phone = buyer(world).press("4", "1")
    phone.reads("CON Sun 22 Nov\n1 Farafenni\n2 Mamut Fana\n3 Fatoto\n0 Back")
    phone.press("0", "2").reads("CON Mon 23 Nov\n1 Wassu\n2 Sare Ngai\n3 Kudang\n0 Back")
    phone.press("1").reads(
        "CON Wassu: each Monday\nNot today\nNext: Mon 23 Nov\n2 Prices there\n0 Back"
    )
    phone.press("2").sees("CON Wassu\n")


def test_a_day_without_a_lumo_names_the_next(world: World) -> None:
    phone = buyer(world).press("4", "3").sees("CON Which day?\n1 Monday", "7 Sunday")
    phone.press("5").reads(
        """CON No lumo on Fri 27 Nov.
        Next: Brikamaba, Sat 28 Nov
        1 Show it
        3 Pick a day
        0 Back"""
    )
    phone.press("1").sees("CON Brikamaba: each Saturday")


def test_a_place_is_picked_or_typed(world: World) -> None:
    phone = buyer(world).press("4", "4").sees("Which lumo?", "1 Farafenni")
    phone.press("farafeni").reads(
        "CON Farafenni: each Sunday\nOpen today\nNext: Sun 29 Nov\n2 Prices there\n0 Back"
    )
    phone.press("0", "Xyzzyqw").sees("We know no place: Xyzzyqw").press("1").sees("Which lumo?")
    phone.press("bakoteh").sees("CON Bakoteh: each day\nOpen today\nNext: Mon 23 Nov")


def test_a_caller_tells_a_day_that_nobody_knows(world: World) -> None:
    phone = buyer(world).press("4", "4", "bansang")
    phone.reads("CON We do not know the day of Bansang yet.\n1 I know it\n0 Back")
    phone.press("1").sees("CON Bansang is on\n1 Monday")
    phone.press("4").reads("END Thank you. The council checks it. Bansang: Thursday")
    phone.send()
    with world.db.reading() as connection:
        told = connection.execute(select(DayTold.market_id, DayTold.weekday)).all()
    assert [tuple(row) for row in told] == [(market_id(world, "bansang"), 4)]


def test_nothing_is_closed(world: World) -> None:
    phone = buyer(world).press("4", "5")
    phone.reads("CON No lumo is closed or moved.\n1 Today\n2 Next day\n0 Back")
    phone.press("1").sees("CON Sun 22 Nov\n1 Farafenni")


def test_a_closed_lumo_is_in_no_list_but_the_closed_ones(world: World) -> None:
    close(world, "farafenni", date(2026, 11, 16), date(2026, 11, 30))
    close(world, "bakoteh", SUNDAY, SUNDAY)
    phone = buyer(world).press("4").sees("Next: Mamut Fana, Sun 22 Nov")
    phone.press("1").reads("CON Sun 22 Nov\n1 Mamut Fana\n2 Fatoto\n0 Back")
    phone.press("00", "4", "5").reads(
        "CON Closed or moved\n1 Farafenni Closed till Mon 30 Nov\n0 Back"
    )
    phone.press("1").sees("CON Farafenni: each Sunday\nClosed till Mon 30 Nov\nNext: Sun 6 Dec")


def test_a_closure_to_come_says_when_it_begins(world: World) -> None:
    close(world, "farafenni", date(2026, 12, 6), date(2026, 12, 20))
    phone = buyer(world).press("4", "5").sees("1 Farafenni Closed from Sun 6 Dec")
    phone.press("1").sees("Open today\nNext: Sun 29 Nov")


def test_a_moved_lumo_stands_on_its_new_day(world: World) -> None:
    shift(world, "farafenni", SUNDAY, date(2026, 11, 25))
    phone = buyer(world).press("4", "5").sees("1 Farafenni Moved to Wed 25 Nov").press("1")
    phone.sees("CON Farafenni: each Sunday\nMoved to Wed 25 Nov\nNext: Wed 25 Nov")
    phone.press("00", "4", "3", "3").sees("CON Wed 25 Nov\n1 Farafenni\n2 Wellingara Ba")
    world.clock.move(days=4)
    world.phone().dial("4*5").sees("No lumo is closed or moved.")
