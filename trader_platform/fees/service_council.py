"""What a council says of itself: that it takes duty through us, what it spent. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.gsm import is_plain
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_reports import Spending
from trader_platform.market.models import Council, Market
from trader_platform.staff.service import today_of

LONGEST_WHAT = 18


class BadSpending(DomainError):
    """No amount, or words that do not fit a phone."""

    code = "bad_spending"


@dataclass(frozen=True, slots=True)
class Spend:
    """``month`` is its first day; ``due_on`` is set for what is planned, not yet paid."""

    council_id: int
    market_id: int
    month: date
    what: str
    amount_minor: int
    due_on: date | None = None


def set_charging(session: Session, council_id: int, *, on: bool, by: By) -> Result:
    """Say whether a council takes its fees through us from now on. Safe to repeat.

    What was raised stays owed, and nothing is raised of a time before. Raises NotFound.
    """

    def do() -> Result:
        council = session.get(Council, council_id)
        if council is None:
            raise NotFound(council=council_id)
        before, council.charging = council.charging, on
        if on and not before:
            council.charging_since = today_of(session, council_id, by=by)
        session.flush()
        record(
            session,
            "council.charging",
            by=by,
            subject=("council", council_id),
            before={"charging": before},
            after={"charging": on},
            council_id=council_id,
        )
        return {"council": council_id, "charging": on}

    return once(
        session, by, kind="council.charging", content={"council": council_id, "on": on}, do=do
    )


def enter_spending(session: Session, command: Spend, *, by: By) -> Result:
    """Enter what a council spent at one of its markets in a month. Safe to repeat.

    Raises NotFound for another council's market, BadSpending.
    """

    def do() -> Result:
        market = session.get(Market, command.market_id)
        if market is None or market.council_id != command.council_id:
            raise NotFound(market=command.market_id)
        short = 1 <= len(command.what) <= LONGEST_WHAT and is_plain(command.what)
        if command.amount_minor <= 0 or not short:
            raise BadSpending(amount=command.amount_minor)
        row = Spending(
            council_id=command.council_id,
            market_id=command.market_id,
            month=command.month.replace(day=1),
            what=command.what,
            amount_minor=command.amount_minor,
            due_on=command.due_on,
            entered_by=by.actor_id,
            entered_at=epoch_ms(by.now),
        )
        session.add(row)
        session.flush()
        after = {"market": row.market_id, "month": row.month, "amount": row.amount_minor}
        record(
            session,
            "spending.enter",
            by=by,
            subject=("spending", row.id),
            after=after,
            council_id=row.council_id,
        )
        return {"spending": row.id}

    content = {
        "market": command.market_id,
        "month": command.month,
        "what": command.what,
        "amount": command.amount_minor,
        "due": command.due_on,
    }
    return once(session, by, kind="spending.enter", content=content, do=do)
