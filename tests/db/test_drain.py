"""A text from the outbox to the gateway and back: states, costs, counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.outbox import Outbox, outbox_of
from tests.fixtures.world import World


@pytest.fixture
def outbox(world: World) -> Iterator[Outbox]:
    with outbox_of(world) as made:
        yield made


def test_a_text_is_worded_handed_over_once_and_recorded(outbox: Outbox) -> None:
    her = outbox.contact()
    id_ = outbox.queue("price.bare", her, "in:1")
    assert outbox.sender.drain() == 1
    assert outbox.fake.taken == [
        ("+2203012345", "Price of what? Text PRICE and a product, like PRICE rice")
    ]
    row = outbox.row(id_)
    assert (row["state"], row["gateway"], row["attempts"]) == ("accepted", "africastalking", 1)
    assert (row["segments"], row["cost_minor"]) == (1, 25)
    assert row["provider_id"] == f"ATXid_{1:032x}"
    assert row["lease_until"] is None
    assert outbox.sender.drain() == 0
    assert len(outbox.fake.taken) == 1


def test_equal_texts_go_in_one_call(outbox: Outbox) -> None:
    for at in range(250):
        her = outbox.contact(f"+22030{at:05d}")
        outbox.queue(
            "council.says",
            her,
            f"c:{at}",
            params={"council": 1, "news": "Water is back"},
            council_id=1,
        )
    assert outbox.sender.drain() == 250
    assert sorted(len(call.form["to"][0].split(",")) for call in outbox.fake.calls) == [
        50,
        100,
        100,
    ]
    assert {state for (state,) in outbox.rows()} == {"accepted"}
