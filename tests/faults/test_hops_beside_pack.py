"""A country pack that is loaded anew, and read anew by a web process, under phones that dial."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.dialling import Dialling, dialling
from tests.fixtures.served import ROOT, Server, environment, served
from tests.fixtures.servers import wait_until
from tests.fixtures.world import World
from trader_platform.commands.packs import find_pack

LONGEST_SECONDS = 1.0
FRESH = "tests.fixtures.wsgi_fresh:app"
COMMAND = [sys.executable, "-c", "from trader_platform.cli import main; main()"]
HER = "+2203012345"
PLACES = "1*2*3*1"  # English, I buy, prices, of a market


def changed_pack(folder: Path) -> Path:
    """The Gambian pack with its first two markets swapped, and every product of another name."""
    pack = folder / "gambia"
    shutil.copytree(find_pack("gambia"), pack)
    head, first, second, *rest = (pack / "markets.tsv").read_text().splitlines()
    (pack / "markets.tsv").write_text("\n".join([head, second, first, *rest, ""]))
    head, *rows = (pack / "products.tsv").read_text().splitlines()
    at = head.split("\t").index("short_name")
    renamed = []
    for row in rows:
        cells = row.split("\t")
        cells[at] = f"{cells[at][:12]} x"
        renamed.append("\t".join(cells))
    (pack / "products.tsv").write_text("\n".join([head, *renamed, ""]))
    return pack


def load(world: World, folder: Path, pack: Path | str) -> None:
    """As an operator does it, beside the running service."""
    ran = subprocess.run(
        [*COMMAND, "pack", "load", str(pack)],
        env=environment(world, folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Changed 0 rows" not in ran.stdout


def first_market(server: Server) -> str:
    """What a phone that dials now is shown as the first market."""
    name = f"new-{os.urandom(8).hex()}"
    number = f"+22077{int.from_bytes(os.urandom(2)):05d}"
    for hop in ("", "1", "1*2", "1*2*3"):
        server.hop(name, hop, number=number)
    _, screen = server.hop(name, PLACES, number=number)
    return next(line[2:] for line in screen.splitlines() if line.startswith("1 "))


@pytest.mark.long  # a pack's load is near a hop's 150 ms where other tests keep processors busy
def test_no_hop_fails_and_a_dialogue_ends_with_the_screens_of_its_time(
    world: World, tmp_path: Path
) -> None:
    pack = changed_pack(tmp_path)
    # Typed words are looked up in an index of the pack, which is made anew as well.
    transcript = ("", "1", "1*2", "1*2*3", PLACES, f"{PLACES}*serekunda")
    with served(world, tmp_path, app=FRESH) as server, dialling(server, *transcript) as phones:
        for hop in ("", "1", "1*2", "1*2*3", PLACES):
            _, before = server.hop("her", hop, number=HER)
        assert "\n1 Serrekunda\n2 Latrikunda\n" in before
        load(world, tmp_path, pack)
        wait_until(lambda: first_market(server) == "Latrikunda", "a new dialogue has the new pack")
        assert server.hop("her", PLACES, number=HER)[1] == before, "a repeat"
        assert server.hop("her", f"{PLACES}*1", number=HER)[1].startswith("CON Serrekunda\n")
        load(world, tmp_path, "gambia")
        wait_until(lambda: first_market(server) == "Serrekunda", "and the old pack again")
    all_was_well(phones)


def all_was_well(phones: Dialling) -> None:
    assert phones.wrong() == [], phones.told()
    assert max(seconds for seconds, _, _ in phones.hops) < LONGEST_SECONDS, phones.told()
