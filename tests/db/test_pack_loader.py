"""Loading packs: repeatable, in sets, nothing lost that others point to; on both databases."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, event, func, select
from sqlalchemy.orm import Session

from trader_platform.audit.models import AuditRow
from trader_platform.commands import packs as command
from trader_platform.core.clock import MovableClock
from trader_platform.core.db import Database
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.fees.models import Tariff
from trader_platform.market import models as m
from trader_platform.packs import loader
from trader_platform.packs.changes import Changes
from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import PackError

TINYLAND = Path(__file__).parents[1] / "fixtures" / "packs" / "tinyland"
NOW = datetime(2030, 1, 1, 8, tzinfo=UTC)
CLOCK = MovableClock(NOW)
BY = By("", "en", NOW, actor_kind="operator", actor_id="test", channel="cli")


@pytest.fixture
def tinyland(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINYLAND, tmp_path / "tinyland"))


def _load(database: Database, path: Path | str) -> Changes:
    return command.load_pack(database, str(path), CLOCK)


def _change(path: Path, file: str, old: str, new: str) -> None:
    text = (path / file).read_text(encoding="utf-8")
    assert old in text
    (path / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def _whole(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that is really there."""
    found = MetaData()
    with database.reading() as connection:
        found.reflect(connection)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in found.tables.values()
        }


def _counts(database: Database) -> dict[str, int]:
    return {name: len(rows) for name, rows in _whole(database).items()}


def test_the_gambian_pack_loads_and_a_second_load_changes_nothing(database: Database) -> None:
    first = _load(database, "gambia")
    assert {part.name: len(part.new) for part in first.files} == {
        "pack": 1,
        "service_codes": 1,
        "councils": 8,
        "markets": 31,
        "goods_classes": 12,
        "products": 174,
        "units": 28,
        "market_aliases": first.file("market_aliases").count,
        "lumo_days": 11,
        "calendar": 0,
        "aliases": 1839,
        "unit_aliases": 222,
        "conversions": 2,
        "product_units": first.file("product_units").count,
        "tariffs": 8,
    }
    before = _whole(database)
    second = _load(database, "gambia")
    assert second.count == 0
    assert sum(part.same for part in second.files) == first.count
    assert _whole(database) == before


def test_the_rows_say_what_the_files_say(database: Database) -> None:
    _load(database, TINYLAND)
    with database.transaction() as session:
        pack = session.scalars(select(m.Pack)).one()
        settings = json.loads(pack.settings)
        assert (pack.slug, pack.loaded_at) == ("tinyland", NOW)
        assert (settings["currency"], settings["minor_digits"]) == ("TNY", 0)
        assert (settings["money_mark"], settings["money_mark_before"]) == ("Ty", False)
        assert settings["languages"][1] == {"tag": "vo", "name": "Vola", "draft": True}
        assert settings["listing_days"] == {"roots": 4, "drinks": 1}
        assert "second_currency" not in settings
        assert session.get_one(m.ServiceCode, "*77#").pack_id == pack.id

        top = session.scalars(select(m.Market).filter_by(slug="top")).one()
        assert (top.kind, top.latitude, top.region, top.rank) == ("daily", 27.5, "North", 0)
        assert session.get_one(m.Council, top.council_id).slug == "hill"
        words = session.scalars(select(m.MarketAlias.word).filter_by(market_id=top.id)).all()
        assert sorted(words) == ["top place", "upper"]

        products = {row.slug: row for row in session.scalars(select(m.Product))}
        assert json.loads(products["beet"].names) == {"eo": "beet", "vo": "beto"}
        # beet leaves it to its class, which keeps
        assert [products[slug].perishable for slug in ("beet", "swede", "milk")] == [
            False,
            False,
            True,
        ]
        assert (products["beet"].season, products["milk"].season) == ("9;10", None)
        units = {row.id: row for row in session.scalars(select(m.Unit))}
        offered = session.scalars(
            select(m.ProductUnit).filter_by(product_id=products["beet"].id).order_by("rank")
        )
        assert [units[row.unit_id].slug for row in offered] == ["sack", "stone"]
        weighed = session.scalars(select(m.Conversion)).one()
        assert (units[weighed.unit_id].slug, weighed.grams) == ("sack", 20_000)
        change = session.scalars(select(m.MarketChange).filter_by(kind="move")).one()
        assert (change.starts_on, change.moved_to) == (date(2030, 1, 4), date(2030, 1, 5))
        tariff = session.scalars(select(Tariff).where(Tariff.market_id == top.id)).one()
        assert (tariff.amount_minor, tariff.currency, tariff.per) == (9, "TNY", "day")


def test_a_load_leaves_one_audit_row_and_a_repeat_leaves_none(database: Database) -> None:
    _load(database, TINYLAND)
    _load(database, TINYLAND)
    with database.transaction() as session:
        row = session.scalars(select(AuditRow)).one()
        assert (row.action, row.subject_kind, row.at) == ("pack.load", "pack", NOW)
        assert row.after is not None
        after = json.loads(row.after)
        assert after["slug"] == "tinyland"
        assert after["rows"]["products"] == [3, 0, 0]


def test_a_preview_writes_nothing(database: Database, tinyland: Path) -> None:
    empty = _counts(database)
    assert command.preview(database, read_pack(tinyland)).count > 0
    assert _counts(database) == empty
    _load(database, tinyland)
    before = _whole(database)
    _change(tinyland, "products.tsv", "\tswede\t", "\trutabaga\t")
    assert command.preview(database, read_pack(tinyland)).count == 1
    assert _whole(database) == before


def test_a_changed_row_keeps_its_id_and_is_told_with_before_and_after(
    database: Database, tinyland: Path
) -> None:
    _load(database, tinyland)
    with database.transaction() as session:
        old = session.scalars(select(m.Council)).one()
        kept_id = old.id
        old.phone, old.charging = "+9995550111", True  # the council's own, no file says so
    _change(tinyland, "councils.tsv", "Hill Town", "Hill City")
    changes = _load(database, tinyland)
    assert changes.counts() == {"councils": [0, 1, 0]}
    (change,) = changes.file("councils").changed
    assert (change.before, change.after) == ({"name": "Hill Town"}, {"name": "Hill City"})
    assert "~ councils: hill: name Hill Town -> Hill City" in list(command.report(changes))
    with database.transaction() as session:
        row = session.scalars(select(m.Council)).one()
        assert (row.id, row.name, row.phone, row.charging) == (
            kept_id,
            "Hill City",
            "+9995550111",
            True,
        )


def test_a_product_that_is_gone_is_retired_and_comes_back_as_the_same_row(
    database: Database, tinyland: Path
) -> None:
    _load(database, tinyland)
    swede = "swede\troots\tswede\t\tno\tinferred\tmade up for the tests\n"
    units = "swede\tstone\tinferred\tmade up for the tests\n"
    _change(tinyland, "products.tsv", swede, "")
    _change(tinyland, "product_units.tsv", units, "")
    changes = _load(database, tinyland)
    assert [change.key for change in changes.file("products").gone] == ["swede"]
    assert changes.counts()["product_units"] == [0, 0, 1]
    with database.transaction() as session:
        gone = session.scalars(select(m.Product).filter_by(slug="swede")).one()
        assert gone.retired
        gone_id = gone.id
    assert _load(database, tinyland).count == 0

    _change(tinyland, "products.tsv", "milk\t", swede + "milk\t")
    _change(tinyland, "product_units.tsv", "milk\t", units + "milk\t")
    changes = _load(database, tinyland)
    assert changes.file("products").changed[0].before["retired"] is True
    with database.transaction() as session:
        back = session.scalars(select(m.Product).filter_by(slug="swede")).one()
        assert (back.id, back.retired) == (gone_id, False)


def test_words_and_days_follow_the_files(database: Database, tinyland: Path) -> None:
    _load(database, tinyland)
    _change(tinyland, "aliases.tsv", "beet\tvo\tbeto", "beet\tvo\tbetoj")
    _change(tinyland, "lumo_days.tsv", "foot\t5", "foot\t6")
    _change(tinyland, "markets.tsv", "top place;upper", "upper")
    _change(tinyland, "product_units.tsv", "sack;stone", "stone;sack")
    changes = _load(database, tinyland)
    assert changes.counts() == {
        "aliases": [1, 0, 1],
        "lumo_days": [1, 0, 1],
        "market_aliases": [0, 0, 1],
        "product_units": [0, 2, 0],
    }
    with database.transaction() as session:
        assert session.scalars(select(m.MarketDay.weekday)).all() == [6]
        assert session.scalars(select(m.MarketAlias.word)).all() == ["upper"]


def test_a_closure_that_people_entered_outlives_a_load(database: Database, tinyland: Path) -> None:
    _load(database, tinyland)
    with database.transaction() as session:
        market_id = session.scalars(select(m.Market.id).filter_by(slug="foot")).one()
        day = date(2030, 2, 1)
        session.add(m.MarketChange(market_id=market_id, kind="closure", starts_on=day, ends_on=day))
    assert _load(database, tinyland).count == 0
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(m.MarketChange)) == 3


def test_a_tariff_is_followed(database: Database, tinyland: Path) -> None:
    _load(database, tinyland)
    row = "hill\t\t\tdaily_duty\tday\t11\t2031-01-01\tyear\t\tinferred\tmade up for the tests\n"
    with (tinyland / "tariffs.tsv").open("a") as file:
        file.write(row)
    assert _load(database, tinyland).counts() == {"tariffs": [1, 0, 0]}
    with database.transaction() as session:
        amounts = select(Tariff.amount_minor).order_by(Tariff.valid_from)
        assert session.scalars(amounts).all() == [7, 8, 9, 11]


def test_columns_of_a_tariff_that_a_pack_may_leave_out(database: Database, tinyland: Path) -> None:
    path, evidence = tinyland / "tariffs.tsv", "\tinferred\tmade up for the tests"
    head, *old = path.read_text().rstrip("\n").split("\n")
    more = "\tfestival\taccrues\tspace_class\tday_type\trank\tbylaw"
    lines = [head.removesuffix("\tcertainty\tsource") + more + "\tcertainty\tsource"]
    for line in old:
        *cells, certainty, source = line.split("\t")
        lines.append("\t".join([*cells, *[""] * 6, certainty, source]))
    top = "hill\ttop\t\tdaily_duty\tday"
    lines.append(f"{top}\t12\t2030-02-05\tday\t\tmade-up feast\theld\t\t\t\t{evidence}")
    lines.append(f"{top}\t9\t2030-02-05\tday\t\t\t\ttable\tlumo\t3\tmade up 7{evidence}")
    path.write_text("\n".join(lines) + "\n")
    assert _load(database, tinyland).counts()["tariffs"][0] == 5
    with database.transaction() as session:
        asked = select(Tariff).where(Tariff.market_id.is_not(None), Tariff.goods_class_id.is_(None))
        found = {
            (x.amount_minor, x.festival, x.accrues, x.space_class, x.day_type, x.rank, x.bylaw)
            for x in session.scalars(asked)
        }
    assert found == {
        (12, "made-up feast", "held", "", "", 0, ""),
        (9, "", "traded", "table", "lumo", 3, "made up 7"),
    }
    assert _load(database, tinyland).count == 0


def test_a_loaded_tariff_is_never_edited(database: Database, tinyland: Path) -> None:
    _load(database, tinyland)
    before = _whole(database)
    _change(tinyland, "tariffs.tsv", "\t8\t2030-02-01", "\t18\t2030-02-01")
    _change(tinyland, "councils.tsv", "Hill Town", "Hill City")
    with pytest.raises(PackError, match=r"tariffs\.tsv:3: amount: is loaded with another amount"):
        _load(database, tinyland)
    assert _whole(database) == before


def test_a_tariff_that_leaves_the_file_stays(database: Database, tinyland: Path) -> None:
    _load(database, tinyland)
    first = "hill\t\t\tdaily_duty\tday\t7\t2029-01-01\tyear\t\tinferred\tmade up for the tests\n"
    _change(tinyland, "tariffs.tsv", first, "")
    assert _load(database, tinyland).count == 0
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Tariff)) == 3


def test_two_packs_live_side_by_side(database: Database, tinyland: Path) -> None:
    _load(database, "gambia")
    gambia = _counts(database)
    _load(database, tinyland)
    assert _load(database, "gambia").count == 0
    assert _load(database, tinyland).count == 0
    # emptying one leaves the other as it was
    for file in ("aliases", "calendar", "lumo_days", "seasons", "unit_aliases", "conversions"):
        path = tinyland / f"{file}.tsv"
        path.write_text(path.read_text().split("\n")[0] + "\n")
    _load(database, tinyland)
    assert _load(database, "gambia").count == 0
    both = _counts(database)
    assert both["products"] == gambia["products"] + 3
    assert both["product_aliases"] == gambia["product_aliases"]
    assert both["packs"] == 2
    with database.transaction() as session:
        codes = session.execute(
            select(m.ServiceCode.code, m.Pack.slug).join(m.Pack, m.Pack.id == m.ServiceCode.pack_id)
        )
        assert {row.code: row.slug for row in codes} == {"*384*220#": "gambia", "*77#": "tinyland"}


def test_a_code_bound_by_hand_is_not_taken_back_by_a_load(database: Database) -> None:
    _load(database, "gambia")
    _load(database, TINYLAND)
    with database.transaction() as session:
        loader.bind(session, "*384*220#", "tinyland", by=BY)
        loader.bind(session, "*384*220#", "tinyland", by=BY)
        loader.bind(session, "*55#", "gambia", by=BY)
    assert _load(database, "gambia").count == 0
    with database.transaction() as session:
        tiny = session.scalars(select(m.Pack.id).filter_by(slug="tinyland")).one()
        assert session.get_one(m.ServiceCode, "*384*220#").pack_id == tiny
        assert session.get(m.ServiceCode, "*55#") is not None
        binds = session.scalars(select(AuditRow).filter_by(action="pack.bind")).all()
        assert [row.subject_id for row in binds] == ["*384*220#", "*55#"]
        assert loader.loaded_slugs(session) == ["gambia", "tinyland"]


def test_a_code_cannot_be_bound_to_a_pack_that_is_not_loaded(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NotFound):
        loader.bind(session, "*55#", "atlantis", by=BY)
    assert _counts(database)["service_codes"] == 0


def test_a_plan_reads_each_table_once(database: Database) -> None:
    _load(database, "gambia")
    asked: list[str] = []
    pack = read_pack(command.find_pack("gambia"))
    with database.transaction() as session:
        connection = session.connection()
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _k, statement, *_: asked.append(statement),
        )
        assert loader.apply(session, pack, by=BY).count == 0
    assert len(asked) <= 20
    assert all(statement.startswith("SELECT") for statement in asked)


def test_a_repeated_load_takes_no_write_lock(database: Database) -> None:
    _load(database, TINYLAND)
    with Session(database.write) as other:
        other.add(m.ServiceCode(code="*1#", pack_id=1))
        other.flush()  # the write lock of SQLite is held here
        assert _load(database, TINYLAND).count == 0
        other.rollback()
