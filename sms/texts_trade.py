"""The words of texts between buyers and sellers: calls, goods on sale, sales, duty."""

from __future__ import annotations

from typing import Final

from sms.texts_parts import Digits, Text, by_dial, by_text, fact, first, rows, shows, text

_ONE_FOR = fact("One {unit} for {price}")
_ON_SALE = fact("On sale till {date}: {qty} {units} {product}.")

TRADE: Final[dict[str, Text]] = {
    "call.done": text(
        first(
            fact("We gave your number to {name} for this one time."),
            fact("We gave your number to the seller for this one time."),
        ),
        fact("A call may come today: {product}, {price}"),
    ),
    "call.open": text(
        first(
            fact("Call {name} on {phone}: {product}, one {unit} for {price}"),
            fact("Call {phone}: {product}, one {unit} for {price}"),
            fact("This is not on sale any more."),
        ),
    ),
    "call.which": text(
        fact("Call which one?"),
        by_text("Text CALL and the number, like CALL 2"),
        by_dial("Dial {dial_who}"),
    ),
    "call.full": text(
        fact("You asked for {n} calls today. That is the most. Text again tomorrow."),
    ),
    "call.none": text(
        fact("This is not on sale any more."),
        by_text("To see others text {product}"),
        by_dial("To see others dial {dial_who}"),
    ),
    "call.seller": text(
        first(
            fact("A buyer at {market} asks for your {product}, one {unit} for {price}."),
            fact("A buyer asks for your {product}, one {unit} for {price}."),
        ),
        first(fact("Please call {phone}"), fact("The number is gone.")),
    ),
    "sell.done": text(
        _ON_SALE,
        by_text("Wrong? Text 2. Sold? Text SOLD {product}."),
        by_dial("Wrong or sold? Dial {dial_goods}."),
        _ONE_FOR,
    ),
    "sell.unit": text(
        fact("{qty} {product}: of what?"),
        rows(shows("{unit}"), 6),
        Digits(6),
        by_dial("Dial {dial_sell}", glue="\n"),
    ),
    "sell.far": text(
        fact("Others ask {usual} for one {unit} of {product}. You typed {price}."),
        by_text("Right? Text 1 for yes, 2 for no"),
        by_dial("It is not on sale. To sell dial {dial_sell}"),
    ),
    "sell.bad": text(
        by_text("Text it like this: SELL onion 20 1500. That is 20 bags, {example} each"),
        by_dial("To sell dial {dial_sell}"),
    ),
    "sell.full": text(
        fact("You have {n} goods on sale. That is the most."),
        by_text("Text SOLD and a product first."),
        by_dial("See your goods: dial {dial_goods}"),
    ),
    "sell.place": text(
        fact("We do not know your market yet. Say it first: dial {dial_mine}"),
    ),
    "sell.back": text(fact("Taken back. It is not on sale: {product}")),
    "sold.done": text(
        fact("Sold: {qty} {units} {product}."),
        by_text("Wrong? Text 2."),
        by_dial("Wrong? Dial {dial_goods}."),
        fact("You took {amount}"),
    ),
    "sold.which": text(
        fact("Which one?"),
        rows(shows("{units}, {qty}, {price}"), 3),
        Digits(3),
        by_dial("Dial {dial_goods}", glue="\n"),
    ),
    "sold.none": text(
        fact("You have no {product} on sale. To see your goods dial {dial_goods}"),
    ),
    "sold.bare": text(
        fact("Sold what?"),
        by_text("Text SOLD and a product, like SOLD onion"),
        by_dial("See your goods: dial {dial_goods}"),
    ),
    "sold.back": text(fact("On sale again: {qty} {units} {product}."), _ONE_FOR),
    "duty.tariff": text(
        shows("{goods}, {market}"),
        shows("{right}", glue="\n"),
        fact("One day: {due}", glue="\n"),
    ),
    "duty.unknown": text(
        fact("We know no official duty for {goods} at {market} yet. Keep your paper ticket."),
        by_text("Prices work: text PRICE rice"),
    ),
    "duty.nostall": text(
        fact("No market is in your name yet, so we know no duty. Dial {dial_mine}"),
    ),
    "duty.council": text(
        fact("{council} council takes no duty here yet. Keep your paper ticket."),
        by_text("Prices work: text PRICE rice"),
    ),
    "listing.done": text(
        _ON_SALE,
        first(
            by_text("Sold? Text SOLD {product} or dial {dial_goods}."),
            by_dial("Sold? Dial {dial_goods}."),
        ),
        _ONE_FOR,
    ),
}
