"""Person: somebody as other objects name them. Pure data."""

from __future__ import annotations

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A user's id and name."""

    id: str
    name: str
