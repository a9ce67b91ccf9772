"""What the demo lets the login screen know. Pure data; a real desk tells none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Demo:
    """The demo's people, each with what they may do, and the password they share."""

    people: Sequence[tuple[str, str]] = ()
    password: str = ""
    sign_in_as: str | None = None
