"""The demo as `make run` starts it, in a folder of its own, and Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.fixtures.served import free_port
from trader_platform.core.supervisor import DieWithParent

START_SECONDS = 120
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def demo_service(folder: Path) -> Iterator[str]:
    """The address of a demo installation, empty at the start but for the demo."""
    with tempfile.TemporaryDirectory(prefix="market-") as data:
        yield from _run(folder, Path(data))


def _run(folder: Path, data: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**inherited, "DEMO": "1", "PORT": str(port), "DATA_DIR": str(data)}
    command = [str(Path(sys.executable).with_name("trader-platform")), "run"]
    with (folder / "run.log").open("w+") as log:
        process = subprocess.Popen(
            command, env=env, stdout=log, stderr=subprocess.STDOUT, preexec_fn=DieWithParent()
        )
        try:
            _await(process, url, folder / "run.log")
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the service ended: {log.read_text()[-2000:]}"
        if _is_ready(url):
            return
        time.sleep(0.1)
    raise AssertionError(f"not ready in {START_SECONDS} s: {log.read_text()[-2000:]}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium with a profile of its own; it needs no network but this machine's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "the page tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()
