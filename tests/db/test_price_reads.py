"""What is read of prices, and that it goes by an index, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, event

from tests.fixtures.prices import TODAY, fill, report, seen
from tests.fixtures.world import World
from trader_platform.market import queries_prices as queries
from trader_platform.market.catalog import Catalog
from trader_platform.market.service_prices import ReportPrice


def test_my_market_shows_eight_weeks_the_newest_first(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    weeks_ago = lambda n: TODAY - timedelta(weeks=n)  # noqa: E731
    fill(
        world,
        [
            seen(ids, at="wassu", goods="onion", price_minor=3000, seen_on=weeks_ago(2)),
            seen(ids, at="wassu", goods="rice", price_minor=4000, seen_on=weeks_ago(0)),
            seen(ids, at="wassu", goods="tomato", price_minor=5000, seen_on=weeks_ago(7)),
            seen(ids, at="wassu", goods="okra", price_minor=6000, seen_on=weeks_ago(8)),
            seen(ids, at="brikama", goods="okra", price_minor=6000),
        ],
    )
    shown = queries.my_market(world.db, ids["wassu"], TODAY)
    assert [(x.product, x.usual, x.seen_on) for x in shown] == [
        (ids["rice"], 4000, TODAY),
        (ids["onion"], 3000, weeks_ago(2)),
        (ids["tomato"], 5000, weeks_ago(7)),
    ]
    assert queries.my_market(world.db, ids["fatoto"], TODAY) == ()
    old = queries.summary(world.db, ids["wassu"], ids["okra"], TODAY)
    assert old is not None
    assert (old.usual, old.seen_on) == (6000, weeks_ago(8))


def test_old_news_of_a_place_is_shown_with_its_day(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    day = date(2023, 7, 15)
    fill(world, [seen(ids, at="wassu", goods="rice", price_minor=4000, seen_on=day)])
    (shown,) = queries.my_market(world.db, ids["wassu"], TODAY)
    assert shown.seen_on == day
    assert queries.summary(world.db, ids["wassu"], ids["rice"], TODAY) == shown


def test_a_summary_takes_the_unit_most_reported_and_retail_before_wholesale(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    fill(
        world,
        [
            *(seen(ids, at="wassu", goods="onion", unit="bag", price_minor=p) for p in
              (100_000, 110_000, 130_000)),
            *(seen(ids, at="wassu", goods="onion", price_minor=p) for p in (3000, 3100)),
            *(seen(ids, at="wassu", goods="onion", price_minor=p, wholesale=True) for p in
              (2000, 2100, 2200, 2300)),
            seen(ids, at="wassu", goods="rice", price_minor=2500, wholesale=True),
        ],
    )  # fmt: skip
    onion = queries.summary(world.db, ids["wassu"], ids["onion"], TODAY)
    rice = queries.summary(world.db, ids["wassu"], ids["rice"], TODAY)
    assert queries.summary(world.db, ids["wassu"], ids["okra"], TODAY) is None
    assert onion == queries.Price(
        ids["wassu"], ids["onion"], ids["bag"], False, 100_000, 110_000, 130_000, 3, TODAY
    )
    assert rice is not None
    assert (rice.wholesale, rice.reports) == (True, 1)


def test_thin_weeks_are_pooled_until_three_reports_speak(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    fill(
        world,
        [seen(ids, at="wassu", goods="rice", price_minor=4000 + n, seen_on=TODAY - timedelta(
            weeks=n)) for n in range(6)],
    )  # fmt: skip
    found = queries.summary(world.db, ids["wassu"], ids["rice"], TODAY)
    assert found is not None
    assert (found.low, found.usual, found.high, found.reports) == (4000, 4001, 4002, 3)


def test_near_compares_kilos_only_and_takes_two_neighbours(
    world: World, catalog: Catalog, ids: dict[str, int]
) -> None:
    council = catalog.markets[ids["serrekunda"]].council_id
    same = [p.slug for p in catalog.markets.values() if p.council_id == council]
    other = [p.slug for p in catalog.markets.values() if p.council_id != council]
    assert len(same) >= 2
    rows = [seen(ids, at=place, goods="onion", price_minor=3000 + n)
            for n, place in enumerate([*other[:3], *same])]  # fmt: skip
    rows.append(seen(ids, at="serrekunda", goods="tomato", unit="basin", price_minor=9000))
    fill(world, rows)
    found = queries.near(world.db, catalog, ids["onion"], ids["serrekunda"])
    assert queries.near(world.db, catalog, ids["tomato"], ids["serrekunda"]) == ()
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
    assert queries.summary(world.db, *at, TODAY) is None
    assert queries.my_market(world.db, ids["wassu"], TODAY) == ()
    report(world, catalog, ReportPrice(person, *at, ids["kg"], 4000), "a:1")
    assert queries.summary(world.db, *at, TODAY) is not None
    assert len(queries.my_market(world.db, ids["wassu"], TODAY)) == 1


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
    fill(world, [seen(ids, at="wassu", goods="rice", price_minor=4000, n=n,
                        seen_on=TODAY - timedelta(weeks=n)) for n in range(4)])  # fmt: skip
    wassu, rice, kg = ids["wassu"], ids["rice"], ids["kg"]
    with world.db.reading() as connection:
        for call in (
            lambda: queries.my_market(world.db, wassu, TODAY),
            lambda: queries.summary(world.db, wassu, rice, TODAY),
            lambda: queries.summary(world.db, wassu, ids["okra"], TODAY),
            lambda: queries.near(world.db, catalog, rice, wassu),
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
