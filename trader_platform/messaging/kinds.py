"""Which texts there are: the class of each, its topic, and how long its digits are answered.

The words stand in ``sms.texts``; a guard sees that both know the same kinds. Names are permanent:
queued rows carry them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trader_platform.messaging.types import MessageClass

LIST_SECONDS: Final = 30 * 60
QUESTION_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kind:
    """``safety`` goes out at any hour and after STOP ALL; ``always`` even after it as an answer.

    ``asked_hour``: its reader chose the hour. ``before_cap``: the news of a market day, which no
    daily cap holds back, and which goes early and late while that day is tomorrow.
    """

    message_class: MessageClass
    topic: str = ""
    safety: bool = False
    always: bool = False
    asked_hour: bool = False
    before_cap: bool = False
    offers_seconds: int = LIST_SECONDS


_ANSWERS: Final = """
search.sellers search.seller search.seller.open search.none search.none.blank search.far
search.mean search.mean.one search.which search.place search.place.none search.two
unknown.first unknown.again unknown.third too.long rate.limit not.joined foreign maintenance
price.answer price.answer.cfa price.few price.near price.none price.bare
lumo.day.answer lumo.place.answer lumo.none lumo.noday lumo.unknown lumo.mean hold
more.end more.nothing number.range call.done call.open call.which call.full call.none
sell.done sell.unit sell.far sell.bad sell.full sell.back sell.place
sold.done sold.which sold.none sold.back sold.bare
duty.tariff duty.unknown duty.nostall duty.council help.one help.two
lang.done lang.draft lang.unknown welcome.buyer
duty.owed duty.clear ticket.good ticket.void ticket.none ticket.typed ticket.bare ticket.slow
badge.real badge.away badge.ended badge.none badge.bare collector.day statement.month
"""
# What STOP ALL itself is answered by, and the one line that says why nothing else comes.
_ALWAYS: Final = "stop.done stop.all stop.one stop.still start.done"
_TRANSACTIONAL: Final = """
call.seller welcome.trader consent.text listing.done
receipt.issued receipt.part receipt.ahead receipt.taken receipt.mended void.ask
overcharge.yes overcharge.no noticket.yes noticket.no
"""
_SAFETY: Final = "deletion.asked deletion.done"

KINDS: Final[dict[str, Kind]] = {
    **{name: Kind(MessageClass.ANSWER) for name in _ANSWERS.split()},
    **{name: Kind(MessageClass.ANSWER, always=True) for name in _ALWAYS.split()},
    **{name: Kind(MessageClass.TRANSACTIONAL) for name in _TRANSACTIONAL.split()},
    **{name: Kind(MessageClass.TRANSACTIONAL, safety=True) for name in _SAFETY.split()},
    "lumo.closed": Kind(MessageClass.NOTICE, topic="lumo", before_cap=True),
    "lumo.moved": Kind(MessageClass.NOTICE, topic="lumo", before_cap=True),
    "council.says": Kind(MessageClass.CAMPAIGN, topic="council"),
}
