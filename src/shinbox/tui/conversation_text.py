"""A conversation as lines for the reader: oldest first, each message with its head; long quotations folded.

Pure. How one message looks is in `message_text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from shinbox.client.formats import Toned, count, full_addresses, long_date, size
from shinbox.client.showing import files, notices
from shinbox.jmap.objects import Email
from shinbox.tui.message_text import body_lines

KEPT_QUOTE: Final = 4
"""Lines of quotation that stay: a longer one is folded into a line."""


def folded(lines: Sequence[Toned]) -> list[Toned]:
    """The same with long quotations as one line each."""
    found: list[Toned] = []
    for tone, run in groupby(lines, key=lambda line: line[1]):
        block = list(run)
        if tone == "quote" and len(block) > KEPT_QUOTE:
            found.append((f"▸ {count(len(block), 'quoted line')} (→ shows them)", "link"))
        else:
            found += block
    return found


def conversation_lines(emails: Sequence[Email], now: datetime) -> list[Toned]:
    """Every message of a conversation. HTML takes some 0.2 s a megabyte: call it off the loop."""
    newest = emails[-1]
    subject = (newest.subject or "").strip() or "(no subject)"
    lines: list[Toned] = [(subject, "subject"), (count(len(emails), "message"), "header")]
    for email in emails:
        lines += [("", ""), *_head(email, now), ("", ""), *body_lines(email)]
    return lines


def _head(email: Email, now: datetime) -> Iterator[Toned]:
    yield "─" * 60, "muted"
    date = long_date(email.sent_at or email.received_at, now)
    yield f"{full_addresses(email.from_) or '(nobody)'}   {date}", "subject"
    if email.to:
        yield f"To {full_addresses([*email.to, *(email.cc or [])])}", "header"
    yield from notices(email, (), now)
    for number, part in enumerate(files(email), 1):
        yield f"[{number}] {part.name or '(no name)'}  {size(part.size)}", "muted"
