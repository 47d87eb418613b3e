"""Price reports, the weeks made from them, and what is read of both; on both databases."""

from __future__ import annotations

import json
import statistics
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text

from tests.fixtures.world import World
from trader_platform.audit.models import AuditRow
from trader_platform.core.errors import IdempotencyConflict, NotFound
from trader_platform.core.once import Act, By
from trader_platform.market import queries_prices as queries
from trader_platform.market import service_prices as service
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.models_trade import PriceReport, PriceWeek
from trader_platform.market.price_weeks import monday
from trader_platform.market.service_prices import MoveReport, ReportPrice
from trader_platform.market.types import OverLimit, UnknownGoods, UnknownMarket
from trader_platform.traders.models import Person

TODAY = date(2026, 11, 22)


@pytest.fixture
def catalog(world: World) -> Catalog:
    return Catalogs(world.db).for_code("*384*220#")


@pytest.fixture
def ids(catalog: Catalog) -> dict[str, int]:
    """Ids by slug; markets, products and units share no slug that these tests use."""
    rows = [*catalog.markets.values(), *catalog.products.values(), *catalog.units.values()]
    return {row.slug: row.id for row in reversed(rows)}


@pytest.fixture
def person(world: World, catalog: Catalog) -> int:
    return _person(world, catalog)


def _person(world: World, catalog: Catalog) -> int:
    with world.db.transaction() as session:
        made = Person(
            pack_id=catalog.pack_id, language="en", number_shown="asked", created_at=_now(world)
        )
        session.add(made)
        session.flush()
        return made.id


def _now(world: World) -> datetime:
    return world.clock.now().astimezone(UTC)


def _by(world: World, key: str) -> By:
    return By(key, "en", _now(world), "person", "1", "ussd", "seen.done")


def _report(world: World, catalog: Catalog, command: ReportPrice, key: str) -> dict[str, Any]:
    with world.db.transaction() as session:
        return service.report_price(session, command, catalog=catalog, by=_by(world, key))


def _rows(world: World, model: Any = PriceReport) -> list[Any]:
    with world.db.transaction() as session:
        return list(session.scalars(select(model).order_by(*model.__table__.primary_key)))


def _seen(ids: dict[str, int], **values: Any) -> dict[str, Any]:
    place, goods, unit = values.pop("at"), values.pop("goods"), values.pop("unit", "kg")
    row = {
        "market_id": ids[place],
        "product_id": ids[goods],
        "unit_id": ids[unit],
        "source": "test",
        "currency": "GMD",
        "per_kilo_minor": values["price_minor"] if unit == "kg" else None,
        "wholesale": False,
        "seen_on": TODAY,
        "person_id": None,
        "state": "counted",
        "held_for": None,
        "recorded_at": datetime(2026, 11, 22, tzinfo=UTC),
        **values,
    }
    names = ("market_id", "product_id", "unit_id", "wholesale", "seen_on", "price_minor", "n")
    row["source_key"] = ":".join(str(row.get(name)) for name in names)
    row.pop("n", None)
    return row


def _fill(world: World, rows: list[dict[str, Any]]) -> None:
    with world.db.transaction() as session:
        session.add_all(PriceReport(**row) for row in rows)
        service.rebuild_weeks(session)


def test_a_report_counts_and_makes_its_week(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["serrekunda"], ids["onion"], ids["bag-50kg"], 150_000)
    # onions are not sold by this bag in the pack, so take the kilo for what must count
    held = _report(world, catalog, command, "a:1")
    counted = _report(
        world,
        catalog,
        ReportPrice(person, ids["serrekunda"], ids["onion"], ids["kg"], 5000),
        "a:2",
    )
    assert (held["state"], counted["state"]) == ("held", "counted")
    by_id = {row.id: row for row in _rows(world)}
    row = by_id[counted["report"]]
    assert (row.price_minor, row.currency, row.per_kilo_minor) == (5000, "GMD", 5000)
    assert (row.seen_on, row.person_id, row.source) == (TODAY, person, "ussd")
    assert by_id[held["report"]].held_for == "unit"
    (week,) = _rows(world, PriceWeek)
    assert (week.week_of, week.last_seen_on) == (date(2026, 11, 16), TODAY)
    assert (week.reports, week.low_minor, week.median_minor, week.high_minor) == (1, *[5000] * 3)
    audit = [row for row in _rows(world, AuditRow) if row.action == "price.report"]
    assert [row.subject_id for row in audit] == [str(held["report"]), str(counted["report"])]
    council = catalog.markets[ids["serrekunda"]].council_id
    assert {row.council_id for row in audit} == {council}


def test_the_same_key_reports_once_and_other_content_is_refused(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["brikama"], ids["rice"], ids["kg"], 4000)
    first = _report(world, catalog, command, "a:1")
    assert _report(world, catalog, command, "a:1") == first
    other = ReportPrice(person, ids["brikama"], ids["rice"], ids["kg"], 4100)
    with pytest.raises(IdempotencyConflict):
        _report(world, catalog, other, "a:1")
    (row,) = _rows(world)
    assert row.price_minor == 4000
    assert len([x for x in _rows(world, AuditRow) if x.action == "price.report"]) == 1


def test_a_later_report_of_the_same_day_takes_the_place_of_hers(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    at = (ids["brikama"], ids["rice"], ids["kg"])
    first = _report(world, catalog, ReportPrice(person, *at, 4000), "a:1")
    second = _report(world, catalog, ReportPrice(person, *at, 4200), "a:2")
    somebody = _person(world, catalog)
    _report(world, catalog, ReportPrice(somebody, *at, 4400), "b:1")
    assert second["report"] == first["report"]
    assert sorted(row.price_minor for row in _rows(world)) == [4200, 4400]
    (week,) = _rows(world, PriceWeek)
    assert (week.reports, week.low_minor, week.high_minor) == (2, 4200, 4400)
    last = [row for row in _rows(world, AuditRow) if row.action == "price.report"][1]
    assert json.loads(last.before)["price"] == 4000
    assert json.loads(last.after)["price"] == 4200
    world.clock.move(days=1)
    _report(world, catalog, ReportPrice(person, *at, 4300), "a:3")
    assert len(_rows(world)) == 3


def test_a_report_far_from_the_history_is_held_and_moves_nothing(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    steady = [4000, 4050, 3950, 4000, 4100, 3900, 4000, 4050]
    _fill(world, [_seen(ids, at="wassu", goods="rice", price_minor=p, n=i) for i, p in
                  enumerate(steady)])  # fmt: skip
    before = [(x.reports, x.median_minor, x.high_minor) for x in _rows(world, PriceWeek)]
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 40_000)
    result = _report(world, catalog, command, "a:1")
    assert result["state"] == "held"
    row = next(row for row in _rows(world) if row.id == result["report"])
    assert row.held_for == "distance"
    assert [(x.reports, x.median_minor, x.high_minor) for x in _rows(world, PriceWeek)] == before


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
        _report(world, catalog, ReportPrice(person=person, **{**good, **change}), "a:1")
    assert not _rows(world)
    assert not _rows(world, PriceWeek)
    assert not [row for row in _rows(world, Act) if row.kind == "price.report"]


def _move(world: World, catalog: Catalog, command: MoveReport, key: str) -> dict[str, Any]:
    with world.db.transaction() as session:
        return service.move_report(session, command, catalog=catalog, by=_by(world, key))


def test_a_report_moves_to_the_place_where_it_was_seen(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 4000)
    made = _report(world, catalog, command, "a:1")
    there = MoveReport(person, made["report"], ids["farafenni"])
    moved = _move(world, catalog, there, "a:2")
    assert _move(world, catalog, there, "a:2") == moved
    assert moved == {**made, "market": ids["farafenni"]}
    (row,) = _rows(world)
    assert row.market_id == ids["farafenni"]
    assert [week.market_id for week in _rows(world, PriceWeek)] == [ids["farafenni"]]
    again = _report(world, catalog, command, "a:3")
    assert again["report"] != made["report"]
    assert len([x for x in _rows(world, AuditRow) if x.action == "price.move"]) == 1


def test_a_report_moved_onto_another_of_hers_leaves_one_that_counts(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    goods = (ids["rice"], ids["kg"])
    _report(world, catalog, ReportPrice(person, ids["farafenni"], *goods, 5000), "a:1")
    wrong = _report(world, catalog, ReportPrice(person, ids["wassu"], *goods, 4000), "a:2")
    _move(world, catalog, MoveReport(person, wrong["report"], ids["farafenni"]), "a:3")
    (week,) = _rows(world, PriceWeek)
    assert (week.market_id, week.reports, week.median_minor) == (ids["farafenni"], 1, 4000)
    states = sorted((row.state, row.held_for or "") for row in _rows(world))
    assert states == [("counted", ""), ("held", "moved")]


def test_only_who_reported_may_move_it(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    command = ReportPrice(person, ids["wassu"], ids["rice"], ids["kg"], 4000)
    made = _report(world, catalog, command, "a:1")
    stranger = _person(world, catalog)
    with pytest.raises(NotFound):
        _move(world, catalog, MoveReport(stranger, made["report"], ids["farafenni"]), "b:1")
    with pytest.raises(UnknownMarket):
        _move(world, catalog, MoveReport(person, made["report"], 999_999), "a:2")
    (row,) = _rows(world)
    assert row.market_id == ids["wassu"]


def test_the_market_of_a_caller_is_kept_and_a_visitor_keeps_her_own(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    def keep(key: str) -> None:
        with world.db.transaction() as session:
            by = _by(world, key)
            service.keep_market(session, person, ids["wassu"], catalog=catalog, by=by)

    keep("a:1")
    assert _rows(world, Person)[-1].market_id == ids["wassu"]
    with world.db.transaction() as session:
        session.get_one(Person, person).market_id = None
        session.execute(
            text("INSERT INTO packs (slug, settings, loaded_at) VALUES ('else', '{}', :at)"),
            {"at": _now(world)},
        )
        other = session.execute(text("SELECT id FROM packs WHERE slug = 'else'")).scalar_one()
        session.get_one(Person, person).pack_id = other
    keep("a:2")
    assert _rows(world, Person)[-1].market_id is None


def test_weeks_are_remade_from_the_reports_alone(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    rows = [
        _seen(ids, at=place, goods=goods, price_minor=price + 10 * n, n=n, wholesale=bulk,
              seen_on=TODAY - timedelta(days=3 * n))
        for place in ("wassu", "brikama") for goods, price in (("rice", 4000), ("onion", 3000))
        for bulk in (False, True) for n in range(9)
    ]  # fmt: skip
    rows.append(_seen(ids, at="wassu", goods="rice", price_minor=1, state="held", held_for="range"))
    _fill(world, rows)
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
        week for week in _rows(world, PriceWeek)
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
    return [tuple(getattr(x, c.name) for c in columns) for x in _rows(world, PriceWeek)]


def test_a_week_without_a_counted_report_goes_away(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    _fill(world, [_seen(ids, at="wassu", goods="rice", price_minor=4000)])
    with world.db.transaction() as session:
        row = session.scalars(select(PriceReport)).one()
        row.state = "held"
        service.rebuild_weeks(
            session, [(row.market_id, row.product_id, row.unit_id, False, monday(row.seen_on))]
        )
        assert session.scalar(select(func.count()).select_from(PriceWeek)) == 0


def test_my_market_shows_eight_weeks_the_newest_first(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    weeks_ago = lambda n: TODAY - timedelta(weeks=n)  # noqa: E731
    _fill(
        world,
        [
            _seen(ids, at="wassu", goods="onion", price_minor=3000, seen_on=weeks_ago(2)),
            _seen(ids, at="wassu", goods="rice", price_minor=4000, seen_on=weeks_ago(0)),
            _seen(ids, at="wassu", goods="tomato", price_minor=5000, seen_on=weeks_ago(7)),
            _seen(ids, at="wassu", goods="okra", price_minor=6000, seen_on=weeks_ago(8)),
            _seen(ids, at="brikama", goods="okra", price_minor=6000),
        ],
    )
    with world.db.reading() as connection:
        shown = queries.my_market(connection, ids["wassu"], TODAY)
        assert [(x.product, x.usual, x.seen_on) for x in shown] == [
            (ids["rice"], 4000, TODAY),
            (ids["onion"], 3000, weeks_ago(2)),
            (ids["tomato"], 5000, weeks_ago(7)),
        ]
        assert queries.my_market(connection, ids["fatoto"], TODAY) == ()
        old = queries.summary(connection, ids["wassu"], ids["okra"], TODAY)
        assert old is not None
        assert (old.usual, old.seen_on) == (6000, weeks_ago(8))


def test_old_news_of_a_place_is_shown_with_its_day(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    day = date(2023, 7, 15)
    _fill(world, [_seen(ids, at="wassu", goods="rice", price_minor=4000, seen_on=day)])
    with world.db.reading() as connection:
        (shown,) = queries.my_market(connection, ids["wassu"], TODAY)
        assert shown.seen_on == day
        assert queries.summary(connection, ids["wassu"], ids["rice"], TODAY) == shown


def test_a_summary_takes_the_unit_most_reported_and_retail_before_wholesale(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    _fill(
        world,
        [
            *(_seen(ids, at="wassu", goods="onion", unit="bag", price_minor=p) for p in
              (100_000, 110_000, 130_000)),
            *(_seen(ids, at="wassu", goods="onion", price_minor=p) for p in (3000, 3100)),
            *(_seen(ids, at="wassu", goods="onion", price_minor=p, wholesale=True) for p in
              (2000, 2100, 2200, 2300)),
            _seen(ids, at="wassu", goods="rice", price_minor=2500, wholesale=True),
        ],
    )  # fmt: skip
    with world.db.reading() as connection:
        onion = queries.summary(connection, ids["wassu"], ids["onion"], TODAY)
        rice = queries.summary(connection, ids["wassu"], ids["rice"], TODAY)
        assert queries.summary(connection, ids["wassu"], ids["okra"], TODAY) is None
    assert onion == queries.Price(
        ids["wassu"], ids["onion"], ids["bag"], False, 100_000, 110_000, 130_000, 3, TODAY
    )
    assert rice is not None
    assert (rice.wholesale, rice.reports) == (True, 1)


def test_thin_weeks_are_pooled_until_three_reports_speak(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    _fill(
        world,
        [_seen(ids, at="wassu", goods="rice", price_minor=4000 + n, seen_on=TODAY - timedelta(
            weeks=n)) for n in range(6)],
    )  # fmt: skip
    with world.db.reading() as connection:
        found = queries.summary(connection, ids["wassu"], ids["rice"], TODAY)
    assert found is not None
    assert (found.low, found.usual, found.high, found.reports) == (4000, 4001, 4002, 3)


def test_near_compares_kilos_only_and_takes_two_neighbours(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    council = catalog.markets[ids["serrekunda"]].council_id
    same = [p.slug for p in catalog.markets.values() if p.council_id == council]
    other = [p.slug for p in catalog.markets.values() if p.council_id != council]
    assert len(same) >= 2
    rows = [_seen(ids, at=place, goods="onion", price_minor=3000 + n)
            for n, place in enumerate([*other[:3], *same])]  # fmt: skip
    rows.append(_seen(ids, at="serrekunda", goods="tomato", unit="basin", price_minor=9000))
    _fill(world, rows)
    with world.db.reading() as connection:
        found = queries.near(connection, catalog, ids["onion"], ids["serrekunda"])
        assert queries.near(connection, catalog, ids["tomato"], ids["serrekunda"]) == ()
    places = [catalog.markets[x.market] for x in found]
    assert places[0].slug == "serrekunda"
    assert len(places) == 3
    assert places[1].council_id == council
    assert {x.reports for x in found} == {1}
    assert {x.seen_on for x in found} == {TODAY}


def test_a_report_is_seen_at_once_by_the_process_that_took_it(
    world: World, catalog: Catalog, ids: dict[str, int], person: int
) -> None:
    at = (ids["wassu"], ids["rice"])
    with world.db.reading() as connection:
        assert queries.summary(connection, *at, TODAY) is None
        assert queries.my_market(connection, ids["wassu"], TODAY) == ()
        _report(world, catalog, ReportPrice(person, *at, ids["kg"], 4000), "a:1")
        assert queries.summary(connection, *at, TODAY) is not None
        assert len(queries.my_market(connection, ids["wassu"], TODAY)) == 1


def _plans(world: World, connection: Connection, call: Any) -> list[str]:
    """The plan of every statement that ``call`` sends."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    event.listen(world.db.read, "before_cursor_execute", note)
    call()
    event.remove(world.db.read, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if world.db.is_sqlite else "EXPLAIN "
    if not world.db.is_sqlite:
        connection.exec_driver_sql("SET enable_seqscan = off")
    return [
        "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, values))
        for statement, values in sent
    ]


def test_every_read_goes_by_an_index(world: World, catalog: Catalog, ids: dict[str, int]) -> None:
    _fill(world, [_seen(ids, at="wassu", goods="rice", price_minor=4000, n=n,
                        seen_on=TODAY - timedelta(weeks=n)) for n in range(4)])  # fmt: skip
    wassu, rice, kg = ids["wassu"], ids["rice"], ids["kg"]
    with world.db.reading() as connection:
        for call in (
            lambda: queries.my_market(connection, wassu, TODAY),
            lambda: queries.summary(connection, wassu, rice, TODAY),
            lambda: queries.summary(connection, wassu, ids["okra"], TODAY),
            lambda: queries.near(connection, catalog, rice, wassu),
            lambda: queries.history(connection, rice, kg),
        ):
            plans = _plans(world, connection, call)
            assert plans
            for plan in plans:
                assert "SCAN price_weeks" not in plan, plan
                assert "Seq Scan" not in plan, plan
                assert "ix_price_weeks" in plan or "pk_price_weeks" in plan or (
                    "sqlite_autoindex_price_weeks" in plan
                ), plan  # fmt: skip
