"""What a WFP price file calls units, goods and places, in words that a phone can show. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from trader_platform.core.gsm import cut, downgrade, septets


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit of the file in our words; ``one`` and ``many`` fit a phone and begin with a letter.

    ``words`` are what a pack may call the same unit; ``kind`` is a pack's kind of unit.
    """

    slug: str
    kind: str
    one: str
    many: str
    grams: int | None = None
    millilitres: int | None = None
    words: tuple[str, ...] = ()


_FORM: Final = re.compile(r"(?:(\d+(?:[.,]\d+)?)\s*)?([A-Za-z][A-Za-z .-]*)")
_GRAMS: Final = {
    **dict.fromkeys(("kg", "kgs", "kilo", "kilogram", "kilograms"), Decimal(1000)),
    **dict.fromkeys(("g", "gr", "gram", "grams"), Decimal(1)),
    **dict.fromkeys(("mt", "ton", "tonne"), Decimal(1_000_000)),
    **dict.fromkeys(("pound", "pounds", "lb", "lbs"), Decimal("453.59237")),
}
_MILLILITRES: Final = {
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters"), Decimal(1000)),
    **dict.fromkeys(("ml", "millilitre", "millilitres"), Decimal(1)),
}
_PIECES: Final = frozenset({"unit", "units", "pc", "pcs", "piece", "pieces"})
# Prices of these are no prices of goods.
_NOT_GOODS: Final = frozenset({"day", "month", "week", "course", "kwh", "usd", "lcu"})
_MOST: Final = 10_000_000
ONE_SEPTETS: Final = 10
MANY_SEPTETS: Final = 11


@lru_cache(maxsize=1024)
def measure(text: str) -> Measure | None:
    """The unit that ``KG``, ``100 KG``, ``1.5 L``, ``Bunch``, ``30 pcs`` or the like mean.

    None where it is no unit of goods, or cannot be named on a phone.
    """
    found = _FORM.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    count = Decimal((found[1] or "1").replace(",", "."))
    word = found[2].strip(" .-").lower()
    if not 0 < count <= _MOST or word in _NOT_GOODS:
        return None
    if word in _GRAMS:
        return _weighed(count, _GRAMS[word])
    if word in _MILLILITRES:
        return _poured(count, _MILLILITRES[word])
    return _counted(count, word)


def _weighed(count: Decimal, grams: Decimal) -> Measure | None:
    exact = int((count * grams).to_integral_value(ROUND_HALF_UP))
    if not 1 <= exact <= _MOST:
        return None
    if exact == 1000:
        return Measure("kg", "mass", "kg", "kg", grams=exact, words=("kg", "kilo"))
    number, sign = (Decimal(exact) / 1000, "kg") if exact > 1000 else (Decimal(exact), "g")
    return _named("mass", number, sign, grams=exact)


def _poured(count: Decimal, millilitres: Decimal) -> Measure | None:
    exact = int((count * millilitres).to_integral_value(ROUND_HALF_UP))
    if not 1 <= exact <= _MOST:
        return None
    if exact == 1000:
        words = ("litre", "liter", "l")
        return Measure("litre", "volume", "litre", "litres", millilitres=exact, words=words)
    number, sign = (Decimal(exact) / 1000, "l") if exact > 1000 else (Decimal(exact), "ml")
    return _named("volume", number, sign, millilitres=exact)


def _counted(count: Decimal, word: str) -> Measure | None:
    if count == 1:
        if word in _PIECES:
            return Measure("piece", "count", "piece", "pieces", words=("piece", "unit"))
        name = downgrade(word)
        if (septets(name) or 99) > ONE_SEPTETS:
            return None
        kind = "count" if word in {"dozen", "pair", "head"} else "container"
        return Measure(slugged(word), kind, name, cut(_plural(name), MANY_SEPTETS), words=(word,))
    if count != count.to_integral_value():
        return None
    thing = "" if word in _PIECES else f"-{slugged(word)}"
    one = f"lot of {int(count)}"
    if len(one) > ONE_SEPTETS:
        return None
    return Measure(f"lot-{int(count)}{thing}", "count", one, one.replace("lot", "lots", 1))


def _named(
    kind: str,
    number: Decimal,
    sign: str,
    *,
    grams: int | None = None,
    millilitres: int | None = None,
) -> Measure | None:
    """``lot 100 kg``: what holds it is not known, and a name must not begin with its number."""
    digits = f"{number.normalize():f}"
    for name in (f"lot {digits} {sign}", f"lot {digits}{sign}"):
        if len(name) <= ONE_SEPTETS:
            slug = f"lot-{digits.replace('.', '-')}-{sign}"
            many = name.replace("lot", "lots", 1)
            return Measure(slug, kind, name, many, grams, millilitres)
    return None


def _plural(word: str) -> str:
    if word.endswith("f"):
        return word[:-1] + "ves"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def slugged(text: str) -> str:
    """A text as a permanent id: small letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", downgrade(text).lower()).strip("-") or "x"


# Bases that say only what the rest is: `Meat (chicken)` is sold as chicken.
_FAMILIES: Final = frozenset({"meat", "fish", "livestock", "oil", "milk", "fuel", "bread", "beans"})
# What cannot stand for the goods without their name: `Rice (local)` is not called local.
_QUALITIES: Final = frozenset(
    (
        *("local", "imported", "fresh", "dried", "dry", "smoked", "salted", "frozen", "live"),
        *("shelled", "unshelled", "whole", "raw", "cooked", "ripe", "unripe", "mixed", "sweet"),
        *("white", "red", "yellow", "black", "brown", "green", "bitter", "powder", "parboiled"),
        *("large", "small", "medium", "big", "long", "short", "grain", "broken"),
        *("first", "second", "quality", "high", "low", "grade"),
    )
)
NAME_SEPTETS: Final = 14


def parts(name: str) -> tuple[str, str]:
    """``Fish (mackerel, fresh)`` to ``fish`` and ``mackerel fresh``."""
    base, _, rest = downgrade(name).lower().partition("(")
    words = re.sub(r"[^a-z0-9' /-]+", " ", rest).split()
    return " ".join(base.split()), " ".join(words)


def names(name: str) -> tuple[str, ...]:
    """What a pack may call the commodity, the surest first."""
    base, rest = parts(name)
    if not rest:
        return (base,)
    turned = " ".join(reversed(rest.split()))
    alone = (rest, turned) if base in _FAMILIES else ()
    return tuple(dict.fromkeys((f"{base} {rest}", f"{rest} {base}", *alone)))


def words(name: str) -> tuple[str, ...]:
    """Everything that people may type for the commodity."""
    base, rest = parts(name)
    own = [x for x in rest.split() if x not in _QUALITIES]
    return tuple(dict.fromkeys((*names(name), base, *own)))


def short_name(name: str, taken: Sequence[str] = ()) -> str:
    """What the phone calls the commodity: at most 14 septets, not one of ``taken``."""
    base, rest = parts(name)
    telling = [x for x in rest.split() if x not in _QUALITIES]
    tries = [f"{base} {rest}".strip()]
    if base in _FAMILIES and telling:
        tries.insert(0, rest)
    if telling:
        tries += [f"{' '.join(telling)} {base}", " ".join(telling)]
    tries += [_shortened(base, rest), cut(base, NAME_SEPTETS)]
    tries += [f"{cut(base, NAME_SEPTETS - 3)} {number}" for number in range(2, 100)]
    for one in tries:
        if one and not one[0].isdigit() and len(one) <= NAME_SEPTETS and one not in taken:
            return one
    raise ValueError(f"no short name is left for {name!r}")


def _shortened(base: str, rest: str) -> str:
    room = NAME_SEPTETS - len(rest) - 2
    return f"{base[:room]}. {rest}" if rest and room >= 3 else ""


def short_place(name: str, taken: Sequence[str] = ()) -> str:
    """What the phone calls a market: at most 14 septets, not one of ``taken``."""
    plain = " ".join(downgrade(name).split()).lstrip("0123456789 ") or "Market"
    first = re.split(r"[/(,;]", plain)[0].strip() or plain
    whole = ""
    for word in first.split():
        if len(f"{whole} {word}".strip()) <= NAME_SEPTETS:
            whole = f"{whole} {word}".strip()
    tries = [plain, first, whole, cut(first, NAME_SEPTETS)]
    tries += [f"{cut(first, NAME_SEPTETS - 3)} {number}" for number in range(2, 100)]
    for one in tries:
        if one and len(one) <= NAME_SEPTETS and one.lower() not in taken:
            return one
    raise ValueError(f"no short name is left for {name!r}")
