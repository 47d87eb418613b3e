"""What a text asks for, in every language, however it is written; and what is only a letter."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms import parser
from sms.parser import AUTOMATIC, EMPTY, SEARCH, Parsed, parse

LANGUAGES = ("en", "fr", "mnk", "wo", "ff", "kri", "snk")


def said(text: str, languages: tuple[str, ...] = LANGUAGES) -> tuple[str, str]:
    found = parse(text, languages)
    return found.command, found.words


@pytest.mark.parametrize(
    ("text", "command", "words"),
    [
        ("onion brikama", SEARCH, "onion brikama"),
        ("  Onion,   BRIKAMA! ", SEARCH, "Onion BRIKAMA"),
        ('"onion"', SEARCH, "onion"),
        ("#onion#", SEARCH, "onion"),
        ("onion\nbrikama", SEARCH, "onion brikama"),
        ("onion\n\nSent from my iPhone", SEARCH, "onion"),
        ("oignon\nEnvoyé de mon Huawei", SEARCH, "oignon"),
        ("onion\n-- \nAwa Jallow\nSerrekunda", SEARCH, "onion"),
        ("PRICE rice brikama", "price", "rice brikama"),
        ("price: rice", "price", "rice"),
        ("Prices rice", "price", "rice"),
        ("PRICE", "price", ""),
        ("what is the price of rice", SEARCH, "what is the price of rice"),
        ("SELL onion 20 1,500", "sell", "onion 20 1,500"),
        ("sell onion 20 D1500/bag", "sell", "onion 20 D1500 bag"),
        ("I sell onion", SEARCH, "I sell onion"),
        ("Sold onions.", "sold", "onions"),
        ("LUMO wassu", "lumo", "wassu"),
        ("Wassu lumo", "lumo", "Wassu"),
        ("lumo", "lumo", ""),
        ("LANG french", "lang", "french"),
        ("LANG french please", "lang", "french"),
        ("language: Wolof", "lang", "Wolof"),
        ("lang", "lang", ""),
        ("WANT 20 bags onion", SEARCH, "20 bags onion"),
        ("alert onion", SEARCH, "onion"),
        ("1e9", SEARCH, "1e9"),
        ("1500", SEARCH, "1500"),
    ],
)
def test_words_and_their_command(text: str, command: str, words: str) -> None:
    assert said(text) == (command, words)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        '"STOP"',
        "#STOP#",
        "stop!!!",
        "please stop",
        "Stop pls",
        "STOP STOP",
        "Stop the messages",
        "quit",
        "unsubscribe",
    ],
)
def test_stop_is_nearly_the_whole_text(text: str) -> None:
    assert parse(text, LANGUAGES).command == "stop"
    assert parse(text, LANGUAGES).topic == ""


@pytest.mark.parametrize(
    "text",
    [
        "stop it",
        "stop here and buy onion",
        "the bus stop",
        "do not stop",
        "Stop calling everyone",
        "start the car",
        "let us start",
        "more rice please sir",
        "no more",
        "help wanted at the market",
        "To stop txt STOP to 81151",
        "call me when you come",
        "Call 09094100151",
        "my duty is to go",
        "Stop محمد قال لي أنك تأتي غدا",
        "Stop привет как дела",
        "quit ߊߟߏ ߥߋߣ",
        "start محمد قال",
        "more محمد قال",
        "Delivered to the market today: onion?",
        "text received?",
        "0.1",
        "0,2",
        "1.5",
        "2.0",
        "01",
    ],
)
def test_a_command_word_in_a_letter_is_none(text: str) -> None:
    assert parse(text, LANGUAGES).command == SEARCH


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("STOP ALL", "all"),
        ("stop lumo", "lumo"),
        ("Stop: council", "council"),
        ("STOP DUTY", "duty"),
        ("STOP BUYERS", "buyers"),
        ("STOP ALERT", "alert"),
        ("STOP WANT", "want"),
        ("arrêter tout", "all"),
        ("STOP loumo", "lumo"),
    ],
)
def test_what_is_stopped(text: str, topic: str) -> None:
    found = parse(text, LANGUAGES)
    assert (found.command, found.topic) == ("stop", topic)


@pytest.mark.parametrize(
    ("text", "topic"),
    [("START", ""), ("START LUMO", "lumo"), ("please start duty", "duty"), ("START ALL", "all")],
)
def test_what_is_started(text: str, topic: str) -> None:
    found = parse(text, LANGUAGES)
    assert (found.command, found.topic) == ("start", topic)


@pytest.mark.parametrize(
    ("text", "command", "number"),
    [
        ("1", "number", 1),
        ("9.", "number", 9),
        (" #2 ", "number", 2),
        ("#2#", "number", 2),
        ("*2", "number", 2),
        ("２", "number", 2),
        ("(3)", "number", 3),
        ("number 1", "number", 1),
        ("0", "number", 0),
        ("11", "number", 11),
        ("1 please", "number", 1),
        ("CALL 2", "call", 2),
        ("call number 2", "call", 2),
        ("call", "call", None),
        ("call me", "call", None),
        ("HELP 2", "help", 2),
        ("HELP", "help", None),
        ("Help!", "help", None),
        ("help me please", "help", None),
        ("MORE", "more", None),
        ("more, please", "more", None),
        ("START", "start", None),
        ("DUTY", "duty", None),
        ("my duty", "duty", None),
        ("duty today", "duty", None),
    ],
)
def test_numbers_and_single_words(text: str, command: str, number: int | None) -> None:
    found = parse(text, LANGUAGES)
    assert (found.command, found.number) == (command, number)


@pytest.mark.parametrize(
    ("text", "language", "command"),
    [
        ("PRIX riz", "fr", "price"),
        ("coût riz", "fr", "price"),
        ("cout riz", "fr", "price"),
        ("vendre oignon 20 1500", "fr", "sell"),
        ("vendu oignon", "fr", "sold"),
        ("aide", "fr", "help"),
        ("suite", "fr", "more"),
        ("arrêt", "fr", "stop"),
        ("ARRETER", "fr", "stop"),
        ("taxe", "fr", "duty"),
        ("langue anglais", "fr", "lang"),
        ("louma lundi", "fr", "lumo"),
        ("appeler 2", "fr", "call"),
        ("njëg ceeb", "wo", "price"),
        ("ndieug thieb", "wo", "price"),
        ("jaay soble 20 1500", "wo", "sell"),
        ("taxaw", "wo", "stop"),
        ("dimbali", "wo", "help"),
        ("luuma altine", "wo", "lumo"),
        ("daa maano", "mnk", "price"),
        ("waafi jaboo 20 1500", "mnk", "sell"),
        ("bula", "mnk", "stop"),
        ("deemaa", "mnk", "help"),
        ("luumoo", "mnk", "lumo"),
        ("coggu maaro", "ff", "price"),
        ("yeeyugol basalle 2 9", "ff", "sell"),
        ("ballal", "ff", "help"),
        ("luumo tenen", "ff", "lumo"),
        ("prays res", "kri", "price"),
        ("sɛl yabas 20 1500", "kri", "sell"),
    ],
)
def test_command_words_of_each_language(text: str, language: str, command: str) -> None:
    assert parse(text, (language,)).command == command
    assert parse(text, ("en",)).command != command


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("LUMO monday", "1"),
        ("lumo on", ""),
        ("lumo TODAY", "today"),
        ("lumo tomorrow", "tomorrow"),
        ("lumo lundi", "1"),
        ("lumo aujourd'hui", "today"),
        ("lumo the sunday", "7"),
        ("lumo wassu", ""),
        ("lumo àlarba", "3"),
        ("lumo teneŋ luŋo", "1"),
        ("monday lumo", "1"),
    ],
)
def test_days(text: str, day: str) -> None:
    found = parse(text, LANGUAGES)
    assert (found.command, found.day) == ("lumo", day)


@pytest.mark.parametrize(
    "text", ["", " ", "...", "😀😀", "\x00\x01", "?!", "Sent from my iPhone", "\n"]
)
def test_nothing_said(text: str) -> None:
    assert parse(text, LANGUAGES) == Parsed(EMPTY)


@pytest.mark.parametrize("text", ["*384*220#", " *384*220*1# ", "#123#", "*100"])
def test_a_dial_string_gets_help(text: str) -> None:
    assert parse(text, LANGUAGES).command == "help"


@pytest.mark.parametrize(
    "text",
    [
        "Auto reply: I am driving",
        "AUTOMATIC REPLY",
        "Out of office till Monday",
        "Automated message",
        "Your message was delivered to +2203012345",
        "Delivered to 2203012345 on 22/11",
        "Delivery report",
        "Message delivered",
        "Réponse automatique: absent",
        "This is an automatic answer",
    ],
)
def test_what_no_person_wrote(text: str) -> None:
    assert parse(text, LANGUAGES).command == AUTOMATIC


def test_what_is_too_long_says_so() -> None:
    assert not parse("onion " * 12, LANGUAGES).long
    assert parse("onion " * 13, LANGUAGES).long
    assert parse("a" * 161, LANGUAGES).long
    assert parse("x " * 800, LANGUAGES).long


def test_other_alphabets_are_words_that_nobody_knows() -> None:
    for text in ("ሰላም", "مرحبا", "你好", "Привет"):
        assert parse(text, LANGUAGES).command == SEARCH


@given(st.text(max_size=300), st.lists(st.sampled_from(LANGUAGES), max_size=3))
def test_any_text_has_one_meaning(text: str, languages: list[str]) -> None:
    found = parse(text, languages)
    commands = {command.partition(".")[0] for command, _, _ in parser.rows()}
    assert found.command in commands | {SEARCH, EMPTY, AUTOMATIC, "number"}


@given(st.sampled_from(["STOP", "HELP", "MORE", "START", "DUTY", "LUMO"]), st.data())
def test_case_blanks_and_signs_around_do_not_matter(word: str, data: st.DataObject) -> None:
    case = data.draw(st.tuples(*[st.booleans()] * len(word)))
    typed = "".join(c.upper() if up else c.lower() for c, up in zip(word, case, strict=True))
    around = st.text(alphabet=" .,!?\"'#()\n\t:;-+", max_size=4)
    text = data.draw(around) + typed + data.draw(around)
    assert parse(text, LANGUAGES).command == word.lower()


def test_every_command_word_is_sourced_and_of_one_command() -> None:
    file = Path(parser.__file__).with_name("keywords.tsv")
    _, *lines = file.read_text("utf-8").splitlines()
    meanings: dict[tuple[str, str, str], set[str]] = {}
    for line in lines:
        command, language, word, certainty, source = line.split("\t")
        assert certainty in {"sourced", "likely"}
        assert source
        if language not in {"en", "fr"}:
            assert certainty == "sourced", line
        kind, _, _ = command.partition(".")
        folded = parser.fold(word)
        assert folded.strip(string.ascii_lowercase) == "", line
        group = kind if kind in {"topic", "day", "filler"} else "command"
        meanings.setdefault((group, language, folded), set()).add(command)
    assert not {key: found for key, found in meanings.items() if len(found) > 1}
