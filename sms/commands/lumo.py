"""LUMO monday, LUMO wassu, LUMO: which weekly market is held when, and what is closed or moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sms.ask import Ask, Reply, action
from trader_platform.market import calendar
from trader_platform.market.calendar import Change
from trader_platform.market.catalog import Place
from trader_platform.market.queries_calendar import changes_of_market, changes_of_pack
from trader_platform.market.search import find_places

PER_PAGE: Final = 6
MOST_WORDS: Final = 3
_ONE_DAY: Final = timedelta(days=1)


def lumo(ask: Ask) -> Reply | None:
    """Lumos of a day or the days of one; None where the words after LUMO name neither."""
    parsed = ask.parsed
    if not parsed.words:
        return _next_days(ask)
    if parsed.day:
        return of_day(ask, _day(ask.today, parsed.day))
    found = find_places(ask.catalog, parsed.words)
    if found.sure is not None:
        return of_place(ask, ask.catalog.markets[found.sure])
    if len(parsed.words.split()) > MOST_WORDS:
        return None
    if found.choices:
        rows = [{"market": market} for market in found.choices]
        digits = tuple(action("lumo", place=market) for market in found.choices)
        return Reply("lumo.mean", {"rows": rows}, digits)
    return Reply("lumo.unknown", {"word": parsed.words}, understood=False)


def follow(ask: Ask, values: dict[str, Any]) -> Reply:
    """What a digit or MORE of a lumo text does."""
    if "day" in values:
        return of_day(ask, date.fromisoformat(values["day"]), values["page"])
    place = ask.catalog.markets.get(values["place"])
    return Reply("more.end") if place is None else of_place(ask, place)


def of_day(ask: Ask, day: date, page: int = 0) -> Reply:
    """Lumos that are held on a day, hers first."""
    changes = changes_of_pack(ask.read, ask.catalog.pack_id, min(day, ask.today))
    held = [place for place in _lumos(ask) if calendar.is_open(place, changes, day)]
    if not held:
        return _none(ask, changes, day)
    first = page * PER_PAGE
    rows = [{"market": place.id} for place in held[first : first + PER_PAGE]]
    more = None
    if held[first + PER_PAGE :]:
        more = action("lumo", day=day.isoformat(), page=page + 1)
    params = {"date": day.isoformat(), "rows": rows, "more": more is not None}
    return Reply("lumo.day.answer", params, more=more, over=more is None)


def of_place(ask: Ask, place: Place) -> Reply:
    """The day of a lumo, how it stands now, and the next time."""
    days = calendar.weekdays(place)
    if not days:
        return Reply("lumo.noday", {"market": place.id})
    changes = changes_of_market(ask.read, place.id, ask.today)
    state = calendar.state_of(place, changes, ask.today)
    coming = calendar.next_open_day(place, changes, ask.today)
    params = {
        "market": place.id,
        "days": None if days == calendar.EVERY_DAY else list(days),
        "state": state.kind,
        "until": state.day and state.day.isoformat(),
        "date": coming and coming.isoformat(),
    }
    return Reply("lumo.place.answer", params)


def _next_days(ask: Ask) -> Reply:
    """Today, else the next day that has a lumo."""
    changes = changes_of_pack(ask.read, ask.catalog.pack_id, ask.today)
    coming = _coming(ask, changes, ask.today - _ONE_DAY)
    return of_day(ask, coming[1] if coming else ask.today)


def _none(ask: Ask, changes: Sequence[Change], day: date) -> Reply:
    coming = _coming(ask, changes, day)
    following = {"market": coming[0].id, "date2": coming[1].isoformat()} if coming else {}
    return Reply("lumo.none", {"date": day.isoformat(), **following})


def _coming(ask: Ask, changes: Sequence[Change], after: date) -> tuple[Place, date] | None:
    """The lumo that is held soonest later than ``after``; hers where several are."""
    days = ((place, calendar.next_open_day(place, changes, after)) for place in _lumos(ask))
    known = [(place, day) for place, day in days if day is not None]
    return min(known, key=lambda pair: pair[1], default=None)


def _lumos(ask: Ask) -> list[Place]:
    found = [place for place in ask.catalog.markets.values() if place.kind == "lumo"]
    return sorted(found, key=lambda place: (place.id != ask.market, place.rank, place.id))


def _day(today: date, said: str) -> date:
    """Today, tomorrow, or the coming weekday, today included."""
    if said.isdigit():
        return today + timedelta(days=(int(said) - today.isoweekday()) % 7)
    return today + _ONE_DAY if said == "tomorrow" else today
