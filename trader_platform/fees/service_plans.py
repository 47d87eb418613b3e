"""Old duty in parts: a plan that a trader agrees to. Flushes, never commits.

A plan changes nothing of what is owed; it says how much of it is asked for each week. New duty is
not in it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError
from trader_platform.core.money import Currency
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_charges import IS_OPEN, Charge, FeeAccount, Plan
from trader_platform.fees.queries_duty import FIRST_PART, plan_of
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
        _end_paid(session, account_id)
        plan = Plan(
            account_id=account_id,
            council_id=account.council_id,
            total_minor=total,
            part_minor=part_of(total, weeks, currency),
            weeks=weeks,
            starts_on=today + FIRST_PART,
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


def _end_paid(session: Session, account_id: int) -> None:
    """A plan whose parts are all paid gives way to a new one; another one does not."""
    running = plan_of(session.connection(), account_id)
    if running is None:
        return
    if running.paid_minor < running.total_minor:
        raise PlanRunning(account=account_id)
    session.get_one(Plan, running.id).state = "done"
    session.flush()


def old_debt(session: Session, account_id: int, today: date) -> int:
    """What is owed of periods that ended before today, in minor units."""
    total = session.execute(
        select(func.coalesce(func.sum(Charge.outstanding_minor), 0)).where(
            Charge.account_id == account_id,
            IS_OPEN,
            Charge.period_to < today,
        )
    ).scalar_one()
    return int(total)
