"""PostgreSQL: a claim changes rows where they lie, and so writes into none of their indexes."""

from __future__ import annotations

from sqlalchemy import text

from tests.fixtures.servers import Postgres
from tests.fixtures.world import WORLD
from trader_platform.core.db import Database
from trader_platform.messaging.service_claim import claim
from trader_platform.messaging.types import MessageClass

TEXTS = 2_000
CHANGED = "pg_stat_get_xact_tuples_updated('messages'::regclass)"
IN_PLACE = "pg_stat_get_xact_tuples_hot_updated('messages'::regclass)"


def test_a_claim_of_neighbours_stays_in_their_pages(postgres_world: Postgres) -> None:
    name = postgres_world.create(WORLD)
    db = Database(postgres_world.url(name))
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO contacts (id, pack_id, phone_hash, phone_sealed, stopped,"
                " stopped_topics, opted_out, misses, capped_count, created_at)"
                " VALUES (1, 1, 'a', '', '', '', false, 0, 0, 0)"
            )
        )
        session.execute(
            text(
                "INSERT INTO messages (id, reason, kind, priority, contact_id, pack_id, day,"
                " params, act_at, due_at, state, attempts, refused_by, segments)"
                " SELECT i, 'campaign:' || i, 'council.says', 3, 1, 1, current_date, '{}', 1, 1,"
                " 'queued', 0, '', 0 FROM generate_series(1, :texts) AS all_n(i)"
            ),
            {"texts": TEXTS},
        )
    with db.transaction() as session:
        classes = [MessageClass.CAMPAIGN]
        assert len(claim(session, 1_000, most=TEXTS, classes=classes)) == TEXTS
        changed, in_place = session.execute(text(f"SELECT {CHANGED}, {IN_PLACE}")).one()
    db.dispose()
    postgres_world.drop(name)
    assert changed == TEXTS
    assert in_place > 0.9 * TEXTS
