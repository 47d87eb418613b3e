"""The words of texts that answer a search, or say why there is no answer."""

from __future__ import annotations

from typing import Final

from sms.texts_parts import Digits, Text, by_dial, by_text, fact, first, rows, shows, spare, text

_ONE_UNIT = first(fact("{product}, one {unit}"), shows("{product}"))
_SELLERS = rows(
    shows("{market} {qty}, {price}"),
    3,
    own_unit=shows("{market} {qty} {units}, {price}"),
    spare=fact("kg {kilo}"),
)
_GOODS_OF_SELLER = first(
    fact("{seller}, {market} {stall}: {qty} {units} {product}, one {unit} for {price}"),
    fact("{seller}, {market}: {qty} {units} {product}, one {unit} for {price}"),
)
_NOBODY = first(
    fact("Nobody sells {product} near {market} now."), fact("Nobody sells {product} now.")
)
_TO_DIAL = by_dial("Or dial {dial}, there you only press numbers.")

SEARCH: Final[dict[str, Text]] = {
    "search.sellers": text(
        _ONE_UNIT,
        spare("most pay {usual}", glue=", "),
        _SELLERS,
        first(
            by_text("Text 1 for more of it, or MORE", more=True, glue="\n"),
            by_text("Text 1 for more of it", glue="\n"),
            by_dial("To reach them dial {dial_who}", glue="\n"),
        ),
    ),
    "search.seller": text(
        _GOODS_OF_SELLER,
        spare("1 kg {kilo}", glue=", "),
        by_text("Text CALL {n} and the seller calls you.", glue=". "),
        by_dial("For others dial {dial_who}", glue=". "),
    ),
    "search.seller.open": text(
        _GOODS_OF_SELLER,
        spare("1 kg {kilo}", glue=", "),
        first(
            fact("Call {phone}", glue=". "),
            fact("The number is gone.", glue=". "),
        ),
    ),
    "search.none": text(
        _NOBODY,
        fact("{reports}, {date}: one {unit} {usual}."),
        by_text("Other places: text PRICE {product}"),
        by_dial("Other places: dial {dial_price}"),
    ),
    "search.none.blank": text(
        first(
            fact("Nobody sells {product} near {market} now and we know no price."),
            fact("Nobody sells {product} now and we know no price."),
        ),
        by_text("Lumo days: text LUMO"),
        by_dial("Lumo days: dial {dial_lumo}"),
    ),
    "search.far": text(
        first(
            fact("No {product} at {market}. Nearest, one {unit}:"),
            fact("No {product} at {market}. Nearest:"),
        ),
        _SELLERS,
        Digits(3),
        by_dial("To reach them dial {dial_who}", glue="\n"),
    ),
    "search.mean": text(
        fact("Did you mean"),
        rows(shows("{product}"), 3),
        Digits(3),
        by_dial("Dial {dial_price} and type it again.", glue="\n"),
    ),
    "search.mean.one": text(
        fact("Did you mean {product}?"),
        by_text("Text 1 for yes, or type it another way."),
        by_dial("Dial {dial_price} and type it again."),
    ),
    "search.which": text(
        fact("Which one?"),
        rows(shows("{product}"), 6),
        Digits(6),
        by_dial("Dial {dial_price} and type it again.", glue="\n"),
    ),
    "search.place": text(
        first(
            fact("{product}: we know no place {word}. Did you mean"),
            fact("{product}: in which place?"),
        ),
        rows(shows("{market}"), 3),
        Digits(3),
        by_dial("Dial {dial_price} and type it again.", glue="\n"),
    ),
    "search.place.none": text(
        first(
            fact("{product}: we know no place {word}."),
            fact("{product}: we do not know this place."),
        ),
        by_text("Text only {product}, and we look in all markets."),
        by_dial("Dial {dial_price} and type it again."),
    ),
    "search.two": text(
        fact("One product in one text, please."),
        first(
            by_text("Text 1 for {product}, 2 for {product2}."),
            by_text("Text 1 for {product}, or type the other."),
            by_dial("Or dial {dial_price}"),
        ),
    ),
    "unknown.first": text(
        first(fact("We do not know: {word}."), fact("We could not read your text.")),
        by_text("Text one product and a place, like onion brikama. Or text HELP"),
        by_dial("Dial {dial_price} and type a product, like onion."),
    ),
    "unknown.again": text(
        first(
            by_text("Text like this: onion brikama. PRICE rice. LUMO monday. STOP ends texts."),
            fact("We do not know this either."),
        ),
        fact("Or dial {dial}, there you only press numbers."),
    ),
    "unknown.third": text(
        fact(
            "We still do not understand. Dial {dial}, there you only press numbers."
            " We answer again when you name a product."
        ),
    ),
    "too.long": text(
        fact("That is too long for us."),
        by_text("Text one product and one place, like onion brikama"),
        by_dial("Dial {dial_price} and type one product."),
    ),
    "rate.limit": text(
        fact(
            "You sent {n} texts in one hour. We answer again at {time}."
            " You can dial {dial} any time."
        ),
    ),
    "not.joined": text(
        fact("This phone has not joined. To join dial {dial_sell}"),
        by_text("To ask a price you need not join: text PRICE rice", glue=". "),
    ),
    "foreign": text(
        by_text("Here you can ask: text PRICE rice or LUMO monday."),
        fact("To sell dial {dial_sell} on a phone of this country."),
    ),
    "hold": text(
        fact("This phone is on hold. Nothing is lost. To ask why, go to the council."),
    ),
    "maintenance": text(
        fact("We mend the service until {time}. Your text is safe, the answer comes after that."),
    ),
}
