"""The step, on screens made for the test: acts, redirects, renames, missing answers, upgrades."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ussd import engine, screen, state
from ussd.context import frame_words
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option
from ussd.state import State


@pytest.fixture(autouse=True)
def screens() -> Iterator[None]:
    """A registry of its own for each test."""
    kept, aliases = dict(screen.SCREENS), dict(screen.ALIASES)
    screen.SCREENS.clear()
    screen.ALIASES.clear()
    _register()
    yield
    screen.SCREENS.clear()
    screen.SCREENS.update(kept)
    screen.ALIASES.clear()
    screen.ALIASES.update(aliases)


STOCK = ["tomato", "onion"]


def _register() -> None:
    screen.screen("home")(lambda ctx: Menu("Home", [Option("2", "Sell", "product")], zero="none"))
    screen.screen("bye")(lambda ctx: End("Bye"))
    screen.screen("help.keys")(
        lambda ctx: Menu("Wrong key", [Option("1", "Again", engine.SAVED)], zero="home")
    )
    screen.screen("product")(
        lambda ctx: Menu("Which?", items=[Item(name, "qty", {"product": name}) for name in STOCK])
    )
    screen.screen("qty", redial="R1", needs={"product": "product"})(
        lambda ctx: Ask(
            f"How many {ctx.draft['product']}?",
            accept=lambda typed: Next("sure", {"qty": int(typed)}) if typed.isdigit() else None,
        )
    )
    screen.screen("sure", needs={"qty": "qty"})(
        lambda ctx: Menu(f"Sell {ctx.draft['qty']}?", [Option("1", "Yes", "done")])
    )
    screen.screen("done", redial="R2")(
        lambda ctx: Act(
            do=lambda session, by: {"sold": ctx.draft["qty"]},
            show=lambda result: Menu(
                f"Sold {result['sold']}", [Option("1", "Next", "product")], zero="home"
            ),
        )
    )
    screen.screen("round")(lambda ctx: Goto("round"))


def context() -> Any:
    return SimpleNamespace(
        draft={}, joined=True, language="en", words=frame_words("en"), fit=lambda text: text
    )


def walk(*answers: str, at: State | None = None) -> tuple[State, Any, engine.Perform | None]:
    ctx, here = context(), at or State()
    if at is None:
        engine.start(here, ctx, "home", tail=[])
    done = None
    for typed in answers:
        done = engine.answer(here, ctx, typed)
    return here, ctx, done


def test_two_means_what_stood_at_two_on_that_phone() -> None:
    here, _, _ = walk("2")
    STOCK.insert(0, "okra")
    try:
        here, _, _ = walk("2", at=here)
        assert here.reply.startswith("CON How many onion?")
    finally:
        STOCK.remove("okra")


def test_an_act_is_handed_out_and_its_result_is_shown_again_without_it() -> None:
    here, ctx, perform = walk("2", "1", "20", "1")
    assert perform is not None
    assert perform.act.do(None, None) == {"sold": 20}
    engine.finish(here, ctx, perform.act, {"sold": 20})
    assert here.reply == "CON Sold 20\n1 Next\n00 Home"
    here, _, again = walk("7", at=here)
    assert again is None
    assert here.reply.splitlines()[1] == "Sold 20"


def test_back_after_an_act_does_not_lead_to_the_question() -> None:
    here, ctx, perform = walk("2", "1", "20", "1")
    engine.finish(here, ctx, perform.act, {"sold": 20})
    here, _, _ = walk("0", at=here)
    assert here.screen == "home"


def test_back_shows_earlier_screens_one_by_one_and_keeps_answers() -> None:
    here, _, _ = walk("2", "1", "20", "0")
    assert here.screen == "qty"
    assert here.draft == {"product": "tomato", "qty": 20}
    here, _, _ = walk("0", "0", at=here)
    assert here.screen == "home"
    assert here.draft == {}


def test_a_screen_that_misses_an_answer_sends_to_the_one_that_asks_it() -> None:
    here = State(screen="product", choices={"1": ["sure", {"product": "x"}]})
    here, _, _ = walk("1", at=here)
    assert here.screen == "qty"


def test_a_renamed_screen_is_found_by_its_old_name() -> None:
    screen.ALIASES["quantity"] = "qty"
    here = State(screen="quantity", draft={"product": "yam"})
    here, _, _ = walk("5", at=here)
    assert here.screen == "sure"


def test_a_screen_that_is_gone_leads_home() -> None:
    here, _, _ = walk("5", at=State(screen="of.an.older.release", draft={"x": 1}))
    assert here.reply.startswith("CON Home")


def test_a_circle_is_found() -> None:
    with pytest.raises(engine.Lost):
        engine.start(State(), context(), "round", tail=[])


def test_wrong_keys_lead_to_help_and_back_to_the_same_place() -> None:
    here, _, _ = walk("2", "1", "x", "y")
    assert here.wrong == 2
    here, _, _ = walk("z", at=here)
    assert here.screen == "help.keys"
    here, _, _ = walk("1", at=here)
    assert (here.screen, here.draft) == ("qty", {"product": "tomato"})
    here, _, _ = walk("0", at=here)
    assert here.screen == "product"


def test_a_tail_stops_before_an_act() -> None:
    ctx, here = context(), State()
    done = engine.start(here, ctx, "home", tail=["2", "1", "20", "1"])
    assert done is None
    assert here.screen == "sure"
    assert here.tail == []


def test_an_open_dialogue_of_an_older_release_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    old = b'{"screen":"qty","answers":{"product":"tomato"},"heard":[0,""]}'

    def renamed(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "draft": data.pop("answers")}

    monkeypatch.setitem(state.UPGRADES, state.VERSION, renamed)
    monkeypatch.setattr(state, "VERSION", state.VERSION + 1)
    here = state.load(old, state.VERSION - 1)
    here, _, _ = walk("20", at=here)
    assert here.screen == "sure"
