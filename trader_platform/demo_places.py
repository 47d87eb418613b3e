"""The markets of the demo month: stalls, who holds them, staff, a tariff. All of it made up.

People and staff have no phone: nobody is texted, and nobody can sign in as one of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import By, once
from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DAILY_DUTY
from trader_platform.market.models import Council, GoodsClass, Market, Pack, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.queries_stalls import make_card
from trader_platform.staff import service as staff
from trader_platform.staff.types import Role
from trader_platform.traders.models import Person, Trader

STALLS: Final = 200  # a market
COLLECTORS: Final = 6  # a market
STAFF: Final = (
    *((Role.COLLECTOR, number) for number in range(COLLECTORS)),
    (Role.MASTER, 0),
    (Role.ADMIN, 0),
)
SETTLED_AT_ONCE: Final = 25  # stalls: hops wait for the lock beside it
ZONES: Final = ("Gate", "Fish side", "Middle", "Road side")
GOODS: Final = ("greens", "fish", "grain", "cloth", "oil-spice")
# Made up: the duty of the demo markets, in minor units, and how often holders of stalls pay.
DUTY_MINOR: Final = 1000
HABITS: Final = {"each day": 0.4, "most days": 0.25, "weekly": 0.2, "hardly": 0.15}

Turn = Callable[[Database], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Place:
    """A demo market: the first two digits of its stall cards tell its stalls from others."""

    slug: str
    cards: str


PLACES: Final = (Place("bakoteh", "97"), Place("brikama", "98"))


@dataclass
class DemoMarket:
    """What the days are played with. ``stalls`` are (stall, trader, habit)."""

    place: Place
    council_id: int
    market_id: int
    stalls: list[tuple[int, int, str]] = field(default_factory=list)
    collectors: list[dict[str, Any]] = field(default_factory=list)
    master: int = 0
    officer: int = 0


def make_market(
    db: Database, turn: Turn, place: Place, vault: Vault, *, first: date, now: datetime
) -> DemoMarket:
    """A demo market, made where it is not there, turn by turn. Safe to repeat.

    Raises NoResultFound where the Gambian pack is not loaded.
    """
    with turn(db) as session:
        pack_id, market = _open(session, place, first=first, now=now)
    placed = 0
    while placed < STALLS:
        with turn(db) as session:
            placed = _settle(session, market, pack_id, first=first, now=now)
    staff_of = {}
    for role, number in STAFF:
        with turn(db) as session:
            hire = _Hiring(session, market, vault, first, now)
            staff_of[role, number] = hire(role, number)
    market.collectors = [staff_of[Role.COLLECTOR, number] for number in range(COLLECTORS)]
    market.master = staff_of[Role.MASTER, 0]["staff"]
    market.officer = staff_of[Role.ADMIN, 0]["staff"]
    with db.reading() as connection:
        market.stalls = _stalls(connection, market)
    return market


def _open(session: Session, place: Place, *, first: date, now: datetime) -> tuple[int, DemoMarket]:
    """The pack of the market, and the market with its tariff."""
    row = session.execute(
        select(Market.id, Market.council_id, Market.pack_id)
        .join(Pack, Pack.id == Market.pack_id)
        .where(Market.slug == place.slug, Pack.slug == "gambia")
    ).one()
    market = DemoMarket(place, row.council_id, row.id)
    session.execute(update(Council).where(Council.id == row.council_id).values(charging=True))
    by = demo_by(f"demo:market:{place.slug}", now)
    once(
        session,
        by,
        kind="demo.market",
        content={},
        do=lambda: _tariff(session, market, first=first),
    )
    return row.pack_id, market


def _tariff(session: Session, market: DemoMarket, *, first: date) -> dict[str, Any]:
    session.add(
        Tariff(
            council_id=market.council_id,
            market_id=market.market_id,
            fee=DAILY_DUTY,
            per="day",
            accrues="held",
            amount_minor=DUTY_MINOR,
            currency="GMD",
            valid_from=first - timedelta(days=1),
            date_precision="day",
            certainty="inferred",
            source="demo: made up",
        )
    )
    return {"stalls": STALLS}


def _settle(
    session: Session, market: DemoMarket, pack_id: int, *, first: date, now: datetime
) -> int:
    """The next stalls with their people and who holds what, in sets; how many stalls there are."""
    there = select(func.count()).select_from(Stall)
    start = session.execute(
        there.where(Stall.market_id == market.market_id, Stall.card.in_(_cards(market)))
    ).scalar_one()
    numbers = range(start, min(start + SETTLED_AT_ONCE, STALLS))
    if numbers:
        traders = _traders(session, market, numbers, pack_id, now)
        stalls = _inserted(session, Stall, _numbered(market, numbers))
        held = [
            {
                "stall_id": stall,
                "share": 1,
                "trader_id": trader,
                "council_id": market.council_id,
                "starts_on": first,
                "entered_by": "demo",
            }
            for stall, trader in zip(stalls, traders, strict=True)
        ]
        session.execute(insert(Occupancy), held)
    return numbers.stop


def _traders(
    session: Session, market: DemoMarket, numbers: range, pack_id: int, now: datetime
) -> list[int]:
    """A trader for each of these stalls, drawn by the market's own seed."""
    classes = dict(
        session.execute(
            select(GoodsClass.slug, GoodsClass.id).where(GoodsClass.pack_id == pack_id)
        ).all()
    )
    drawn = random.Random(market.place.slug)  # noqa: S311 - no secret, a demo
    goods = [classes[drawn.choice(GOODS)] for _ in range(STALLS)]
    people = [
        {
            "pack_id": pack_id,
            "name": f"Demo-{market.place.cards}{number:03d}",
            "language": "en",
            "number_shown": "nobody",
            "market_id": market.market_id,
            "held": False,
            "created_at": now,
        }
        for number in numbers
    ]
    person_ids = _inserted(session, Person, people)
    traders = [
        {
            "person_id": person,
            "market_id": market.market_id,
            "goods_class_id": kind,
            "status": "active",
            "joined_at": now,
        }
        for person, kind in zip(person_ids, goods[numbers.start : numbers.stop], strict=True)
    ]
    return _inserted(session, Trader, traders)


def _cards(market: DemoMarket) -> list[str]:
    """The cards of all its stalls, in their order."""
    return [make_card(f"{market.place.cards}{number:03d}") for number in range(STALLS)]


def _numbered(market: DemoMarket, numbers: range) -> list[dict[str, Any]]:
    """These stalls, with their cards."""
    cards = _cards(market)
    return [
        {
            "market_id": market.market_id,
            "number": f"D{number:03d}",
            "card": cards[number],
            "zone": ZONES[number * len(ZONES) // STALLS],
            "kind": "table",
            "space_class": "",
            "retired": False,
            "demo": True,
        }
        for number in numbers
    ]


def _inserted(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows; their ids in the order of the rows."""
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def _stalls(connection: Connection, market: DemoMarket) -> list[tuple[int, int, str]]:
    rows = connection.execute(
        select(Occupancy.stall_id, Occupancy.trader_id)
        .join(Stall, Stall.id == Occupancy.stall_id)
        .where(Stall.market_id == market.market_id, Occupancy.entered_by == "demo")
        .order_by(Stall.card)
    ).all()
    drawn = random.Random(market.place.slug)  # noqa: S311 - no secret, a demo
    habits = drawn.choices(list(HABITS), list(HABITS.values()), k=len(rows))
    return [(row.stall_id, row.trader_id, habit) for row, habit in zip(rows, habits, strict=True)]


@dataclass
class _Hiring:
    """Adds one of the demo's staff. Safe to repeat."""

    session: Session
    market: DemoMarket
    vault: Vault
    first: date
    now: datetime

    def __call__(self, role: Role, number: int) -> dict[str, Any]:
        place, now, session = self.market.place, self.now, self.session
        key = f"demo:staff:{place.slug}:{role.value}:{number}"
        who = staff.NewStaff(self.market.council_id, f"Demo-{role.value}-{number + 1}", demo=True)

        def do() -> dict[str, Any]:
            by = demo_by(f"{key}:add", now)
            staff_id = int(staff.add_staff(session, who, vault=self.vault, by=by)["staff"])
            staff.assign(
                session,
                staff_id,
                role,
                market_id=None if role is Role.ADMIN else self.market.market_id,
                starts_on=self.first,
                by=demo_by(f"{key}:role", now),
            )
            by = demo_by(f"{key}:badge", now)
            badge = staff.give_badge(session, staff_id, starts_on=self.first, by=by)
            return {"staff": staff_id, "badge": badge["badge"], "number": badge["number"]}

        content = {"place": place.slug, "role": role.value, "number": number}
        by = demo_by(key, now)
        return once(session, by, kind="demo.staff", content=content, do=do)


def demo_by(key: str, now: datetime) -> By:
    """Who acts in the demo."""
    return By(key, "en", now, "demo", "demo", "demo")


def at_hour(day: date, hour: int) -> datetime:
    """A moment of a demo day, in UTC (which is the time of The Gambia)."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
