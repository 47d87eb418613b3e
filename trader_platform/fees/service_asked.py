"""People ask a council to tell what it spent: counted once a person, without a name. No commits."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_reports import SpendingAsked
from trader_platform.fees.service_unnamed import ASK, nobody
from trader_platform.market.models import Market

_asked: Final[Table] = SpendingAsked.__table__  # type: ignore[assignment]
_ONCE_EACH: Final = {
    "sqlite": sqlite.insert(_asked).on_conflict_do_nothing().returning(_asked.c.id),
    "postgresql": postgresql.insert(_asked).on_conflict_do_nothing().returning(_asked.c.id),
}


def ask_to_tell(
    session: Session, market_id: int, month: date, *, asker: str, day: date, by: By
) -> Result:
    """Ask what was spent at a market in a month (its first day); ``n`` people did so far.

    ``asker`` is a keyed hash of her phone and this question, so that it links to no other one;
    ``day`` is the council's. Safe to repeat: who asks again counts once. Raises NotFound.
    """

    def do() -> Result:
        council_id = session.execute(
            select(Market.council_id).where(Market.id == market_id)
        ).scalar()
        if council_id is None:
            raise NotFound(market=market_id)
        values = {"council_id": council_id, "market_id": market_id, "month": month, "asker": asker}
        insert = _ONCE_EACH[session.get_bind().dialect.name].values(asked_on=day, **values)
        new = session.execute(insert).scalar()
        if new is not None:
            record(
                session,
                "spending.ask",
                by=nobody(by, day),
                subject=("market", market_id),
                after={"month": month},
                council_id=council_id,
            )
        found = select(func.count()).select_from(SpendingAsked)
        these = found.where(SpendingAsked.market_id == market_id, SpendingAsked.month == month)
        return {"n": session.execute(these).scalar_one()}

    return once(session, by, kind=ASK, content={}, do=do)


def forget_who_asked(session: Session, before: date, *, most: int) -> int:
    """Empty the hashes of questions from before a day; how many. The counts stay. Safe to repeat.

    A hash is of use only while the same question can be asked: the month after the one asked about.
    """
    a = SpendingAsked
    old = select(a.id).where(a.asked_on < before, a.asker.is_not(None)).limit(most)
    ids = session.execute(old).scalars().all()
    session.execute(update(a).where(a.id.in_(ids)).values(asker=None))
    return len(ids)
