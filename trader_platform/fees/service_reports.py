"""What traders report: charged too much, no ticket given, not a real collector. Never commits.

Who wants no name gives none: then nobody's id is kept, not in the trail either, the moment is
rounded to the day, and nobody is answered by text.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_reports import Report
from trader_platform.fees.service_unnamed import TELL, nobody
from trader_platform.fees.texts import queue_answer
from trader_platform.market.models import Market
from trader_platform.staff.service import authorise, refuse_same
from trader_platform.staff.types import Role

KINDS: Final = ("overcharge", "no_ticket", "badge")
# Our choice until a council sets its own: days until it must answer, and after "I am not happy".
ANSWER_DAYS: Final = 7
ANSWERERS: Final = frozenset({Role.FINANCE, Role.ADMIN})


class ReportGone(NotFound):
    """There is no such report, or not for this person."""

    code = "report_gone"


@dataclass(frozen=True, slots=True)
class Tell:
    """One report. ``trader_id`` is None where she wants no name; amounts in minor units."""

    kind: str
    council_id: int
    market_id: int | None
    day: date
    trader_id: int | None = None
    goods_class_id: int | None = None
    badge: str | None = None
    due_minor: int | None = None
    paid_minor: int | None = None


def tell(session: Session, command: Tell, *, by: By) -> Result:
    """Give a report a number and the council a deadline. Safe to repeat.

    Raises KeyError for no kind, NotFound for a market that is not this council's.
    """
    if command.kind not in KINDS:
        raise KeyError(command.kind)
    if command.market_id is not None:
        council = select(Market.council_id).where(Market.id == command.market_id)
        if session.execute(council).scalar() != command.council_id:
            raise NotFound(market=command.market_id)

    told_by = by if command.trader_id is not None else nobody(by, command.day)

    def do() -> Result:
        report = Report(
            ref=_reference(session),
            kind=command.kind,
            council_id=command.council_id,
            market_id=command.market_id,
            trader_id=command.trader_id,
            goods_class_id=command.goods_class_id,
            badge=command.badge,
            due_minor=command.due_minor,
            paid_minor=command.paid_minor,
            day=command.day,
            answer_by=command.day + timedelta(days=ANSWER_DAYS),
            told_at=epoch_ms(told_by.now),
        )
        session.add(report)
        session.flush()
        after = {"ref": report.ref, "kind": report.kind, "badge": report.badge}
        _audit(session, "report.tell", report, told_by, after)
        return {
            "ref": report.ref,
            "date": report.answer_by.isoformat(),
            "due": command.due_minor,
            "paid": command.paid_minor,
        }

    if command.trader_id is None:
        return once(session, by, kind=TELL, content={}, do=do)
    content = {
        "kind": command.kind,
        "market": command.market_id,
        "day": command.day,
        "badge": command.badge,
        "paid": command.paid_minor,
    }
    return once(session, by, kind="report.tell", content=content, do=do)


def answer(
    session: Session, staff_id: int, report_id: int, *, right: bool, day: date, zone: str, by: By
) -> Result:
    """The council's word: she was right or not. Who gave a name is told by text. Safe to repeat.

    Raises NotAllowed, ReportGone (answered already), SamePerson where she was not happy with this
    officer's own answer.
    """

    def do() -> Result:
        report = session.get(Report, report_id, with_for_update=True)
        if report is None or report.state not in {"open", "reopened"}:
            raise ReportGone(report=report_id)
        today = local_day(by.now, zone)
        at = report.market_id
        authorise(session, staff_id, report.council_id, ANSWERERS, day=today, market_id=at)
        if report.answered_by is not None:
            refuse_same(report.answered_by, staff_id)
        before, report.state = report.state, "right" if right else "wrong"
        report.answered_by, report.answered_on = str(staff_id), day
        session.flush()
        _audit(session, "report.answer", report, by, {"was": before, "state": report.state})
        told = queue_answer(session, report, now=by.now, zone=zone)
        return {"report": report.id, "state": report.state, "text": told}

    content = {"staff": staff_id, "report": report_id, "right": right}
    return once(session, by, kind="report.answer", content=content, do=do)


def report_of(session: Session, ref: str) -> int:
    """The id of a report by its number. Raises ReportGone."""
    found = session.execute(select(Report.id).where(Report.ref == ref)).scalar()
    if found is None:
        raise ReportGone(ref=ref)
    return int(found)


def reopen(session: Session, trader_id: int, report_id: int, *, today: date, by: By) -> Result:
    """She is not happy with the answer: a second officer looks at it. Safe to repeat.

    Raises ReportGone for one that is not hers or not answered.
    """

    def do() -> Result:
        report = session.get(Report, report_id, with_for_update=True)
        if report is None or report.trader_id != trader_id or report.state != "wrong":
            raise ReportGone(report=report_id)
        report.state, report.answer_by = "reopened", today + timedelta(days=ANSWER_DAYS)
        session.flush()
        _audit(session, "report.reopen", report, by, {"state": report.state})
        return {"report": report.id, "ref": report.ref, "date": report.answer_by.isoformat()}

    content = {"trader": trader_id, "report": report_id}
    return once(session, by, kind="report.reopen", content=content, do=do)


def _reference(session: Session) -> str:
    """Six drawn digits that no report has; said aloud, so it begins with no zero."""
    while True:
        ref = str(100_000 + secrets.randbelow(900_000))
        if session.execute(select(Report.id).where(Report.ref == ref)).first() is None:
            return ref


def _audit(
    session: Session, action: str, report: Report, by: By, after: Mapping[str, object]
) -> None:
    record(
        session,
        action,
        by=by,
        subject=("report", report.id),
        after=after,
        council_id=report.council_id,
    )
