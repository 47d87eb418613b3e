"""Raising a day's duty (rent, a licence, a festival's place) for all who hold a stall, in chunks.

Each chunk is one transaction: its charges, one ledger entry with their sums, and what advances pay
of them. Killed and started again it goes on where it stopped: what is raised is not raised again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.fees.models_charges import Charge, FeeAccount
from trader_platform.fees.queries_raise import (
    Period,
    ToRaise,
    already,
    key_of,
    open_accounts,
    prepaid,
)
from trader_platform.fees.service_advance import move_advances, use_advances
from trader_platform.fees.types import WANTERR, DutyView
from trader_platform.ledger.chart import INCOME_OF_FEE, RECEIVABLES
from trader_platform.ledger.service import post
from trader_platform.ledger.types import Booking

_accounts: Final[Table] = FeeAccount.__table__  # type: ignore[assignment]
_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]


def raise_found(session: Session, found: ToRaise, *, by: By) -> int:
    """Raise what ``fees.queries_raise.find_due`` found; returns how many charges. Safe to repeat.

    What was paid ahead at places that were left moves first. Raises IntegrityError where a ticket
    raised one of these charges since, or opened an account: then find anew.
    """
    period, accounts = found.period, dict(found.accounts)
    for account, row in found.moves:
        _open_missing(session, period, [row], accounts)
        move_advances(session, [account], accounts[key_of(row)], period.council_id, by=by)
    owing = _still(session, found, accounts)
    if not owing:
        return 0
    _open_missing(session, period, [row for row, _ in owing.values()], accounts)
    new_charges = [(accounts[key], row, tariff) for key, (row, tariff) in owing.items()]
    _insert(session, period, new_charges, by=by)
    use_advances(session, period.council_id, [account for account, _, _ in new_charges], by=by)
    return len(new_charges)


def _still(
    session: Session, found: ToRaise, accounts: Mapping[str, int]
) -> dict[str, tuple[Any, DutyView]]:
    """Without festivals that were charged, and bought days that were used, since it was found."""
    connection, period = session.connection(), found.period
    gone: set[int] = set()
    if period.fee == WANTERR:  # of one that was moved no key says that it is the same
        gone |= already(connection, period, [accounts[x] for x in found.owing if x in accounts])
    if found.by_days:
        bought = {accounts[key] for key in found.by_days}
        gone |= bought - prepaid(connection, period, list(bought))
    return {key: owed for key, owed in found.owing.items() if accounts.get(key) not in gone}


def _open_missing(
    session: Session, period: Period, rows: Sequence[Any], accounts: dict[str, int]
) -> None:
    """Open in one statement the accounts that are missing, and add them to ``accounts``."""
    values = {
        key: {
            "key": key,
            "council_id": period.council_id,
            "market_id": row.market_id,
            "stall_id": row.stall_id,
            "trader_id": row.trader_id,
            "goods_class_id": row.goods_class_id or row.sells,
            "space_class": row.space_class,
        }
        for row in rows
        if (key := key_of(row)) not in accounts
    }
    if values:
        session.execute(insert(_accounts), list(values.values()))
        accounts |= open_accounts(session.connection(), list(values))


def _insert(
    session: Session, period: Period, new: Sequence[tuple[int, Any, DutyView]], *, by: By
) -> None:
    total: dict[str, int] = defaultdict(int)
    for _, _, tariff in new:
        total[tariff.currency] += tariff.amount_minor
    (currency,) = total  # a council has one currency: its pack's
    booking = Booking(
        council_id=period.council_id,
        kind="charge",
        key=f"{period.key}:{new[0][0]}:{len(new)}",
        lines=((RECEIVABLES, total[currency]), (INCOME_OF_FEE[period.fee], -total[currency])),
        currency=currency,
        effective_date=period.first,
        content={"accounts": [account for account, _, _ in new]},
    )
    entry_id = post(session, booking, by=by).entry_id
    now = epoch_ms(by.now)
    session.execute(
        insert(_charges),
        [
            {
                "account_id": account,
                "council_id": period.council_id,
                "market_id": row.market_id,
                "fee": period.fee,
                "period_from": period.first,
                "period_to": period.last,
                "unit_no": 0,
                "tariff_id": tariff.tariff_id,
                "rank": tariff.rank,
                "price_minor": tariff.amount_minor,
                "amount_minor": tariff.amount_minor,
                "outstanding_minor": tariff.amount_minor,
                "status": "live",
                "entry_id": entry_id,
                "raised_at": now,
            }
            for account, row, tariff in new
        ],
    )
