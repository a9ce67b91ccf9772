"""Options whose values are numbers and dates, and arguments that many commands have: for argparse.

Owns how such a value is written, and what is said of one that is none.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime


def number(text: str) -> int:
    """A number from 1 on."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise ArgumentTypeError("give a number from 1 on")
    return int(text)


def utc_date(text: str) -> str:
    """A date, or date and time, as people write it; local time unless it says otherwise."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("give a date such as 2026-11-21 or 2026-11-21T14:30") from None
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mailbox(parser: ArgumentParser) -> None:
    """The mailbox that a command is about."""
    parser.add_argument("mailbox", metavar="MAILBOX", help="support@")


def nothing(parser: ArgumentParser) -> None:
    """A command that takes no arguments of its own."""
