"""What a collector is shown: what a payer owes, and the badge's own tickets. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from trader_platform.fees.accounts import Accounts, Payer, Who, accounts_of, find_payer
from trader_platform.fees.calendar import day_of, is_held
from trader_platform.fees.models_charges import IS_LIVE, Allocation, Charge, FeeAccount
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.queries_duty import owed
from trader_platform.fees.service_advance import Owed, meet, open_advances
from trader_platform.fees.service_void import AT_ONCE
from trader_platform.fees.types import DAILY_DUTY, MarketClosed, NoTariff
from trader_platform.ledger.chart import COLLECTOR, held_by
from trader_platform.ledger.queries import guarded_minor
from trader_platform.market.models import Stall
from trader_platform.payments.models import Payment, Receipt
from trader_platform.staff.types import BadgeHolder
from trader_platform.traders.models import Person, Trader

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
LATEST: Final = 30
DAYS_AHEAD: Final = 31


@dataclass(frozen=True, slots=True)
class PaidBy:
    """The ticket that filled a day's duty."""

    code: str
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What a collector may ask of a payer. ``paid_by`` is None where nothing was to be paid."""

    payer: Payer
    name: str | None
    price_minor: int
    today_minor: int
    old_minor: int
    paid_by: PaidBy | None
    days_known: bool = True

    @property
    def total_minor(self) -> int:
        """Today's duty and all older."""
        return self.today_minor + self.old_minor

    @property
    def most_minor(self) -> int:
        """The most of one ticket: a month ahead of somebody known, else this one ticket.

        Nothing ahead where nobody knows the market's days: nobody would count them.
        """
        ahead = DAYS_AHEAD * self.price_minor if self.days_known and not self.payer.walk_up else 0
        return self.total_minor + ahead


def asked_of(connection: Connection, who: Who, *, market_id: int, day: date) -> Asked:
    """What a payer owes on a day, today's duty too where no charge was raised yet.

    What she paid ahead is taken off it, and what she owes of a stall here that she left is added.
    Raises NoOccupant, OtherCouncil, MarketClosed, NoTariff where there is no duty and nothing owed.
    """
    payer = find_payer(connection, who, market_id=market_id, day=day)
    market = payer.place.market_id
    held = is_held(connection, market, day)
    if held is False:
        raise MarketClosed(market=market)
    tariff = tariff_for(connection, DAILY_DUTY, payer.place, day_of(connection, market, day))
    price = tariff.amount_minor if tariff else 0
    accounts = _NOBODY if payer.walk_up else accounts_of(connection, payer, day)
    todays = _todays(connection, accounts.here, day)
    raised = todays.outstanding_minor if todays else 0
    hers = accounts.left if accounts.here is None else (accounts.here, *accounts.left)
    old = sum(owed(connection, each, day).total_minor for each in hers) - raised
    if tariff is None and not old:
        raise NoTariff(market=market)
    today, paid_by = raised if todays else price, None
    if todays and not raised:
        paid_by = _paid_by(connection, todays.id)
    elif not todays and price and accounts.with_advance:
        today, paid_by = _after_advances(connection, accounts, price, day)
    return Asked(payer, _name(connection, payer), price, today, old, paid_by, held is not None)


_NOBODY: Final = Accounts(None, (), frozenset())


def _todays(connection: Connection, account_id: int | None, day: date) -> Any:
    return connection.execute(
        select(_charges.c.id, _charges.c.outstanding_minor).where(
            _charges.c.account_id == account_id,
            _charges.c.fee == DAILY_DUTY,
            _charges.c.period_from == day,
            IS_LIVE,
        )
    ).first()


def _after_advances(
    connection: Connection, accounts: Accounts, price_minor: int, day: date
) -> tuple[int, PaidBy | None]:
    """What of a day's duty is left when it draws on what she paid ahead, and by which ticket."""
    found = open_advances(connection, sorted(accounts.with_advance))
    charge = Owed(0, DAILY_DUTY, price_minor, price_minor, day)
    draws = meet(charge, [each for advances in found.values() for each in advances])
    if charge.outstanding:
        return charge.outstanding, None
    row = connection.execute(_TICKET.where(Payment.id == draws[-1].payment_id)).first()
    return 0, _seen(row)


@dataclass(frozen=True, slots=True)
class Today:
    """A badge's day: tickets that count, their cash, and all cash in the holder's hand."""

    tickets: int
    cash_minor: int
    held_minor: int


def day_of_badge(connection: Connection, badge: BadgeHolder, day: date) -> Today:
    """How a collector's day stands."""
    tickets, cash = connection.execute(
        select(func.count(), func.coalesce(func.sum(Payment.amount_minor), 0)).where(
            Payment.badge_id == badge.badge_id,
            Payment.paid_on == day,
            Payment.state != "reversed",
        )
    ).one()
    return Today(tickets, int(cash), held_minor(connection, badge))


def held_minor(connection: Connection, badge: BadgeHolder) -> int:
    """All cash that a badge holds, of any day."""
    return guarded_minor(connection, badge.council_id, held_by(COLLECTOR, badge.badge))


@dataclass(frozen=True, slots=True)
class Mine:
    """A ticket as the collector who issued it sees it; ``account`` is the key of who paid.

    ``asked``: the master was asked to take it back. ``at_once``: nobody needs to be asked.
    """

    code: str
    at: datetime
    amount_minor: int
    stall: str | None
    name: str | None
    goods_class_id: int
    asked: bool
    account: str
    market_id: int
    stall_id: int | None
    trader_id: int | None
    at_once: bool = False

    @property
    def known(self) -> bool:
        """Whether anybody knows who paid: a walk-up's ticket has neither stall nor name."""
        return self.stall is not None or self.name is not None

    @property
    def who(self) -> Who:
        """Who paid, as a collector would name her."""
        if self.stall_id is not None:
            return Who(stall_id=self.stall_id)
        if self.trader_id is not None:
            return Who(trader_id=self.trader_id)
        return Who(goods_class_id=self.goods_class_id)


def tickets_of_badge(
    connection: Connection, badge: BadgeHolder, *, limit: int = LATEST
) -> tuple[Mine, ...]:
    """The last tickets of a badge that count, the newest first."""
    rows = connection.execute(_mine(badge).order_by(Payment.id.desc()).limit(limit))
    return tuple(_ticket(row) for row in rows)


def ticket_of_badge(
    connection: Connection, badge: BadgeHolder, code: str, now: datetime
) -> Mine | None:
    """One good ticket of a badge, and whether its holder may take it back at once."""
    row = connection.execute(_mine(badge).where(Receipt.code == code)).first()
    if row is None:
        return None
    newest = connection.execute(
        select(func.max(Payment.id)).where(Payment.badge_id == badge.badge_id)
    ).scalar()
    at_once = (
        row.id == newest
        and now - _moment(row.recorded_at) <= AT_ONCE
        and held_minor(connection, badge) >= row.amount_minor
    )
    return _ticket(row, at_once=at_once)


def _mine(badge: BadgeHolder) -> Any:
    return (
        select(
            Payment.id,
            Receipt.code,
            Payment.recorded_at,
            Payment.amount_minor,
            Payment.state,
            Stall.number,
            Person.name,
            FeeAccount.goods_class_id,
            FeeAccount.key,
            FeeAccount.stall_id,
            FeeAccount.trader_id,
            Payment.market_id,
        )
        .join(Receipt, Receipt.payment_id == Payment.id)
        .join(FeeAccount, FeeAccount.id == Payment.account_id)
        .outerjoin(Stall, Stall.id == FeeAccount.stall_id)
        .outerjoin(Trader, Trader.id == FeeAccount.trader_id)
        .outerjoin(Person, Person.id == Trader.person_id)
        .where(Payment.badge_id == badge.badge_id, Payment.state != "reversed")
    )


def _ticket(row: Any, *, at_once: bool = False) -> Mine:
    return Mine(
        code=row.code,
        at=_moment(row.recorded_at),
        amount_minor=row.amount_minor,
        stall=row.number,
        name=row.name,
        goods_class_id=row.goods_class_id,
        asked=row.state == "void_asked",
        account=row.key,
        market_id=row.market_id,
        stall_id=row.stall_id,
        trader_id=row.trader_id,
        at_once=at_once,
    )


def _paid_by(connection: Connection, charge_id: int) -> PaidBy | None:
    row = connection.execute(
        _TICKET.join(Allocation, Allocation.payment_id == Payment.id)
        .where(Allocation.charge_id == charge_id, Allocation.undone_by.is_(None))
        .order_by(Allocation.id.desc())
        .limit(1)
    ).first()
    return _seen(row)


_TICKET: Final = select(Receipt.code, Payment.recorded_at, Payment.paid_on).join(
    Payment, Payment.id == Receipt.payment_id
)


def _seen(row: Any) -> PaidBy | None:
    return PaidBy(row.code, _moment(row.recorded_at), row.paid_on) if row else None


def _name(connection: Connection, payer: Payer) -> str | None:
    return connection.execute(
        select(Person.name)
        .join(Trader, Trader.person_id == Person.id)
        .where(Trader.id == payer.trader_id)
    ).scalar()


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
