"""A made-up collector and market master, and a market that charges: tickets with two phones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from trader_platform.core import phone as phones
from trader_platform.core.crypto import Vault
from trader_platform.core.once import once
from trader_platform.demo_people import DUTY_MARKET, OFFICERS, DemoOfficer
from trader_platform.demo_places import DUTY_MINOR, demo_by
from trader_platform.fees.models import Tariff
from trader_platform.fees.types import DAILY_DUTY
from trader_platform.market.models import Council, Market, Stall, StallClaim
from trader_platform.market.models_stalls import Occupancy
from trader_platform.staff import service as staff
from trader_platform.staff.models import Badge
from trader_platform.staff.pins import set_pin
from trader_platform.staff.types import Role
from trader_platform.traders import service as traders
from trader_platform.traders.service import Subscriber

OLD_DAYS: Final = 3  # days of duty that nobody paid before the demo was loaded


def load_staff(session: Session, pack_id: int, vault: Vault, *, today: date, now: datetime) -> int:
    """Let the council of the demo market charge, and hire its staff. Safe to repeat.

    Returns how many people were added.
    """
    market = session.execute(
        select(Market).where(Market.pack_id == pack_id, Market.slug == DUTY_MARKET)
    ).scalar_one()
    loading = _Loading(session, market, vault, today - timedelta(days=OLD_DAYS), now)
    once(
        session,
        demo_by("demo:charging", now),
        kind="demo.charging",
        content={},
        do=loading.charge,
    )
    loading.occupy()
    return sum(loading.hire(officer) for officer in OFFICERS)


@dataclass(frozen=True)
class _Loading:
    session: Session
    market: Market
    vault: Vault
    first: date
    now: datetime

    def charge(self) -> dict[str, Any]:
        """A duty that stalls owe by the day. Made up: no council asked for it."""
        self.session.execute(
            update(Council).where(Council.id == self.market.council_id).values(charging=True)
        )
        self.session.add(
            Tariff(
                council_id=self.market.council_id,
                market_id=self.market.id,
                fee=DAILY_DUTY,
                per="day",
                accrues="held",
                amount_minor=DUTY_MINOR,
                currency="GMD",
                valid_from=self.first,
                date_precision="day",
                certainty="inferred",
                source="demo: made up",
            )
        )
        return {"market": self.market.id}

    def occupy(self) -> None:
        """Who says that a demo stall here is hers holds it, where nobody does."""
        claims = self.session.execute(
            select(StallClaim.stall_id, StallClaim.trader_id)
            .join(Stall, Stall.id == StallClaim.stall_id)
            .outerjoin(Occupancy, Occupancy.stall_id == Stall.id)
            .where(
                Stall.market_id == self.market.id,
                Stall.demo.is_(True),
                StallClaim.ended_at.is_(None),
                Occupancy.id.is_(None),
            )
            .order_by(StallClaim.id)
        ).all()
        first_come = {row.stall_id: row.trader_id for row in reversed(claims)}
        for stall_id, trader_id in first_come.items():
            self.session.add(
                Occupancy(
                    stall_id=stall_id,
                    trader_id=trader_id,
                    council_id=self.market.council_id,
                    starts_on=self.first,
                    entered_by="demo",
                )
            )
        self.session.flush()

    def hire(self, officer: DemoOfficer) -> int:
        """1 where the person is new. Her phone has dialled before: it opens on the menu."""
        new = 0

        def do() -> dict[str, Any]:
            nonlocal new
            new = 1
            return {"staff": self._add(officer)}

        by = demo_by(f"demo:officer:{officer.name}", self.now)
        once(self.session, by, kind="demo.officer", content={"role": officer.role}, do=do)
        return new

    def _add(self, officer: DemoOfficer) -> int:
        phone = phones.parse(officer.phone)
        assert phone is not None  # a number of the table
        key, session, now = f"demo:officer:{officer.name}", self.session, self.now
        subscriber = Subscriber(phone, self.market.pack_id)
        by = demo_by(f"{key}:language", now)
        traders.choose_language(session, subscriber, "en", vault=self.vault, by=by)
        assert self.market.council_id is not None
        who = staff.NewStaff(self.market.council_id, officer.name, phone, demo=True)
        by = demo_by(f"{key}:add", now)
        staff_id = int(staff.add_staff(session, who, vault=self.vault, by=by)["staff"])
        staff.assign(
            session,
            staff_id,
            Role(officer.role),
            market_id=self.market.id,
            starts_on=self.first,
            by=demo_by(f"{key}:role", now),
        )
        session.add(Badge(staff_id=staff_id, number=officer.badge, starts_on=self.first))
        set_pin(session, staff_id, officer.pin, vault=self.vault, by=demo_by(f"{key}:pin", now))
        return staff_id
