"""What lies in a folder over IMAP: which messages, with which flags, and what changed since.

Owns the reading of FETCH and SEARCH answers that tell this, and the choice between QRESYNC, CONDSTORE
(RFC 7162) and full comparison. Reads no message (fetching.py) and changes nothing on the server.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.answers import Answer, Response, Status
from shinbox.desk.mail.remote.base import SYSTEM_FLAGS, Changes, FlagsRow, SelectedFolder, Token
from shinbox.desk.mail.remote.names import quote, refuse_control
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import RemoteRefused

_FETCH = re.compile(rb"\* \d+ FETCH (?=\()", re.IGNORECASE)
_FLAGS_ONLY = re.compile(
    rb"\* \d+ FETCH \((?:UID (\d+) FLAGS \(([^()\"]*)\)|FLAGS \(([^()\"]*)\) UID (\d+))"
    rb"(?: MODSEQ \((\d+)\))?\)\Z"
)
_MESSAGE_ID = re.compile(rb"message-id[ \t]*:\s*(.*?)\s*(?:\r?\n(?![ \t])|\Z)", re.IGNORECASE | re.DOTALL)
_CANONICAL = {flag.lower(): flag for flag in SYSTEM_FLAGS}
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
            yield FlagsRow(tokens.number(items[b"UID"], "UID"), flags_in(items), modseq_in(items))


def flags_in(items: dict[bytes, Token]) -> frozenset[str]:
    """The flags in a FETCH response, none where it has none."""
    value = items.get(b"FLAGS")
    return flags_of(tokens.text(flag) for flag in value) if isinstance(value, list) else frozenset()


def modseq_in(items: dict[bytes, Token]) -> int | None:
    """The MODSEQ in a FETCH response (RFC 7162 §3.1.4.2), if it has one."""
    value = items.get(b"MODSEQ")
    return tokens.number(value[0], "MODSEQ") if isinstance(value, list) and value else None


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
        return sorted(set(search(wire.run(b"UID SEARCH ALL").check("list messages"))))
    answer = wire.run(b"UID SEARCH RETURN (ALL) ALL").check("list messages")
    return sorted(set(_esearch(answer, limit=2**31)))


def search(answer: Answer) -> list[int]:
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
        hits = search(wire.run(b"UID SEARCH " + wanted).check("search"))
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
