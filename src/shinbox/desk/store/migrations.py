"""The shapes the database has had, oldest first; append-only.

Owns the list of migrations and the refusal of a database from a newer shinbox.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Final

import sqlite_utils
from sqlite_utils.migrations import Migrations

from shinbox.errors import DatabaseTooNew

MIGRATIONS: Final = Migrations("shinbox")
SCRIPTS: Final = (
    "0001_first.sql",
    "0002_blob_uses.sql",
    "0003_drafts.sql",
    "0005_delivery_reports.sql",
    "0006_unspaced_text.sql",
    "0007_search_order.sql",
)


def _script(name: str) -> Callable[[sqlite_utils.Database], None]:
    sql = files("shinbox.desk.store").joinpath("sql", name).read_text("utf-8")

    def run(database: sqlite_utils.Database) -> None:
        for statement in split_statements(sql):
            database.conn.execute(statement)

    return run


def split_statements(sql: str) -> list[str]:
    """The statements of a script, one by one: executescript would commit the migration's transaction."""
    import sqlite3

    statements, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements


for _name in SCRIPTS:
    MIGRATIONS(name=_name)(_script(_name))


def migrate(database: sqlite_utils.Database) -> None:
    """Bring the database to the newest shape.

    :raises DatabaseTooNew: it already has a migration that this program does not know.
    """
    unknown = {m.name for m in MIGRATIONS.applied(database)} - set(SCRIPTS)
    if unknown:
        raise DatabaseTooNew()
    MIGRATIONS.apply(database)
