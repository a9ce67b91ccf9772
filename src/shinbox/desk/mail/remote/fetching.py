"""Reading messages over IMAP: summaries, flags, changes, raw messages.

Owns the FETCH commands (always PEEK: reading never sets `\\Seen`), what their answers mean, and the choice
between QRESYNC, CONDSTORE (RFC 7162) and full comparison. Changes nothing on the server.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import BinaryIO

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.base import (
    HEADER_LIMIT,
    SYSTEM_FLAGS,
    Changes,
    FlagsRow,
    MessageMissing,
    MessageTooLarge,
    RemoteMessage,
    SelectedFolder,
    Token,
)
from shinbox.desk.mail.remote.names import quote, refuse_control
from shinbox.desk.mail.remote.wire import LITERAL_LIMIT, Answer, Response, Status, Wire
from shinbox.errors import RemoteRefused

_MONTHS = {
    name: at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
_INTERNALDATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_FETCH = re.compile(rb"\* \d+ FETCH (?=\()", re.IGNORECASE)
_FLAGS_ONLY = re.compile(
    rb"\* \d+ FETCH \((?:UID (\d+) FLAGS \(([^()\"]*)\)|FLAGS \(([^()\"]*)\) UID (\d+))"
    rb"(?: MODSEQ \((\d+)\))?\)\Z"
)
_MESSAGE_ID = re.compile(rb"message-id[ \t]*:\s*(.*?)\s*(?:\r?\n(?![ \t])|\Z)", re.IGNORECASE | re.DOTALL)
_CANONICAL = {flag.lower(): flag for flag in SYSTEM_FLAGS}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNTOLD = Status("OK", None, b"", "")
_flag_sets: dict[bytes, frozenset[str]] = {}


def flags_of(words: Iterable[str]) -> frozenset[str]:
    """Flags with system flags in RFC 3501's spelling, without `\\Recent`."""
    return frozenset(_CANONICAL.get(word.lower(), word) for word in words if word.lower() != "\\recent")


def _flags_of_octets(octets: bytes) -> frozenset[str]:
    """As `flags_of`; a mailbox has few different sets of flags, so each is read once."""
    known = _flag_sets.get(octets)
    if known is None:
        if len(_flag_sets) > 5000:
            _flag_sets.clear()
        known = _flag_sets[octets] = flags_of(octets.decode("utf-8", "replace").split())
    return known


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


def rows(answer: Answer) -> Iterator[dict[bytes, Token]]:
    """The FETCH responses with a UID, item by item; a FETCH without UID is another session's news."""
    for text, literals in answer.untagged:
        match = _FETCH.match(text)
        if match is None:
            continue
        values = tokens.parse(text[match.end() :], literals)
        items = tokens.pairs(values[0]) if values and isinstance(values[0], list) else {}
        if b"UID" in items:
            yield items


def flag_rows(answer: Answer) -> list[FlagsRow]:
    """FETCH responses with UID and FLAGS, ascending; the last word on a UID counts."""
    found: dict[int, FlagsRow] = {}
    for response in answer.untagged:
        match = _FLAGS_ONLY.match(response[0])
        if match is not None:
            uid = int(match[1] or match[4])
            flags = match[2] if match[1] else match[3]
            found[uid] = FlagsRow(uid, _flags_of_octets(flags), int(match[5]) if match[5] else None)
        elif _FETCH.match(response[0]):
            found.update((row.uid, row) for row in _flag_rows_slowly(response))
    return [found[uid] for uid in sorted(found)]


def _flag_rows_slowly(response: Response) -> Iterator[FlagsRow]:
    for items in rows(Answer(_UNTOLD, [response])):
        if b"FLAGS" in items:
            yield FlagsRow(tokens.number(items[b"UID"], "UID"), _flags(items), _modseq(items))


def _flags(items: dict[bytes, Token]) -> frozenset[str]:
    value = items.get(b"FLAGS")
    return flags_of(tokens.text(flag) for flag in value) if isinstance(value, list) else frozenset()


def _modseq(items: dict[bytes, Token]) -> int | None:
    value = items.get(b"MODSEQ")
    return tokens.number(value[0], "MODSEQ") if isinstance(value, list) and value else None


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
    return set(headless).difference(*(_search(answer) for answer in answers))


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
        flags=_flags(items),
        internaldate=parse_internaldate(items[b"INTERNALDATE"]),
        size=tokens.number(items.get(b"RFC822.SIZE"), "size"),
        header=header if isinstance(header, bytes) else b"",
        bodystructure=structure if isinstance(structure, list) else None,
        modseq=_modseq(items),
        email_id=_email_id(items),
    )


def _email_id(items: dict[bytes, Token]) -> str | None:
    value = items.get(b"EMAILID")
    if isinstance(value, list) and value:
        return tokens.text(value[0]) or None
    gmail = items.get(b"X-GM-MSGID")
    return f"gm-{tokens.number(gmail)}" if gmail is not None else None


def fetch_flags(wire: Wire, uids: Iterable[int] | None) -> list[FlagsRow]:
    """`Remote.fetch_flags`."""
    items = b" (UID FLAGS MODSEQ)" if wire.has("CONDSTORE") else b" (UID FLAGS)"
    if uids is None:
        return flag_rows(wire.run(b"UID FETCH 1:*" + items).check("list flags"))
    wanted = set(uids)
    answers = [wire.run(b"UID FETCH " + part + items).check("list flags") for part in tokens.uid_sets(wanted)]
    return [row for answer in answers for row in flag_rows(answer) if row.uid in wanted]


def all_uids(wire: Wire) -> list[int]:
    """`Remote.uids`."""
    if not wire.has("ESEARCH"):
        return sorted(set(_search(wire.run(b"UID SEARCH ALL").check("list messages"))))
    answer = wire.run(b"UID SEARCH RETURN (ALL) ALL").check("list messages")
    return sorted(set(_esearch(answer, limit=2**31)))


def _search(answer: Answer) -> list[int]:
    """The UIDs of a SEARCH response, which a server with CONDSTORE may end with `(MODSEQ n)`."""
    values = [value for text, _ in answer.named(b"SEARCH") for value in tokens.parse(text)]
    return [value for value in values if isinstance(value, int)]


def _esearch(answer: Answer, limit: int) -> list[int]:
    for text, _ in answer.named(b"ESEARCH"):
        values = tokens.parse(text)
        while values and (isinstance(values[0], list) or values[0] in (b"UID", b"uid")):
            del values[0]
        found = tokens.pairs(values).get(b"ALL")
        return tokens.expand(tokens.parse_ranges(found), limit) if found is not None else []
    return []


def changes(wire: Wire, folder: SelectedFolder, modseq: int | None, known: Collection[int]) -> Changes:
    """`Remote.changes_since`, for the folder as just selected."""
    held = set(known)
    if not modseq or folder.highestmodseq is None or not wire.has("CONDSTORE"):
        found = fetch_flags(wire, None) if folder.exists else []
        return Changes(folder, found, sorted(held - {row.uid for row in found}), complete=True)
    if folder.highestmodseq == modseq and folder.exists == len(held):
        return Changes(folder, [], [], complete=False)
    qresync = wire.has("QRESYNC")
    since = b"(CHANGEDSINCE %d VANISHED)" if qresync else b"(CHANGEDSINCE %d)"
    answer = wire.run(b"UID FETCH 1:* (UID FLAGS MODSEQ) " + since % modseq).check("list changes")
    found = flag_rows(answer)
    vanished = _vanished(answer, held)
    expected = len(held | {row.uid for row in found}) - len(vanished)
    if not qresync or expected != folder.exists:
        # A server may have forgotten what was expunged: the list of those that are there settles it.
        present = set(all_uids(wire))
        vanished = held - present
        missed = present - held - {row.uid for row in found}
        found = [row for row in found if row.uid in present] + fetch_flags(wire, missed)
    rows_left = sorted((row for row in found if row.uid not in vanished), key=lambda row: row.uid)
    return Changes(folder, rows_left, sorted(vanished), complete=False)


def _vanished(answer: Answer, known: Collection[int]) -> set[int]:
    """The known UIDs that `VANISHED` names; a range may span billions that never were."""
    ordered = sorted(known)
    gone: set[int] = set()
    for text, _ in answer.named(b"VANISHED"):
        for first, last in tokens.parse_ranges(tokens.parse(text)[-1]):
            gone.update(ordered[bisect_left(ordered, first) : bisect_right(ordered, last)])
    return gone


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
    gone = _gone(wire, [uid for uid, start in found.items() if not start])
    return {uid: found[uid] for uid in wanted if uid in found and uid not in gone}


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


def by_message_id(wire: Wire, message_id: str, since_uid: int) -> list[int]:
    """`Remote.find_by_message_id` in the selected folder. HEADER matches substrings: each hit is read."""
    text = refuse_control(message_id, "The Message-ID").strip()
    try:
        needle = quote(text.encode("ascii"))
    except UnicodeEncodeError:
        raise RemoteRefused(f"Only a Message-ID in ASCII can be searched for: {text}") from None
    wanted = b"UID %d:* HEADER MESSAGE-ID " % since_uid + needle
    if wire.has("ESEARCH"):
        hits = _esearch(wire.run(b"UID SEARCH RETURN (ALL) " + wanted).check("search"), limit=100_000)
    else:
        hits = _search(wire.run(b"UID SEARCH " + wanted).check("search"))
    # `5:*` with nothing from 5 on means the last message (RFC 3501 §9 seq-range).
    return sorted(uid for uid in set(hits) if uid >= since_uid and _message_id(wire, uid) == text)


def _message_id(wire: Wire, uid: int) -> str | None:
    command = b"UID FETCH %d (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])" % uid
    answer = wire.run(command).check("read a header")
    for items in rows(answer):
        if items[b"UID"] != uid:
            continue
        for name, value in items.items():
            if name.startswith(b"BODY[") and isinstance(value, bytes) and (match := _MESSAGE_ID.match(value)):
                return match[1].decode("utf-8", "replace")
    return None
