"""What to do with the texts of a claim: which calls to make, what waits, what never goes.

Reads only: phones and languages in one query a claim, words once for equal texts. What may go is
decided by ``messaging.policy``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import structlog

from sms.gateways.registry import Gateways
from sms.texts import TEXTS, render
from sms.texts_people import resolve
from sms.texts_values import People
from trader_platform.core.clock import Clock
from trader_platform.core.crypto import Unreadable, Vault
from trader_platform.core.db import Database
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.messaging.kinds import KINDS, Kind
from trader_platform.messaging.policy import (
    COUNTED,
    Due,
    Moment,
    Reader,
    Rules,
    Send,
    Wait,
    decide,
)
from trader_platform.messaging.queries import ReaderRow, readers, spent_today
from trader_platform.messaging.service_claim import Call, Claimed, Dropped, Parked
from trader_platform.messaging.service_gateways import Breakers, Limits, breakers

# A gateway that routes name and nobody installed: a person must mend the settings.
_MISSING_WAITS_MS: Final = 60_000
# By then a gateway that is back has answered the one call that tries it.
_TRIAL_WAITS_MS: Final = 2_000

_log = structlog.get_logger()


@dataclass
class Plan:
    """The texts of one claim, each in exactly one place."""

    calls: list[Call] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


class Planner:
    """One for a process; safe to share between threads."""

    def __init__(
        self,
        db: Database,
        *,
        vault: Vault,
        clock: Clock,
        catalogs: Catalogs,
        gateways: Gateways,
        limits: Mapping[str, Limits] | None = None,
    ) -> None:
        self.vault, self.gateways, self._limits = vault, gateways, limits or {}
        self._db, self._clock, self._catalogs = db, clock, catalogs

    def plan(self, texts: Sequence[Claimed]) -> Plan:
        """Decide and word every text of a claim; one that cannot be worded is dropped."""
        plan = Plan()
        by_pack: dict[int, list[Claimed]] = {}
        for text in texts:
            by_pack.setdefault(text.pack_id, []).append(text)
        for pack_id, mine in by_pack.items():
            self._plan_pack(pack_id, mine, plan)
        plan.calls.sort(key=lambda call: call.texts[0].priority)
        return plan

    def most_texts(self, gateway: str) -> int:
        """How many texts one call may carry: as many as it takes, and no more than a second's."""
        most = self.gateways[gateway].most_recipients
        rate = self._limits[gateway].texts_a_second if gateway in self._limits else None
        return most if rate is None else min(most, rate)

    def _plan_pack(self, pack_id: int, texts: Sequence[Claimed], plan: Plan) -> None:
        catalog = self._catalogs.get(pack_id)
        at = Moment.of(Rules.of(catalog.settings), self._clock.now())
        with self._db.reading() as connection:
            known = readers(connection, (text.contact_id for text in texts), at.today)
            spent = dict(spent_today(connection, at.today))
            at_gateways = breakers(connection, at.now_ms)
            different = {(text.kind, text.params) for text in texts if text.kind in TEXTS}
            named = ((kind, json.loads(params)) for kind, params in different)
            people = resolve(connection, self.vault, named)
        pack = _Pack(self, at, catalog=catalog, people=people, spent=spent, breakers=at_gateways)
        for text in texts:
            try:
                pack.place(text, known[text.contact_id], plan)
            except Exception:  # noqa: BLE001
                # One row that cannot be worded must not keep all others from leaving.
                _log.exception("sms.no_words", message=text.id, kind=text.kind)
                plan.dropped.append(Dropped(text, "failed", "no_words"))
        plan.calls += pack.calls()


class _Group(NamedTuple):
    """What the texts of one call share; ``turn`` keeps a phone from being in one call twice."""

    gateway: str
    words: str
    counted: bool
    before_cap: bool
    turn: int


class _Pack:
    """The texts of one pack in one claim."""

    def __init__(
        self,
        planner: Planner,
        at: Moment,
        *,
        catalog: Catalog,
        people: People,
        spent: dict[int, int],
        breakers: Breakers,
    ) -> None:
        self._planner, self._gateways, self._vault = planner, planner.gateways, planner.vault
        self._catalog, self._people, self._at = catalog, people, at
        self._spent = spent
        self._open_until, self._on_trial = dict(breakers.open_until), breakers.on_trial
        self._default = str(catalog.settings["default_language"])
        self._groups: dict[_Group, list[tuple[Claimed, str]]] = {}
        self._turns: dict[int, int] = {}
        self._counted: dict[int, int] = {}
        self._worded: dict[tuple[str, str, str, bool], str] = {}
        self._params: dict[str, dict[str, Any]] = {}

    def place(self, text: Claimed, reader: ReaderRow, plan: Plan) -> None:
        """Put a text into a group of equal ones, or say why it does not go.

        Raises KeyError and what else wording raises, where the text cannot be worded.
        """
        kind = KINDS[text.kind]
        decision = self._decide(text, kind, reader)
        if isinstance(decision, Wait):
            plan.parked.append(Parked(text, decision.until_ms, decision.why))
            return
        if not isinstance(decision, Send):
            state = "expired" if decision.expired else "failed"
            plan.dropped.append(Dropped(text, state, decision.why))
            return
        phone = self._open(reader)
        if phone is None:
            plan.dropped.append(Dropped(text, "failed", "no_phone"))
            return
        gateway = self._route(text, phone, plan)
        if gateway is None:
            return
        # A text to who left carries her language: her row is empty when it goes.
        language = self._read(text.params).get("language") or reader.language or self._default
        words = self._words(text, language, gateway)
        self._add(text, kind, phone, gateway=gateway, words=words)

    def calls(self) -> Iterator[Call]:
        """The groups, cut to what a gateway takes in one call."""
        rules = self._at.rules
        for group, members in self._groups.items():
            most = self._planner.most_texts(group.gateway)
            for start in range(0, len(members), most):
                part = members[start : start + most]
                yield Call(
                    gateway=group.gateway,
                    words=group.words,
                    texts=tuple(text for text, _ in part),
                    phones=tuple(phone for _, phone in part),
                    day=self._at.today,
                    price_minor=rules.segment_cost_minor,
                    counted=group.counted,
                    cap=None if group.before_cap else rules.texts_a_day,
                    budget_minor=rules.budget_a_day_minor,
                )

    def _decide(self, text: Claimed, kind: Kind, reader: ReaderRow) -> Any:
        counted = self._counted.get(reader.id, 0)
        said = Reader.of(reader, reader.counted_today + counted)
        day = _market_day(self._read(text.params)) if kind.before_cap else None
        due = Due(kind, text.act_at, text.expires_at, day)
        return decide(due, said, self._at, spent_minor=self._spent.get(text.council_id or 0, 0))

    def _add(self, text: Claimed, kind: Kind, phone: str, *, gateway: str, words: str) -> None:
        counted = kind.message_class in COUNTED
        if counted:
            self._counted[text.contact_id] = self._counted.get(text.contact_id, 0) + 1
            council = text.council_id or 0
            price = self._at.rules.segment_cost_minor
            self._spent[council] = self._spent.get(council, 0) + price
        turn = self._turns.get(text.contact_id, 0)
        self._turns[text.contact_id] = turn + 1
        group = _Group(gateway, words, counted, kind.before_cap, turn)
        self._groups.setdefault(group, []).append((text, phone))

    def _open(self, reader: ReaderRow) -> str | None:
        if reader.phone_sealed is None or reader.phone_hash is None:
            return None  # erased
        try:
            bound_to = reader.phone_hash.encode()
            return self._vault.open(reader.phone_sealed, bound_to=bound_to).decode()
        except Unreadable:
            _log.error("sms.phone_unreadable", contact=reader.id)
            return None

    def _route(self, text: Claimed, phone: str, plan: Plan) -> str | None:
        """The first gateway that has not refused it and whose breaker is closed.

        One that is on trial gets a single text: if it hangs still, no more than that is unknown.
        """
        refused = text.refused_by.split(",")
        names = [name for name in self._gateways.route(phone) if name not in refused]
        usable = [name for name in names if name in self._gateways]
        for name in usable:
            if name not in self._open_until:
                if name in self._on_trial:
                    self._open_until[name] = self._at.now_ms + _TRIAL_WAITS_MS
                return name
        if usable:
            again = min(self._open_until[name] for name in usable) + random.randrange(5000)  # noqa: S311
            plan.parked.append(Parked(text, again, "gateway_down"))
        elif names:
            _log.error("sms.gateway_missing", gateway=names[0])
            again = self._at.now_ms + _MISSING_WAITS_MS
            plan.parked.append(Parked(text, again, "gateway_missing"))
        else:
            plan.dropped.append(Dropped(text, "failed", "refused"))
        return None

    def _words(self, text: Claimed, language: str, gateway: str) -> str:
        answerable = self._gateways[gateway].can_be_answered
        key = (text.kind, text.params, language, answerable)
        if key not in self._worded:
            params = self._read(text.params)
            self._worded[key] = render(
                text.kind,
                params,
                language,
                self._catalog,
                people=self._people,
                answerable=answerable,
            )
        return self._worded[key]

    def _read(self, params: str) -> dict[str, Any]:
        if params not in self._params:
            self._params[params] = json.loads(params)
        return self._params[params]


def _market_day(params: dict[str, Any]) -> date | None:
    found = params.get("date")
    return date.fromisoformat(found) if isinstance(found, str) else None
