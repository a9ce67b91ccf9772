"""The search language: what a person types, as a filter that a JMAP server understands.

Owns its grammar:

    word "two words"            anywhere in the message
    from: to: cc: bcc: subject: body:       in that field
    is:unread is:read is:flagged is:answered is:draft      has:attachment
    label:name                  a keyword
    in:folder                   a folder; `folders` says which id a name has
    before: after: on:          2026-11-21, or 7d, 2w, 3m, 1y ago; UTC days
    larger: smaller:            10k, 5M
    -anything  not anything     the opposite
    a OR b                      either

Result: a FilterOperator or FilterCondition of RFC 8621 §4.4.1. Refuses to know the clock (given) and folders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final

from shinbox.errors import InvalidArguments

Filter = dict[str, Any]

_TERM = re.compile(r'(?P<minus>-)?(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<word>\S+))')
FIELDS: Final = ("from", "to", "cc", "bcc", "subject", "body")
"""Operators that look into one field."""
LONGEST_TEXT: Final = 500
"""In characters; a desk looks for no longer text."""
MOST_TERMS: Final = 100
STATES: Final = {
    "read": {"hasKeyword": "$seen"},
    "seen": {"hasKeyword": "$seen"},
    "unread": {"notKeyword": "$seen"},
    "unseen": {"notKeyword": "$seen"},
    "flagged": {"hasKeyword": "$flagged"},
    "starred": {"hasKeyword": "$flagged"},
    "unflagged": {"notKeyword": "$flagged"},
    "answered": {"hasKeyword": "$answered"},
    "unanswered": {"notKeyword": "$answered"},
    "draft": {"hasKeyword": "$draft"},
    "forwarded": {"hasKeyword": "$forwarded"},
}
_OPPOSITE = {"hasKeyword": "notKeyword", "notKeyword": "hasKeyword", "before": "after", "after": "before"}
_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SIZES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def parse_search(text: str, now: datetime, folders: Mapping[str, str] | None = None) -> Filter:
    """The filter for Email/query; empty for empty text.

    Raises InvalidArguments, with a sentence for who typed it: unknown state, date, size or folder; too long.
    """
    terms = list(_TERM.finditer(text))
    if len(terms) > MOST_TERMS or any(len(term[0]) > LONGEST_TEXT for term in terms):
        raise InvalidArguments("That is too long to search for: keep a few words of it")
    branches: list[list[Filter]] = [[]]
    negate = False
    for match in terms:
        word = match["word"]
        if word in {"OR", "AND"} and not match["key"]:
            branches += [[]] if word == "OR" and branches[-1] else []
            continue
        if word == "not" and not match["key"]:
            negate = True
            continue
        found = _condition(match, now, folders or {})
        if found:
            branches[-1].append(_not(found) if bool(match["minus"]) != negate else found)
        negate = False
    joined = [_all(branch) for branch in branches if branch]
    return joined[0] if len(joined) == 1 else {"operator": "OR", "conditions": joined} if joined else {}


def _condition(match: re.Match[str], now: datetime, folders: Mapping[str, str]) -> Filter:
    key = (match["key"] or "").lower()
    value = match["quoted"] if match["quoted"] is not None else match["word"]
    if key in FIELDS:
        return {key: value}
    special = _SPECIAL.get(key)
    if special is not None:
        return special(value, now, folders)
    if key and not _IN_A_WORD.match(value):
        raise InvalidArguments(_unknown(match["key"], value))
    said = f"{match['key']}:{value}" if key else value
    return {"text": said} if said else {}


_IN_A_WORD = re.compile(r"//|\d")
"""What follows a colon that is part of a word: http://…, RFC:2822."""


def _unknown(key: str, value: str) -> str:
    near = get_close_matches(key.lower(), OPERATORS, 1, 0.6)
    meant = f"did you mean {near[0]}:? " if near else ""
    there_are = ", ".join(OPERATORS)
    return f'{key}: is not known: {meant}There are {there_are}. For the words write "{key}:{value}"'


def _is(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    if value.lower() not in STATES:
        raise InvalidArguments(f"is:{value} is not known: use one of {', '.join(sorted(STATES))}")
    return dict(STATES[value.lower()])


def _has(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    if value.lower() not in {"attachment", "attachments", "file"}:
        raise InvalidArguments(f"has:{value} is not known: use has:attachment")
    return {"hasAttachment": True}


def _in(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    found = folders.get(value) or {name.lower(): known for name, known in folders.items()}.get(value.lower())
    if found is None:
        near = get_close_matches(value.lower(), {name.lower(): name for name in folders}, 1, 0.6)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise InvalidArguments(f"in:{value}: there is no folder of that name{meant}")
    return {"inMailbox": found}


def _label(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    return {"hasKeyword": value.lower()}


def _before(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    return {"before": _utc(_day(value, now))}


def _after(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    return {"after": _utc(_day(value, now))}


def _on(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    day = _day(value, now)
    following = day + timedelta(days=1) if day < date.max else day
    return {"after": _utc(day), "before": _utc(following)}


def _larger(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    return {"minSize": _octets(value)}


def _smaller(value: str, now: datetime, folders: Mapping[str, str]) -> Filter:
    return {"maxSize": _octets(value)}


_SPECIAL: dict[str, Callable[[str, datetime, Mapping[str, str]], Filter]] = {
    "is": _is,
    "has": _has,
    "in": _in,
    "label": _label,
    "keyword": _label,
    "before": _before,
    "after": _after,
    "since": _after,
    "on": _on,
    "larger": _larger,
    "smaller": _smaller,
}


OPERATORS: Final = (*FIELDS, "is", "has", "in", "label", "before", "after", "on", "larger", "smaller")
"""What may stand before a colon."""


def _day(value: str, now: datetime) -> date:
    """A calendar day, or so many days, weeks, months (30 days) or years (365) before now."""
    span = re.fullmatch(r"(\d{1,5})([dwmy])", value.lower())
    try:
        if span:
            return (now.astimezone(UTC) - timedelta(days=int(span[1]) * _UNITS[span[2]])).date()
        if value.lower() in {"today", "yesterday"}:
            return now.astimezone(UTC).date() - timedelta(days=value.lower() == "yesterday")
        parts = [int(part) for part in re.split(r"[-/.]", value)]
        return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
    except (ValueError, OverflowError):
        raise InvalidArguments(f"{value} is not a date: write 2026-11-21, or 7d for seven days ago") from None


def _utc(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _octets(value: str) -> int:
    found = re.fullmatch(r"(\d{1,12})([kmg]?)b?", value.lower())
    if not found:
        raise InvalidArguments(f"{value} is not a size: write 500k or 10M")
    return int(found[1]) * _SIZES[found[2]]


def _all(conditions: list[Filter]) -> Filter:
    """One FilterCondition where no two say something about the same property, else an AND of them."""
    if len(conditions) == 1:
        return conditions[0]
    merged: Filter = {}
    for condition in conditions:
        if "operator" in condition or merged.keys() & condition.keys():
            return {"operator": "AND", "conditions": conditions}
        merged |= condition
    return merged


def _not(condition: Filter) -> Filter:
    if len(condition) == 1:
        ((key, value),) = condition.items()
        if key in _OPPOSITE:
            return {_OPPOSITE[key]: value}
        if key == "hasAttachment":
            return {"hasAttachment": not value}
    return {"operator": "NOT", "conditions": [condition]}
