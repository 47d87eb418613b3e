"""The country's data as packs bring it: places, goods, units, days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base, UtcDateTime


class Pack(Base):
    """One country's data and the rules that come with it; ``settings`` is pack.toml as JSON."""

    __tablename__ = "packs"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    settings: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ServiceCode(Base):
    """Which pack answers a dialled code; an unknown code is answered by the first pack."""

    __tablename__ = "service_codes"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))


class Council(Base):
    """The tenant: who runs markets and takes the fees. ``charging`` once it does so through us.

    ``charging_since`` is the first day that it does: what was owed before it was paid on paper.
    """

    __tablename__ = "councils"
    __table_args__ = (UniqueConstraint("pack_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    short_name: Mapped[str] = mapped_column(String(12))
    phone: Mapped[str | None] = mapped_column(String(20))
    charging: Mapped[bool] = mapped_column(default=False)
    charging_since: Mapped[date | None] = mapped_column(Date)
    retired: Mapped[bool] = mapped_column(default=False)


class Market(Base):
    """A place with prices: a daily market, a lumo, or (``price_only``) one that a file names."""

    __tablename__ = "markets"
    __table_args__ = (
        UniqueConstraint("pack_id", "slug"),
        CheckConstraint("kind IN ('daily', 'lumo', 'price_only')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    council_id: Mapped[int | None] = mapped_column(ForeignKey("councils.id"))
    slug: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(14))
    region: Mapped[str | None] = mapped_column(String(80))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    rank: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class MarketAlias(Base):
    """Another way to write a place."""

    __tablename__ = "market_aliases"
    __table_args__ = (UniqueConstraint("market_id", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    word: Mapped[str] = mapped_column(String(80))


class MarketDay(Base):
    """A weekly day of a market (ISO: Monday is 1)."""

    __tablename__ = "market_days"
    __table_args__ = (
        UniqueConstraint("market_id", "weekday"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    weekday: Mapped[int]


class MarketChange(Base):
    """A dated exception: closed from-until, one day moved to another, or days of a festival."""

    __tablename__ = "market_changes"
    __table_args__ = (
        UniqueConstraint("market_id", "kind", "starts_on", "festival"),
        CheckConstraint("kind IN ('closure', 'move', 'festival')", name="kind"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("(kind = 'festival') = (festival <> '')", name="festival"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    kind: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date, index=True)
    moved_to: Mapped[date | None] = mapped_column(Date)
    festival: Mapped[str] = mapped_column(String(20), default="", server_default="")
    note: Mapped[str | None] = mapped_column(String(120))


class DayTold(Base):
    """A caller's word on an unknown market day, for the council to check."""

    __tablename__ = "days_told"

    id: Mapped[int] = mapped_column(primary_key=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    weekday: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GoodsClass(Base):
    """Kinds of goods: what a trader says she sells, and what a tariff charges by."""

    __tablename__ = "goods_classes"
    __table_args__ = (UniqueConstraint("pack_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    slug: Mapped[str] = mapped_column(String(40))
    names: Mapped[str] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class Product(Base):
    """One thing that is sold; ``names`` is JSON language to short name (at most 14 septets)."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("pack_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    goods_class_id: Mapped[int] = mapped_column(ForeignKey("goods_classes.id"))
    slug: Mapped[str] = mapped_column(String(60))
    names: Mapped[str] = mapped_column(Text)
    perishable: Mapped[bool] = mapped_column(default=False)
    season: Mapped[str | None] = mapped_column(String(40))
    rank: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


ADDED: Final = "added"


class ProductAlias(Base):
    """A word for a product in one language, with its certainty and where it was found.

    ``certainty`` is ADDED where a person put it in beside the pack: loading leaves it alone.
    """

    __tablename__ = "product_aliases"
    __table_args__ = (UniqueConstraint("product_id", "language", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    language: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(60))
    certainty: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)


class UnmatchedWord(Base):
    """How often a word was asked for on a day and nobody knew it; never by whom."""

    __tablename__ = "unmatched_words"
    __table_args__ = (Index("ix_unmatched_words_day", "day"),)

    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(24), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    times: Mapped[int]


class Unit(Base):
    """A measure; ``names`` is JSON language to [one, many]. ``grams`` only for true weights."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("pack_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    slug: Mapped[str] = mapped_column(String(40))
    names: Mapped[str] = mapped_column(Text)
    grams: Mapped[int | None]
    millilitres: Mapped[int | None]
    rank: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class UnitAlias(Base):
    """A word for a unit in one language."""

    __tablename__ = "unit_aliases"
    __table_args__ = (UniqueConstraint("unit_id", "language", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    language: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(60))


class Conversion(Base):
    """What one unit of one product weighs, where somebody weighed it."""

    __tablename__ = "conversions"
    __table_args__ = (
        UniqueConstraint("product_id", "unit_id"),
        CheckConstraint("grams > 0", name="grams"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    grams: Mapped[int]
    certainty: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)


class ProductUnit(Base):
    """The units offered for a product, in the order of the keypad."""

    __tablename__ = "product_units"
    __table_args__ = (UniqueConstraint("product_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    rank: Mapped[int]


class Stall(Base):
    """A place with a painted number and a card of five digits and a check digit.

    ``kind`` is canteen, table or mat; ``goods_class_id`` what may be sold there, where that is set.
    """

    __tablename__ = "stalls"
    __table_args__ = (UniqueConstraint("market_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    number: Mapped[str] = mapped_column(String(6))
    card: Mapped[str] = mapped_column(String(6), unique=True)
    zone: Mapped[str] = mapped_column(String(10), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(8), default="table", server_default="table")
    space_class: Mapped[str] = mapped_column(String(10), default="", server_default="")
    goods_class_id: Mapped[int | None] = mapped_column(ForeignKey("goods_classes.id"))
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    demo: Mapped[bool] = mapped_column(default=False)


class StallClaim(Base):
    """A trader's word that a stall is hers; ``contested`` where another said so first."""

    __tablename__ = "stall_claims"
    __table_args__ = (
        Index("ix_stall_claims_stall", "stall_id"),
        Index("ix_stall_claims_trader", "trader_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stall_id: Mapped[int] = mapped_column(ForeignKey("stalls.id"))
    trader_id: Mapped[int] = mapped_column(ForeignKey("traders.id"))
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contested: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
