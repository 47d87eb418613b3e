"""`trader-platform run` and `worker`: the whole service in the foreground of one terminal."""

from __future__ import annotations

import http.client
import os
import sys
import traceback

import click

from trader_platform.commands.reaching import address, note, reachable
from trader_platform.commands.startup import (
    checked_settings,
    claim,
    exit_with,
    settings_or_exit,
    upgrade_or_exit,
)
from trader_platform.core import valkey
from trader_platform.core.config import Settings
from trader_platform.core.supervisor import Child, Supervisor


@click.command()
def run() -> None:
    """Start web, worker and queue here; Ctrl-C ends all of it."""
    settings = checked_settings()
    held = claim(settings.data_dir)
    note(held, settings)
    _prepare_apart(settings)
    supervisor = Supervisor(
        children=_children(settings),
        say=lambda line: click.echo(line, err=True),
        on_ready=lambda: _announce(settings),
    )
    try:
        code = supervisor.run()
    finally:
        if not settings.redis_url:
            valkey.forget_socket(settings.data_dir)
        os.close(held)
    raise SystemExit(code)


@click.command()
def worker() -> None:
    """Answer the queue and keep the clock (one of several, or beside `run`)."""
    settings = settings_or_exit()
    from trader_platform.worker import serve

    serve(settings)


def _prepare_apart(settings: Settings) -> None:
    """Migrate and load in a forked child: its imports would stay in the supervisor's memory."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code:
            raise SystemExit(code)
        return
    code = 1
    try:
        _prepare(settings)
        code = 0
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else 1
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - the child must end here, whatever happened
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _prepare(settings: Settings) -> None:
    upgrade_or_exit(settings)
    if settings.demo:
        _load_demo(settings)


def _load_demo(settings: Settings) -> None:
    from trader_platform.commands.demo import load_demo
    from trader_platform.commands.packs import load_pack
    from trader_platform.core.crypto import Vault
    from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database

    database = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        load_pack(database, "gambia")
        load_demo(database, Vault(settings.data_keys, settings.lookup_key))
    finally:
        database.dispose()


def _children(settings: Settings) -> list[Child]:
    env = {**os.environ, "DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    children = []
    if not settings.redis_url:
        try:
            socket_path = valkey.prepare_socket(settings.data_dir)
            argv = valkey.command(socket_path, log=settings.data_dir / "valkey.log")
        except (valkey.ValkeyMissing, OSError) as error:
            exit_with([f"The embedded queue cannot start: {error}"])
        children.append(
            Child(
                name="queue",
                argv=argv,
                env=env,
                ready=lambda: valkey.listens(socket_path),
                vital=True,
                stops_last=True,
            )
        )
    web = Child(
        name="web",
        argv=_web_argv(settings),
        env=env,
        ready=lambda: _is_ready(settings),
        vital=True,
    )
    # The same program that runs this, so that both are of one installation.
    work = Child(name="worker", argv=[sys.executable, "-c", _ENTRY, "worker"], env=env)
    return [*children, web, work]


_ENTRY = "from trader_platform.cli import main; main()"


def _web_argv(settings: Settings) -> list[str]:
    options = {
        "--interface": "wsgi",
        "--host": settings.host,
        "--port": str(settings.port),
        "--workers": "1",
        "--blocking-threads": "1",
        "--backlog": "1024",
        "--http": "1",
        "--log-level": "warning",
        "--workers-kill-timeout": "2",
    }
    argv = [sys.executable, "-m", "granian", "--no-ws"]
    for name, value in options.items():
        argv += [name, value]
    return [*argv, "wsgi:app"]


def _is_ready(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(reachable(settings.host), settings.port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(settings: Settings) -> None:
    base = address(settings.host, settings.port)
    lines = [f"Ready: {base}/"]
    if settings.demo:
        from trader_platform.demo_people import OFFICERS, PEOPLE

        collector = OFFICERS[0]
        lines += [
            f"Phone: {base}/phone",
            f"Dial:  {settings.ussd_service_code}",
            f"As:    {PEOPLE[0].phone} ({PEOPLE[0].name}, made up), or any other number",
            f"       {collector.phone} ({collector.name}, made up): press 6, PIN {collector.pin},"
            f" badge {collector.badge}, takes duty at {collector.market.title()}",
        ]
    for line in lines:
        click.echo(line)
    sys.stdout.flush()
