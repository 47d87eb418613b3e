"""Money is never a float, and every service that an officer can reach is held to her council."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import trader_platform

ROOT = Path(trader_platform.__file__).parent
MONEY = ("ledger", "payments", "fees", "market")
# No money there, or (the last three) a Decimal, statistics of prices, and a file's own figures.
FLOATS = {"catalog.py", "names.py", "queries_prices.py", "thresholds.py", "trigrams.py"}
FLOATS |= {"currencies.py", "price_stats.py", "wfp.py"}


def modules() -> list[Path]:
    found = [path for name in MONEY for path in sorted((ROOT / name).rglob("*.py"))]
    return [path for path in found if path.parent.name != "market" or path.name not in FLOATS]


def floats(tree: ast.AST) -> Iterator[int]:
    """Lines where a float is written, or made of a sum of money."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and names_money(node):
            yield node.lineno
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float":
            yield node.lineno


def names_money(node: ast.AST) -> bool:
    words = (getattr(x, "id", getattr(x, "attr", "")) for x in ast.walk(node))
    return any("minor" in word or "amount" in word for word in words)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_money_is_never_a_float(path: Path) -> None:
    found = list(floats(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{path.name}: a float in line {found}"


@pytest.mark.parametrize(
    "line", ["x = 1.5", "x = amount_minor / 2", "x = charge.left_minor / n", "x = float(y)"]
)
def test_the_guard_sees_a_float(line: str) -> None:
    assert list(floats(ast.parse(line))) == [1]


# Who may call each public service function. "officer": tests/db/test_other_council.py reaches for
# another council's rows with it. "part": of a larger act that has asked already; "trader": by her
# own person; "holder": of a badge, about her own; "job": by the clock; "operator": by a command
# on the server.
REACH = {
    "fees.service_adjust": {
        "adjust": "officer",
        "answer_adjustment": "officer",
        "let_off": "part",
        "credit": "part",
    },
    "fees.service_advance": {
        "use_advances": "part",
        "open_advances": "part",
        "move_advances": "part",
        "draw": "part",
        "meet": "part",
        "take_rebates_back": "part",
    },
    "fees.service_relief": {
        "ask_relief": "officer",
        "answer_relief": "officer",
        "relieve": "job",
        "credit_closed_day": "job",
        "reopen_day": "job",
    },
    "fees.service_owed": {"may_fill": "part", "refuse_too_much": "part"},
    "fees.service_asked": {"ask_to_tell": "trader", "forget_who_asked": "job"},
    "fees.service_charges": {
        "live_charge": "part",
        "booking_of": "part",
        "keep_charge": "part",
        "walk_up_number": "part",
    },
    "fees.service_codes": {"ask_code": "trader", "known_code": "trader", "wrong_codes": "part"},
    "fees.service_copies": {"copy_ticket": "trader", "send_month": "trader"},
    "fees.service_council": {"set_charging": "operator", "enter_spending": "operator"},
    "fees.service_day": {"send_day": "holder"},
    "fees.service_plans": {"agree": "trader", "old_debt": "part", "part_of": "part"},
    "fees.service_raise": {"raise_found": "job"},
    "fees.service_reports": {
        "tell": "trader",
        "reopen": "trader",
        "answer": "officer",
        "report_of": "part",
    },
    "fees.service_unnamed": {"nobody": "part", "forget_who_told": "job"},
    "fees.service_mend": {"mend_ticket": "officer"},
    "fees.service_ticket": {"take_ticket": "officer", "issue_ticket": "part", "days_of": "part"},
    "fees.service_undo": {"undo": "part", "in_hand": "part", "way_back": "part"},
    "fees.service_void": {
        "take_back": "officer",
        "ask_void": "officer",
        "answer_void": "officer",
        "own_last": "part",
    },
    "market.service_stalls": {
        "add_stall": "officer",
        "occupy": "officer",
        "vacate": "officer",
        "release": "part",
        "is_held": "part",
        "card_svg": "part",
    },
    "payments.service": {
        "keep_payment": "part",
        "issue_receipt": "part",
        "void_receipt": "part",
        "content_of": "part",
        "chained": "part",
    },
    "staff.service": {
        "add_staff": "operator",
        "assign": "operator",
        "give_badge": "operator",
        "end": "operator",
        "authorise": "part",
        "refuse_same": "part",
        "today_of": "part",
    },
}


# Of the market only what officers change: the rest is traders' own goods and prices.
PACKAGES = {
    "fees": "service",
    "market": "service_stalls",
    "payments": "service",
    "staff": "service",
}


def services() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, prefix in PACKAGES.items():
        for info in iter_modules([str(ROOT / package)]):
            if not info.name.startswith(prefix):
                continue
            module = import_module(f"trader_platform.{package}.{info.name}")
            found[f"{package}.{info.name}"] = {
                name
                for name, value in inspect.getmembers(module, inspect.isfunction)
                if value.__module__ == module.__name__ and not name.startswith("_")
            }
    return found


def test_who_may_call_each_service_is_said() -> None:
    """A new function fails here until it is listed, an officer's one until it is tried."""
    assert {name: set(reach) for name, reach in REACH.items()} == services()


def test_every_function_of_officers_is_tried_from_another_council() -> None:
    tried = (ROOT.parent / "tests/db/test_other_council.py").read_text(encoding="utf-8")
    of_officers = {
        name for reach in REACH.values() for name, who in reach.items() if who == "officer"
    }
    assert {name for name in of_officers if f'"{name}"' not in tried} == set()
