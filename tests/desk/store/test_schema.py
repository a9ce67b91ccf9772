"""docs/schema.sql is the shape that the database has."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from shinbox.desk.store.database import Database
from tools.write_schema import TARGET, schema


def shape(connection: sqlite3.Connection) -> dict[str, str]:
    """Every table, index and trigger with its definition, the migrations' own table left out."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows if "_sqlite_migrations" not in name}


def test_the_documented_schema_makes_the_real_database(tmp_path: Path) -> None:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    database.close()
    real = sqlite3.connect(tmp_path / "desk.db")
    documented = sqlite3.connect(":memory:")
    documented.executescript(TARGET.read_text("utf-8"))
    assert shape(documented) == shape(real)
    assert {"account", "grant", "audit", "change"} <= shape(real).keys()


def test_the_document_is_up_to_date() -> None:
    assert TARGET.read_text("utf-8") == schema(), "run: python -m tools.write_schema"


def test_every_table_is_strict() -> None:
    """SQLite would take any type into a column otherwise."""
    tables = re.findall(r"CREATE TABLE \"?(\w+)\"?.*?\n\)([^;]*);", TARGET.read_text("utf-8"), flags=re.S)
    assert len(tables) > 20
    assert [name for name, options in tables if "STRICT" not in options] == []
