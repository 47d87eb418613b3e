"""Words that nobody knows: counted without the phone, listed, made known, forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.fixtures.served import environment
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.commands.packs import find_pack, preview, report
from trader_platform.core.config import Settings
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.jobs.context import JobContext
from trader_platform.jobs.retention import forget_words
from trader_platform.market import catalog as catalogs
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.models import ADDED, ProductAlias, UnmatchedWord
from trader_platform.market.reading import read_text
from trader_platform.market.search import Match, find_products
from trader_platform.market.service_words import (
    Alias,
    BadAlias,
    add_alias,
    count_unmatched,
    list_unmatched,
)
from trader_platform.packs import loader
from trader_platform.packs.reader import read_pack

DAY = date(2026, 11, 22)
BY = By("", "en", datetime(2026, 11, 22, 9, tzinfo=UTC), "operator", "command", "cli")


def _catalog(world: World) -> Catalog:
    return Catalogs(world.db).for_code("*384*220#")


def _count(world: World, words: Iterable[str], day: date = DAY) -> None:
    with world.db.transaction() as session:
        count_unmatched(session, _catalog(world), words, day)


def _listed(world: World, since: date = DAY) -> list[tuple[str, int, date]]:
    with world.db.transaction() as session:
        found = list_unmatched(session, _catalog(world).pack_id, since, 10)
    return [(x.word, x.times, x.last_day) for x in found]


def _add(world: World, word: str, product: str, language: str = "wo") -> Alias:
    with world.db.transaction() as session:
        return add_alias(session, _catalog(world), word, product, language=language, by=BY)


def _product(world: World, slug: str) -> int:
    return next(x.id for x in _catalog(world).products.values() if x.slug == slug)


def test_unknown_words_are_counted_by_day(world: World) -> None:
    _count(world, ["zukblorf", "abroz"])
    _count(world, ["zukblorf"], DAY + timedelta(days=1))
    _count(world, ["zukblorf"], DAY + timedelta(days=1))
    assert _listed(world) == [
        ("zukblorf", 3, DAY + timedelta(days=1)),
        ("abroz", 1, DAY),
    ]
    assert _listed(world, DAY + timedelta(days=1)) == [("zukblorf", 2, DAY + timedelta(days=1))]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["2203012345", "x", "ab", "a1b2", "q" * 25, "two words", "\0", "🍅", "ünïcode"],
        ["friend", "morning", "bonjour"],  # everyday words of a language that people mix in
        ["zuk", "blorf", "abroz", "quorl", "wemb"],  # long talk is not about goods
    ],
)
def test_what_looks_like_no_word_is_not_kept(world: World, words: list[str]) -> None:
    _count(world, words)
    assert _listed(world) == []


def test_an_alias_is_found_in_every_process_and_is_said_in_the_trail(world: World) -> None:
    elsewhere = Catalogs(world.db)
    assert find_products(elsewhere.for_code("*384*220#"), "zukblorf") == Match()
    _count(world, ["zukblorf"])
    onion = _product(world, "onion")
    assert _add(world, "Zukblorf", "onion") == Alias(onion, True, ())
    elsewhere.forget()  # what thirty seconds do
    assert find_products(elsewhere.for_code("*384*220#"), "zukblorf") == Match(sure=onion)
    read = read_text(elsewhere.for_code("*384*220#"), "20 bags zukblof brikama")
    assert read.product == Match(sure=onion)
    assert _listed(world) == []
    with world.db.transaction() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "word.alias")).all()
        assert [(x.subject_kind, x.subject_id, x.actor_kind) for x in rows] == [
            ("product", str(onion), "operator")
        ]


def test_thirty_seconds_are_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(catalogs.time, "monotonic", lambda: now)
    served = Catalogs(world.db)
    served.for_code("*384*220#")
    _add(world, "zukblorf", "onion")
    now += 29.9
    assert find_products(served.for_code("*384*220#"), "zukblorf") == Match()
    now += 0.1
    assert find_products(served.for_code("*384*220#"), "zukblorf") != Match()


def test_adding_it_again_writes_nothing(world: World) -> None:
    assert _add(world, "zukblorf", "onion").is_new
    again = _add(world, "zukblorf", "onion")
    assert (again.is_new, again.others) == (False, ())
    assert not _add(world, "oignon", "onion", "fr").is_new  # the pack knew it
    with world.db.transaction() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "word.alias")).all()
        assert len(rows) == 1


def test_a_word_of_other_goods_is_said_and_then_asked_about(world: World) -> None:
    onion, carrot = _product(world, "onion"), _product(world, "carrot")
    _add(world, "zukblorf", "onion")
    assert _add(world, "zukblorf", "carrot") == Alias(carrot, True, (onion,))
    assert set(find_products(_catalog(world), "zukblorf").choices) == {onion, carrot}


@pytest.mark.parametrize(
    ("word", "product", "language", "error"),
    [
        ("zukblorf", "no-such-goods", "wo", NotFound),
        ("zukblorf", "onion", "xx", BadAlias),
        ("", "onion", "wo", BadAlias),
        ("a", "onion", "wo", BadAlias),
        ("1500", "onion", "wo", BadAlias),
        ("zuk\0blorf", "onion", "wo", BadAlias),
        ("z" * 41, "onion", "wo", BadAlias),
        *((word, "onion", "wo", BadAlias) for word in ("get", "Tell", "de", "ak")),
    ],
)
def test_what_is_refused_changes_nothing(
    world: World, word: str, product: str, language: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _add(world, word, product, language)
    with world.db.transaction() as session:
        assert session.scalars(select(ProductAlias).filter_by(certainty=ADDED)).all() == []


def test_loading_the_pack_leaves_added_words_alone(world: World) -> None:
    pack = read_pack(find_pack("gambia"))
    doubtful = next(x for x in pack.aliases if x.certainty == "unsure")
    _add(world, "zukblorf", "onion")
    assert _add(world, doubtful.word, doubtful.product, doubtful.language).is_new
    changes = preview(world.db, pack)
    assert changes.count == 0
    key = f"{doubtful.product} {doubtful.language} {doubtful.word}"
    assert f"! aliases: {key}: was added here, so it stays as it is" in list(report(changes))
    with world.db.transaction() as session:
        loader.apply(session, pack, by=BY)
    with world.db.transaction() as session:
        kept = session.scalars(select(ProductAlias).filter_by(certainty=ADDED)).all()
        assert {x.word for x in kept} == {"zukblorf", doubtful.word}


def test_old_words_are_forgotten(world: World, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    _count(world, ["zukblorf"], today - timedelta(days=91))
    _count(world, ["abroz"], today - timedelta(days=90))
    context = JobContext(Settings.from_env(environment(world, tmp_path)), world.db)
    assert forget_words(context) == 1
    assert forget_words(context) == 0
    with world.db.transaction() as session:
        assert session.scalars(select(UnmatchedWord.word)).all() == ["abroz"]


def _types(world: World, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, as an operator has it."""
    command = [sys.executable, "-c", "from trader_platform.cli import main; main()", "words"]
    return subprocess.run(
        [*command, *words],
        env={**os.environ, **environment(world, folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_lists_and_teaches(world: World, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    assert _types(world, tmp_path).stdout == "No unknown words.\n"
    _count(world, ["sobbolo", "qqqq"], today)
    _count(world, ["sobbolo"], today)
    listed = [line.split() for line in _types(world, tmp_path).stdout.splitlines()]
    assert listed[1] == ["sobbolo", "2", today.isoformat(), "onion"]
    assert listed[2] == ["qqqq", "1", today.isoformat(), "-"]
    taught = _types(world, tmp_path, "alias", "qqqq", "onion", "--language", "wo")
    assert taught.stdout == "qqqq means onion. It is found everywhere within 30 seconds.\n"
    assert find_products(_catalog(world), "qqqq") == Match(sure=_product(world, "onion"))
    again = _types(world, tmp_path, "alias", "qqqq", "onion", "--language", "wo")
    assert again.stdout == "qqqq was known as onion already.\n"
    other = _types(world, tmp_path, "alias", "qqqq", "carrot", "--language", "wo")
    assert "It also names onion: who texts it is asked which one is meant." in other.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("alias", "zuk", "onoin", "--language", "wo"), "Near to it: onion"),
        (("alias", "zuk", "onion", "--language", "xx"), "use en, ff, fr, kri, mnk, snk, wo"),
        (("alias", "1", "onion", "--language", "wo"), "'1' is no word"),
        (("--pack", "narnia"), "Loaded: gambia"),
    ],
)
def test_what_the_command_refuses(
    world: World, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    refused = _types(world, tmp_path, *words)
    assert refused.returncode != 0
    assert told in refused.stdout + refused.stderr
