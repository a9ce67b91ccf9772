"""Reading messages over IMAP: summaries, first octets, raw messages.

Owns the FETCH commands for them (always PEEK: reading never sets `\\Seen`) and what their answers mean.
Changes nothing on the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import BinaryIO

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.answers import Answer
from shinbox.desk.mail.remote.base import (
    HEADER_LIMIT,
    MessageMissing,
    MessageTooLarge,
    RemoteMessage,
    Token,
)
from shinbox.desk.mail.remote.noticing import flags_in, modseq_in, rows, search
from shinbox.desk.mail.remote.wire import LITERAL_LIMIT, Wire

_MONTHS = {
    name: at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
_INTERNALDATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_internaldate(token: Token) -> datetime:
    """INTERNALDATE (RFC 3501 §9 date-time); the epoch for one that cannot be read."""
    match = _INTERNALDATE.fullmatch(token) if isinstance(token, bytes) else None
    if match is None:
        return _EPOCH
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = UTC if not offset else timezone(-offset if sign == b"-" else offset)
        clock = (int(hour), int(minute), min(int(second), 59))
        return datetime(int(year), _MONTHS[month.title()], int(day), *clock, tzinfo=zone)
    except (ValueError, KeyError):
        return _EPOCH


def summaries(wire: Wire, uids: Iterable[int], chunk: int) -> Iterator[list[RemoteMessage]]:
    """`Remote.fetch_summaries`."""
    wanted = sorted(set(uids), reverse=True)
    for start in range(0, len(wanted), chunk):
        found = _summaries(wire, wanted[start : start + chunk])
        if found:
            yield found


def _summaries(
    wire: Wire, uids: Sequence[int], without: frozenset[bytes] = frozenset()
) -> list[RemoteMessage]:
    """One chunk, newest first. What a server cannot read of a message is left out of that one alone."""
    items = [item for item in _summary_items(wire) if item not in without]
    found: dict[int, RemoteMessage] = {}
    for uid_set in tokens.uid_sets(uids):
        answer = wire.run(b"UID FETCH " + uid_set + b" (" + b" ".join(items) + b")")
        if answer.status.word == "OK":
            messages = [message for items in rows(answer) if (message := _message(items)) is not None]
            gone = _gone(wire, [message.uid for message in messages if not message.header])
            found.update((message.uid, message) for message in messages if message.uid not in gone)
        elif len(uids) > 1:
            found.update((message.uid, message) for uid in uids for message in _summaries(wire, [uid]))
            break
        elif b"BODYSTRUCTURE" not in without:
            return _summaries(wire, uids, frozenset({b"BODYSTRUCTURE"}))
        elif _HEADER not in without:
            return _summaries(wire, uids, frozenset({b"BODYSTRUCTURE", _HEADER}))
        else:
            answer.check(f"show message {uids[0]}")
    wanted = set(uids)
    return sorted((m for m in found.values() if m.uid in wanted), key=lambda m: m.uid, reverse=True)


def _gone(wire: Wire, headless: Sequence[int]) -> set[int]:
    """Those of some messages that came without a header which another session has removed meanwhile.

    Until the next NOOP a server may answer for them from what it remembers, with NIL (RFC 2180 §4.1.3;
    Dovecot also with the size 0). A message that is there and cannot be read is listed nevertheless, and so
    is one that a server will not search for.
    """
    if not headless:
        return set()
    wire.run(b"NOOP")
    answers = [wire.run(b"UID SEARCH UID " + part) for part in tokens.uid_sets(headless)]
    if any(answer.status.word != "OK" for answer in answers):
        return set()
    return set(headless).difference(*(search(answer) for answer in answers))


_HEADER = b"BODY.PEEK[HEADER]<0.%d>" % HEADER_LIMIT


def _summary_items(wire: Wire) -> list[bytes]:
    items = [b"UID", b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE"]
    if wire.has("CONDSTORE"):
        items.append(b"MODSEQ")
    if wire.has("OBJECTID"):
        items.append(b"EMAILID")
    elif wire.has("X-GM-EXT-1"):
        items.append(b"X-GM-MSGID")
    return [*items, b"BODYSTRUCTURE", _HEADER]


def _message(items: dict[bytes, Token]) -> RemoteMessage | None:
    """`None` for news about a message's flags that came between."""
    if b"INTERNALDATE" not in items:
        return None
    header = items.get(b"BODY[HEADER]<0>", items.get(b"BODY[HEADER]"))
    structure = items.get(b"BODYSTRUCTURE")
    return RemoteMessage(
        uid=tokens.number(items[b"UID"], "UID"),
        flags=flags_in(items),
        internaldate=parse_internaldate(items[b"INTERNALDATE"]),
        size=tokens.number(items.get(b"RFC822.SIZE"), "size"),
        header=header if isinstance(header, bytes) else b"",
        bodystructure=structure if isinstance(structure, list) else None,
        modseq=modseq_in(items),
        email_id=_email_id(items),
    )


def _email_id(items: dict[bytes, Token]) -> str | None:
    value = items.get(b"EMAILID")
    if isinstance(value, list) and value:
        return tokens.text(value[0]) or None
    gmail = items.get(b"X-GM-MSGID")
    return f"gm-{tokens.number(gmail)}" if gmail is not None else None


def raw_into(wire: Wire, uid: int, sink: BinaryIO, max_size: int) -> int:
    """`Remote.fetch_raw_into`."""
    answer = wire.run(b"UID FETCH %d (UID RFC822.SIZE)" % uid).check(f"show message {uid}")
    told = [items.get(b"RFC822.SIZE") for items in rows(answer) if items[b"UID"] == uid]
    sizes = [tokens.number(size, "size") for size in told if size is not None]
    if not sizes:
        raise MessageMissing(f"Message {uid} is no longer there.")
    if sizes[0] > max_size:
        raise MessageTooLarge(f"Message {uid} has {sizes[0]} octets; the desk fetches at most {max_size}.")
    counter = _Counter(sink)
    # Some servers count line ends differently in RFC822.SIZE than they send them.
    wire.literal_limit, wire.sink = max_size + max_size // 10 + LITERAL_LIMIT, counter
    try:
        answer = wire.run(b"UID FETCH %d (UID BODY.PEEK[])" % uid)
    finally:
        wire.literal_limit, wire.sink = LITERAL_LIMIT, None
    answer.check(f"show message {uid}")
    for items in rows(answer):
        if b"BODY[]" in items and items[b"UID"] == uid:
            body = items[b"BODY[]"]
            if isinstance(body, bytes):
                return counter.size or counter.write(body)
    raise MessageMissing(f"Message {uid} is no longer there.")


def starts(wire: Wire, uids: Iterable[int], octets: int) -> dict[int, bytes]:
    """`Remote.fetch_starts`."""
    wanted = sorted(set(uids))
    found: dict[int, bytes] = {}
    for uid_set in tokens.uid_sets(wanted):
        answer = wire.run(b"UID FETCH %b (UID BODY.PEEK[]<0.%d>)" % (uid_set, octets))
        if answer.status.word == "OK":
            found |= _starts(answer)
        elif len(wanted) == 1:
            found[wanted[0]] = b""
        else:
            return {uid: start for each in wanted for uid, start in starts(wire, [each], octets).items()}
    gone = _gone(wire, [uid for uid in wanted if not found.get(uid)])
    return {uid: found.get(uid, b"") for uid in wanted if uid not in gone}


def _starts(answer: Answer) -> dict[int, bytes]:
    """Nothing of messages that only news of their flags came about."""
    found = {}
    for items in rows(answer):
        for name in (b"BODY[]<0>", b"BODY[]"):
            if name in items:
                start = items[name]
                found[tokens.number(items[b"UID"], "UID")] = start if isinstance(start, bytes) else b""
    return found


class _Counter:
    """A sink that counts. Short messages may come as a quoted string and not pass through it."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        self._sink.write(data)
        self.size += len(data)
        return len(data)
