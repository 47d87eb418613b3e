"""Price reports and the weeks made from them, on both databases."""

from __future__ import annotations

import json
import statistics
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.fixtures.prices import TODAY, by, fill, make_person, now, report, rows_of, seen
from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.errors import IdempotencyConflict, NotFound
from trader_platform.core.once import Act
from trader_platform.market import service_prices as service
from trader_platform.market.catalog import Catalog
from trader_platform.market.models_trade import PriceReport, PriceWeek
from trader_platform.market.price_weeks import monday
from trader_platform.market.service_prices import MoveReport, ReportPrice
from trader_platform.market.types import OverLimit, UnknownGoods, UnknownMarket
from trader_platform.traders.models import Person


def test_a_report_counts_and_makes_its_week(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["serrekunda"], ids["onion"], ids["bag-50kg"], 150_000)
    # onions are not sold by this bag in the pack, so take the kilo for what must count
    held = report(world, catalog, command, "a:1")
    counted = report(
        world,
        catalog,
        ReportPrice(person, ids["serrekunda"], ids["onion"], ids["kg"], 5000),
        "a:2",
    )
    assert (held["state"], counted["state"]) == ("held", "counted")
    by_id = {row.id: row for row in rows_of(world)}
    row = by_id[counted["report"]]
    assert (row.price_minor, row.currency, row.per_kilo_minor) == (5000, "GMD", 5000)
    assert (row.seen_on, row.person_id, row.source) == (TODAY, person, "ussd")
    assert by_id[held["report"]].held_for == "unit"
    (week,) = rows_of(world, PriceWeek)
    assert (week.week_of, week.last_seen_on) == (date(2026, 11, 16), TODAY)
    assert (week.reports, week.low_minor, week.median_minor, week.high_minor) == (1, *[5000] * 3)
    audit = [row for row in rows_of(world, AuditRow) if row.action == "price.report"]
    assert [row.subject_id for row in audit] == [str(held["report"]), str(counted["report"])]
    council = catalog.markets[ids["serrekunda"]].council_id
    assert {row.council_id for row in audit} == {council}


def test_the_same_key_reports_once_and_other_content_is_refused(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["brikama"], ids["rice"], ids["kg"], 4000)
    first = report(world, catalog, command, "a:1")
    assert report(world, catalog, command, "a:1") == first
    other = ReportPrice(person, ids["brikama"], ids["rice"], ids["kg"], 4100)
    with pytest.raises(IdempotencyConflict):
        report(world, catalog, other, "a:1")
    (row,) = rows_of(world)
    assert row.price_minor == 4000
    assert len([x for x in rows_of(world, AuditRow) if x.action == "price.report"]) == 1


def test_a_later_report_of_the_same_day_takes_the_place_of_hers(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    at = (ids["brikama"], ids["rice"], ids["kg"])
    first = report(world, catalog, ReportPrice(person, *at, 4000), "a:1")
    second = report(world, catalog, ReportPrice(person, *at, 4200), "a:2")
    somebody = make_person(world, catalog)
    report(world, catalog, ReportPrice(somebody, *at, 4400), "b:1")
    assert second["report"] == first["report"]
    assert sorted(row.price_minor for row in rows_of(world)) == [4200, 4400]
    (week,) = rows_of(world, PriceWeek)
    assert (week.reports, week.low_minor, week.high_minor) == (2, 4200, 4400)
    last = [row for row in rows_of(world, AuditRow) if row.action == "price.report"][1]
    assert json.loads(last.before)["price"] == 4000
    assert json.loads(last.after)["price"] == 4200
    world.clock.move(days=1)
    report(world, catalog, ReportPrice(person, *at, 4300), "a:3")
    assert len(rows_of(world)) == 3


def test_a_report_far_from_the_history_is_held_and_moves_nothing(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    steady = [4000, 4050, 3950, 4000, 4100, 3900, 4000, 4050]
    fill(world, [seen(ids, at="wassu", goods="rice", price_minor=p, n=i) for i, p in
                  enumerate(steady)])  # fmt: skip
    before = [(x.reports, x.median_minor, x.high_minor) for x in rows_of(world, PriceWeek)]
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 40_000)
    result = report(world, catalog, command, "a:1")
    assert result["state"] == "held"
    row = next(row for row in rows_of(world) if row.id == result["report"])
    assert row.held_for == "distance"
    assert [(x.reports, x.median_minor, x.high_minor) for x in rows_of(world, PriceWeek)] == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"market": 999_999}, UnknownMarket),
        ({"product": 999_999}, UnknownGoods),
        ({"unit": 999_999}, UnknownGoods),
        ({"price_minor": 0}, OverLimit),
        ({"price_minor": 3_000_000_000}, OverLimit),
    ],
)
def test_what_is_refused_changes_nothing(
    world: World,
    catalog: Catalog,
    ids: dict[str, int],
    person: int,
    *,
    change: dict[str, int],
    error: type[Exception],
) -> None:
    good = {"market": ids["wassu"], "product": ids["rice"], "unit": ids["kg"], "price_minor": 40}
    with pytest.raises(error):
        report(world, catalog, ReportPrice(person=person, **{**good, **change}), "a:1")
    assert not rows_of(world)
    assert not rows_of(world, PriceWeek)
    assert not [row for row in rows_of(world, Act) if row.kind == "price.report"]


def _move(world: World, catalog: Catalog, command: MoveReport, key: str) -> dict[str, Any]:
    with world.db.transaction() as session:
        return service.move_report(session, command, catalog=catalog, by=by(world, key))


def test_a_report_moves_to_the_place_where_it_was_seen(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 4000)
    made = report(world, catalog, command, "a:1")
    there = MoveReport(person, made["report"], ids["farafenni"])
    moved = _move(world, catalog, there, "a:2")
    assert _move(world, catalog, there, "a:2") == moved
    assert moved == {**made, "market": ids["farafenni"]}
    (row,) = rows_of(world)
    assert row.market_id == ids["farafenni"]
    assert [week.market_id for week in rows_of(world, PriceWeek)] == [ids["farafenni"]]
    again = report(world, catalog, command, "a:3")
    assert again["report"] != made["report"]
    assert len([x for x in rows_of(world, AuditRow) if x.action == "price.move"]) == 1


def test_a_report_moved_onto_another_of_hers_leaves_one_that_counts(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    goods = (ids["rice"], ids["kg"])
    report(world, catalog, ReportPrice(person, ids["farafenni"], *goods, 5000), "a:1")
    wrong = report(world, catalog, ReportPrice(person, ids["wassu"], *goods, 4000), "a:2")
    _move(world, catalog, MoveReport(person, wrong["report"], ids["farafenni"]), "a:3")
    (week,) = rows_of(world, PriceWeek)
    assert (week.market_id, week.reports, week.median_minor) == (ids["farafenni"], 1, 4000)
    states = sorted((row.state, row.held_for or "") for row in rows_of(world))
    assert states == [("counted", ""), ("held", "moved")]


def test_only_who_reported_may_move_it(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 4000)
    made = report(world, catalog, command, "a:1")
    stranger = make_person(world, catalog)
    with pytest.raises(NotFound):
        _move(world, catalog, MoveReport(stranger, made["report"], ids["farafenni"]), "b:1")
    with pytest.raises(UnknownMarket):
        _move(world, catalog, MoveReport(person, made["report"], 999_999), "a:2")
    (row,) = rows_of(world)
    assert row.market_id == ids["wassu"]


def test_the_market_of_a_caller_is_kept_and_a_visitor_keeps_her_own(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    def keep(key: str) -> None:
        with world.db.transaction() as session:
            who = by(world, key)
            service.keep_market(session, person, ids["wassu"], catalog=catalog, by=who)

    keep("a:1")
    assert rows_of(world, Person)[-1].market_id == ids["wassu"]
    with world.db.transaction() as session:
        session.get_one(Person, person).market_id = None
        session.execute(
            text("INSERT INTO packs (slug, settings, loaded_at) VALUES ('else', '{}', :at)"),
            {"at": now(world)},
        )
        other = session.execute(text("SELECT id FROM packs WHERE slug = 'else'")).scalar_one()
        session.get_one(Person, person).pack_id = other
    keep("a:2")
    assert rows_of(world, Person)[-1].market_id is None


def test_weeks_are_remade_from_the_reports_alone(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    rows = [
        seen(ids, at=place, goods=goods, price_minor=price + 10 * n, n=n, wholesale=bulk,
              seen_on=TODAY - timedelta(days=3 * n))
        for place in ("wassu", "brikama") for goods, price in (("rice", 4000), ("onion", 3000))
        for bulk in (False, True) for n in range(9)
    ]  # fmt: skip
    rows.append(seen(ids, at="wassu", goods="rice", price_minor=1, state="held", held_for="range"))
    fill(world, rows)
    weeks = _figures(world)
    assert len(weeks) == 2 * 2 * 2 * 4
    with world.db.transaction() as session:
        session.execute(text("UPDATE price_weeks SET median_minor = 1"))
        keys = {
            (r.market_id, r.product_id, r.unit_id, r.wholesale, monday(r.seen_on))
            for r in session.scalars(select(PriceReport))
        }
        assert service.rebuild_weeks(session, keys) == len(keys)
    assert _figures(world) == weeks
    some = [x["price_minor"] for x in rows if x["seen_on"] > date(2026, 11, 15)
            and (x["market_id"], x["product_id"], x["wholesale"], x["state"])
            == (ids["wassu"], ids["rice"], False, "counted")]  # fmt: skip
    first, median, third = statistics.quantiles(some, n=4, method="inclusive")
    (figures,) = [
        week for week in rows_of(world, PriceWeek)
        if (week.market_id, week.product_id, week.wholesale, week.week_of)
        == (ids["wassu"], ids["rice"], False, date(2026, 11, 16))
    ]  # fmt: skip
    assert figures.reports == len(some)
    assert (figures.first_quartile_minor, figures.median_minor, figures.third_quartile_minor) == (
        first,
        median,
        third,
    )


def _figures(world: World) -> list[tuple[Any, ...]]:
    columns = list(PriceWeek.__table__.c)
    return [tuple(getattr(x, c.name) for c in columns) for x in rows_of(world, PriceWeek)]


def test_a_week_without_a_counted_report_goes_away(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    fill(world, [seen(ids, at="wassu", goods="rice", price_minor=4000)])
    with world.db.transaction() as session:
        row = session.scalars(select(PriceReport)).one()
        row.state = "held"
        service.rebuild_weeks(
            session, [(row.market_id, row.product_id, row.unit_id, False, monday(row.seen_on))]
        )
        assert session.scalar(select(func.count()).select_from(PriceWeek)) == 0
