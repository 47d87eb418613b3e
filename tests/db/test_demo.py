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
from trader_platform.demo_people import FREE_STALLS, PEOPLE, demo_cards
from trader_platform.market.models import MarketChange, Stall
from trader_platform.market.models_trade import Listing, PriceReport, PriceWeek, Transaction
from trader_platform.market.queries_stalls import card_number
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
