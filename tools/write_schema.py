"""`python -m tools.write_schema` writes docs/schema.sql: the whole shape of the desk's database, commented.

Takes the migrations as they are, oldest first: their comments are the documentation.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from shinbox.desk.store.migrations import SCRIPTS

TARGET: Final = Path(__file__).parents[1] / "docs" / "schema.sql"
HEAD: Final = """\
-- The desk's database: what `src/shinbox/desk/store/sql/` makes of an empty file, step after step.
-- Written by `python -m tools.write_schema`; tests/desk/store/test_schema.py holds it to a real database.
-- Who writes a table: the module of its name in src/shinbox/desk/store/.
"""


def schema() -> str:
    """The text of docs/schema.sql."""
    folder = files("shinbox.desk.store").joinpath("sql")
    steps = [f"\n-- {name}\n\n{folder.joinpath(name).read_text('utf-8')}" for name in SCRIPTS]
    return HEAD + "".join(steps)


if __name__ == "__main__":
    TARGET.write_text(schema(), "utf-8")
