"""`trader-platform sms …`: text the running service as a gateway does, and read the answer."""

from __future__ import annotations

import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import click

from trader_platform.commands.reaching import reach_of
from trader_platform.core.phone import parse

_POLL_SECONDS: Final = 0.1
_TIMEOUT_SECONDS: Final = 10.0


@click.group()
def sms() -> None:
    """Texts to the running service."""


@sms.command(name="send-in")
@click.argument("phone")
@click.argument("text")
@click.option("--url", help="Address of the service.")
@click.option("--to", "texted", default="", help="The number that is texted.")
@click.option("--wait", default=10.0, show_default=True, help="Seconds to wait for the answer.")
@click.option("--token", envvar="GATEWAY_TOKEN", help="Secret part of the gateway's address.")
def send_in(
    phone: str,
    text: str,
    *,
    url: str | None,
    texted: str,
    wait: float,
    token: str | None,
) -> None:
    """Text TEXT from PHONE, and print the answer when it comes.

    Where a real gateway is set up the answer goes to the phone itself, and nothing is printed.
    """
    reach = reach_of(url, token)
    base = reach.url.rstrip("/")
    number = parse(phone)
    sender = number.e164 if number else phone  # a strange number is for the service to refuse
    seen = _newest(base, sender)
    form = {"from": sender, "to": texted, "text": text, "id": f"in-{secrets.token_hex(12)}"}
    status = _post(f"{base}/sms/africastalking/{reach.token}/inbound", form)[0]
    if status != 200:
        why = "is the service running?" if status is None else f"it answered {status}."
        click.echo(f"{urlsplit(base).netloc} did not take the text: {why}", err=True)
        sys.exit(1)
    if seen is None:
        click.echo("Taken. The answer goes to the phone.", err=True)
        return
    if not _print_answer(base, sender, seen, until=time.monotonic() + wait):
        click.echo(f"No answer within {wait:g} seconds.", err=True)
        sys.exit(1)


def _print_answer(base: str, phone: str, seen: int, *, until: float) -> bool:
    while time.monotonic() < until:
        new = [text for text in _texts(base, phone, seen) or [] if text["id"] > seen]
        for text in new:
            click.echo(text["words"])
        if new:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _newest(base: str, phone: str) -> int | None:
    """The id of the last text that a simulated phone got; None where no phones are simulated."""
    texts = _texts(base, phone, 0)
    return None if texts is None else max((text["id"] for text in texts), default=0)


def _texts(base: str, phone: str, after: int) -> list[dict[str, Any]] | None:
    status, body = _post(f"{base}/phone/texts", {"phone": phone, "after": str(after)})
    if status != 200:
        return None
    found: list[dict[str, Any]] = json.loads(body)["texts"]
    return found


def _post(url: str, form: dict[str, str]) -> tuple[int | None, str]:
    """Status and body; None where nobody answers."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise click.BadParameter("an address starts with http:// or https://", param_hint="--url")
    request = urllib.request.Request(url, urlencode(form).encode())  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return None, ""
