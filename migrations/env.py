"""Alembic's entry: runs revisions over the connection that ``core.migrate`` hands in.

SQLite has no named schema locks and no transactional batch mode for sealed tables: revisions never
use batch mode on a table with triggers (it drops them silently), and a guard lists the triggers.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=None,
    transaction_per_migration=True,
    transactional_ddl=True,  # SQLite can; core.migrate sees to BEGIN
)
with context.begin_transaction():
    context.run_migrations()
