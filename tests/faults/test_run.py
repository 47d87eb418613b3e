"""`trader-platform run` as an operator meets it: starts, stops, and names what is wrong."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.servers import wait_until

COMMAND = [sys.executable, "-c", "from trader_platform.cli import main; main()"]
CLEAN = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Run:
    """One `run` in a process of its own, with what it printed and every process it led to."""

    def __init__(self, data_dir: Path, **env: str) -> None:
        self.port = free_port()
        self.log = data_dir.parent / f"run-{self.port}.log"
        self.seen: set[psutil.Process] = set()
        settings = {"DATA_DIR": str(data_dir), "PORT": str(self.port), "DEMO": "1", **env}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "run"], env=CLEAN | settings, stdout=log, stderr=log, process_group=0
            )

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def ready(self) -> None:
        def announced() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return "Ready: " in self.log.read_text()

        wait_until(announced, "it says that it is ready", within_seconds=60)
        self.seen.update(psutil.Process(self.process.pid).children(recursive=True))

    def left(self) -> list[psutil.Process]:
        return [
            each
            for each in self.seen
            if each.is_running() and each.status() != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.wait()
        wait_until(lambda each=each: each.left() == [], "its processes end")


def start(runs: list[Run], data_dir: Path, **env: str) -> Run:
    run = Run(data_dir, **env)
    runs.append(run)
    run.ready()
    return run


def test_it_starts_answers_stops_and_starts_again(runs: list[Run], tmp_path: Path) -> None:
    run = start(runs, tmp_path / "data")
    told = run.log.read_text()
    assert f"http://127.0.0.1:{run.port}/phone" in told
    assert "*384*220#" in told
    assert [run.get(path) for path in ("/", "/phone", "/healthz", "/readyz")] == [200] * 4
    began = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.process.wait(6) == 0
    assert time.monotonic() - began < 5
    assert run.left() == []
    began = time.monotonic()
    start(runs, tmp_path / "data")
    assert time.monotonic() - began < 10  # the promise is 5 s on an idle machine


def test_commands_beside_it_find_it_and_its_secret(runs: list[Run], tmp_path: Path) -> None:
    """Also where another command has made keys meanwhile, which a demo does not use."""
    data_dir = tmp_path / "data"
    start(runs, data_dir)
    for command in (
        ["check", "ledger"],
        ["ussd", "dial", "3012345"],
        ["sms", "send-in", "3012345", "help"],
    ):
        done = subprocess.run(
            [*COMMAND, *command],
            env=CLEAN | {"DATA_DIR": str(data_dir)},
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "GATEWAY_TOKEN" in (data_dir / "keys.json").read_text()


def test_kill_9_leaves_nothing_and_the_next_start_works(runs: list[Run], tmp_path: Path) -> None:
    run = start(runs, tmp_path / "data")
    run.process.kill()
    wait_until(lambda: run.left() == [], "every process ends", within_seconds=5)
    assert start(runs, tmp_path / "data").get("/readyz") == 200


def test_a_second_run_on_the_same_data_is_refused(runs: list[Run], tmp_path: Path) -> None:
    run = start(runs, tmp_path / "data")
    second = refused(DATA_DIR=str(tmp_path / "data"), PORT=str(free_port()))
    assert second == [
        f"DATA_DIR {tmp_path}/data is in use by another `trader-platform run`: stop it first"
    ]
    assert run.get("/readyz") == 200


def test_doctor_finds_a_running_service_well(runs: list[Run], tmp_path: Path) -> None:
    run = start(runs, tmp_path / "data")
    env = CLEAN | {"DATA_DIR": str(tmp_path / "data"), "PORT": str(run.port)}
    report = subprocess.run([*COMMAND, "doctor"], env=env, capture_output=True, text=True)
    for line in ("ok   python", "ok   settings", "ok   database: sqlite at", "ok   queue: answers"):
        assert line in report.stdout
    assert "ok   languages: en, ff, fr, mnk, wo" in report.stdout
    assert report.returncode == 0, report.stdout


def test_doctor_says_what_to_do_next(tmp_path: Path) -> None:
    env = CLEAN | {"DATA_DIR": str(tmp_path)}
    report = subprocess.run([*COMMAND, "doctor"], env=env, capture_output=True, text=True)
    assert report.returncode == 1
    assert "next: trader-platform db upgrade" in report.stdout
    assert "FAIL queue: does not answer" in report.stdout


def refused(**env: str) -> list[str]:
    done = subprocess.run(
        [*COMMAND, "run"], env=CLEAN | env, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        lines = refused(DATA_DIR=str(tmp_path / "data"), PORT=str(port))
    assert lines == [f"PORT {port} on 127.0.0.1 is taken: stop what uses it, or set another PORT"]


def test_all_problems_are_told_at_once_and_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        lines = refused(
            DATA_DIR=str(tmp_path / "file"), PORT=str(port), SMS_GATEWAY="pigeon", LOOKUP_KEY="x"
        )
    assert [line.split()[0] for line in lines] == ["DATA_DIR", "SMS_GATEWAY", "LOOKUP_KEY", "PORT"]


def test_an_address_that_is_not_ours_is_one_line(tmp_path: Path) -> None:
    lines = refused(DATA_DIR=str(tmp_path / "data"), HOST="192.0.2.1", PORT=str(free_port()))
    assert lines == [
        "HOST 192.0.2.1 is not an address of this machine: set HOST to one, such as 127.0.0.1"
    ]


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    key = "k" * 43 + "="
    lines = refused(
        DATA_DIR=str(tmp_path / "data"),
        PORT=str(free_port()),
        DATABASE_URL=f"postgresql://market:hush-hush@127.0.0.1:{free_port()}/market",
        SECRET_KEY="s" * 40,
        LOOKUP_KEY="l" * 40,
        DATA_KEYS=f"a:{key}",
        SIGNING_KEYS=f"s:{key}",
        GATEWAY_TOKEN="t" * 20,
    )
    assert len(lines) == 1
    assert lines[0].startswith("The database cannot be used: ")
    assert "hush-hush" not in lines[0]
