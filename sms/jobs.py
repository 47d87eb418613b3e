"""Jobs of the texts: a ring or the clock calls them by the names of ``jobs.schedule``."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from sms.dispatch import Dispatch
from sms.gateways.registry import build_gateways
from sms.plan import Planner
from sms.sender import ANSWERS, Pace, Sender
from trader_platform.core.clock import SystemClock
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.queues import RunAgain
from trader_platform.market.catalog import Catalogs
from trader_platform.messaging.service_gateways import Limits

if TYPE_CHECKING:
    from trader_platform.core.config import Settings
    from trader_platform.jobs.context import JobContext

_dispatches: weakref.WeakKeyDictionary[Database, Dispatch] = weakref.WeakKeyDictionary()
_senders: weakref.WeakKeyDictionary[Database, Sender] = weakref.WeakKeyDictionary()


def answer(context: JobContext) -> int:
    """Answer every text that waits, and hand the answers over; returns how many were answered.

    Safe to repeat and to race. While the service is closed texts wait, and their phones are told.
    """
    dispatch = dispatch_of(context.settings, context.db)
    sender = sender_of(context.settings, context.db)

    def leave() -> None:
        sender.drain(ANSWERS, stopping=context.stopping)

    if dispatch.closed_until is not None:
        dispatch.tell_closed()
        leave()
        return 0
    return dispatch.answer_all(leave, stopping=context.stopping)


def deliver(context: JobContext) -> RunAgain | None:
    """Hand over every text that is due; returns when the next ones may be, if that is soon.

    Safe to repeat and to race.
    """
    sender = sender_of(context.settings, context.db)
    sender.drain(stopping=context.stopping)
    seconds = sender.next_in_seconds()
    return None if seconds is None else RunAgain(seconds)


def dispatch_of(settings: Settings, db: Database) -> Dispatch:
    """What answers texts on a database, made once for a process."""
    if db not in _dispatches:
        _dispatches[db] = Dispatch(
            db,
            vault=Vault(settings.data_keys, settings.lookup_key),
            clock=SystemClock(),
            catalogs=Catalogs(db),
            closed_until=settings.read_only_until,
        )
    return _dispatches[db]


def sender_of(settings: Settings, db: Database) -> Sender:
    """The sender on a database, made once for a process: it keeps connections to gateways."""
    if db not in _senders:
        clock, catalogs = SystemClock(), Catalogs(db)
        gateways = build_gateways(settings, clock=clock)
        vault = Vault(settings.data_keys, settings.lookup_key)
        limits = {name: Limits(rate) for name, rate in settings.sms_rates.items()}
        planner = Planner(
            db, vault=vault, clock=clock, catalogs=catalogs, gateways=gateways, limits=limits
        )
        pace = Pace(parallel=settings.sms_parallel, limits=limits)
        _senders[db] = Sender(
            db, planner, gateways=gateways, catalogs=catalogs, clock=clock, pace=pace
        )
    return _senders[db]
