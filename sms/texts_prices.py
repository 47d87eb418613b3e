"""The words of texts on prices, weekly markets, and lists that go on."""

from __future__ import annotations

from typing import Final

from sms.texts_parts import (
    Digits,
    Text,
    by_dial,
    by_text,
    fact,
    first,
    names,
    rows,
    shows,
    spare,
    text,
)

_MORE_PLACES = (
    by_text("MORE for other places.", more=True),
    by_dial("Other places: dial {dial_price}"),
)
_ANSWER = fact("{product}, one {unit}, {market}: {paid}. {reports}, {date}.")

PRICES: Final[dict[str, Text]] = {
    "price.answer": text(_ANSWER, *_MORE_PLACES),
    # Where the pack has no dated rate, the plain answer.
    "price.answer.cfa": text(
        first(
            fact(
                "{product}, one {unit}, {market}: most pay {usual}, near {cfa}. {reports}, {date}."
            ),
            _ANSWER,
        ),
        *_MORE_PLACES,
    ),
    "price.few": text(
        fact("{product}, one {unit}, {market}: only {reports}, {date}: {usual}."), *_MORE_PLACES
    ),
    "price.near": text(
        fact("{product}, 1 kg:"),
        names(shows("{market} {usual}"), 3),
        by_text("MORE for other places.", more=True, glue="\n"),
        by_dial("Other places: dial {dial_price}", glue="\n"),
    ),
    "price.none": text(
        fact("No price of {product} yet."),
        by_text("To see who sells it text {product}"),
        by_dial("To see who sells it dial {dial_who}"),
    ),
    "price.bare": text(
        fact("Price of what?"),
        by_text("Text PRICE and a product, like PRICE rice"),
        by_dial("Dial {dial_price} and type a product, like onion."),
    ),
    "lumo.day.answer": text(
        fact("Lumo on {date}:"),
        names(shows("{market}"), 6, between=", ", glue=" "),
        first(
            by_text("Text LUMO and a place, or MORE", more=True, glue=". "),
            by_text("Text LUMO and a place", glue=". "),
            by_dial("More: dial {dial_lumo}", glue=". "),
        ),
    ),
    "lumo.place.answer": text(
        first(fact("{market} lumo: each {day}. {state}."), fact("{market}: {state}.")),
        spare("Next: {date}"),
    ),
    "lumo.none": text(
        fact("No lumo on {date}."),
        spare("Next: {market}, {date2}"),
    ),
    "lumo.noday": text(
        fact("We do not know the day of {market} lumo yet. Do you? Dial {dial_place}"),
    ),
    "lumo.mean": text(
        fact("Which one?"),
        rows(shows("{market}"), 3),
        Digits(3),
        by_dial("Dial {dial_lumo}", glue="\n"),
    ),
    "lumo.unknown": text(
        first(fact("We know no lumo {word}."), fact("Lumo of which day?")),
        by_text("Text a day, like LUMO monday, or a place, like LUMO wassu"),
        by_dial("Dial {dial_lumo}"),
    ),
    "more.end": text(
        fact("That was all."),
        by_text("Text a product, like rice"),
        by_dial("Or dial {dial}"),
    ),
    "more.nothing": text(
        fact("You have no open list here."),
        by_text("Text a product, like rice"),
        by_dial("Or dial {dial}"),
    ),
    "number.range": text(
        fact("The list has 1 to {n}."),
        first(
            by_text("Text one of these, or MORE", more=True),
            by_text("Text one of these."),
        ),
    ),
}
