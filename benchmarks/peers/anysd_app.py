"""The bench's dialogue on anysd: sessions in its Redis, prices and acts in one SQLite file."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from typing import Any

from anysd import FormFlow, NavigationController, NavigationMenu
from flask import Flask, Response, request

_DB = sqlite3.connect(os.environ["PEER_DB"], isolation_level=None, check_same_thread=False)
_DB.execute("PRAGMA synchronous=FULL")
_DB.execute("PRAGMA mmap_size=268435456")
_DB.execute("PRAGMA busy_timeout=5000")


def _caller(phone: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = _DB.execute(
        "SELECT name, language, market_id FROM people WHERE phone = ?", (phone,)
    ).fetchone()
    return row


def _my_market(**given: Any) -> str:
    market = _caller(given["msisdn"])[2]
    rows = _DB.execute(
        "SELECT product, usual FROM prices WHERE market_id = ? AND week_of ="
        " (SELECT max(week_of) FROM prices WHERE market_id = ?) ORDER BY rank LIMIT 5",
        (market, market),
    )
    lines = [f"{at} {name} D{usual // 100}" for at, (name, usual) in enumerate(rows, start=1)]
    (title,) = _DB.execute("SELECT name FROM markets WHERE id = ?", (market,)).fetchone()
    return "CON " + "\n".join([title, *lines, "0 Back"])


def _to_english(**given: Any) -> str:
    phone, now = given["msisdn"], datetime.now(UTC).isoformat()
    before = _caller(phone)[1]
    _DB.execute("BEGIN IMMEDIATE")
    key = f"ussd:{given['session_id']}:{given['ussd_string']}"
    _DB.execute("INSERT INTO acts VALUES (?, 'person.language', 'en', ?)", (key, now))
    _DB.execute("UPDATE people SET language = 'en' WHERE phone = ?", (phone,))
    _DB.execute(
        "INSERT INTO audit (at, actor, action, subject, before, after)"
        " VALUES (?, ?, 'person.language', ?, ?, 'en')",
        (now, phone, phone, before),
    )
    _DB.execute("COMMIT")
    return "CON Saved: English"


def _form(menu: Any) -> FormFlow:
    return FormFlow({"1": {"name": "LAST", "menu": menu}}, lambda *_given, **_more: (True, None))


def _menu(title: str, parent: NavigationMenu | None = None, form: Any = None) -> NavigationMenu:
    return NavigationMenu(
        name=title, title=title, parent=parent, next_form=_form(form) if form else None
    )


HOME = _menu("Caller")
for _title in ("My duty", "Sell"):
    _menu(_title, HOME, "CON -")
PRICES = _menu("Prices", HOME)
_menu("My market", PRICES, _my_market)
_menu("Type a product", PRICES, "CON -")
_menu("Lumo", HOME, "CON -")
MORE = _menu("More", HOME)
for _title in ("Calls", "Alerts"):
    _menu(_title, MORE, "CON -")
SETTINGS = _menu("Settings", MORE)
LANGUAGE = _menu("Language", SETTINGS)
_menu("English", LANGUAGE, _to_english)
_menu("Francais", LANGUAGE, "CON -")

app = Flask(__name__, static_folder=None)


@app.post("/ussd")
def hop() -> Response:
    """One hop; a known caller is looked up at each, as in every contender."""
    form = request.form
    _caller(form["phoneNumber"])
    session = NavigationController(HOME, form["phoneNumber"], form["sessionId"], form["text"])
    return Response(session.navigate(), mimetype="text/plain")
