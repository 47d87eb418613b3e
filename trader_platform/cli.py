"""The `trader-platform` command: a table of commands, each imported only when it is called.

To add one: write it in trader_platform/commands/ and name it here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import click

from trader_platform.core.config import python_version_problem

COMMANDS: Final[dict[str, str]] = {
    "run": "trader_platform.commands.run:run",
    "worker": "trader_platform.commands.run:worker",
    "doctor": "trader_platform.commands.doctor:doctor",
    "db": "trader_platform.commands.db:db",
    "pack": "trader_platform.commands.packs:pack",
    "prices": "trader_platform.commands.prices:prices",
    "words": "trader_platform.commands.words:words",
    "keys": "trader_platform.commands.keys:keys",
    "market": "trader_platform.commands.market:market",
    "staff": "trader_platform.commands.staff:staff",
    "stall": "trader_platform.commands.stalls:stall",
    "council": "trader_platform.commands.council:council",
    "relief": "trader_platform.commands.relief:relief",
    "check": "trader_platform.commands.check:check",
    "demo": "trader_platform.commands.demo:demo",
    "translations": "trader_platform.commands.translations:translations",
    "messages": "trader_platform.commands.messages:messages",
    "ussd": "trader_platform.commands.ussd:ussd",
    "sms": "trader_platform.commands.sms:sms",
}


class _Commands(click.Group):
    """Start-up time counts: `run` must not pay for what other commands import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands)
def _cli() -> None:
    """Market and market-fee system for traders who have a phone with keys."""


def main() -> None:
    """Entry point of the console script."""
    problem = python_version_problem()
    if problem:
        click.echo(problem, err=True)
        sys.exit(2)
    _cli(prog_name="trader-platform")
