"""What a pack says, as frozen values. Knows no file format, no database and no transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from trader_platform.core.money import Currency


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file, where it is and what to do about it."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.message}"


class PackError(Exception):
    """A pack cannot be used; ``problems`` holds everything that was found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Language:
    """A language of the menus; ``draft`` until a native speaker has signed its catalog off."""

    tag: str
    name: str
    draft: bool


@dataclass(frozen=True)
class Texts:
    """[sms]: when and how often people are texted, and what a segment costs (minor units).

    Without ``budget_a_day_minor`` a council may text as much as it wants.
    """

    quiet_from: time = time(20)
    quiet_until: time = time(8)
    wide_from: time = time(5)
    wide_until: time = time(22)
    texts_a_day: int = 3
    topics: tuple[str, ...] = ()
    segment_cost_minor: int = 0
    budget_a_day_minor: int | None = None


@dataclass(frozen=True)
class Settings:
    """pack.toml. Costs are minor units; what is None is not known and is not shown.

    ``second_rate`` is what one major unit of the currency was in the second one on its date.
    """

    slug: str
    name: str
    country: str
    calling_code: str
    also_served: tuple[str, ...]
    currency: Currency
    second_currency: Currency | None
    second_rate: str | None
    second_rate_date: date | None
    timezone: str
    default_language: str
    languages: tuple[Language, ...]
    search_languages: tuple[str, ...]
    service_name: str
    service_code: str
    help_phone: str | None
    dial_cost_minor: int | None
    text_cost_minor: int | None
    daily_market_weekdays: tuple[int, ...]
    longest_listing_days: int
    sms: Texts = Texts()


@dataclass(frozen=True)
class Evidence:
    """How sure a row is (sourced, likely, unsure, inferred) and where it was found."""

    certainty: str
    source: str


@dataclass(frozen=True)
class Council(Evidence):
    """Who runs markets and takes the fees."""

    slug: str
    name: str
    short_name: str


@dataclass(frozen=True)
class Market(Evidence):
    """A place with prices: ``daily``, ``lumo`` (weekly) or ``price_only``."""

    slug: str
    council: str | None
    council_certainty: str | None
    kind: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    region: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class MarketDay(Evidence):
    """A weekly day of a market (ISO: Monday is 1)."""

    market: str
    weekday: int


@dataclass(frozen=True)
class MarketChange(Evidence):
    """Closed from-until, or the day ``starts_on`` moved to ``moved_to``."""

    market: str
    kind: str
    starts_on: date
    ends_on: date
    moved_to: date | None
    note: str | None


@dataclass(frozen=True)
class GoodsClass(Evidence):
    """A kind of goods; ``names`` is language tag to short name."""

    slug: str
    names: Mapping[str, str]
    perishable: bool
    listing_days: int


@dataclass(frozen=True)
class Product(Evidence):
    """One thing that is sold; ``perishable`` is None where its class decides."""

    slug: str
    goods_class: str
    names: Mapping[str, str]
    perishable: bool | None


@dataclass(frozen=True)
class Alias(Evidence):
    """A word for a product."""

    product: str
    language: str
    word: str


@dataclass(frozen=True)
class Unit(Evidence):
    """A measure; ``names`` is language tag to (one, many). ``grams`` only for true weights."""

    slug: str
    kind: str
    names: Mapping[str, tuple[str, str]]
    grams: int | None
    millilitres: int | None


@dataclass(frozen=True)
class UnitAlias(Evidence):
    """A word for a unit."""

    unit: str
    language: str
    word: str


@dataclass(frozen=True)
class Conversion(Evidence):
    """What one unit of one product weighs."""

    product: str
    unit: str
    grams: int


@dataclass(frozen=True)
class ProductUnits(Evidence):
    """The units offered for a product, in the order of the keypad."""

    product: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Season(Evidence):
    """The months (1 to 12) in which local goods come to market."""

    product: str
    months: tuple[int, ...]
    note: str | None


@dataclass(frozen=True)
class Tariff(Evidence):
    """What a council asks; None for market, goods, space or kind of day means all of them.

    Without ``accrues`` a day's fee is owed by who trades; ``rank`` orders fees in a payment.
    """

    council: str
    market: str | None
    goods_class: str | None
    space_class: str | None
    day_type: str | None
    festival: str | None
    fee: str
    accrues: str | None
    rank: int | None
    bylaw: str | None
    unit: str
    amount_minor: int
    valid_from: date
    precision: str
    source_date: date | None


@dataclass(frozen=True)
class Pack:
    """A pack whose files agree with one another; rows stand in the order of their files."""

    settings: Settings
    councils: tuple[Council, ...]
    markets: tuple[Market, ...]
    lumo_days: tuple[MarketDay, ...]
    calendar: tuple[MarketChange, ...]
    goods_classes: tuple[GoodsClass, ...]
    products: tuple[Product, ...]
    aliases: tuple[Alias, ...]
    units: tuple[Unit, ...]
    unit_aliases: tuple[UnitAlias, ...]
    conversions: tuple[Conversion, ...]
    product_units: tuple[ProductUnits, ...]
    seasons: tuple[Season, ...]
    tariffs: tuple[Tariff, ...]
