"""One hop as a pure step: a state and an answer go in, a new state and a screen come out.

Nothing here knows a database, a gateway or a clock. Where a step reaches an ``Act`` it stops and
hands it to the caller, who performs it once and comes back with the result (``finish``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trader_platform.core.gsm import SCREEN_SEPTETS
from trader_platform.core.i18n import SOURCE
from ussd.paging import BEFORE, MORE, page_of
from ussd.screen import SCREENS, Act, Ask, End, Goto, Menu, Screen, Shown, find
from ussd.state import HISTORY, State

if TYPE_CHECKING:
    from ussd.context import Context

HOME: Final = "home"
HOMES: Final = (HOME, "home.badge")
WORK: Final = "work.home"
PIN: Final = "pin.ask"
SAVED: Final = "saved"
LIMIT: Final = 8
WRONG_KEYS: Final = 3


class Perform(NamedTuple):
    """The step needs an effect before it can show anything."""

    act: Act


class Lost(Exception):
    """Screens sent the step in a circle: a fault of ours, found by the walks in the tests."""


def start(state: State, ctx: Context, entry: str, *, tail: list[str]) -> Perform | None:
    """Open a dialogue at ``entry``; a dial string's tail waits behind a gate, else is followed."""
    state.tail = tail
    if state.saved is not None:
        state.draft["what"] = _what_was(state.saved, ctx)
    done = enter(state, ctx, entry, remember=False)
    return done or _follow_tail(state, ctx)


def answer(state: State, ctx: Context, typed: str) -> Perform | None:
    """Take one answer of the person; None when the new screen is in ``state.reply``."""
    typed = typed.strip()
    if typed in {"0", "00"} and not _is_gate(state):
        state.tail = []  # she goes another way than the one she dialled
    done = _take(state, ctx, typed)
    return done or _follow_tail(state, ctx)


def finish(state: State, ctx: Context, act: Act, result: dict[str, Any]) -> Perform | None:
    """Show what an act did; its result is kept, so that showing it again does nothing again."""
    shown = act.show(result)
    done_there = not isinstance(shown, Goto) or _is_done(shown.screen)
    if done_there:
        state.back = []  # 0 after an act must not lead to the screen that would do it again
    done = show(state, ctx, shown, result=result)
    return done or _follow_tail(state, ctx)


def refuse(state: State, ctx: Context, instead: Shown) -> Perform | None:
    """Show another screen than the act's own, because the act was refused."""
    return show(state, ctx, instead)


def enter(state: State, ctx: Context, id: str, *, remember: bool = True) -> Perform | None:
    """Go to a screen: run it, follow its redirects, and show it from its first page."""
    if remember and state.screen and state.screen != id and state.result is None:
        state.back = [*state.back, [state.screen, state.page]][-HISTORY:]
    if id == SAVED:
        return _restore(state, ctx)
    for _ in range(LIMIT):
        if id in HOMES:
            state.draft.clear()
            state.back = []
        found = find(id) or SCREENS[HOME]
        instead = _instead(found, state, ctx)
        if instead is not None:
            id = instead
            continue
        ctx.draft = state.draft
        value = found.show(ctx)
        if isinstance(value, Goto):
            state.draft.update(value.save)
            id = value.screen
            continue
        state.screen, state.page, state.wrong = found.id, 0, 0
        if isinstance(value, Act):
            return Perform(value)
        return show(state, ctx, value)
    raise Lost(id)


def _instead(found: Screen, state: State, ctx: Context) -> str | None:
    """What stands before a screen: a gate, or the screen that asks what it needs."""
    if found.joined and not ctx.joined:
        return "join.gate"
    if found.work and ctx.work_gate is not None:
        state.draft["behind"] = found.id
        return ctx.work_gate
    return next((ask for key, ask in found.needs.items() if key not in state.draft), None)


def show(
    state: State,
    ctx: Context,
    value: Shown,
    *,
    wrong: bool = False,
    result: dict[str, Any] | None = None,
) -> Perform | None:
    """Word a screen into ``state.reply`` and note what its digits mean on this phone."""
    if isinstance(value, Goto):
        state.draft.update(value.save)
        state.result = None
        return enter(state, ctx, value.screen, remember=False)
    state.result = result
    if isinstance(value, End):
        state.choices, state.pages = {}, 1
        state.reply = "END " + ctx.fit(value.text)
        return None
    page = page_of(value, ctx.words, number=state.page, wrong=wrong)
    if len(page.text) > SCREEN_SEPTETS and ctx.language != SOURCE:
        ctx.language = SOURCE  # a draft translation that is too long gives way to English
        english = _current(state, ctx) or value
        page = page_of(english, ctx.words, number=state.page, wrong=wrong)
    state.choices, state.page, state.pages = page.choices, page.number, page.pages
    state.reply = page.text
    return None


def keep(state: State, of: State | None = None) -> None:
    """Put a place aside (this one, or where another dialogue was cut) to come back to."""
    of = of or state
    state.saved = {"screen": of.screen, "draft": dict(of.draft), "back": of.back, "page": of.page}


def _what_was(saved: dict[str, Any], ctx: Context) -> str:
    """What the work that was put aside is about, in words, for ``resume.ask``."""
    found = find(str(saved["screen"]))
    if found is None or found.what is None:
        return ""
    ctx.draft = dict(saved["draft"])
    return found.what(ctx)


def _restore(state: State, ctx: Context) -> Perform | None:
    saved, state.saved = state.saved, None
    if saved is None:
        return enter(state, ctx, HOME)
    state.draft, state.back = dict(saved["draft"]), list(saved["back"])
    done = enter(state, ctx, str(saved["screen"]), remember=False)
    page = int(saved["page"])
    return _again(state, ctx, page=page) if page and done is None else done


def _take(state: State, ctx: Context, typed: str) -> Perform | None:
    if typed == "00":
        return _home(state, ctx)
    if typed == "0":
        return _back(state, ctx)
    choice = state.choices.get(typed)
    if choice is not None:
        state.draft.update(_mapping(choice[1]))
        return enter(state, ctx, str(choice[0]))
    if typed == MORE and state.page + 1 < state.pages:
        return _again(state, ctx, page=state.page + 1)
    if typed == BEFORE and state.page > 0:
        return _again(state, ctx, page=state.page - 1)
    return _typed(state, ctx, typed)


def _typed(state: State, ctx: Context, typed: str) -> Perform | None:
    view = _current(state, ctx)
    if isinstance(view, Ask):
        following = view.accept(typed) if typed.strip("*# ") else None
        if following is not None:
            state.draft.update(following.save)
            return enter(state, ctx, following.goto)
    state.wrong += 1
    if state.wrong >= WRONG_KEYS and find("help.keys") is not None and not _is_gate(state):
        keep(state)
        return enter(state, ctx, "help.keys", remember=False)
    if view is None:
        return enter(state, ctx, HOME)
    return show(state, ctx, view, wrong=True, result=state.result)


def _home(state: State, ctx: Context) -> Perform | None:
    if _is_gate(state):
        return _again(state, ctx, page=0)
    state.result = None
    return enter(state, ctx, HOME, remember=False)


def _back(state: State, ctx: Context) -> Perform | None:
    if state.screen in HOMES or (_is_gate(state) and not state.back):
        return enter(state, ctx, "bye", remember=False)
    if not state.back:
        return enter(state, ctx, HOME, remember=False)
    *state.back, (id, page) = state.back
    state.result = None
    done = enter(state, ctx, str(id), remember=False)
    return _again(state, ctx, page=int(page)) if page and done is None else done


def _again(state: State, ctx: Context, *, page: int) -> Perform | None:
    """The same screen, at ``page``."""
    view = _current(state, ctx)
    if view is None:
        return enter(state, ctx, HOME)
    state.page = page
    return show(state, ctx, view, result=state.result)


def _current(state: State, ctx: Context) -> Menu | None:
    """The menu this phone stands on, run anew: showing is a read and may happen twice."""
    found = find(state.screen)
    if found is None:
        return None
    ctx.draft = state.draft
    value = found.show(ctx)
    if isinstance(value, Act) and state.result is not None:
        value = value.show(state.result)
    return value if isinstance(value, Menu) else None


def _is_gate(state: State) -> bool:
    found = find(state.screen)
    return found is not None and found.gate


def _is_done(id: str) -> bool:
    found = find(id)
    return found is not None and found.redial == "R2"


def _follow_tail(state: State, ctx: Context) -> Perform | None:
    """Press the tail's digits, from home on; never past a gate, a PIN, a wrong key or an act."""
    if state.tail and state.screen not in (*HOMES, WORK):
        found = find(state.screen)
        if found is None or found.redial not in {"R3", "R4"}:
            state.tail = []  # she chose another way than the one she dialled
        return None
    while state.tail and not _is_gate(state) and state.screen != PIN:
        typed, *state.tail = state.tail
        before = (state.screen, state.page, dict(state.draft), list(state.back))
        done = _take(state, ctx, typed)
        if isinstance(done, Perform):
            state.tail = []
            state.screen, state.page, state.draft, state.back = before
            return _again(state, ctx, page=state.page)
        if state.wrong or state.reply.startswith("END ") or state.screen == "join.gate":
            state.tail = []
    return None


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
