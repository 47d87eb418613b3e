"""Every screen, a module for each digit of the main menu. Importing one registers its screens."""

from __future__ import annotations

from importlib import import_module
from typing import Final

MODULES: Final = (
    "gates",
    "home",
    "pick_market",
    "join",
    "duty",
    "duty_lines",
    "duty_tickets",
    "pay",
    "wrong",
    "wrong_badge",
    "wrong_list",
    "plan",
    "lumo",
    "more",
    "money",
    "settings",
    "about",
    "leave",
    "pick",
    "sell",
    "sell_same",
    "goods",
    "sales",
    "price",
    "who",
    "who_call",
    "seen",
    "work",
    "ticket",
    "ticket_done",
    "fix",
    "fix_right",
)


def load_screens() -> None:
    """Register all screens; safe to call again."""
    for name in MODULES:
        import_module(f"ussd.screens.{name}")
