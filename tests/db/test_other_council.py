"""An officer of one council reaches for another's rows with every function that she can reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from tests.fixtures.fees import (
    DUTY,
    OTHER_COUNCIL_MARKET,
    SIGNER,
    TODAY,
    ZONE,
    Collector,
    Council,
    by,
    make_council,
    take,
)
from tests.fixtures.world import World
from trader_platform.core import phone as phones
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.fees.accounts import Who
from trader_platform.fees.models_charges import Charge
from trader_platform.fees.models_reports import Report
from trader_platform.fees.service_adjust import ALONE_MINOR, Adjust, adjust, answer_adjustment
from trader_platform.fees.service_mend import Mend, mend_ticket
from trader_platform.fees.service_relief import AskRelief, answer_relief, ask_relief
from trader_platform.fees.service_reports import Tell, answer, tell
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.fees.service_void import TakeBack, answer_void, ask_void, take_back
from trader_platform.market.models import Market
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_stalls import Hold, NewStall, add_stall, occupy, vacate
from trader_platform.staff import service as staff
from trader_platform.staff.types import NotAllowed, Role


class Stranger:
    """Holds every role there is, in another council."""

    def __init__(self, session: Session, world: World) -> None:
        market = session.execute(
            select(Market).where(Market.slug == OTHER_COUNCIL_MARKET)
        ).scalar_one()
        assert market.council_id is not None
        self.council, self.market = market.council_id, market.id
        new = staff.NewStaff(self.council, "Test-stranger", phones.parse("+2203019999"))
        self.id = staff.add_staff(session, new, vault=world.vault, by=by("stranger"))["staff"]
        for role in Role:
            ids = {"market_id": None, "starts_on": date(2026, 1, 1)}
            staff.assign(session, self.id, role, **ids, by=by(f"stranger {role}"))
        badge = staff.give_badge(session, self.id, starts_on=date(2026, 1, 1), by=by("badge"))
        self.badge = Collector(self.id, badge["badge"], badge["number"])


class Rows:
    """What there is to reach for: a ticket, one asked to be void, a charge, a report."""

    def __init__(self, world: World, council: Council) -> None:
        self.ticket = take(world, council, "t1", DUTY)
        asked = take(world, council, "t2", DUTY, stall=1)
        me = council.collector
        command = TakeBack(me.staff_id, me.badge_id, asked["code"], "other", ZONE)
        with world.db.transaction() as session:
            ask_void(session, command, by=by("ask"))
            self.void = asked["payment"]
            self.charge = session.execute(select(func.min(Charge.id))).scalar_one()
            penalty = ALONE_MINOR + 1
            asking = Adjust(
                council.finance, council.id, self.charge, "penalty", penalty, "late", TODAY
            )
            self.adjustment = adjust(session, asking, by=by("penalty"))["adjustment"]
            self.vacant = add_stall(
                session, NewStall(council.master, council.market, "V1"), by=by("stall")
            )["stall"]
            self.occupancy = session.execute(select(func.min(Occupancy.id))).scalar_one()
            relief = AskRelief(council.finance, council.id, council.market, TODAY, TODAY, "flood")
            self.relief = ask_relief(session, relief, by=by("relief"))["relief"]
            tell(session, Tell("badge", council.id, council.market, TODAY, badge="1"), by=by("r"))
            self.report = session.execute(select(Report.id)).scalar_one()


Reach = Callable[[Session, Stranger, Council, Rows], Any]


def _ticket(session: Session, who: Stranger, council: Council, rows: Rows, **more: Any) -> Any:
    command = council.ticket(DUTY, collector=who.badge, **more)
    return take_ticket(session, command, signer=SIGNER, by=by("x"))


def _back(who: Stranger, rows: Rows) -> TakeBack:
    return TakeBack(who.id, who.badge.badge_id, rows.ticket["code"], "other", ZONE)


def _mend(session: Session, wrong: TakeBack, **right: Any) -> Any:
    return mend_ticket(session, Mend(wrong, **right), signer=SIGNER, by=by("x"))


def _adjust(session: Session, who: Stranger, council: int, rows: Rows) -> Any:
    command = Adjust(who.id, council, rows.charge, "waiver", -100, "mine", TODAY)
    return adjust(session, command, by=by("x"))


def _relief(session: Session, who: Stranger, council: int, market: int) -> Any:
    command = AskRelief(who.id, council, market, TODAY, TODAY, "flood")
    return ask_relief(session, command, by=by("x"))


def _hold(who: Stranger, stall: int, trader: int) -> Hold:
    return Hold(who.id, stall, trader, starts_on=TODAY)


def _by() -> dict[str, Any]:
    return {"zone": ZONE, "by": by("x")}


def _word(*, yes: bool) -> dict[str, Any]:
    return {"yes": yes, "reason": "other", **_by()}


REACHES: list[tuple[str, Reach]] = [
    ("take_ticket", _ticket),
    ("take_ticket", lambda s, who, c, r: _ticket(s, who, c, r, market=who.market)),
    ("take_back", lambda s, who, c, r: take_back(s, _back(who, r), by=by("x"))),
    ("mend_ticket", lambda s, who, c, r: _mend(s, _back(who, r), amount_minor=500)),
    ("mend_ticket", lambda s, who, c, r: _mend(s, _back(who, r), who=Who(stall_id=c.stalls[1]))),
    ("ask_void", lambda s, who, c, r: ask_void(s, _back(who, r), by=by("x"))),
    (
        "answer_void",
        lambda s, who, c, r: answer_void(s, who.id, r.void, **_word(yes=True)),
    ),
    (
        "answer_void",
        lambda s, who, c, r: answer_void(s, who.id, r.void, **_word(yes=False)),
    ),
    ("adjust", lambda s, who, c, r: _adjust(s, who, c.id, r)),
    ("adjust", lambda s, who, c, r: _adjust(s, who, who.council, r)),
    (
        "answer_adjustment",
        lambda s, who, c, r: answer_adjustment(s, who.id, r.adjustment, yes=True, by=by("x")),
    ),
    ("add_stall", lambda s, who, c, r: add_stall(s, NewStall(who.id, c.market, "X1"), by=by("x"))),
    ("occupy", lambda s, who, c, r: occupy(s, _hold(who, r.vacant, c.traders[0]), by=by("x"))),
    ("vacate", lambda s, who, c, r: vacate(s, who.id, r.occupancy, last_day=TODAY, by=by("x"))),
    ("ask_relief", lambda s, who, c, r: _relief(s, who, c.id, c.market)),
    ("ask_relief", lambda s, who, c, r: _relief(s, who, who.council, c.market)),
    (
        "answer_relief",
        lambda s, who, c, r: answer_relief(s, who.id, r.relief, yes=True, by=by("x")),
    ),
    ("answer", lambda s, who, c, r: answer(s, who.id, r.report, right=True, day=TODAY, **_by())),
]


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    with world.db.reading() as connection:
        names = [x for x in inspect(connection).get_table_names() if x != "alembic_version"]
        found = {name: connection.execute(text(f"SELECT * FROM {name}")).all() for name in names}
    return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in found.items()}


def test_another_council_rows_are_out_of_reach(world: World) -> None:
    council = make_council(world)
    rows = Rows(world, council)
    with world.db.transaction() as session:
        stranger = Stranger(session, world)
    before = everything(world)
    for name, reach in REACHES:
        with pytest.raises(DomainError) as refused, world.db.transaction() as session:
            reach(session, stranger, council, rows)
        codes = {"not_allowed", "other_council", "not_found"}
        codes |= {"charge_gone", "ticket_gone", "report_gone"}
        assert refused.value.code in codes, name
        assert everything(world) == before, name


def test_no_role_at_a_market_of_another_council(world: World) -> None:
    council = make_council(world)
    with world.db.transaction() as session:
        stranger = Stranger(session, world)
    with pytest.raises(NotAllowed), world.db.transaction() as session:
        staff.assign(
            session,
            stranger.id,
            Role.COLLECTOR,
            market_id=council.market,
            starts_on=TODAY,
            by=by("reach"),
        )


def test_nothing_is_reported_of_a_market_of_another_council(world: World) -> None:
    council = make_council(world, stalls=1)
    with world.db.reading() as connection:
        elsewhere = connection.execute(
            select(Market.id).where(Market.council_id != council.id).limit(1)
        ).scalar_one()
    with pytest.raises(NotFound), world.db.transaction() as session:
        tell(session, Tell("badge", council.id, elsewhere, TODAY, badge="1"), by=by("r"))
