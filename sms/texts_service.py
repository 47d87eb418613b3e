"""The words of texts about the service itself: help, stopping, language, joining, leaving."""

from __future__ import annotations

from typing import Final

from sms.texts_parts import Text, by_dial, by_text, fact, first, spare, text

SERVICE: Final[dict[str, Text]] = {
    "help.one": text(
        by_text(
            "Text: onion brikama = who sells. PRICE rice. LUMO monday. CALL 1. MORE. STOP."
            " Traders: text HELP 2."
        ),
        first(by_text("Or dial {dial}"), by_dial("Dial {dial}, there you only press numbers.")),
    ),
    "help.two": text(
        by_text(
            "Text: SELL onion 20 1500. SOLD onion. DUTY. LANG french. STOP. Buyers: text HELP 1"
        ),
        first(
            by_text("Or dial {dial}", glue=". "),
            by_dial("Dial {dial}, there you only press numbers."),
        ),
    ),
    "stop.done": text(
        fact("Stopped. Only texts on your own goods and safety still come, and answers to you."),
        by_text("STOP ALL ends these too. START brings all back."),
    ),
    "stop.all": text(
        fact("Stopped, all of it. Only a text to keep you safe can still come."),
        by_text("To start again text START"),
    ),
    "stop.one": text(fact("Stopped: {topic}. The rest still comes."), by_text("STOP ends it too.")),
    "stop.still": text(
        fact("You are on STOP ALL, so we do not answer."),
        by_text("To start again text START."),
        fact("Or dial {dial}"),
    ),
    "start.done": text(
        first(fact("Good, texts come again: {topics}."), fact("Good, texts come again.")),
        fact("At most {n} a day, at night only what you asked for."),
        by_text("STOP ends them."),
    ),
    "lang.done": text(
        fact("Language: {language}."),
        by_text("To change it text LANG and a name."),
        by_dial("To change it dial {dial_lang}"),
    ),
    "lang.draft": text(
        fact("Language: {language}. It is a draft, some words may be wrong."),
        by_text("To change it text LANG and a name."),
        by_dial("To change it dial {dial_lang}"),
    ),
    "lang.unknown": text(
        by_text("Text LANG and one of these: {languages}"),
        by_dial("To change the language dial {dial_lang}"),
    ),
    "welcome.trader": text(
        first(fact("You have joined, {name}."), fact("You have joined.")),
        fact("Dial {dial} any time."),
        by_text("Help: text HELP. To end texts: STOP"),
    ),
    "welcome.buyer": text(
        by_text("Text a product, like rice."),
        fact("Dial {dial} any time."),
        by_text("To end texts: STOP"),
    ),
    "consent.text": text(
        fact(
            "We keep your name, phone, stall, goods, sales and pay. Your council sees it, buyers"
            " see goods only. To leave dial {dial_leave}"
        ),
    ),
    "deletion.asked": text(
        fact(
            "You asked to leave. On {date} we delete your name and number. Your goods are off sale."
            " To stay dial {dial} before that day."
        ),
    ),
    "deletion.done": text(
        fact(
            "Done. Your name and number are deleted. Old sales and pay stay in the books with no"
            " name. Welcome back any time."
        ),
    ),
    "lumo.closed": text(
        fact("No {market} lumo on {date}. It is closed."),
        spare("Next lumo: {market}, {date2}."),
        by_text("To end these texts: STOP LUMO"),
        by_dial("More: dial {dial_lumo}"),
    ),
    "lumo.moved": text(
        fact("{market} lumo moves. Not {date}. It is on {date2}."),
        by_text("To end these texts: STOP LUMO"),
        by_dial("More: dial {dial_lumo}"),
    ),
    "council.says": text(
        fact("{council} council: {news}."),
        by_text("To end these texts: STOP"),
    ),
}
