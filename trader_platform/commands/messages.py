"""`trader-platform messages`: how the texts stand, and what a person may do about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import click

from trader_platform.commands.startup import exit_with, opened
from trader_platform.core.once import By

_STATES: Final = (
    *("queued", "sending", "accepted", "delivered"),
    *("failed", "expired", "unknown"),
)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--state", type=click.Choice(_STATES), help="The texts of one state, newest first.")
@click.option("--most", default=50, show_default=True, help="So many of them at most.")
@click.pass_context
def messages(context: click.Context, *, as_json: bool, state: str | None, most: int) -> None:
    """How the texts stand: due, accepted, delivered, failed and why, expired, unknown."""
    if context.invoked_subcommand is not None:
        return
    found = _texts(state, most) if state else _counts()
    if as_json:
        click.echo(json.dumps(found, indent=1))
    elif isinstance(found, list):
        for text in found:
            click.echo("  ".join(f"{name}={value}" for name, value in text.items()))
    else:
        for name, value in found.items():
            click.echo(f"{name}: {value}")


@messages.command()
@click.argument("message_id", type=int)
@click.argument("state", type=click.Choice(["delivered", "failed"]))
def settle(message_id: int, state: str) -> None:
    """Say what became of an unknown text, once somebody found out. It is not sent again."""
    from trader_platform.messaging.service_mend import settle_unknown

    with opened() as (_, db), _refusals(), db.transaction() as session:
        settle_unknown(session, message_id, state, by=_operator())
    click.echo(f"Text {message_id} is {state}.")


@messages.command()
@click.argument("message_ids", metavar="ID...", type=int, nargs=-1, required=True)
def retry(message_ids: tuple[int, ...]) -> None:
    """Send failed texts again that were certainly not handed over; all of them or none."""
    from trader_platform.messaging import service_mend

    with opened() as (_, db), _refusals(), db.transaction() as session:
        service_mend.retry(session, message_ids, by=_operator())
    click.echo(f"{len(set(message_ids))} queued again.")


def _counts() -> dict[str, Any]:
    from trader_platform.messaging.queries_outbox import standing

    with opened() as (_, db), db.reading() as connection:
        found = standing(connection, _now_ms())
    return {
        **asdict(found.due),
        **{name: many for name, many in found.states.items() if name not in asdict(found.due)},
        "failed_by_reason": dict(found.failures),
        "reports": dict(found.reports),
    }


def _texts(state: str, most: int) -> list[dict[str, Any]]:
    from trader_platform.core.crypto import Unreadable, Vault
    from trader_platform.core.phone import mask
    from trader_platform.messaging.queries_outbox import texts_in_state

    def masked(sealed: bytes | None, bound_to: str | None) -> str:
        if sealed is None or bound_to is None:
            return "erased"
        try:
            return mask(vault.open(sealed, bound_to=bound_to.encode()).decode())
        except Unreadable:
            return "unreadable"

    with opened() as (settings, db), db.reading() as connection:
        vault = Vault(settings.data_keys, settings.lookup_key)
        rows = texts_in_state(connection, state, most=most)
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "phone": masked(row.phone_sealed, row.phone_hash),
            "reason": row.failure,
            "gateway": row.gateway,
            "attempts": row.attempts,
            "due": _moment(row.due_at),
            "sent": None if row.sent_at is None else _moment(row.sent_at),
        }
        for row in rows
    ]


@contextmanager
def _refusals() -> Iterator[None]:
    from trader_platform.core.errors import NotFound
    from trader_platform.messaging.service_mend import NotUnknown, WasHandedOver

    try:
        yield
    except NotFound as error:
        exit_with([f"No text {error.params['message']}."])
    except NotUnknown as error:
        exit_with([f"Text {error.params['message']} is {error.params['state']}, not unknown."])
    except WasHandedOver as error:
        told = "a gateway took it, or may have: it could arrive twice"
        exit_with([f"Text {error.params['message']} is {error.params['state']}; {told}."])


def _operator() -> By:
    now = datetime.now(UTC)
    return By(f"cli:messages:{now.isoformat()}", "en", now, "operator", "command", "cli")


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")
