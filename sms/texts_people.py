"""The names and numbers that texts show, looked up for many texts at once.

Parameters hold ids, so that nobody's name or number lies in the outbox, and an erased person is in
no text that goes out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sqlalchemy import Connection

from sms.texts import TEXTS
from sms.texts_values import Params, People
from trader_platform.core.caps import CAPS
from trader_platform.core.crypto import Unreadable, Vault
from trader_platform.core.gsm import cut
from trader_platform.messaging.queries_phones import sealed_phones_of_contacts
from trader_platform.staff.queries import staff_names
from trader_platform.traders.queries import names_of, sealed_phones


def resolve(connection: Connection, vault: Vault, texts: Iterable[tuple[str, Params]]) -> People:
    """Everybody named in these (kind, parameters): at most one query a table, none for nobody.

    A number is opened only where a text shows it. One sealed under a lost key counts as erased.
    """
    named: set[int] = set()
    officers: set[int] = set()
    called: set[tuple[str, int]] = set()
    for kind, params in texts:
        if "person" in params:
            named.add(params["person"])
        if "staff" in params:
            officers.add(params["staff"])
        if shows_phone(kind):
            called |= {(of, params[of]) for of in ("contact", "person") if of in params}
    if not (named or called or officers):
        return People()
    return People(
        _firsts(names_of(connection, named) if named else {}),
        officers=_firsts(staff_names(connection, officers) if officers else {}),
        phones=_phones(connection, vault, called),
    )


def _firsts(names: Mapping[int, str]) -> dict[int, str]:
    return {id_: cut(name.split()[0], CAPS["name"]) for id_, name in names.items() if name.split()}


@lru_cache(maxsize=256)
def shows_phone(kind: str) -> bool:
    """Whether a text of this kind says somebody's number."""
    return "phone" in TEXTS[kind].fields


def _phones(
    connection: Connection, vault: Vault, called: set[tuple[str, int]]
) -> Mapping[tuple[str, int], str]:
    phones = {}
    for of, query in (("person", sealed_phones), ("contact", sealed_phones_of_contacts)):
        ids = {id_ for whose, id_ in called if whose == of}
        for id_, sealed in (query(connection, ids) if ids else {}).items():
            phone = _opened(vault, *sealed)
            if phone is not None:
                phones[of, id_] = phone
    return phones


def _opened(vault: Vault, sealed: bytes, phone_hash: str) -> str | None:
    try:
        return vault.open(sealed, bound_to=phone_hash.encode()).decode()
    except Unreadable:
        return None
