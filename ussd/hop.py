"""One hop from request to reply: read the dialogue, step, act once, swap the row forward.

Nothing that goes wrong here reaches a gateway as an error: the caller always gets a screen or a
polite END, and an act either happened once or not at all.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock
from trader_platform.core.crypto import Unreadable, Vault
from trader_platform.core.db import Database
from trader_platform.core.errors import DomainError, IdempotencyConflict
from trader_platform.core.metrics import OUTCOMES
from trader_platform.core.signing import Signer
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.service_words import count_unmatched
from ussd import engine
from ussd.context import Caller, Context
from ussd.gateways.base import UssdRequest
from ussd.limits import DialLimit
from ussd.notices import Notices
from ussd.screen import Act, End, Goto, find
from ussd.state import VERSION, State, dump, heard_now, load, mark
from ussd.store import Found, Key, Row, SessionStore, StoreError, Writing

log = structlog.get_logger("ussd")
TRIES: Final = 3


class Hops:
    """The service behind every USSD gateway; one per process, made after a fork.

    ``context_class`` is what screens are handed (the guards hand them the longest of everything).
    """

    context_class: type[Context] = Context

    def __init__(
        self,
        db: Database,
        *,
        vault: Vault,
        clock: Clock,
        catalogs: Catalogs,
        limit: DialLimit,
        notices: Notices,
        signer: Signer | None = None,
    ) -> None:
        self.db, self.vault, self.clock, self.catalogs = db, vault, clock, catalogs
        self.limit, self.notices, self.signer = limit, notices, signer
        self.store = SessionStore(db)

    def serve(self, request: UssdRequest) -> str:
        """The screen for one request, ``CON `` or ``END ``; never raises. Safe to repeat."""
        started = time.perf_counter()
        screen, outcome = self._guarded(request)
        OUTCOMES[outcome].observe(time.perf_counter() - started)
        return screen

    def _guarded(self, request: UssdRequest) -> tuple[str, str]:
        phone = phones.parse(request.phone)
        if phone is None:
            return self.notices.number(request.service_code), "refused"
        if self.notices.read_only_until:
            return self.notices.maintenance(request.service_code), "refused"
        try:
            screen = self._serve(request, phone)
        except (StoreError, DBAPIError) as error:
            self.store.note_failure()
            log.warning("ussd_database_away", error=type(error).__name__)
            return self.notices.cut(request.service_code), "away"
        except Exception:
            log.exception("ussd_hop_failed", gateway=request.gateway)
            return self.notices.error(request.service_code), "error"
        return screen, "con" if screen.startswith("CON ") else "end"

    def _serve(self, request: UssdRequest, phone: phones.Phone) -> str:
        catalog = self.catalogs.for_code(request.service_code)
        key = Key(
            gateway=request.gateway,
            session_id=request.session_id,
            phone_hash=self.vault.lookup(phone.key),
            service_code=request.service_code,
        )
        now = self.clock.now()
        now_ms = int(now.timestamp() * 1000)
        found = self.store.read(key, first=_may_be_first(request), now=now_ms)
        if found.own is None and not self.limit.admits(key.phone_hash, now_ms):
            return self.notices.busy(request.service_code)
        ctx = self._context(request, phone, key, catalog, found=found, now=now)
        try:
            if found.own is None:
                return self._dial(request, key, ctx, found, now_ms)
            return self._go_on(request, key, ctx, found.own, now_ms)
        finally:
            ctx.close()

    def _context(
        self,
        request: UssdRequest,
        phone: phones.Phone,
        key: Key,
        catalog: Catalog,
        *,
        found: Found,
        now: datetime,
    ) -> Context:
        caller = Caller(*found.person.columns) if found.person else None
        if caller and found.person and found.person.pack_id != catalog.pack_id:
            # Somebody from another country's pack: she asks here, she sells at home.
            caller = caller._replace(
                market_id=None,
                trader_id=None,
                trader_market_id=None,
                goods_class_id=None,
                staff=False,
            )
        language = (
            caller.language if caller else str(catalog.settings.get("default_language", "en"))
        )
        return self.context_class(
            db=self.db,
            vault=self.vault,
            catalog=catalog,
            phone=phone,
            phone_hash=key.phone_hash,
            now=now,
            dial=request.service_code,
            language=language,
            caller=caller,
            signer=self.signer,
        )

    def _dial(self, request: UssdRequest, key: Key, ctx: Context, found: Found, now_ms: int) -> str:
        typed = request.latest if request.transcript is None else request.transcript
        tail = typed.split("*") if typed else []
        state = State(heard=_mark(request, hop=0))
        perform = self._opening(state, ctx, found.earlier, tail)
        self._perform(state, ctx, perform, key, hop=0)
        write = self._writing(state, key, ctx, now_ms)
        council = _council(ctx)
        opened = self.store.open(key, write, pack_id=ctx.catalog.pack_id, council_id=council)
        if not opened:
            return self._lost_race(request, key, hop=0, now_ms=now_ms)
        self._count_unmatched(ctx)
        return state.reply

    def _opening(
        self, state: State, ctx: Context, earlier: Row | None, tail: list[str]
    ) -> engine.Perform | None:
        """Which screen a dial opens: gates first, then what was cut, then home."""
        if ctx.caller is None:
            return engine.start(state, ctx, "lang.choose", tail=tail)
        if ctx.caller.held:
            return engine.start(state, ctx, "state.hold", tail=[])
        if ctx.caller.leave_at is not None:
            return engine.start(state, ctx, "leave.undo", tail=tail)
        old = self._open_state(earlier) if earlier and earlier.status == "open" else None
        if tail or earlier is None or old is None:
            return engine.start(state, ctx, engine.HOME, tail=tail)
        if earlier.act_screen and earlier.act_result:
            return self._show_done(state, ctx, earlier)
        if earlier.redial == "R1":
            engine.keep(state, of=old)
            return engine.start(state, ctx, "resume.ask", tail=[])
        if earlier.redial == "R4":
            engine.keep(state, of=old)
            return engine.start(state, ctx, engine.SAVED, tail=[])
        return engine.start(state, ctx, engine.HOME, tail=[])

    def _show_done(self, state: State, ctx: Context, earlier: Row) -> engine.Perform | None:
        """The line was cut between an act and its answer: show now what was done then."""
        found = find(earlier.act_screen or "")
        act = found.show(ctx) if found else None
        if found is None or not isinstance(act, Act):
            return engine.start(state, ctx, engine.HOME, tail=[])
        result = json.loads(earlier.act_result or "{}")
        ctx.language = result.get("language", ctx.language)
        state.screen = found.id
        return engine.finish(state, ctx, act, result)

    def _go_on(self, request: UssdRequest, key: Key, ctx: Context, row: Row, now_ms: int) -> str:
        state = self._open_state(row)
        if row.phone_hash != key.phone_hash or row.service_code != key.service_code:
            log.warning("ussd_session_of_another_phone", gateway=key.gateway)
            return self.notices.error(request.service_code)
        if state is None:
            return self.notices.cut(request.service_code, ctx.language)
        kind, typed = _heard(state, request, row.hop)
        if kind == "repeat" or (row.status != "open" and kind == "new"):
            return state.reply
        if kind == "lost":
            return self.notices.cut(request.service_code, ctx.language)
        state.heard = _mark(request, hop=row.hop + 1)
        ctx.proved = state.proved
        perform = engine.answer(state, ctx, typed)
        self._perform(state, ctx, perform, key, hop=row.hop + 1)
        if self.store.swap(key, row.hop, self._writing(state, key, ctx, now_ms)):
            self._count_unmatched(ctx)
            return state.reply
        return self._lost_race(request, key, hop=row.hop + 1, now_ms=now_ms)

    def _count_unmatched(self, ctx: Context) -> None:
        """Once for each hop that was answered; never at the cost of the answer."""
        if not ctx.unmatched:
            return
        try:
            with self.db.transaction() as session:
                count_unmatched(session, ctx.catalog, ctx.unmatched, ctx.today)
        except DBAPIError as error:
            log.warning("ussd_words_not_counted", error=type(error).__name__)

    def _lost_race(self, request: UssdRequest, key: Key, *, hop: int, now_ms: int) -> str:
        """Another copy of this request was faster: give its answer, not one of our own."""
        row = self.store.read(key, first=False, now=now_ms).own
        state = self._open_state(row) if row else None
        if state is not None and state.heard == _mark(request, hop=hop):
            return state.reply
        return self.notices.cut(request.service_code)

    def _perform(
        self, state: State, ctx: Context, perform: engine.Perform | None, key: Key, *, hop: int
    ) -> None:
        if perform is None:
            return
        act = perform.act
        by = ctx.by(f"ussd:{key.gateway}:{key.session_id}:{hop}", state.screen)
        try:
            result = self._do(act, by)
        except DomainError as error:
            instead = act.refused(error) or self._refusal(error)
            following = engine.refuse(state, ctx, instead)
        else:
            found = self.store.read(key, first=False, now=0)
            if found.person is not None and found.person.pack_id == ctx.catalog.pack_id:
                ctx.caller = Caller(*found.person.columns)
            ctx.language = result.get("language", ctx.language)
            following = engine.finish(state, ctx, act, result)
        if following is not None:
            raise engine.Lost("an act led to another act")

    def _do(self, act: Act, by: Any) -> dict[str, Any]:
        """Run the effect; equal requests that race meet at the key, and the loser reads again."""
        for _ in range(TRIES - 1):
            try:
                with self.db.transaction() as session:
                    return act.do(session, by)
            except IntegrityError:
                continue
        with self.db.transaction() as session:
            return act.do(session, by)

    def _refusal(self, error: DomainError) -> End | Goto:
        if isinstance(error, IdempotencyConflict):
            return Goto("state.once", {"at": error.params.get("at", "")})
        log.info("ussd_act_refused", code=error.code)
        return Goto("state.error")

    def _open_state(self, row: Row | None) -> State | None:
        if row is None or row.state is None:
            return None
        try:
            raw = self.vault.open(row.state, bound_to=f"{row.gateway}:{row.session_id}".encode())
            return load(raw, row.version)
        except (Unreadable, ValueError, TypeError, KeyError) as error:
            log.error("ussd_state_unreadable", error=type(error).__name__)
            return None

    def _writing(self, state: State, key: Key, ctx: Context, now_ms: int) -> Writing:
        state.proved = ctx.proved
        found = find(state.screen)
        ended = state.reply.startswith("END ")
        sealed = self.vault.seal(dump(state), bound_to=f"{key.gateway}:{key.session_id}".encode())
        return Writing(
            version=VERSION,
            redial=found.redial if found else "R0",
            state=sealed,
            trail=f"{state.screen}{'!' if state.wrong else ''}@{now_ms // 1000},",
            language=ctx.language,
            status="ended" if ended else "open",
            now=now_ms,
        )


def _council(ctx: Context) -> int | None:
    market = ctx.catalog.markets.get(ctx.market_id or 0)
    return market.council_id if market else None


def _may_be_first(request: UssdRequest) -> bool:
    return request.first is not False if request.transcript is None else request.transcript == ""


def _mark(request: UssdRequest, *, hop: int) -> list[Any]:
    if request.transcript is not None:
        return mark(request.transcript)
    return [hop, mark(f"{request.sequence or ''}:{request.latest}")[1]]


def _heard(state: State, request: UssdRequest, hop: int) -> tuple[str, str]:
    if request.transcript is not None:
        return heard_now(state, request.transcript)
    if request.first and hop == 0 and _mark(request, hop=0) == state.heard:
        return "repeat", ""
    if request.sequence is not None and _mark(request, hop=hop) == state.heard:
        return "repeat", ""
    return "new", request.latest
