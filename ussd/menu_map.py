"""The map of the menu, drawn from the edges that screens declare (docs/menu.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ussd.engine import HOME, SAVED
from ussd.screen import SCREENS, Screen

# The digits of the main menu and what else has a chapter of its own.
CHAPTERS: Final = {
    "Gates and states": ("lang", "welcome", "resume", "help", "leave.undo", "state", "bye", "home"),
    "Join": ("join",),
    "1 My duty": ("duty", "pay", "wrong", "plan"),
    "2 Sell": ("sell", "goods", "sales"),
    "3 Prices": ("price", "who", "seen"),
    "4 Lumo": ("lumo",),
    "5 More": ("more", "money", "set", "leave", "about"),
    "6 My work": ("work", "pin", "collect", "ticket", "fix"),
    "Typed words": ("pick",),
}


def markdown() -> str:
    """All chapters, a Mermaid graph each."""
    lines = [
        "# The menu, as the screens declare it",
        "",
        "Drawn by `trader-platform ussd map > docs/menu.md`; a test keeps it fresh. A rounded box",
        "acts, a dotted arrow leaves the chapter. Every screen also has `0` back and `00` home.",
    ]
    for title, prefixes in CHAPTERS.items():
        lines += ["", f"## {title}", "", "```mermaid", "flowchart LR", *_chapter(prefixes), "```"]
    return "\n".join(lines) + "\n"


def chapter_of(id: str) -> str:
    """The title under which a screen is drawn: that of the longest prefix that fits."""
    fitting = [
        (len(prefix), title)
        for title, prefixes in CHAPTERS.items()
        for prefix in prefixes
        if id == prefix or id.startswith(prefix + ".")
    ]
    return max(fitting)[1]


def _chapter(prefixes: tuple[str, ...]) -> Iterator[str]:
    here = [s for s in SCREENS.values() if CHAPTERS[chapter_of(s.id)] == prefixes]
    for one in here:
        yield f"    {_node(one)}"
    inside = {one.id for one in here}
    for one in here:
        for edge in one.edges:
            arrow = "-->" if edge in inside else "-.->"
            yield f"    {_name(one.id)} {arrow} {_name(edge)}"


def _node(one: Screen) -> str:
    acts = "Act" in str(one.show.__annotations__.get("return"))
    return f"{_name(one.id)}({one.id})" if acts else f"{_name(one.id)}[{one.id}]"


def _name(id: str) -> str:
    return "where_she_was" if id == SAVED else "home" if id == HOME else id.replace(".", "_")
