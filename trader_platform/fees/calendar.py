"""Which councils charge, which of their markets are held on a day, and of what type a day is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from trader_platform.fees.models_charges import IS_LIVE, Adjustment, Charge
from trader_platform.fees.types import CLOSED, DAILY_DUTY, Day
from trader_platform.market.calendar import Change, festival_on, is_open
from trader_platform.market.catalog import Place
from trader_platform.market.models import Council, Market, MarketDay, Pack
from trader_platform.market.queries_calendar import changes_of_market
from trader_platform.market.service_calendar import NEAR_BY

LUMO: Final = "lumo"


@dataclass(frozen=True, slots=True)
class Charging:
    """A council that takes its fees through us, since when, and the zone its days are of."""

    id: int
    pack_id: int
    zone: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Festival:
    """The days of a festival, and its first day as it is at each market that keeps it on them.

    ``apart`` are the first days of other festivals near by, by market.
    """

    first: date
    last: date
    markets: Mapping[int, Day]
    apart: Mapping[int, Sequence[date]]


def charging_councils(connection: Connection) -> tuple[Charging, ...]:
    """Councils that charge through us, in the order of their ids."""
    rows = connection.execute(
        select(Council.id, Council.pack_id, Council.charging_since, Pack.settings)
        .join(Pack, Pack.id == Council.pack_id)
        .where(Council.charging, Council.retired.is_(False))
        .order_by(Council.id)
    )
    return tuple(
        Charging(row.id, row.pack_id, json.loads(row.settings)["timezone"], row.charging_since)
        for row in rows
    )


def open_markets(
    connection: Connection, council: Charging, day: date, *, closed_too: bool = False
) -> dict[int, Day]:
    """Markets of a council that are held on a day, each with the type that the day is of there.

    One whose day nobody knows is not charged: no duty is raised on a guess. ``closed_too`` is for
    fees that do not hang on a market day (rent, licence): then no day has a type.
    """
    places = _places(connection, council)
    if closed_too:
        return {place.id: Day(day) for place in places}
    return {
        place.id: typed_day(place, changes, day)
        for place, changes in ((x, changes_of_market(connection, x.id, day)) for x in places)
        if is_open(place, changes, day)
    }


def festivals(
    connection: Connection, council: Charging, since: date, today: date
) -> tuple[Festival, ...]:
    """What a council's markets kept on any day from ``since`` to ``today``; of some it goes on.

    Not at a market that is closed for all of it.
    """
    found: dict[tuple[date, date, str], dict[int, Day]] = defaultdict(dict)
    near: list[Change] = []
    for place in _places(connection, council):
        changes = changes_of_market(connection, place.id, since - NEAR_BY)
        near += (x for x in changes if x.festival)
        for x in changes:
            if x.festival and x.starts_on <= today and x.ends_on >= since and not _shut(x, changes):
                day = Day(x.starts_on, _type(place), x.festival)
                found[x.starts_on, x.ends_on, x.festival][place.id] = day
    return tuple(
        Festival(first, last, markets, {id_: _others(near, id_, name) for id_ in markets})
        for (first, last, name), markets in found.items()
    )


def _shut(festival: Change, changes: Sequence[Change]) -> bool:
    """Whether a closure covers all its days."""
    first, last = festival.starts_on, festival.ends_on
    return any(x.kind == "closure" and x.starts_on <= first and x.ends_on >= last for x in changes)


def _others(near: Sequence[Change], market_id: int, name: str) -> list[date]:
    return [x.starts_on for x in near if x.market_id == market_id and x.festival != name]


def charged_and_closed(connection: Connection, council: Charging, day: date) -> list[int]:
    """Markets that turned out closed on a day whose duty was raised: it is to be credited."""
    c = Charge
    charged = connection.execute(
        select(c.market_id)
        .where(
            c.council_id == council.id,
            c.period_from == day,
            c.fee == DAILY_DUTY,
            c.unit_no == 0,
            IS_LIVE,
            c.amount_minor > 0,
        )
        .distinct()
        .order_by(c.market_id)
    )
    return [id_ for id_ in charged.scalars() if is_held(connection, id_, day) is False]


def credited_and_held(connection: Connection, council: Charging, day: date) -> list[int]:
    """Markets that were held after all on a day that was let off as closed: it is owed again."""
    c, a = Charge, Adjustment
    credited = connection.execute(
        select(c.market_id)
        .join(a, a.charge_id == c.id)
        .where(
            a.council_id == council.id,
            a.day == day,
            a.kind == CLOSED,
            a.state == "made",
            IS_LIVE,
        )
        .group_by(c.market_id, c.id)
        .having(func.sum(a.amount_minor) < 0)
        .order_by(c.market_id)
    )
    return [id_ for id_ in dict.fromkeys(credited.scalars()) if is_held(connection, id_, day)]


def is_held(connection: Connection, market_id: int, day: date) -> bool | None:
    """Whether one market is held on a day; None where nobody knows its day."""
    place = _place(connection, market_id)
    return is_open(place, changes_of_market(connection, market_id, day), day)


def day_of(connection: Connection, market_id: int, day: date) -> Day:
    """The type of a day at one market."""
    changes = changes_of_market(connection, market_id, day)
    return typed_day(_place(connection, market_id), changes, day)


def typed_day(place: Place, changes: Sequence[Change], day: date) -> Day:
    """A lumo's own day is a lumo day; which festival it is, the council's calendar says."""
    return Day(day, _type(place), festival_on(place, changes, day))


def _type(place: Place) -> str:
    return LUMO if place.kind == LUMO else ""


def _places(connection: Connection, council: Charging) -> list[Place]:
    rows = connection.execute(
        select(Market.id).where(Market.council_id == council.id, Market.retired.is_(False))
    )
    return [_place(connection, id_) for id_ in rows.scalars()]


def _place(connection: Connection, market_id: int) -> Place:
    row = connection.execute(select(Market).where(Market.id == market_id)).one()
    days = connection.execute(
        select(MarketDay.weekday)
        .where(MarketDay.market_id == market_id)
        .order_by(MarketDay.weekday)
    )
    return Place(
        id=row.id,
        slug=row.slug,
        kind=row.kind,
        name=row.name,
        short_name=row.short_name,
        council_id=row.council_id,
        days=tuple(days.scalars()),
        rank=row.rank,
        latitude=row.latitude,
        longitude=row.longitude,
        region=row.region,
    )
