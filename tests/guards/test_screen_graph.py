"""The graph of screens is closed, and an id that was ever released never goes away."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, cast

import pytest

from tests.guards.worst import CAPS
from ussd.engine import SAVED
from ussd.screen import ALIASES, SCREENS, find
from ussd.screens import load_screens

load_screens()
ROOT = Path(__file__).resolve().parents[2]
IDS = Path(__file__).with_name("screen_ids.txt")
# Reached by the engine or by a dial itself, not by a digit.
ENTRIES = {"lang.choose", "leave.undo", "resume.ask", "help.keys", "home", "bye"}
ENTRIES |= {"state.error", "state.hold", "state.once", "state.nobadge", "pin.ask"}


def test_every_edge_leads_to_a_screen() -> None:
    open_ends = [
        f"{screen.id} -> {edge}"
        for screen in SCREENS.values()
        for edge in (*screen.edges, *screen.needs.values())
        if edge != SAVED and find(edge) is None
    ]
    assert open_ends == []


def test_every_screen_can_be_reached() -> None:
    seen, todo = set(), [*ENTRIES, "join.gate"]
    while todo:
        id = todo.pop()
        if id not in seen and (screen := find(id)) is not None:
            seen.add(id)
            todo += [*screen.edges, *screen.needs.values()]
    assert set(SCREENS) - seen == set()


def test_no_released_id_disappears() -> None:
    released = IDS.read_text("utf-8").split()
    assert [id for id in released if find(id) is None] == []


def test_every_id_is_written_down() -> None:
    released = set(IDS.read_text("utf-8").split())
    assert sorted(set(SCREENS) - released) == [], f"add them to {IDS.name}"


def test_an_alias_leads_to_a_screen_and_hides_none() -> None:
    assert [old for old, new in ALIASES.items() if new not in SCREENS or old in SCREENS] == []


class _Empty(dict[str, Any]):
    """A draft in which nothing may be looked up."""

    def __getitem__(self, key: str) -> Any:
        raise AssertionError(f"the draft's {key!r} was read outside `do`")


def test_acts_are_made_without_reading_the_draft() -> None:
    """After a crash an act is worded again from its stored result, with an empty draft."""
    from ussd.screen import Act

    class Anything:
        def __getattr__(self, name: str) -> Any:
            if name == "draft":
                return _Empty()
            if name == "read":
                raise AssertionError("the database was read outside `do`")
            return Anything()

        def __call__(self, *_: object, **__: object) -> Any:
            return Anything()

    acts = [s for s in SCREENS.values() if "Act" in s.show.__annotations__["return"]]
    assert len(acts) >= 15
    for screen in acts:
        assert isinstance(screen.show(cast(Any, Anything())), Act), screen.id
        assert screen.redial == "R2", f"{screen.id}: what is done stays done"


def said() -> list[tuple[str, str]]:
    """Every message that screens say, with where it stands."""
    found = []
    for path in sorted((ROOT / "ussd").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say":
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                first = node.args[0] if node.args else None
                text = first.value if isinstance(first, ast.Constant) else None
                found.append((where, text if isinstance(text, str) else ""))
    return found


def test_messages_are_literal_so_that_they_can_be_extracted() -> None:
    allowed = {"ussd/context.py"}
    unclear = [where for where, text in said() if not text and where.split(":")[0] not in allowed]
    assert unclear == []


@pytest.mark.parametrize("letter", list("{}[]~|^\\€"))
def test_no_message_needs_letters_of_two_septets(letter: str) -> None:
    from string import Formatter

    literal = [(where, "".join(p[0] for p in Formatter().parse(text))) for where, text in said()]
    assert [where for where, text in literal if letter in text] == []


def test_every_placeholder_has_a_cap() -> None:
    from string import Formatter

    names = {
        (name, where) for where, text in said() for _, name, _, _ in Formatter().parse(text) if name
    }
    assert sorted((name, where) for name, where in names if name not in CAPS) == []


def test_the_drawn_map_is_fresh() -> None:
    from ussd.menu_map import markdown

    drawn = (ROOT / "docs" / "menu.md").read_text("utf-8")
    assert drawn == markdown(), "run: trader-platform ussd map > docs/menu.md"
