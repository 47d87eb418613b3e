"""A pack as the rows it wants in the database, one dictionary a row, parents named by slug."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table

from trader_platform.core.db import Base
from trader_platform.fees import models as fees
from trader_platform.market import models as market
from trader_platform.packs.types import Pack, Settings, Texts

Row = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """One table that packs write.

    ``key`` are the columns that name a row for ever. ``parents`` is column to the kept table it
    points to: rows hold the parent's slug under the column's name without ``_id``. ``gone`` says
    what happens to a row that the pack has no more: ``retire`` (others may point to it),
    ``delete`` (nothing can) or ``keep`` (people add such rows too).
    """

    name: str
    model: type[Base]
    key: tuple[str, ...]
    rows: Callable[[Pack], Iterable[Row]]
    parents: Mapping[str, str]
    gone: str

    @property
    def table(self) -> Table:
        """The database table."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table


def settings_text(pack: Pack) -> str:
    """pack.toml as the JSON that the catalog reads; what is not known is left out."""
    s = pack.settings
    known: Row = {
        **_country(s),
        "languages": [{"tag": x.tag, "name": x.name, "draft": x.draft} for x in s.languages],
        "market_day": {
            "daily_market_weekdays": list(s.daily_market_weekdays),
            "longest_listing_days": s.longest_listing_days,
        },
        "sms": _texts(s.sms),
        "listing_days": {kind.slug: kind.listing_days for kind in pack.goods_classes},
    }
    if s.second_currency is not None:
        known["second_currency"] = {
            "code": s.second_currency.code,
            "mark": s.second_currency.mark,
            "minor_digits": s.second_currency.digits,
            "mark_before": s.second_currency.mark_first,
        }
        if s.second_rate is not None and s.second_rate_date is not None:
            known["second_currency"] |= {
                "rate": s.second_rate,
                "rate_date": s.second_rate_date.isoformat(),
            }
    return _json({key: value for key, value in known.items() if value is not None})


def _texts(sms: Texts) -> Row:
    known: Row = {
        "quiet_from_time": f"{sms.quiet_from:%H:%M}",
        "quiet_until_time": f"{sms.quiet_until:%H:%M}",
        "wide_from_time": f"{sms.wide_from:%H:%M}",
        "wide_until_time": f"{sms.wide_until:%H:%M}",
        "texts_a_day": sms.texts_a_day,
        "topics": list(sms.topics),
        "segment_cost_minor": sms.segment_cost_minor,
        "budget_a_day_minor": sms.budget_a_day_minor,
    }
    return {key: value for key, value in known.items() if value is not None}


def _country(s: Settings) -> Row:
    return {
        "slug": s.slug,
        "name": s.name,
        "country": s.country,
        "calling_code": s.calling_code,
        "also_served": list(s.also_served),
        "currency": s.currency.code,
        "minor_digits": s.currency.digits,
        "money_mark": s.currency.mark,
        "money_mark_before": s.currency.mark_first,
        "timezone": s.timezone,
        "default_language": s.default_language,
        "search_languages": list(s.search_languages),
        "service_name": s.service_name,
        "service_code": s.service_code,
        "help_phone": s.help_phone,
        "dial_cost_minor": s.dial_cost_minor,
        "text_cost_minor": s.text_cost_minor,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _councils(pack: Pack) -> Iterator[Row]:
    for x in pack.councils:
        yield {"slug": x.slug, "name": x.name, "short_name": x.short_name, "retired": False}


def _goods_classes(pack: Pack) -> Iterator[Row]:
    for rank, x in enumerate(pack.goods_classes):
        yield {"slug": x.slug, "names": _json(x.names), "rank": rank, "retired": False}


def _markets(pack: Pack) -> Iterator[Row]:
    for rank, x in enumerate(pack.markets):
        yield {
            "slug": x.slug,
            "council": x.council,
            "kind": x.kind,
            "name": x.name,
            "short_name": x.short_name,
            "region": x.region,
            "latitude": x.latitude,
            "longitude": x.longitude,
            "rank": rank,
            "retired": False,
        }


def _products(pack: Pack) -> Iterator[Row]:
    spoils = {kind.slug: kind.perishable for kind in pack.goods_classes}
    seasons = {x.product: ";".join(map(str, x.months)) for x in pack.seasons}
    for rank, x in enumerate(pack.products):
        yield {
            "slug": x.slug,
            "goods_class": x.goods_class,
            "names": _json(x.names),
            "perishable": spoils[x.goods_class] if x.perishable is None else x.perishable,
            "season": seasons.get(x.slug),
            "rank": rank,
            "retired": False,
        }


def _units(pack: Pack) -> Iterator[Row]:
    for rank, x in enumerate(pack.units):
        yield {
            "slug": x.slug,
            "names": _json(x.names),
            "grams": x.grams,
            "millilitres": x.millilitres,
            "rank": rank,
            "retired": False,
        }


def _market_aliases(pack: Pack) -> Iterator[Row]:
    return ({"market": x.slug, "word": word} for x in pack.markets for word in x.aliases)


def _lumo_days(pack: Pack) -> Iterator[Row]:
    return ({"market": x.market, "weekday": x.weekday} for x in pack.lumo_days)


def _calendar(pack: Pack) -> Iterator[Row]:
    for x in pack.calendar:
        yield {
            "market": x.market,
            "kind": x.kind,
            "starts_on": x.starts_on,
            "ends_on": x.ends_on,
            "moved_to": x.moved_to,
            "note": x.note,
        }


def _aliases(pack: Pack) -> Iterator[Row]:
    for x in pack.aliases:
        yield {
            "product": x.product,
            "language": x.language,
            "word": x.word,
            "certainty": x.certainty,
            "source": x.source,
        }


def _unit_aliases(pack: Pack) -> Iterator[Row]:
    return ({"unit": x.unit, "language": x.language, "word": x.word} for x in pack.unit_aliases)


def _conversions(pack: Pack) -> Iterator[Row]:
    for x in pack.conversions:
        yield {
            "product": x.product,
            "unit": x.unit,
            "grams": x.grams,
            "certainty": x.certainty,
            "source": x.source,
        }


def _product_units(pack: Pack) -> Iterator[Row]:
    for x in pack.product_units:
        for rank, unit in enumerate(x.units):
            yield {"product": x.product, "unit": unit, "rank": rank}


def _tariffs(pack: Pack) -> Iterator[Row]:
    for x in pack.tariffs:
        yield {
            "council": x.council,
            "market": x.market,
            "goods_class": x.goods_class,
            "space_class": x.space_class or "",
            "day_type": x.day_type or "",
            "festival": x.festival or "",
            "fee": x.fee,
            "accrues": x.accrues or "traded",
            "rank": x.rank or 0,
            "bylaw": x.bylaw or "",
            "per": x.unit,
            "valid_from": x.valid_from,
            "amount_minor": x.amount_minor,
            "currency": pack.settings.currency.code,
            "date_precision": x.precision,
            "source_date": x.source_date,
            "certainty": x.certainty,
            "source": x.source,
        }


_SLUG: Final = ("slug",)
_COUNCIL: Final = {"council_id": "councils"}
_MARKET: Final = {"market_id": "markets"}
_GOODS_CLASS: Final = {"goods_class_id": "goods_classes"}
_PRODUCT: Final = {"product_id": "products"}
_UNIT: Final = {"unit_id": "units"}

# Parents before those that point to them.
KEPT: Final = (
    Kept("councils", market.Council, _SLUG, _councils, {}, "retire"),
    Kept("markets", market.Market, _SLUG, _markets, _COUNCIL, "retire"),
    Kept("goods_classes", market.GoodsClass, _SLUG, _goods_classes, {}, "retire"),
    Kept("products", market.Product, _SLUG, _products, _GOODS_CLASS, "retire"),
    Kept("units", market.Unit, _SLUG, _units, {}, "retire"),
    Kept(
        "market_aliases", market.MarketAlias, ("market", "word"), _market_aliases, _MARKET, "delete"
    ),
    Kept("lumo_days", market.MarketDay, ("market", "weekday"), _lumo_days, _MARKET, "delete"),
    Kept(
        "calendar", market.MarketChange, ("market", "kind", "starts_on"), _calendar, _MARKET, "keep"
    ),
    Kept(
        "aliases", market.ProductAlias, ("product", "language", "word"), _aliases, _PRODUCT,
        "delete",
    ),
    Kept(
        "unit_aliases", market.UnitAlias, ("unit", "language", "word"), _unit_aliases, _UNIT,
        "delete",
    ),
    Kept(
        "conversions", market.Conversion, ("product", "unit"), _conversions, _PRODUCT | _UNIT,
        "delete",
    ),
    Kept(
        "product_units", market.ProductUnit, ("product", "unit"), _product_units,
        _PRODUCT | _UNIT, "delete",
    ),
    Kept(
        "tariffs", fees.Tariff,
        (
            *("council", "market", "goods_class", "space_class", "day_type", "festival"),
            *("fee", "per", "valid_from"),
        ),
        _tariffs, _COUNCIL | _MARKET | _GOODS_CLASS, "keep",
    ),
)  # fmt: skip
