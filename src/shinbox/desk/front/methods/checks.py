"""Checks that several types of the desk share: names, addresses, dates, filters.

Owns their refusals, each naming the property and saying what it must be. Pure.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods.base import Test
from shinbox.desk.store.times import utc_seconds
from shinbox.errors import InvalidProperties
from shinbox.mime import fields


def name(value: str, property: str, most: int = 64) -> str:
    """A name that people and terminals can take, in Unicode's normal form.

    :raises InvalidProperties: it is empty, too long, or holds what cannot be seen.
    """
    normal = unicodedata.normalize("NFC", value)
    if not normal.strip() or normal != normal.strip() or len(normal) > most:
        raise InvalidProperties(
            f"{property} has 1 to {most} characters, none a space at its ends.", properties=[property]
        )
    line(normal, property, most)
    return normal


def line(value: str, property: str, most: int = 200) -> str:
    """One line of text, or nothing.

    :raises InvalidProperties: it is too long, or holds what cannot be seen.
    """
    if len(value) > most or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in value):
        raise InvalidProperties(
            f"{property} is one line of up to {most} characters, without control characters.",
            properties=[property],
        )
    return value


def address(value: str, property: str) -> str:
    """A mail address.

    :raises InvalidProperties: it is none.
    """
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or len(value) > 254 or any(c.isspace() for c in value):
        raise InvalidProperties(f"“{value}” is no mail address.", properties=[property])
    return fields.mail_address(value, property)


def end_date(value: str | None, property: str, now: float) -> str | None:
    """A UTC date that is still to come, or None.

    :raises InvalidProperties: it is neither.
    """
    if value is None:
        return None
    try:
        seconds = utc_seconds(value)
    except ValueError as wrong:
        raise InvalidProperties(f"{wrong}.", properties=[property]) from None
    if seconds <= now:
        raise InvalidProperties(f"{value} is over already.", properties=[property])
    return value


def whole_number(value: int, property: str, least: int, most: int) -> int:
    """A number in a range.

    :raises InvalidProperties: it is outside.
    """
    if not least <= value <= most:
        raise InvalidProperties(f"{property} is {least} to {most}.", properties=[property])
    return value


def equals(property: str) -> Test:
    """A filter property that asks for an equal value."""

    def test(call: Call, value: Json, given: Any) -> bool:
        return bool(value[property] == given)

    return test


def holds_text(*properties: str) -> Test:
    """A filter property that asks for a text in any of these, whatever its case."""

    def test(call: Call, value: Json, given: Any) -> bool:
        wanted = str(given).casefold()
        return any(wanted in str(value[name] or "").casefold() for name in properties)

    return test
