"""Reading price files: the exact rows, a second time nothing, killed half way and whole again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.fixtures.served import ROOT
from tests.fixtures.world import World
from trader_platform.commands import prices as command
from trader_platform.commands.packs import load_pack
from trader_platform.core.db import Database
from trader_platform.market import models as m
from trader_platform.market import service_prices, wfp
from trader_platform.market.models_trade import PriceReport, PriceWeek
from trader_platform.packs import from_wfp

SMALL = Path(__file__).parents[1] / "fixtures" / "wfp" / "ghana_small.csv"
NEW = 7


def rows(db: Database, model: Any) -> list[tuple[Any, ...]]:
    columns = list(model.__table__.c)
    with db.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def count(db: Database, model: Any) -> int:
    with db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


def ghana(world: World, folder: Path) -> None:
    seen = from_wfp.collect(wfp.read(SMALL.read_text("utf-8").splitlines(keepends=True)))
    country = from_wfp.country_of(seen.currency)
    from_wfp.write_pack(folder, seen, country, name="ghana", code="*384*233#")
    load_pack(world.db, str(folder))


@pytest.fixture
def ready(world: World, tmp_path: Path) -> World:
    ghana(world, tmp_path / "ghana")
    return world


@pytest.mark.parametrize("beside", [False, True])
def test_the_rows_are_counted_exactly_and_a_second_run_changes_nothing(
    ready: World, beside: bool
) -> None:
    tally = command.import_file(ready.db, SMALL, beside=beside)
    assert (tally.read, tally.new, tally.corrected, tally.unchanged) == (15, NEW, 0, 0)
    assert tally.refused == {
        wfp.PRICE: [10],
        wfp.FORECAST: [11],
        wfp.DATE: [12],
        wfp.UNIT: [13],
        wfp.CURRENCY: [14],
        wfp.TYPE: [15],
        wfp.COLUMNS: [16],
        wfp.REPEATED: [17],
    }
    before = {model: rows(ready.db, model) for model in (PriceReport, PriceWeek, m.Market)}
    again = command.import_file(ready.db, SMALL, beside=beside)
    assert (again.read, again.new, again.corrected, again.unchanged) == (15, 0, 0, NEW)
    assert {model: rows(ready.db, model) for model in before} == before
    with ready.db.transaction() as session:
        service_prices.rebuild_weeks(session)
    assert rows(ready.db, PriceWeek) == before[PriceWeek]


def test_the_figures_are_in_the_packs_own_places_goods_and_money(ready: World) -> None:
    command.import_file(ready.db, SMALL)
    with ready.db.transaction() as session:
        first = session.scalars(
            select(PriceReport).where(PriceReport.source_key.like("%901:71:KG:r:2026-11-15"))
        ).one()
        assert (first.price_minor, first.per_kilo_minor, first.currency) == (1126, 1126, "GHS")
        assert session.get_one(m.Market, first.market_id).slug == "old-town"
        assert session.get_one(m.Product, first.product_id).slug == "rice-local"
        bulk = session.scalars(
            select(PriceReport).where(PriceReport.source_key.like("%901:71:50 KG:w:%"))
        ).one()
        assert (bulk.wholesale, bulk.price_minor, bulk.per_kilo_minor) == (True, 40_000, 800)
        assert session.scalars(select(m.Market).where(m.Market.slug.like("wfp-%"))).all() == []


def test_a_price_that_the_programme_corrected_is_corrected(ready: World, tmp_path: Path) -> None:
    command.import_file(ready.db, SMALL)
    later = tmp_path / "later.csv"
    text = SMALL.read_text("utf-8").replace("GHS,10.5,", "GHS,10.9,")
    later.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    tally = command.import_file(ready.db, later)
    assert (tally.read, tally.new, tally.corrected, tally.unchanged) == (15, 0, 1, NEW - 1)
    with ready.db.reading() as connection:
        week = select(PriceWeek.median_minor).where(PriceWeek.median_minor == 1090)
        assert connection.execute(week).scalars().all() == [1090]


def test_unknown_names_become_price_only_places_and_goods_that_a_load_leaves_alone(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "gambia.csv"
    text = SMALL.read_text("utf-8").replace("GHS", "GMD").replace("Old Town", "Brikama")
    file.write_text(text, "utf-8")
    assert command.import_file(world.db, file).new == NEW
    with world.db.transaction() as session:
        made = session.scalars(select(m.Market).where(m.Market.slug.like("wfp-%"))).all()
        assert {(x.slug, x.kind, x.short_name) for x in made} == {
            ("wfp-902", "price_only", "New Town"),
            ("wfp-903", "price_only", "High Town"),
        }
        slugs = {
            session.get_one(m.Product, x.product_id).slug
            for x in session.scalars(select(PriceReport))
        }
        assert {"local-rice", "palm-oil", "egg", "wfp-705"} == slugs
        units = {
            session.get_one(m.Unit, x.unit_id).slug for x in session.scalars(select(PriceReport))
        }
        assert {"kg", "bag-50kg"} < units
    before = [rows(world.db, x) for x in (m.Market, m.Product, m.Unit, m.ProductUnit)]
    assert load_pack(world.db, "gambia").count == 0
    assert [rows(world.db, x) for x in (m.Market, m.Product, m.Unit, m.ProductUnit)] == before


def test_a_file_of_a_country_without_a_pack_says_what_to_do(world: World) -> None:
    with pytest.raises(command.NoPack, match="pack from-wfp FILE --name NAME"):
        command.import_file(world.db, SMALL)
    with pytest.raises(command.NoPack, match="'gambia' has the file's currency, GHS"):
        command.import_file(world.db, SMALL, pack="gambia")
    assert count(world.db, PriceReport) == 0


def test_killed_half_way_a_second_run_completes_it(ready: World, tmp_path: Path) -> None:
    head, tags, *body = SMALL.read_text("utf-8").splitlines()
    good = [line for line in body if line.startswith("2026-11-15,COAST")]
    many = [line.replace("2026", str(1930 + n)) for n in range(80) for line in good]
    file = tmp_path / "many.csv"
    file.write_text("\n".join([head, tags, *many]) + "\n", "utf-8")
    code = (
        "import sys; from pathlib import Path; from sqlalchemy import event;"
        "from tests.fixtures.dying import killed_at;"
        "from trader_platform.core.db import Database;"
        "from trader_platform.commands.prices import import_file;"
        "db = Database(sys.argv[1], lock_wait_seconds=20);"
        "event.listen(db.write, 'commit', killed_at(4));"
        "import_file(db, Path(sys.argv[2]), beside=True)"
    )
    child = subprocess.run([sys.executable, "-c", code, ready.url, str(file)], cwd=ROOT, timeout=60)
    assert child.returncode == -signal.SIGKILL
    part = count(ready.db, PriceReport)
    assert 0 < part < len(many)
    patient = Database(ready.url, lock_wait_seconds=20)  # the server learns of the death later
    tally = command.import_file(patient, file)
    patient.dispose()
    assert (tally.new, tally.unchanged) == (len(many) - part, part)
    assert count(ready.db, PriceReport) == len(many)
    weeks = rows(ready.db, PriceWeek)
    with ready.db.transaction() as session:
        service_prices.rebuild_weeks(session)
    assert rows(ready.db, PriceWeek) == weeks


def test_beside_a_server_turns_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(time, "sleep", rests.append)
    pace = command.Pace(beside=True)
    for _ in range(40):
        pace.took(pace.rows * 0.0001)
    assert 0.001 < pace.rows * 0.0001 <= 0.005
    assert min(rests) >= 0.010
    pace.took(0.050)
    assert pace.rows < 12


def test_the_commands_make_load_bind_and_read(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trader_platform.commands.packs import pack

    monkeypatch.setenv("DATABASE_URL", world.url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("PORT", "1")
    for name in ("SECRET_KEY", "LOOKUP_KEY"):
        monkeypatch.setenv(name, "x" * 40)
    for name in ("DATA_KEYS", "SIGNING_KEYS"):
        monkeypatch.setenv(name, "a:" + "QUFB" * 10 + "QUE=")
    run = CliRunner()
    refused = run.invoke(command.prices, ["import-wfp", str(SMALL)])
    assert refused.exit_code == 2, refused.output
    assert "pack from-wfp FILE --name NAME" in refused.output
    made = run.invoke(pack, ["from-wfp", str(SMALL), "--name", "ghana"])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "data" / "packs" / "ghana" / "pack.toml").is_file()
    twice = run.invoke(pack, ["from-wfp", str(SMALL), "--name", "ghana"])
    assert twice.exit_code == 2
    bound = run.invoke(pack, ["bind", "*920*44#", "ghana"])
    assert bound.exit_code == 0, bound.output
    read = run.invoke(command.prices, ["import-wfp", str(SMALL)])
    assert read.exit_code == 0, read.output
    assert "15 rows read" in read.output
    assert "rejected: date" in read.output

    phone = world.phone("+233201234567", "*920*44#").dial().press("1", "2", "3", "1")
    phone.press("old town").sees("CON Old Town", "rice local GHS10.50")
    phone.press("1").sees("rice local, one kg, Old Town", "Only 2 reports, Sun 15 Nov: GHS10.50")
    phone.press("1").sees("1 kg", "1 Old Town", "2 New Town", "GHS12")


def test_one_slow_turn_does_not_make_all_later_ones_small() -> None:
    pace = command.Pace(beside=True)
    for _ in range(5):
        pace.took(0.1)
    assert pace.rows == 1
    for _ in range(30):
        pace.took(0.0005)
    assert pace.rows == pace.MOST_ROWS
