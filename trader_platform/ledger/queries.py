"""What accounts hold. Reads only."""

from __future__ import annotations

from sqlalchemy import Connection, select

from trader_platform.ledger.models import GuardedBalance, LedgerAccount


def guarded_minor(connection: Connection, council_id: int, code: str) -> int:
    """What a holder's account holds now, in minor units; 0 where it was never opened."""
    held = connection.execute(
        select(GuardedBalance.held_minor)
        .join(LedgerAccount, LedgerAccount.id == GuardedBalance.account_id)
        .where(LedgerAccount.council_id == council_id, LedgerAccount.code == code)
    ).scalar()
    return int(held or 0)


def currency_of(connection: Connection, council_id: int) -> str:
    """The one currency of a council's books. It must have some."""
    found = select(LedgerAccount.currency).where(LedgerAccount.council_id == council_id).limit(1)
    return str(connection.execute(found).scalar_one())
