"""Made-up mail for a large folder: people, subjects, conversations and texts as a shared inbox has them.

Pure and repeatable: message `number` is always the same. Higher numbers are newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate
from typing import Final

from tests.servers.maildir import Seed

_PEOPLE: Final = (
    "Bob Roy", "Ann Li", "ACME Logistics", "Marta Sørensen", "J. van der Berg", "Order Desk", "Ines Duarte",
)  # fmt: skip
_SUBJECTS: Final = (
    "{n} Invoice: the total is wrong",
    "{n} Delivery to the warehouse in Bremen, second attempt",
    "{n} Quarterly report and what we should say about it",
    "{n} Order was confirmed twice",
    "{n} A question about your offer",
)
RARE: Final = "umbrella"
"""In the subject of one message in `RARE_EVERY`."""
RARE_EVERY: Final = 5_000
COMMON: Final = "warehouse"
"""In the subject of one message in five."""
BODY_RARE: Final = "marzipan"
"""In the text, and only there, of one message in `RARE_EVERY`."""
_FIRST: Final = 1_640_000_000
_EVERY: Final = 700
"""Seconds between two messages."""


def subject(number: int) -> str:
    """Begins with its number as `#<number>`, so that a screen can be searched for it."""
    text = _SUBJECTS[number % len(_SUBJECTS)].format(n=f"#{number}")
    if number % RARE_EVERY == RARE_EVERY - 3:
        text = f"#{number} Lost {RARE}"
    return f"Re: {text}" if _answers(number) is not None else text


def body_mark(number: int) -> str:
    """A sentence that only this message's text has."""
    return f"Reference: letter-{number}-end."


def newest_with(word: str, count: int, place: int) -> int:
    """The number of the message that is `place` hits below the newest hit of a search for `word`."""
    every, rest = {
        RARE: (RARE_EVERY, RARE_EVERY - 3),
        BODY_RARE: (RARE_EVERY, RARE_EVERY - 7),
        COMMON: (5, 1),
    }[word]
    newest = count - 1 - (count - 1 - rest) % every
    return newest - place * every


def message(number: int) -> Seed:
    """The message as it lies in a Maildir; one in five is unread."""
    person = _PEOPLE[number % len(_PEOPLE)]
    answered = _answers(number)
    thread = f"In-Reply-To: <{answered}@made-up.example>\r\n" if answered is not None else ""
    head = (
        f'From: "{person} {number % 997}" <c{number % 997}@example.org>\r\nTo: support@example.test\r\n'
        f"Subject: {subject(number)}\r\nMessage-ID: <{number}@made-up.example>\r\n{thread}"
        f"Date: {formatdate(_FIRST + number * _EVERY)}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    extra = f"We would like some {BODY_RARE} with it.\r\n" if number % RARE_EVERY == RARE_EVERY - 7 else ""
    text = f"Good day,\r\n\r\n{body_mark(number)}\r\n{extra}" + "Some words of text in a message.\r\n" * 30
    return Seed((head + text).encode(), "S" if number % 5 else "", _FIRST + number * _EVERY)


def messages(count: int) -> Iterator[Seed]:
    """The whole folder, oldest first."""
    return map(message, range(count))


def _answers(number: int) -> int | None:
    """The message it answers, if it is an answer: one in four is."""
    return number - 11 if number % 4 == 3 and number > 11 else None
