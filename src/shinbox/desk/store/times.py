"""The two forms of a moment: seconds since the epoch in code, a UTC date where people read it.

Owns the conversion (RFC 8620 §1.4, UTCDate). Knows no clock.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

_UTC_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!0+Z)\d+)?Z", re.ASCII)
"""A fraction of a second is left out if it is zero; it may end with zeros."""


def utc_now(seconds: float) -> str:
    """Seconds since the epoch as the UTC date that JMAP wants (RFC 8620 §1.4), in whole seconds.

    Such dates sort as texts in the order of time.

    :raises ValueError: the year has more than four digits.
    """
    return datetime.fromtimestamp(math.floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def utc_seconds(text: str) -> float:
    """A UTC date as seconds since the epoch.

    :raises ValueError: it is none.
    """
    if not _UTC_DATE.fullmatch(text):
        raise ValueError(f"“{text}” is no UTC date such as 2026-11-21T12:00:00Z")
    return datetime.fromisoformat(text).timestamp()
