"""The words of texts about duty: what is owed, tickets, badges, reports."""

from __future__ import annotations

from typing import Final

from sms.texts_parts import Text, by_dial, by_text, fact, first, shows, spare, text

_PLACE = first(shows("{market} {stall}, {days},"), shows("{market}, {days},"))
_CHECK = by_text("Check it: text TICKET {code}.")
_TELL = fact("To tell the council dial {dial_wrong}")

FEES: Final[dict[str, Text]] = {
    "receipt.issued": text(
        fact("Ticket {code}:"), _PLACE, fact("badge {badge}."), _CHECK, fact("Paid {amount}")
    ),
    "receipt.part": text(
        fact("Ticket {code}: part paid,"),
        first(shows("{market} {stall}, {days}."), shows("{market}, {days}.")),
        fact("Still to pay: {old}."),
        _CHECK,
        fact("Paid {amount}"),
    ),
    "receipt.ahead": text(
        fact("Ticket {code}:"),
        first(shows("{market} {stall},"), shows("{market},")),
        fact("paid ahead: {ahead}. A closed day comes back."),
        _CHECK,
        fact("Paid {amount}"),
    ),
    "receipt.taken": text(
        fact("Ticket {code} of {date} is taken back: {why}."),
        fact("If you did pay, dial {dial_wrong} in 7 days."),
        fact("It was {amount}"),
    ),
    "receipt.mended": text(
        fact("Ticket {code} is right, not {code2}:"),
        first(_PLACE, shows("{market} {stall},"), shows("{market},")),
        fact("badge {badge}."),
        first(spare("Paid ahead: {ahead}."), spare("Still to pay: {old}.")),
        fact("Paid {amount}"),
    ),
    # What dials her answer joins it once a master has screens: a text names only what works.
    "void.ask": text(
        first(
            fact("Badge {badge} wants to take back ticket {code}, {stall}: {why}."),
            fact("Badge {badge} wants to take back ticket {code}, {goods}: {why}."),
        ),
        fact("It counts till you say yes."),
        fact("It is {amount}"),
    ),
    "overcharge.yes": text(
        fact("Number {ref}: you were right. Right was {due}, you paid {paid_amount}."),
        fact("You paid too much: {amount}"),
    ),
    "overcharge.no": text(
        first(
            fact("Number {ref}: {due} is right for {goods} at {market}."),
            fact("Number {ref}: {due} is right."),
        ),
        fact("Not happy? Dial {dial_wrong}, press 4."),
        fact("You paid {paid_amount}"),
    ),
    "noticket.yes": text(
        fact("Number {ref}: you were right. The council found what you paid: {paid_amount}"),
    ),
    "noticket.no": text(
        fact("Number {ref}: we found no {paid_amount} from you on {date}."),
        fact("Not happy? Dial {dial_wrong}, press 4. Keep any paper."),
    ),
    "duty.owed": text(
        first(
            fact("{date}, {market} {stall}: today {due}, old {old}."),
            fact("{date}, {market}: today {due}, old {old}."),
        ),
        fact("Pay the collector, see the badge first."),
        fact("You owe {amount}"),
    ),
    "duty.clear": text(
        fact("{date}: all is paid. You owe nothing."),
        first(fact("Last ticket {code}: {amount}"), fact("You have no ticket yet.")),
    ),
    "ticket.good": text(
        fact("Good ticket. {code}:"),
        _PLACE,
        first(fact("badge {badge}."), fact("no badge.")),
        fact("Paid {amount}"),
    ),
    "ticket.void": text(
        fact("Ticket {code} was taken back on {date}. It is good no more."),
        fact("If you paid, dial {dial_wrong}"),
    ),
    "ticket.none": text(fact("No ticket has the code {code}. It may be false."), _TELL),
    "ticket.typed": text(
        first(fact("That code has a slip: {word}."), fact("That code has a slip.")),
        fact("A ticket code has 8 signs."),
        by_text("Type it again, like TICKET 7KQ2M9XD"),
        by_dial("Type it again: dial {dial_code}"),
    ),
    "ticket.bare": text(
        fact("Which ticket?"),
        by_text("Text TICKET and the 8 signs, like TICKET 7KQ2M9XD"),
        by_dial("Dial {dial_code}"),
    ),
    "badge.real": text(
        first(
            fact("Real. Badge {badge}, {officer}, takes duty at {market} today."),
            fact("Real. Badge {badge}, {officer}, takes duty for {council} council today."),
        ),
        fact("Since {date}. Pay no other person."),
    ),
    "badge.away": text(
        first(
            fact("Badge {badge} is real, but takes no duty at {market} today. Do not pay."),
            fact("Badge {badge} is real, but takes no duty today. Do not pay."),
        ),
        _TELL,
    ),
    "ticket.slow": text(
        fact("Too many wrong codes. Wait 15 minutes. A right code is answered at once."),
    ),
    "badge.ended": text(fact("Do not pay. Badge {badge} ended on {date}."), _TELL),
    "badge.none": text(fact("Do not pay. There is no badge {badge}."), _TELL),
    "badge.bare": text(
        fact("Which badge?"),
        by_text("Text BADGE and the 5 numbers, like BADGE 48217"),
        by_dial("Dial {dial_badge}"),
    ),
    "collector.day": text(
        fact("{date}, {market}: {n} tickets. Cash {amount}."),
        fact("You hold {held}"),
    ),
    "statement.month": text(
        fact("{month}: {n} days paid, {open} not."),
        fact("Not right? Dial {dial_wrong}."),
        fact("Paid {amount}"),
    ),
}
