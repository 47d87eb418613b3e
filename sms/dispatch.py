"""One text, one transaction: locked, understood, done, answered or left silent. Knows no gateway.

A kill at any step rolls all of it back, and the text is answered as if nothing had been.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time as ClockTime
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sms.ask import Ask, Reply
from sms.commands import call, duty, lang, lists, lumo, price, rights, search, sell, sold, tickets
from sms.commands import help as helping
from sms.manners import RIGHTS, Silence, instead_of_answer
from sms.parser import AUTOMATIC, EMPTY, SEARCH, Parsed, parse
from trader_platform.core.clock import Clock, local_day
from trader_platform.core.crypto import Unreadable, Vault
from trader_platform.core.db import Database
from trader_platform.core.pace import rest
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.search import index_of
from trader_platform.market.service_words import count_unmatched
from trader_platform.messaging.queries_texts import is_first, texter
from trader_platform.messaging.service import queue
from trader_platform.messaging.service_inbound import (
    Waiting,
    claim,
    count_misses,
    settle,
    waiting_contacts,
    waiting_pack,
    words_key,
)
from trader_platform.messaging.types import Outgoing

TRIES: Final = 3
# So many texts are answered before the first of their answers leaves.
BURST: Final = 20
SILENT_AFTER: Final = 3
UNKNOWN: Final = ("unknown.first", "unknown.again", "unknown.third")

_log = structlog.get_logger("sms")

Command: TypeAlias = Callable[[Ask], "Reply | None"]
COMMANDS: Final[dict[str, Command]] = {
    SEARCH: search.search,
    "price": price.price,
    "lumo": lumo.lumo,
    "sell": sell.sell,
    "sold": sold.sold,
    "duty": duty.duty,
    "ticket": tickets.ticket,
    "badge": tickets.badge,
    "call": call.call,
    "more": lists.more,
    "number": lists.number,
    "help": helping.help_,
    "stop": rights.stop,
    "start": rights.start,
    "lang": lang.lang,
}
"""By command word; where one returns None its words were none, and all of the text is searched."""


@dataclass
class Dispatch:
    """Answers waiting texts; one for a process, shared by its threads."""

    db: Database
    vault: Vault
    clock: Clock
    catalogs: Catalogs
    closed_until: ClockTime | None = None
    _failures: Counter[int] = field(default_factory=Counter)

    def answer_next(self, passing: set[int]) -> bool:
        """Answer the oldest text whose phone is not among ``passing``; False where none waits.

        A text that our code cannot answer is tried again, and then gets help: it must not keep its
        phone waiting for ever. Raises what the database raises when it is away.
        """
        with self.db.reading() as connection:
            pack_id = waiting_pack(connection, passing=passing)
        if pack_id is None:
            return False
        # Read before the lock is taken: on SQLite whoever writes waits for it.
        index_of(self.catalogs.get(pack_id))
        held: list[Waiting] = []
        try:
            with self.db.transaction() as session:
                waiting = claim(session, passing=passing)
                if waiting is None:
                    return False
                held.append(waiting)
                self._answer(session, waiting)
        except (OperationalError, InterfaceError):
            if not held:
                raise
            # Locked or away: the sweeper comes back, and nobody else waits for this phone.
            passing.add(held[0].contact_id)
            _log.warning("sms.answer_put_off", inbound=held[0].id)
        except Exception as error:
            if not held:
                raise
            self._failed(held[0], error)
        else:
            self._failures.pop(held[0].id, None)
        return True

    def answer_all(
        self, after: Callable[[], object], *, stopping: threading.Event | None = None
    ) -> int:
        """Answer whatever waits, calling ``after`` each time some are answered; returns how many.

        ``stopping`` ends it after the text in hand. Raises OperationalError where the database
        stays away.
        """
        passing: set[int] = set()
        answered = 0
        while not (stopping and stopping.is_set()):
            began = time.monotonic()
            if not self.answer_next(passing):
                break
            answered += 1
            rest(self.db, began)
            if answered % BURST == 0:
                after()
        after()
        return answered

    def _failed(self, waiting: Waiting, error: Exception) -> None:
        """Our fault: tried again, then answered with help, then left, for others to be answered."""
        self._failures[waiting.id] += 1
        # The error's own words may quote what was typed.
        where = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{where.filename}:{where.lineno}"
        _log.error("sms.answer_failed", inbound=waiting.id, error=type(error).__name__, at=at)
        if self._failures[waiting.id] > TRIES:
            with self.db.transaction() as session:
                settle(session, waiting, "failed", silent=True, now=self.clock.now())
            self._failures.pop(waiting.id)

    def tell_closed(self) -> int:
        """While the service is closed: say once to each phone that its text waits; how many."""
        if self.closed_until is None:
            return 0
        now, until = self.clock.now(), f"{self.closed_until:%H:%M}"
        with self.db.transaction() as session:
            told = 0
            for contact, pack_id in waiting_contacts(session):
                zone = self.catalogs.get(pack_id).zone
                text = Outgoing(
                    kind="maintenance",
                    contact_id=contact,
                    pack_id=pack_id,
                    reason=f"closed:{local_day(now, zone)}:{until}:{contact}",
                    act_at=now,
                    params={"time": until},
                )
                told += queue(session, text, zone=zone) is not None
        return told

    def _answer(self, session: Session, waiting: Waiting) -> None:
        catalog, now = self.catalogs.get(waiting.pack_id), self.clock.now()
        who = texter(session.connection(), waiting.contact_id)
        ask = Ask(
            session=session,
            db=self.db,
            catalog=catalog,
            vault=self.vault,
            waiting=waiting,
            texter=who,
            parsed=self._parsed(waiting, catalog),
            now=now,
        )
        reply = self._reply(ask)
        if isinstance(reply, Silence):
            settle(session, waiting, reply.value, silent=True, now=now)
            return
        text = Outgoing(
            kind=reply.kind,
            contact_id=waiting.contact_id,
            pack_id=catalog.pack_id,
            reason=f"in:{waiting.id}",
            act_at=now,
            params=self._params(ask, reply),
            offers=reply.offers,
        )
        queue(session, text, zone=catalog.zone)
        settle(session, waiting, reply.kind, silent=False, now=now)

    def _params(self, ask: Ask, reply: Reply) -> dict[str, object]:
        params = {name: value for name, value in reply.params.items() if value is not None}
        if is_first(ask.read, ask.texter.contact_id, ask.waiting.id):
            params["first"] = True
        return params

    def _parsed(self, waiting: Waiting, catalog: Catalog) -> Parsed:
        if self._failures[waiting.id] >= TRIES:
            return Parsed("help")
        try:
            bound_to = words_key(waiting.gateway, waiting.provider_id)
            words = self.vault.open(waiting.words or b"", bound_to=bound_to).decode()
        except (Unreadable, IndexError):
            _log.error("sms.words_unreadable", inbound=waiting.id)
            return Parsed("help")
        tags = [tag for tag, _, _ in catalog.languages]
        return parse(words, (*tags, *catalog.settings.get("search_languages", ())))

    def _reply(self, ask: Ask) -> Reply | Silence:
        if ask.parsed.command == AUTOMATIC:
            return Silence.AUTOMATIC
        instead = instead_of_answer(ask)
        if instead is None:
            return self._understood(ask)
        if ask.parsed.command in RIGHTS:
            COMMANDS[ask.parsed.command](ask)  # a right is kept, whether or not it is answered
        return instead

    def _understood(self, ask: Ask) -> Reply | Silence:
        parsed = ask.parsed
        reply = None
        if parsed.command != EMPTY and not (parsed.long and parsed.command == SEARCH):
            reply = COMMANDS[parsed.command](ask)
            if reply is None and parsed.command != SEARCH and not parsed.long:
                reply = search.search(ask, parsed.text)
        if reply is not None and reply.understood:
            if ask.texter.misses:
                count_misses(ask.session, ask.texter.contact_id, 0)
            return reply
        return self._missed(ask, reply)

    def _missed(self, ask: Ask, reply: Reply | None) -> Reply | Silence:
        """Not understood: a better word each time, then silence until a text is understood."""
        misses = ask.texter.misses + 1
        count_misses(ask.session, ask.texter.contact_id, misses)
        unknown = () if ask.parsed.long else ask.reading(ask.parsed.text).unknown
        count_unmatched(ask.session, ask.catalog, unknown, ask.today)
        if misses > SILENT_AFTER:
            return Silence.MISSES
        if reply is not None:
            return reply
        if ask.parsed.long:
            return Reply("too.long")
        word = " ".join(unknown) or ask.parsed.text
        return Reply(UNKNOWN[misses - 1], {"word": word} if misses == 1 and word else {})
