"""Catalogs are fresh, French is whole and fits, and drafts hold nothing that no source gives."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from click.testing import CliRunner

from tests.fixtures.collectors import works
from tests.fixtures.crawler import TYPED, Crawl, Visit, state_of
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import SUNDAY, World
from tests.guards.budget_people import CRAWLED, close_a_lumo, settle, tours
from tests.guards.worst import always
from trader_platform.commands import translations as tool
from trader_platform.core import i18n
from trader_platform.core.caps import CAPS
from trader_platform.core.clock import MovableClock
from trader_platform.core.db import Database
from trader_platform.core.gsm import downgrade, is_plain

ROOT = i18n.CATALOGS.parent
COMPLETE = ["fr"]
DRAFTS = sorted(set(tool.LANGUAGES) - set(COMPLETE))
MOST_SEPTETS = 160


def catalog(language: str) -> Catalog:
    return tool.read(i18n.CATALOGS / language / "LC_MESSAGES" / "messages.po")


def messages(read: Catalog) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in read if entry.id}


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_the_template_holds_what_the_code_says() -> None:
    fresh = messages(tool.extract())
    assert set(messages(tool.read(i18n.CATALOGS / tool.TEMPLATE))) == set(fresh), (
        "run `make translations`"
    )


def said_by(path: Path) -> set[str]:
    said = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name in tool.KEYWORDS and isinstance(first, ast.Constant):
                said.add(first.value)
    return said


def test_the_extractor_misses_no_message() -> None:
    said = set()
    for part in tool.PACKAGES:
        for path in (ROOT / part).rglob("*.py"):
            said |= said_by(path)
        for path in (ROOT / part).rglob("*.html"):
            said |= set(re.findall(r'_\("([^"]+)"', path.read_text("utf-8")))
    assert len(said) > 350
    assert said == set(messages(tool.extract()))


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_every_catalog_has_the_messages_of_the_template(language: str) -> None:
    template = messages(tool.read(i18n.CATALOGS / tool.TEMPLATE))
    assert set(messages(catalog(language))) == set(template)


def test_renewing_changes_no_byte(tmp_path: Path) -> None:
    for part in ("ussd", "sms", "trader_platform/web", "translations"):
        shutil.copytree(ROOT / part, tmp_path / part)
    tool.renew(tmp_path / "translations")
    for path in i18n.CATALOGS.rglob("*.po*"):
        renewed = tmp_path / "translations" / path.relative_to(i18n.CATALOGS)
        assert renewed.read_bytes() == path.read_bytes(), path.name


def test_a_new_message_is_found_and_a_changed_one_is_never_guessed(tmp_path: Path) -> None:
    shutil.copytree(i18n.CATALOGS, tmp_path / "translations")
    (tmp_path / "ussd").mkdir()
    code = 'def f(ctx):\n    return ctx.say("Sell"), ctx.say("Sell it"), ctx.say("Pay {amount}")\n'
    (tmp_path / "ussd" / "new.py").write_text(code, "utf-8")
    tool.renew(tmp_path / "translations")
    renewed = tool.read(tmp_path / "translations" / "fr" / "LC_MESSAGES" / "messages.po")
    assert messages(renewed) == {"Sell": "Vendre", "Sell it": "", "Pay {amount}": ""}
    written = (tmp_path / "translations" / tool.TEMPLATE).read_text("utf-8")
    assert "#: ussd/new.py\n" in written
    assert "Date" not in written


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_lacks_nothing(language: str) -> None:
    entries = [entry for entry in catalog(language) if entry.id]
    assert [entry.id for entry in entries if not entry.string or entry.fuzzy] == []


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_placeholders_are_those_of_the_message(language: str) -> None:
    found = messages(catalog(language)).items()
    assert [id for id, text in found if text and placeholders(id) != placeholders(text)] == []


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_needs_no_downgrade(language: str) -> None:
    texts = messages(catalog(language)).values()
    assert [text for text in texts if not is_plain(tool.words_of(text))] == []
    assert [text for text in texts if "  " in text or text != text.strip()] == []


def sourced() -> dict[tuple[str, str], str]:
    """(language, message) to the word that translations/SOURCES.md gives with its source."""
    rows = {}
    for line in (i18n.CATALOGS / "SOURCES.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0] in DRAFTS and all(cells):
            rows[cells[0], cells[1]] = cells[2]
    return rows


@pytest.mark.parametrize("language", DRAFTS)
def test_a_draft_holds_only_words_with_a_source(language: str) -> None:
    known = sourced()
    texts = {id: text for id, text in messages(catalog(language)).items() if text}
    assert texts
    unsourced = [
        id for id, text in texts.items() if known.get((language, id)) not in {text, text.lower()}
    ]
    assert unsourced == []


@pytest.mark.parametrize("language", DRAFTS)
def test_a_draft_says_that_it_is_one(language: str) -> None:
    assert "a draft" in catalog(language).header_comment
    assert language not in i18n.reviewed()


def test_nobody_has_signed_a_language_off_yet() -> None:
    assert i18n.reviewed() == {"en"}


@pytest.mark.parametrize("language", ["en", *tool.LANGUAGES])
def test_every_date_and_weekday_is_inside_its_cap(language: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert max(len(i18n.short_day(day, language)) for day in days) <= CAPS["date"]
    names = [i18n.weekday_name(iso, language) for iso in range(1, 8)]
    assert len(set(names)) == 7
    assert max(len(downgrade(name)) for name in names) <= CAPS["day"]
    assert len({i18n.short_day(day, language).split()[0] for day in days[:7]}) == 7


def test_the_report_counts_what_the_catalogs_hold() -> None:
    done = CliRunner().invoke(tool.translations, ["report", "--json"])
    assert done.exit_code == 0, done.output
    found = {each["language"]: each for each in json.loads(done.output)}
    assert list(found) == ["en", *tool.LANGUAGES]
    assert found["fr"]["coverage"] == 100.0
    assert (found["fr"]["state"], found["fr"]["outside_gsm"]) == ("draft", "")
    assert [each["too_long"] for each in found.values()] == [0] * len(found)
    for language in DRAFTS:
        texts = [text for text in messages(catalog(language)).values() if text]
        assert found[language]["translated"] == len(texts)
        assert found[language]["untranslated"] == found["en"]["messages"] - len(texts)
    assert found["wo"]["outside_gsm"] == "ë"
    text = CliRunner().invoke(tool.translations, ["report"]).output
    assert "Drafts: 4 (fr, mnk, wo, ff)" in text
    assert re.search(r"(?m)^fr +draft +\d+ +\d+ +100\.0 %", text)


def test_the_report_sees_length_and_letters() -> None:
    read = Catalog(locale="fr")
    read.add("Yes", "Oui [ça]")
    read.add("No", "x" * 150 + "{amount}")
    read.add("Later", "")
    seen = tool.report_on("fr", read, {"fr"})
    assert (seen.state, seen.messages, seen.translated, seen.untranslated) == (
        "signed off",
        3,
        2,
        1,
    )
    assert (seen.coverage, seen.longest, seen.too_long) == (66.7, 164, 1)
    assert (seen.longest_message, seen.outside_gsm) == (read["No"].string, "[]ç")


@pytest.fixture
def french_world(sqlite_world: Path, tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "market.db"
    shutil.copyfile(sqlite_world, path)
    url = f"sqlite:///{path}"
    world = World(url, Database(url), MovableClock(SUNDAY))
    yield world
    world.hops.store.close()
    world.db.dispose()


def english_lines(visits: list[Visit]) -> set[str]:
    """Lines of the visits that are English messages with another French."""
    french = messages(catalog("fr"))
    only_english = {id for id, text in french.items() if text != id} - set(french.values())
    lines = {
        re.sub(r"^\d+ ", "", line)
        for visit in visits
        for line in visit.text.removeprefix("CON ").removeprefix("END ").splitlines()
    }
    return lines & only_english


def test_no_french_screen_gives_way_to_english(french_world: World) -> None:
    taken, free = add_stall(french_world), add_stall(french_world, number="C7")
    settle(french_world, taken)
    french_world.hops.context_class = always("fr")
    # A wrong key before her first answer: the crawler agrees first, and is not asked again.
    consent = french_world.phone("+2203000099").dial().press("2", "1", "9").sees("Tapez 1, 2 ou 3")
    crawl = Crawl(french_world, typed=[*TYPED, taken, free])
    for phone in [consent, *tours(french_world)]:
        crawl.visits.append(Visit(state_of(french_world, phone).screen, phone.screen, ()))
    close_a_lumo(french_world)
    for number in CRAWLED:
        crawl.again()
        crawl.run(french_world.phone(number).dial())
    crawl.again()
    crawl.run(works(french_world))
    assert len(crawl.visits) > 1000
    assert english_lines(crawl.visits) == set()


def test_an_english_line_on_a_french_screen_is_seen() -> None:
    screen = Visit("home", "CON Awa\n1 Ma taxe\n2 Sell\n5 Plus\n0 Back", ())
    assert english_lines([screen]) == {"Sell", "Back"}
