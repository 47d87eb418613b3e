"""``python -m benchmarks.search_queries``: writes ``queries_by_rule.tsv`` anew, always the same.

Each row is a word of the Gambian pack, spelled as people type that language, by the rules below;
they were written from how texts look, not from how the search folds. Words that the pack knows in
the misspelled form too are left out, for they would prove nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import trader_platform.packs
from trader_platform.market.fold import plain
from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import Pack, Unit

FOLDER: Final = Path(__file__).resolve().parents[1] / "tests/fixtures/search"
HEADER: Final = ("query", "language", "product", "place", "unit", "quantity", "error", "made")
EACH: Final = 84  # queries a language
_KEYS: Final = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
Rule = Callable[[str, random.Random], str]


def _at(word: str, chance: random.Random) -> int:
    """Where a thumb slips: seldom at the first letter."""
    return chance.randrange(1, len(word))


def swapped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def missed(word: str, chance: random.Random) -> str:
    at = _at(word, chance)
    return word[:at] + word[at + 1 :]


def doubled(word: str, chance: random.Random) -> str:
    at = _at(word, chance)
    return word[:at] + word[at] + word[at:]


def same_key(word: str, chance: random.Random) -> str:
    """One press too many or too few on a keypad."""
    at = _at(word, chance)
    key = next((k for k in _KEYS if word[at] in k), word[at])
    other = chance.choice([c for c in key if c != word[at]] or [word[at]])
    return word[:at] + other + word[at + 1 :]


def vowel_left_out(word: str, chance: random.Random) -> str:
    places = [at for at, c in enumerate(word) if at and c in "aeiou"]
    at = chance.choice(places) if places else 0
    return word[:at] + word[at + 1 :] if at else word


def _written(*ways: tuple[str, str]) -> Rule:
    """One of the ways to write a sound, where the word has it."""

    def rule(word: str, chance: random.Random) -> str:
        usable = [(a, b) for a, b in ways if re.search(a, word)]
        if not usable:
            return word
        pattern, other = chance.choice(usable)
        return re.sub(pattern, other, word, count=1)

    return rule


SLIPS: Final[dict[str, Rule]] = {
    "swapped": swapped,
    "missed": missed,
    "doubled": doubled,
    "same key": same_key,
    "vowel left out": vowel_left_out,
}
SOUNDS: Final[dict[str, Rule]] = {
    "en": _written(
        ("ee|ea", "i"), ("ck", "k"), ("ph", "f"), ("ou|oo", "u"), ("c(?=[aou])", "k"),
        ("s$", "z"), ("er$", "a"), ("ion", "iyon"), ("ge$", "j"), ("le$", "el"), ("y$", "i"),
    ),
    "fr": _written(
        ("qu", "k"), ("eau|au", "o"), ("gn", "ni"), ("(?<=.)e$", ""), ("ai|è|ê", "e"), ("é", "e"),
        ("ou", "u"), ("ch", "sh"), ("(.)\\1", r"\1"), ("ss", "s"), ("on\\b", "om"), ("ph", "f"),
    ),
    "wo": _written(
        ("x", "kh"), ("x", "h"), ("c", "th"), ("c", "ch"), ("j", "dj"), ("j", "di"), ("ñ", "gn"),
        ("ñ", "ny"), ("ë", "eu"), ("ë", "e"), ("u", "ou"), ("(.)\\1", r"\1"), ("e$", "eh"),
        ("aa", "a"), ("p$", "b"), ("k$", "g"), ("à", "a"), ("o$", "oo"),
    ),
    "mnk": _written(
        ("oo$", "o"), ("oo$", ""), ("o$", ""), ("ŋ", "ng"), ("ny|ñ", "gn"), ("j", "dj"),
        ("ee", "e"), ("aa", "a"), ("u", "ou"), ("(.)\\1", r"\1"), ("k", "c"), ("i", "ee"),
    ),
    "ff": _written(
        ("ɓ", "b"), ("ɗ", "d"), ("(.)\\1", r"\1"), ("e$", "eh"), ("u", "ou"), ("ny|ñ", "gn"),
        ("j", "dj"), ("c", "th"), ("aa", "a"), ("ii", "i"), ("i$", "y"), ("k", "c"),
    ),
}  # fmt: skip
# What stands around the word; {x} is the word as it was typed.
FRAMES: Final = ("{x}", "{x}", "{x}", "{x} {place}", "{place} {x}", "{n} {unit} {x}", "{x} {slip}")


def main() -> None:
    """Write the file."""
    pack = read_pack(Path(trader_platform.packs.__file__).parent / "gambia")
    rows = ["\t".join(HEADER), *("\t".join(row) for row in make(pack))]
    (FOLDER / "queries_by_rule.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def make(pack: Pack) -> Iterator[tuple[str, ...]]:
    """The rows, the same at each call."""
    owners = _owners(pack)
    seen: set[str] = set()
    for language, by_sound in SOUNDS.items():
        chance = random.Random(f"queries {language}")
        words = _words(pack, language, owners)
        chance.shuffle(words)
        rules = [("sound", by_sound)] * 4 + list(SLIPS.items())
        made = 0
        for number, (word, product) in enumerate(words * 3):
            error, rule = rules[number % len(rules)]
            typed = rule(word, chance)
            if plain(typed).replace(" ", "") not in owners and made < EACH:
                asked, place, unit, amount = _framed(typed, language, chance, pack)
                if asked in seen:
                    continue
                seen.add(asked)
                made += 1
                yield asked, language, product, place, unit, amount, error, "rule"


def _framed(
    typed: str, language: str, chance: random.Random, pack: Pack
) -> tuple[str, str, str, str]:
    """The whole text, and its place, unit and amount."""
    frame = chance.choice(FRAMES)
    place, unit = chance.choice(pack.markets), chance.choice(_clear_units(pack))
    number = chance.randrange(2, 60)
    text = frame.format(
        x=typed,
        place=place.short_name.lower(),
        slip=swapped(place.short_name.lower(), chance),
        n=number,
        unit=unit.names.get(language, unit.names["en"])[-1],
    )
    placed, counted = "{place}" in frame or "{slip}" in frame, "{n}" in frame
    return (
        text,
        place.slug if placed else "",
        unit.slug if counted else "",
        str(number) if counted else "",
    )


def _clear_units(pack: Pack) -> list[Unit]:
    """Those whose names are no other unit's word."""
    words = [(plain(word.word), word.unit) for word in pack.unit_aliases]
    taken = {word for word, unit in words if any(w == word and u != unit for w, u in words)}
    return [
        unit
        for unit in pack.units
        if not taken & {plain(name) for names in unit.names.values() for name in names}
    ]


def _owners(pack: Pack) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for x in pack.products:
        for name in (*x.names.values(), x.slug):
            owners.setdefault(plain(name).replace(" ", ""), set()).add(x.slug)
    for alias in pack.aliases:
        owners.setdefault(plain(alias.word).replace(" ", ""), set()).add(alias.product)
    return owners


def _words(pack: Pack, language: str, owners: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Words of one language that name one product, of four letters or more."""
    words = {(x.names[language], x.slug) for x in pack.products if x.names.get(language)}
    words |= {
        (x.word, x.product)
        for x in pack.aliases
        if x.language == language and x.certainty == "sourced"
    }
    return sorted(
        (word.lower(), product)
        for word, product in words
        if len(word) > 3 and len(owners[plain(word).replace(" ", "")]) == 1
    )


if __name__ == "__main__":
    main()
