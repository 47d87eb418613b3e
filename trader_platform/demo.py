"""Made-up people, stalls, goods, sales and prices for trying the service out. Marked as such.

All of it is named by keys of its own and drawn from seeded numbers, so that loading it again adds
only what the days since have brought. The prices are for trying out and stand for nothing real.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock, SystemClock, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.once import Act, By
from trader_platform.demo_people import PEOPLE, DemoPerson, Goods, demo_cards
from trader_platform.demo_staff import load_staff
from trader_platform.market import catalog as catalogs
from trader_platform.market import service_listings, service_prices, service_sales
from trader_platform.market.calendar import coming_changes, next_open_day
from trader_platform.market.catalog import Catalog
from trader_platform.market.models import Council, MarketChange, Pack, Stall
from trader_platform.market.models_trade import Listing, PriceReport
from trader_platform.market.price_stats import per_kilo
from trader_platform.market.price_weeks import monday
from trader_platform.market.queries_calendar import changes_of_pack
from trader_platform.market.service_calendar import announce_change, closure
from trader_platform.market.service_join import Joining, join
from trader_platform.market.types import PostListing, RecordSale
from trader_platform.traders import service as traders
from trader_platform.traders.models import Person, Trader
from trader_platform.traders.service import Details, Subscriber

PACK: Final = "gambia"
SOURCE: Final = "demo"
WEEKS: Final = 8
REPORTS_A_WEEK: Final = 3
SALES_A_WEEK: Final = 2
COUNCIL: Final = "kanifing"
COUNCIL_PHONE: Final = "+2203990099"
CLOSED_LUMO: Final = "kudang"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of each kind a load added."""

    people: int = 0
    stalls: int = 0
    listings: int = 0
    sales: int = 0
    reports: int = 0
    staff: int = 0


def load_demo(db: Database, vault: Vault, clock: Clock | None = None) -> Loaded:
    """Load the demo into the Gambian pack; safe to repeat, also beside a running service.

    Raises NoResultFound where that pack is not loaded.
    """
    now = (clock or SystemClock()).now()
    with db.reading() as connection:
        pack_id = connection.execute(select(Pack.id).where(Pack.slug == PACK)).scalar_one()
        catalog = catalogs.read(connection, pack_id)
    loading = _Loading(catalog, vault, now)
    with db.transaction() as session:
        stalls = loading.stalls(session)
        loading.council(session)
        loading.closure(session)
    people = listings = sales = 0
    for person in PEOPLE:
        with db.transaction() as session:
            people += loading.join(session, person)
            trader_id = loading.trader_id(session, person)
            if trader_id is not None:
                listings += loading.listings(session, person, trader_id)
                sales += loading.sales(session, person, trader_id)
    with db.transaction() as session:
        reports = loading.prices(session)
    with db.transaction() as session:
        staff = load_staff(session, pack_id, vault, today=loading.today, now=now)
    return Loaded(people, stalls, listings, sales, reports, staff)


@dataclass(frozen=True)
class _Loading:
    catalog: Catalog
    vault: Vault
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.catalog.zone)

    def market_id(self, slug: str) -> int:
        return next(x.id for x in self.catalog.markets.values() if x.slug == slug)

    def product_id(self, slug: str) -> int:
        return next(x.id for x in self.catalog.products.values() if x.slug == slug)

    def unit_id(self, slug: str) -> int:
        return next(x.id for x in self.catalog.units.values() if x.slug == slug)

    def minor(self, price: int) -> int:
        return price * self.catalog.currency.unit

    def by(self, key: str, at: datetime) -> By:
        return By(f"demo:{key}", "en", at, actor_kind=SOURCE, actor_id=SOURCE, channel=SOURCE)

    def once(self, session: Session, key: str, at: datetime, act: Callable[..., object]) -> int:
        """1 where the act was new, else 0 without a write."""
        by = self.by(key, at)
        if session.get(Act, by.key) is not None:
            return 0
        act(by=by)
        return 1

    def stalls(self, session: Session) -> int:
        new = 0
        for market, number, card in demo_cards():
            if session.execute(select(Stall.id).where(Stall.card == card)).first() is None:
                where = self.market_id(market)
                session.add(Stall(market_id=where, number=number, card=card, demo=True))
                new += 1
        return new

    def council(self, session: Session) -> None:
        session.execute(
            update(Council)
            .where(Council.pack_id == self.catalog.pack_id, Council.slug == COUNCIL)
            .where(Council.phone.is_(None))
            .values(phone=COUNCIL_PHONE)
        )

    def closure(self, session: Session) -> None:
        """One closed lumo, so that there is something to see; none where there is one already."""
        connection = session.connection()
        known = changes_of_pack(connection, self.catalog.pack_id, self.today)
        place = self.catalog.markets[self.market_id(CLOSED_LUMO)]
        first = next_open_day(place, known, self.today)
        if coming_changes(known, self.today) or first is None:
            return
        by = self.by(f"closure:{first}", self.now)
        result = announce_change(session, closure(place.id, first, first), by)
        session.get_one(MarketChange, result["change"]).note = SOURCE

    def join(self, session: Session, person: DemoPerson) -> int:
        phone = phones.parse(person.phone)
        assert phone is not None  # a number of the table above
        at = self.now - timedelta(weeks=WEEKS + 1)
        subscriber = Subscriber(phone, self.catalog.pack_id)

        def act(by: By) -> None:
            language = self.by(f"language:{person.name}", at)
            traders.choose_language(
                session, subscriber, person.language, vault=self.vault, by=language
            )
            found = self.find(session, person)
            assert found is not None
            traders.give_consent(session, found.id, self.by(f"consent:{person.name}", at))
            shown = self.by(f"shown:{person.name}", at)
            traders.change(session, found.id, "number_shown", person.number_shown, by=shown)
            join(session, self.joining(session, person, found.id), by)

        return self.once(session, f"join:{person.name}", at, act)

    def joining(self, session: Session, person: DemoPerson, person_id: int) -> Joining:
        goods = next(x.id for x in self.catalog.classes.values() if x.slug == person.goods_class)
        where = self.market_id(person.market)
        stall = None
        if person.stall:
            numbered = select(Stall.id).filter_by(market_id=where, number=person.stall)
            stall = session.execute(numbered).scalar_one()
        return Joining(person_id, Details(person.name, where, goods), stall)

    def find(self, session: Session, person: DemoPerson) -> Person | None:
        phone = phones.parse(person.phone)
        assert phone is not None
        hashed = self.vault.lookup(phone.key)
        return session.execute(select(Person).filter_by(phone_hash=hashed)).scalar_one_or_none()

    def trader_id(self, session: Session, person: DemoPerson) -> int | None:
        """Who sells still: somebody who tried "Leave" on this phone does not."""
        found = self.find(session, person)
        if found is None or found.leave_at is not None:
            return None
        active = select(Trader.id).filter_by(person_id=found.id, status="active")
        return session.execute(active).scalar_one_or_none()

    def listings(self, session: Session, person: DemoPerson, trader_id: int) -> int:
        new = 0
        for goods in person.goods:
            product = self.product_id(goods.product)
            on_sale = select(Listing.id).where(
                Listing.trader_id == trader_id,
                Listing.product_id == product,
                Listing.status == service_listings.OPEN,
                Listing.expires_at > self.now,
            )
            if session.execute(on_sale).first() is not None:
                continue
            command = PostListing(
                trader=trader_id,
                market=self.market_id(person.market),
                product=product,
                unit=self.unit_id(goods.unit),
                quantity=goods.quantity,
                price_minor=self.minor(goods.price),
                zone=self.catalog.zone,
                currency=self.catalog.currency,
                channel=SOURCE,
            )
            key = f"listing:{person.name}:{goods.product}:{self.today}"
            new += self.once(
                session,
                key,
                self.now,
                partial(service_listings.post_listing, session, command),
            )
        return new

    def weeks(self) -> list[date]:
        last = monday(self.today)
        return [last - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]

    def sales(self, session: Session, person: DemoPerson, trader_id: int) -> int:
        new = 0
        for week in self.weeks():
            drawn = random.Random(f"{person.name}:{week}")  # noqa: S311 - no secret, a demo
            for day in _days(drawn, week, SALES_A_WEEK):
                goods = drawn.choice(person.goods)
                amount = self.minor(goods.price * drawn.randint(1, 6))
                if day >= self.today:
                    continue
                command = RecordSale(
                    trader=trader_id,
                    market=self.market_id(person.market),
                    product=self.product_id(goods.product),
                    amount_minor=amount,
                    zone=self.catalog.zone,
                    currency=self.catalog.currency,
                    channel=SOURCE,
                )
                new += self.once(
                    session,
                    f"sale:{person.name}:{day}",
                    datetime.combine(day, time(12), UTC),
                    partial(service_sales.record_sale, session, command),
                )
        return new

    def prices(self, session: Session) -> int:
        """Reports of the last weeks, some a market, product and week; the weeks remade."""
        known = set(session.scalars(select(PriceReport.source_key).filter_by(source=SOURCE)))
        rows = [row for row in self.reports() if row["source_key"] not in known]
        if rows:
            session.execute(insert(PriceReport), rows)
            touched = {
                (row["market_id"], row["product_id"], row["unit_id"], False, monday(row["seen_on"]))
                for row in rows
            }
            service_prices.rebuild_weeks(session, touched)
        return len(rows)

    def reports(self) -> Iterator[dict[str, Any]]:
        everything = dict.fromkeys(goods for person in PEOPLE for goods in person.goods)
        for market in dict.fromkeys(person.market for person in PEOPLE):
            for goods in everything:
                for week in self.weeks():
                    yield from self.week_of_reports(market, goods, week)

    def week_of_reports(self, market: str, goods: Goods, week: date) -> Iterator[dict[str, Any]]:
        here = random.Random(market + goods.product).uniform(0.9, 1.15)  # noqa: S311
        drawn = random.Random(f"{market}:{goods.product}:{week}")  # noqa: S311
        product, unit = self.product_id(goods.product), self.unit_id(goods.unit)
        for day in _days(drawn, week, REPORTS_A_WEEK):
            price = self.minor(_rounded(goods.price * here * drawn.uniform(0.92, 1.08)))
            if day > self.today:
                continue
            yield {
                "source_key": f"demo:{market}:{goods.product}:{goods.unit}:{day}",
                "source": SOURCE,
                "market_id": self.market_id(market),
                "product_id": product,
                "unit_id": unit,
                "price_minor": price,
                "currency": self.catalog.currency.code,
                "per_kilo_minor": per_kilo(price, self.catalog.grams_of(product, unit)),
                "wholesale": False,
                "seen_on": day,
                "state": "counted",
                "recorded_at": min(datetime.combine(day, time(12), UTC), self.now),
            }


def _days(drawn: random.Random, week: date, count: int) -> list[date]:
    """Different days of a week, its Monday among them."""
    others = drawn.sample(range(1, 7), count - 1)
    return [week + timedelta(days=ahead) for ahead in sorted([0, *others])]


def _rounded(price: float) -> int:
    """As prices are said in a market: whole dalasi, from D100 on in fives."""
    step = 5 if price >= 100 else 1
    return max(step, round(price / step) * step)
