"""`trader-platform ussd …`: the terminal phone beside a running service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import click

from trader_platform.commands.reaching import Reach, reach_of
from trader_platform.core.phone import parse
from ussd.simulator import terminal


@click.group()
def ussd() -> None:
    """USSD dialogues with the running service."""


@ussd.command()
@click.argument("phone")
@click.option("--url", help="Address of the service, or of its whole USSD endpoint.")
@click.option("--code", help="What to dial; more groups are the first answers: '*384*220*3#'.")
@click.option("--token", envvar="GATEWAY_TOKEN", help="Secret part of the gateway's address.")
@click.option("--service-code", envvar="USSD_SERVICE_CODE", default="*384*220#", hidden=True)
def dial(
    phone: str,
    *,
    url: str | None,
    code: str | None,
    token: str | None,
    service_code: str,
) -> None:
    """Dial the service from PHONE and talk to it as a gateway does.

    Answers come from the keyboard, or one a line from a pipe. q or Ctrl-D drops the line.
    """
    try:
        dialled = terminal.split_dial(code or service_code, service_code.count("*"))
    except terminal.NotADialString as error:
        raise click.BadParameter(
            "a code starts with * and ends with #", param_hint="--code"
        ) from error
    address = _endpoint(reach_of(url, token))
    number = parse(phone)
    msisdn = number.e164 if number else phone  # a strange number is for the service to refuse
    dialogue = terminal.Dialogue(url=address, msisdn=msisdn, dialled=dialled)
    last = terminal.talk(dialogue, _answers(), click.echo)
    if last.kind == "ERROR":
        click.echo(
            f"No USSD answer from {urlsplit(address).netloc}: is the service running?", err=True
        )
        sys.exit(1)


def _endpoint(reach: Reach) -> str:
    parts = urlsplit(reach.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise click.BadParameter("an address starts with http:// or https://", param_hint="--url")
    if parts.path.strip("/"):
        return reach.url
    return f"{parts.scheme}://{parts.netloc}/ussd/africastalking/{reach.token}"


def _answers() -> Iterator[str]:
    while True:
        click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            click.echo(line.rstrip("\r\n"))
        if not line:
            return
        yield line.rstrip("\r\n")


@ussd.command(name="map")
def draw() -> None:
    """Print the map of the menu (docs/menu.md)."""
    from ussd.menu_map import markdown
    from ussd.screens import load_screens

    load_screens()
    click.echo(markdown(), nl=False)
