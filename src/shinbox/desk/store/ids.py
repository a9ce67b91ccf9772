"""Ids: rows are integers inside, a letter and the integer outside (RFC 8620 §1.2).

Owns the two-way mapping and nothing about what the rows hold.
"""

from __future__ import annotations

import re
from typing import Final

from shinbox.terms import DESK

LETTERS: Final = {
    "Account": "a",
    "Mailbox": "f",
    "Email": "e",
    "Thread": "t",
    "Identity": "i",
    "EmailSubmission": "s",
    "User": "u",
    "Team": "g",
    "Grant": "r",
    "Intent": "n",
    "Job": "j",
    "AuditEntry": "l",
    "Upload": "b",
    "Draft": "d",
    "Presence": "w",
}

_ID: Final = re.compile(r"([a-z])(0|[1-9][0-9]{0,17})")


def to_id(type_name: str, row: int) -> str:
    """The outside id of a row of that type."""
    if type_name == "Account" and row == 0:
        return DESK
    return f"{LETTERS[type_name]}{row}"


def to_row(type_name: str, id_: str) -> int | None:
    """The row of an id, or None if it cannot be an id of that type: treat that as not found."""
    if type_name == "Account" and id_ == DESK:
        return 0
    match = _ID.fullmatch(id_)
    if match is None or match[1] != LETTERS[type_name]:
        return None
    return int(match[2])
