"""A conversation as lines for the reader: oldest first, what was read before as a line, quotations folded.

Pure. How one message looks is in `message_text`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Final

from shinbox.client.formats import Toned, count, full_addresses, long_date, short_name, when
from shinbox.client.showing import files, notices
from shinbox.jmap.objects import Email
from shinbox.terms import Keyword
from shinbox.tui.columns import fit_text
from shinbox.tui.message_text import body_lines, file_lines

KEPT_QUOTE: Final = 4
"""Lines of quotation that stay: a longer one is folded into a line."""
_LINES: Final = 20
_WORDS: Final = 41
"""Letters of a message that is shown as one line: with its sender and time it fits 80 columns."""


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


@dataclass(frozen=True)
class Told:
    """One message of a conversation: as one line, and whole."""

    line: Toned
    whole: Sequence[Toned]
    is_open: bool
    """Whether it is shown whole at once."""


def conversation_texts(
    emails: Sequence[Email], now: datetime, finds: Collection[str] = (), just_read: Collection[str] = ()
) -> list[list[Toned]]:
    """A conversation, more of it each time: older messages as a line each; all whole; with every quotation.

    `emails`: oldest first; `finds`: which of them a search found: these are whole, and marked if others are
    not; `just_read`: which were unread until one opened them. HTML takes some 0.2 s a megabyte: call it off
    the loop.
    """
    newest = emails[-1]
    found = [email.id in finds for email in emails]
    marked = any(found) and not all(found)
    told = [_told(emails, place, marked and found[place], now) for place in range(len(emails))]
    if any(found):
        told = [replace(one, is_open=is_find) for one, is_find in zip(told, found, strict=True)]
    else:
        new = [email.id in just_read for email in emails]
        told = [replace(one, is_open=one.is_open or is_new) for one, is_new in zip(told, new, strict=True)]
    head: list[Toned] = [((newest.subject or "").strip() or "(no subject)", "subject")]
    number = count(len(emails), "message")
    shut = sum(not one.is_open for one in told)
    note = f", {sum(found):,} found" if marked else ""
    note += f", {shut:,} folded (→ shows {'it' if shut == 1 else 'them'})" if shut else ""
    closed = [*head, (number + note, "header")]
    whole = [*head, (number, "header")]
    for before, one in zip([None, *told], told, strict=False):
        gap = [("", "")] if one.is_open or before is None or before.is_open else []
        closed += [*gap, *(one.whole if one.is_open else [one.line])]
        whole += [("", ""), *one.whole]
    return several(folded(closed), folded(whole), whole)


def several(*texts: list[Toned]) -> list[list[Toned]]:
    """Texts that show more and more, each only if it differs from the one before."""
    return [text for text, _ in groupby(texts)]


def _told(emails: Sequence[Email], place: int, is_marked: bool, now: datetime) -> Told:
    email, before = emails[place], emails[:place]
    body = body_lines(email)
    words = " ".join(line.strip() for line, tone in islice(body, _LINES) if tone == "" and line.strip())
    who = short_name(email.from_[0]) if email.from_ else "(nobody)"
    line = f"▸ {fit_text(who, 20)}  {when(email.received_at, now):<9}  {fit_text(words, _WORDS).rstrip()}"
    # Shorter than the narrowest reader: a rule that is wrapped looks broken.
    rule = ("── found " + "─" * 31, "warning") if is_marked else ("─" * 40, "muted")
    # Through the whole conversation, as in the box of its files.
    listed = file_lines(files(email), 1 + sum(len(files(one)) for one in before))
    whole = [rule, *_head(email, now), *_newcomer(email, before), *listed, ("", ""), *body]
    is_newest = place == len(emails) - 1
    return Told((line, "link"), whole, is_newest or Keyword.SEEN not in email.keywords)


def _newcomer(email: Email, before: Sequence[Email]) -> Iterator[Toned]:
    """Says that the sender neither wrote nor was addressed before: it may be a stranger who answers."""
    known = {
        person.email.lower()
        for one in before
        for people in (one.from_, one.to, one.cc, one.reply_to)
        for person in people or ()
    }
    sender = email.from_[0] if email.from_ else None
    if before and sender is not None and sender.email.lower() not in known:
        yield f"{sender.email} is new in this conversation.", "warning"


def _head(email: Email, now: datetime) -> Iterator[Toned]:
    date = long_date(email.sent_at or email.received_at, now)
    yield f"{full_addresses(email.from_) or '(nobody)'}   {date}", "subject"
    if email.to:
        yield f"To {full_addresses([*email.to, *(email.cc or [])])}", "header"
    yield from notices(email, (), now)
