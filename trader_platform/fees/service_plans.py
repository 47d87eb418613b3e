"""Old duty in parts: a plan that a trader agrees to. Flushes, never commits.

A plan changes nothing of what is owed; it says how much of it is asked for each week. New duty is
not in it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError
from trader_platform.core.money import Currency
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_charges import Charge, FeeAccount, Plan
from trader_platform.fees.types import ChargeGone

WEEKS: Final = (2, 4, 8)


class PlanRunning(DomainError):
    """She pays in parts already."""

    code = "plan_running"


def part_of(total_minor: int, weeks: int, currency: Currency) -> int:
    """What is asked each week, in whole coins of the currency, so that the last part is no more."""
    whole = currency.unit
    return -(-total_minor // (weeks * whole)) * whole


def agree(
    session: Session, account_id: int, weeks: int, *, today: date, currency: Currency, by: By
) -> Result:
    """Start a plan over what is owed of days before today; first part in a week. Safe to repeat.

    Raises ChargeGone where nothing old is owed, PlanRunning, KeyError for another number of weeks.
    """
    if weeks not in WEEKS:
        raise KeyError(weeks)

    def do() -> Result:
        account = session.get(FeeAccount, account_id, with_for_update=True)
        total = old_debt(session, account_id, today)
        if account is None or not total:
            raise ChargeGone(account=account_id)
        running = select(Plan.id).where(Plan.account_id == account_id, Plan.state == "live")
        if session.execute(running).first() is not None:
            raise PlanRunning(account=account_id)
        plan = Plan(
            account_id=account_id,
            council_id=account.council_id,
            total_minor=total,
            part_minor=part_of(total, weeks, currency),
            weeks=weeks,
            starts_on=today + timedelta(days=7),
            agreed_at=epoch_ms(by.now),
        )
        session.add(plan)
        session.flush()
        after = {"total": total, "part": plan.part_minor, "weeks": weeks}
        record(
            session,
            "plan.agree",
            by=by,
            subject=("plan", plan.id),
            after=after,
            council_id=account.council_id,
        )
        return {"plan": plan.id, "part": plan.part_minor, "date": plan.starts_on.isoformat()}

    content = {"account": account_id, "weeks": weeks}
    return once(session, by, kind="plan.agree", content=content, do=do)


def old_debt(session: Session, account_id: int, today: date) -> int:
    """What is owed of periods that ended before today, in minor units."""
    total = session.execute(
        select(func.coalesce(func.sum(Charge.outstanding_minor), 0)).where(
            Charge.account_id == account_id,
            Charge.status == "live",
            Charge.outstanding_minor > 0,
            Charge.period_to < today,
        )
    ).scalar_one()
    return int(total)
