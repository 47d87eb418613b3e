"""What a cumulative transcript brings, and what a dialogue remembers of it."""

from __future__ import annotations

import json

import pytest

from ussd.state import VERSION, State, dump, heard_now, load, mark


@pytest.mark.parametrize(
    ("before", "text", "kind", "answer"),
    [
        ("", "1", "new", "1"),
        ("1", "1*2", "new", "2"),
        ("1*2", "1*2*20 bags", "new", "20 bags"),
        ("1", "1*a*b", "new", "a*b"),  # a star typed inside free text is one answer
        ("1", "1*", "new", ""),  # an empty reply
        ("1*", "1**2", "new", "2"),
        ("1*2", "1*2", "repeat", ""),
        ("", "", "repeat", ""),
        ("1*2", "1", "lost", ""),  # shorter: an older hop that was late
        ("1*2", "1*3", "lost", ""),  # divergent
        ("1*2", "1*3*4", "lost", ""),
        ("1", "12", "lost", ""),  # no separator: not an extension
    ],
)
def test_delta(before: str, text: str, kind: str, answer: str) -> None:
    assert heard_now(State(heard=mark(before)), text) == (kind, answer)


def test_the_transcript_itself_is_not_kept() -> None:
    state = State(heard=mark("1*4321"))
    assert b"4321" not in dump(state)


def test_a_state_survives_being_written_down() -> None:
    state = State(screen="sell.qty", draft={"product": 3}, back=[["home", 0]], reply="CON x")
    assert load(dump(state), VERSION) == state


def test_keys_that_this_release_does_not_know_are_dropped() -> None:
    raw = json.loads(dump(State(screen="home")))
    raw["of_a_later_release"] = 1
    assert load(json.dumps(raw).encode(), VERSION).screen == "home"
