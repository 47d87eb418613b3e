"""Whole texts on the Gambian pack: what is read, what is asked about, what is left alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import search_quality
from benchmarks.search_queries import HEADER, make
from trader_platform.commands.packs import find_pack
from trader_platform.core.db import Database
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.reading import Reading, read_text
from trader_platform.market.search import Match
from trader_platform.packs.reader import read_pack


@pytest.fixture(scope="module")
def catalog(sqlite_world: Path) -> Iterator[Catalog]:
    db = Database(f"sqlite:///{sqlite_world}")
    yield Catalogs(db).for_code("*384*220#")
    db.dispose()


def _product(catalog: Catalog, slug: str) -> int:
    return next(id_ for id_, x in catalog.products.items() if x.slug == slug)


def _told(catalog: Catalog, read: Reading) -> str:
    """A reading in words: goods @place *unit #amount, a question mark where it is not sure."""

    def said(match: Match, slugs: dict[int, str]) -> str:
        if match.sure is not None:
            return slugs[match.sure]
        return "".join(f"?{slugs[id_]}" for id_ in match.choices)

    goods = {id_: x.slug for id_, x in catalog.products.items()}
    places = {id_: x.slug for id_, x in catalog.markets.items()}
    parts = [said(read.product, goods)]
    place = said(read.place, places)
    parts += [f"@{place}"] if place else []
    parts += [f"*{catalog.units[read.unit].slug}"] if read.unit is not None else []
    parts += [f"#{read.quantity}"] if read.quantity is not None else []
    parts += [f"+{goods[read.second_product]}"] if read.second_product is not None else []
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        # any order, any of the languages
        ("onion brikama", "onion @brikama"),
        ("Brikama, ONIONS!", "onion @brikama"),
        ('"oignon"  farafenni', "onion @farafenni"),
        ("price of rice in serrekunda", "rice @serrekunda"),
        ("combien le sucre à basse", "sugar @basse"),
        ("20 saaku soble", "onion *bag #20"),
        ("tiyoo basse", "groundnut @basse"),
        ("gerte wassu", "groundnut @wassu"),
        # joined and split words
        ("onionbrikama", "onion @brikama"),
        ("brikamaonion", "onion @brikama"),
        ("bittertomato", "bitter-tomato"),
        ("bitter tomato bakau", "bitter-tomato @bakau"),
        ("ground nut farafeni", "groundnut @farafenni"),
        # misspelled, alone and together
        ("oniyon", "onion"),
        ("oniyon brikma", "onion @brikama"),
        ("swet potato basse", "sweet-potato @basse"),
        ("cassava leavez", "cassava-leaves"),
        ("hello i want gerteh in farafeni today", "groundnut @farafenni"),
        # numbers and measures
        ("20 bags onion", "onion *bag #20"),
        ("onion 20kg", "onion *kg #20"),
        ("1,500 cups groundnut", "groundnut *cup #1500"),
        ("onion D1500/bag", "onion *bag"),
        ("onion 1500D", "onion"),
        ("20 bags onion D1500", "onion *bag #20"),
        ("50kg rice", "rice *bag-50kg"),
        ("1e9 onion", "onion"),
        ("onion 2203012345", "onion"),
        # two goods; a word that is goods and measure
        ("onions and tomatoes", "onion +tomato"),
        ("2 cups rice", "rice *cup #2"),
        # a place alone, a measure alone
        ("brikama", "@brikama"),
        ("20 bags", "*bag #20"),
        # a word with two meanings is asked about
        ("nag", "?beef?cow"),
        ("bissap", "?sorrel-leaves?hibiscus"),
        ("mat", "?mat?firewood"),
        ("buy", "?baobab-fruit"),
        ("chère", "?couscous"),
        ("sel", "?salt"),
        ("yomb", "?pumpkin"),
        ("baa", "?goat"),
        ("lee", "?milk-powder"),
        ("saba", "?kaba"),
        ("kiloo", "?egg"),
        ("pot", "?pot"),
        ("credit", "?phone-credit"),
        ("ser", "?wrapper"),
        ("lemunoo", "?orange?lime"),
    ],
)
def test_a_text_is_read_whole(catalog: Catalog, words: str, told: str) -> None:
    read = read_text(catalog, words)
    assert _told(catalog, read) == told
    assert read.asks


@pytest.mark.parametrize(
    "words",
    [
        "",
        " \n",
        "?",
        "hello",
        "thank you very much",
        "i am in the bus now",
        "we had fish for lunch and it was very good",
        "she said the rice is burning, run home quick",
        "where can we meet for coffee",
        "merci beaucoup et bonne nuit",
        "je suis en route, j'arrive dans dix minutes",
        "jërëjëf",
        "1500",
        "*384*220#",
        "🍅🍅",
        "سلام عليكم",
        "你好",
        "\0\0",
        "onion\0"[5:],
    ],
)
def test_a_text_that_asks_nothing_is_never_guessed_at(catalog: Catalog, words: str) -> None:
    read = read_text(catalog, words)
    assert not read.asks
    assert (read.product, read.place, read.unit) == (Match(), Match(), None)


def test_what_nobody_knows_is_told(catalog: Catalog) -> None:
    assert read_text(catalog, "zukblorf Brikama").unknown == ("zukblorf",)
    assert read_text(catalog, "price of onion in brikama").unknown == ()


def test_the_first_choice_is_the_likeliest(catalog: Catalog) -> None:
    choices = read_text(catalog, "pam oil").product
    assert choices == Match(sure=_product(catalog, "palm-oil")) or (
        choices.choices[0] == _product(catalog, "palm-oil")
    )


def test_money_is_known_by_the_mark_of_the_pack(catalog: Catalog) -> None:
    cedi = replace(catalog, pack_id=77, currency=replace(catalog.currency, mark="GHS"))
    assert read_text(cedi, "onion GHS20").quantity is None
    assert read_text(cedi, "GHS20 onion 3").quantity == 3
    assert read_text(catalog, "onion GHS20").quantity is None  # no word of this pack, no amount


@settings(max_examples=300, deadline=None)
@given(words=st.text(max_size=1600))
def test_any_text_is_read_the_same_twice(catalog: Catalog, words: str) -> None:
    first = read_text(catalog, words)
    assert read_text(catalog, words) == first
    for match, ids in ((first.product, catalog.products), (first.place, catalog.markets)):
        assert match.sure is None or match.sure in ids
        assert set(match.choices) <= set(ids)
        assert len(match.choices) <= 3


@settings(max_examples=200, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(
            ["onion", "oniyon", "brikama", "brkma", "20", "D15", "bag", "the", "rice", "fish", "kg"]
        ),
        max_size=400,
    )
)
def test_any_order_of_known_words_is_read(catalog: Catalog, words: list[str]) -> None:
    text = " ".join(words)
    assert read_text(catalog, text) == read_text(catalog, text.upper())


@pytest.mark.parametrize("word", ["onion ", "oniyom ", "x", "zq ", "1,", "á", "'", "🍅 ", "thi"])
def test_the_longest_texts_cost_no_more_than_a_few_words(catalog: Catalog, word: str) -> None:
    text = (word * 1600)[:1600]
    read_text(catalog, text)
    took = []
    for _ in range(3):  # Python's collector may come in between
        began = time.thread_time()
        read_text(catalog, text)
        took.append(time.thread_time() - began)
    assert min(took) < 0.1


def test_queries_made_by_rule_are_those_in_the_file() -> None:
    rows = ["\t".join(HEADER), *("\t".join(row) for row in make(read_pack(find_pack("gambia"))))]
    text = (search_quality.FOLDER / "queries_by_rule.tsv").read_text(encoding="utf-8")
    assert rows == text.splitlines()


@pytest.mark.parametrize("language", search_quality.LANGUAGES)
def test_the_search_is_as_right_as_it_was(catalog: Catalog, language: str) -> None:
    scored = [x for x in search_quality.queries() if x.scored and x.language == language]
    found = search_quality.rates(catalog, scored)
    assert found["sure"] + found["first"] >= 0.85
    assert found["wrong"] <= 0.05


def test_known_names_are_always_right(catalog: Catalog) -> None:
    easy = [x for x in search_quality.queries() if x.error in ("none", "numbers", "collision")]
    wrong = [x.text for x in easy if search_quality.outcome(catalog, x) != "sure"]
    assert len(easy) > 100
    assert wrong == []


def test_few_idle_texts_get_goods(catalog: Catalog) -> None:
    idle = search_quality.chatter(search_quality.FOLDER / "chatter.tsv")
    answered = [text for text in idle if search_quality.answered(catalog, text)]
    assert len(answered) <= len(idle) * 0.03


def test_the_labelled_set_is_large_and_half_of_it_is_kept() -> None:
    labelled = search_quality.queries()
    assert len(labelled) >= 400
    assert 0.45 < sum(x.scored for x in labelled) / len(labelled) < 0.55
    assert len({x.text for x in labelled}) == len(labelled)
