"""The ceilings: a Flask view that reads the body and answers, and one that keeps it before."""

import os
import sqlite3
from functools import cache

from flask import Flask, Response, request

app = Flask(__name__, static_folder=None)


@app.post("/ussd")
def hop() -> Response:
    """The shortest POST."""
    request.get_data()
    return Response("CON Prices", mimetype="text/plain")


@app.post("/kept")
def kept() -> Response:
    """The shortest POST whose body is on the disk when it is answered."""
    _database().execute("INSERT INTO texts (body) VALUES (?)", (request.get_data(),))
    return Response("OK", mimetype="text/plain")


@cache
def _database() -> sqlite3.Connection:
    """Served by one thread; the log grows as ours does."""
    connection = sqlite3.connect(
        os.environ["PEER_DB"], isolation_level=None, check_same_thread=False
    )
    for setting in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=32000"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, body BLOB)")
    return connection
