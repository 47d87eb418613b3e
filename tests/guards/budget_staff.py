"""Badge holders for the budget of screens: each on a screen that a crawl does not come to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from tests.fixtures.collectors import COLLECTOR, PIN, SECOND, works
from tests.fixtures.fees import MARKET, OTHER_MARKET, TODAY, by, stall_card
from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import World
from trader_platform.market.models import Market, MarketChange, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.payments.codes import check_sign
from trader_platform.payments.models import Receipt
from trader_platform.staff import service as staff
from trader_platform.staff.models import Badge, Staff
from trader_platform.staff.types import Role
from trader_platform.traders.models import Trader


def work_tours(world: World) -> list[Phone]:
    """Ways through My work that end where a first answer would not lead."""
    seen = [works(world, "2", "1"), world.phone(COLLECTOR).dial("6").press("1111")]
    seen.append(works(world, "1", stall_card(0), "1", "1"))
    seen.append(works(world, "1", "1", "1", "1", "1"))
    cards = (stall_card(0), *_elsewhere(world), _vacant(world), stall_card(99))
    seen += [works(world, "1", card) for card in cards]
    first = _codes(world)[0]
    seen += [works(world, "4", code) for code in (first, _strange(first))]
    for ticket in (first, "1"):
        seen += [works(world, "4", ticket, *["1"] * presses) for presses in (1, 2, 3)]
    seen += _mended(world, first)
    seen.append(works(world, "4", first))
    return [*seen, _of_two_markets(world), _closed(world), *_over(world)]


def _mended(world: World, late: str) -> list[Phone]:
    """A right amount and a right stall: where the master is asked first, and of a last ticket."""
    rights = ("2", "7"), ("3", stall_card(4)), ("3", stall_card(0)), ("3", stall_card(99))
    seen = [works(world, "4", late, *right, "1") for right in rights]
    works(world, "1", "1", "1", "1", "1")
    seen += [works(world, "4", "1", *right, "1") for right in rights]
    seen += [works(world, "4", "1", "2", "7", "1", "1")]
    return [*seen, works(world, "4", "1", "3", stall_card(4), "1", "1")]


def _codes(world: World) -> list[str]:
    with world.db.reading() as connection:
        return list(connection.execute(select(Receipt.code).order_by(Receipt.id)).scalars())


def _strange(code: str) -> str:
    """A well-formed code that nobody has."""
    seven = ("2" if code[0] != "2" else "3") + code[1:7]
    return seven + check_sign(seven)


def _vacant(world: World) -> str:
    return add_stall(world, market=MARKET, number="L99")


def _elsewhere(world: World) -> list[str]:
    """Stalls of another council and of another market, with somebody in them."""
    cards = [add_stall(world, market="brikama", number="K77")]
    cards.append(add_stall(world, market="bakoteh", number="B77"))
    with world.db.transaction() as session:
        for card in cards:
            found = select(Stall.id, Market.council_id).join(Market).where(Stall.card == card)
            stall_id, council_id = session.execute(found).one()
            trader = session.execute(select(Trader.id).order_by(Trader.id.desc())).scalars().first()
            session.add(
                Occupancy(
                    stall_id=stall_id,
                    trader_id=trader,
                    council_id=council_id,
                    starts_on=TODAY,
                    entered_by="test",
                )
            )
    return cards


def _of_two_markets(world: World) -> Phone:
    with world.db.transaction() as session:
        hashed = world.vault.lookup(SECOND)
        staff_id = session.execute(select(Staff.id).where(Staff.phone_hash == hashed)).scalar_one()
        staff.assign(
            session,
            staff_id,
            Role.COLLECTOR,
            market_id=market_id(world, OTHER_MARKET),
            starts_on=TODAY,
            by=by("two markets"),
        )
    return works(world, number=SECOND)


def _closed(world: World) -> Phone:
    change = MarketChange(
        market_id=market_id(world, MARKET), kind="closure", starts_on=TODAY, ends_on=TODAY
    )
    with world.db.transaction() as session:
        session.add(change)
    phone = works(world, "1", stall_card(1))
    with world.db.transaction() as session:
        session.execute(delete(MarketChange).where(MarketChange.market_id == change.market_id))
    return phone


def _over(world: World) -> list[Phone]:
    """The second collector's PIN is locked, and then his badge ends."""
    locked = world.phone(SECOND).dial("6").press("1111", "1111", "1111")
    twice = world.phone(SECOND).dial("6").press(PIN)
    with world.db.transaction() as session:
        hers = select(Staff.id).where(Staff.phone_hash == world.vault.lookup(SECOND))
        session.execute(
            update(Badge).where(Badge.staff_id.in_(hers)).values(ends_on=TODAY - timedelta(days=1))
        )
    return [locked, twice, world.phone(SECOND).dial().press("6")]
