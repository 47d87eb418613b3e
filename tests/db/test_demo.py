"""The demo: marked, repeatable, and ready to dial."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import func, select

from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.commands.demo import demo
from trader_platform.core.gsm import septets
from trader_platform.core.phone import parse
from trader_platform.demo import Loaded, load_demo
from trader_platform.demo_people import FREE_STALLS, OFFICERS, PEOPLE, demo_cards
from trader_platform.fees.models import Tariff
from trader_platform.market.models import Council, MarketChange, Stall
from trader_platform.market.models_trade import Listing, PriceReport, PriceWeek, Transaction
from trader_platform.market.queries_stalls import card_number
from trader_platform.staff.badges import make_badge, read_badge
from trader_platform.staff.models import Staff
from trader_platform.staff.pins import is_fit
from trader_platform.traders.models import Trader


def counts(world: World) -> list[int]:
    tables = (Trader, Stall, Listing, Transaction, PriceReport, PriceWeek, MarketChange, AuditRow)
    with world.db.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]


def test_the_demo_loads_once(world: World) -> None:
    first = load_demo(world.db, world.vault, world.clock)
    assert first.people == len(PEOPLE) == 12
    assert first.stalls == len(list(demo_cards()))
    assert first.listings == sum(len(person.goods) for person in PEOPLE)
    assert first.sales > 100
    assert first.reports > 1000
    before = counts(world)
    assert load_demo(world.db, world.vault, world.clock) == Loaded()
    assert counts(world) == before


def test_another_day_brings_only_what_is_new(world: World) -> None:
    load_demo(world.db, world.vault, world.clock)
    world.clock.move(days=1)
    later = load_demo(world.db, world.vault, world.clock)
    assert (later.people, later.stalls) == (0, 0)
    assert 0 < later.reports < 200
    assert 0 < later.listings < 20


def test_everything_is_marked(world: World) -> None:
    load_demo(world.db, world.vault, world.clock)
    with world.db.reading() as connection:
        assert set(connection.scalars(select(PriceReport.source))) == {"demo"}
        assert set(connection.scalars(select(Stall.demo))) == {True}
        assert set(connection.scalars(select(Listing.channel))) == {"demo"}
        assert set(connection.scalars(select(Transaction.channel))) == {"demo"}
        assert set(connection.scalars(select(MarketChange.note))) == {"demo"}
    for person in PEOPLE:
        assert person.name.startswith("Demo-")
        assert (septets(person.name) or 99) <= 12
        assert parse(person.phone) is not None
    assert all(card_number(card) == card for _, _, card in demo_cards())


def test_a_demo_phone_dials_and_a_free_card_joins(world: World) -> None:
    load_demo(world.db, world.vault, world.clock)
    phone = world.phone(PEOPLE[0].phone).dial().sees("CON Demo-Awa\n1 My duty")
    phone.press("5", "3", "4").sees("CON Demo-Awa, Serrekunda S104\n")
    phone.press("00", "4", "5").sees("Kudang Closed from Mon 23 Nov")
    phone.press("00", "5", "6", "2").sees("is a demo here. People, stalls and prices are made up.")
    free = next(card for market, stall, card in demo_cards() if (market, stall) in FREE_STALLS)
    newcomer = world.phone("+2203012345").dial().press("1", "1", "1", free)
    newcomer.sees("Stall S120, Serrekunda. Is it yours?")
    taken = next(iter(demo_cards()))[2]
    newcomer.press("2", taken).sees("Stall S104 has a name on it.")


def test_a_visitor_who_left_on_a_demo_phone_stays_gone(world: World) -> None:
    load_demo(world.db, world.vault, world.clock)
    world.phone(PEOPLE[0].phone).dial().press("5", "3", "5", "1").sees("END You are out.")
    load_demo(world.db, world.vault, world.clock)
    with world.db.reading() as connection:
        hers = select(Listing.status).join(Trader).order_by(Trader.id, Listing.id).limit(2)
        assert connection.scalars(hers).all() == ["stopped", "stopped"]


def test_the_command_needs_a_demo_installation(world: World, tmp_path: Path) -> None:
    env = {"DATABASE_URL": world.url, "DATA_DIR": str(tmp_path), "DEMO": ""}
    keys = {
        "SECRET_KEY": "s" * 40,
        "DATA_KEYS": "1:" + "A" * 43 + "=",
        "LOOKUP_KEY": "l" * 40,
        "SIGNING_KEYS": "1:" + "A" * 43 + "=",
        "GATEWAY_TOKEN": "t" * 40,
    }
    refused = CliRunner().invoke(demo, ["load"], env={**env, **keys})
    assert refused.exit_code == 2
    assert "set DEMO=1" in refused.output
    assert counts(world)[0] == 0
    done = CliRunner().invoke(demo, ["load"], env={**env, **keys, "DEMO": "1"})
    assert done.exit_code == 0
    assert "Demo, made up" in done.output
    assert "New: 12 people, 11 stalls" in done.output
    assert counts(world)[0] == 12


def test_a_collector_takes_a_ticket_at_the_demo_market(world: World) -> None:
    loaded = load_demo(world.db, world.vault, world.clock)
    assert loaded.staff == len(OFFICERS) == 2
    collector = OFFICERS[0]
    card = next(card for _, number, card in demo_cards() if number == "S104")
    phone = world.phone(collector.phone).dial().press("6", collector.pin)
    phone.sees(f"CON Badge {collector.badge}", "You hold D0")
    phone.press("1").sees("Serrekunda: 0 tickets today")
    phone.press("1", card).sees("CON Demo-Awa S104, Greens, fruit", "1 Today D10")
    phone.press("1", "1").sees("The trader gets a text.", "S104 paid D10")


def test_the_duty_of_the_demo_says_that_it_is_made_up(world: World) -> None:
    load_demo(world.db, world.vault, world.clock)
    with world.db.reading() as connection:
        mine = select(Tariff.source, Tariff.certainty).where(Tariff.accrues == "held")
        tariffs = connection.execute(mine).all()
        charging = connection.scalars(select(Council.slug).where(Council.charging)).all()
        names = connection.scalars(select(Staff.name)).all()
    assert [tuple(tariff) for tariff in tariffs] == [("demo: made up", "inferred")]
    assert charging == ["kanifing"]
    assert all(name.startswith("Demo-") for name in names)


def test_the_demo_badges_are_well_formed_and_never_drawn() -> None:
    for officer in OFFICERS:
        assert read_badge(officer.badge) == officer.badge
        assert is_fit(officer.pin)
        assert parse(officer.phone) is not None
    assert not [badge for badge in (make_badge() for _ in range(500)) if badge[0] == "0"]
