"""Changing a mailbox over IMAP: flags, moves, copies, appends, removals, folders.

Owns the rule that the server's word is not enough: Dovecot answers OK to a STORE that it ignores, so every
change reports what is there afterwards. Never sends a plain EXPUNGE, which removes what others marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.answers import Answer
from shinbox.desk.mail.remote.base import (
    DELETED,
    Appended,
    BadName,
    Copied,
    FlagsRow,
    NotAllowed,
    SelectedFolder,
)
from shinbox.desk.mail.remote.names import quoted_name
from shinbox.desk.mail.remote.noticing import fetch_flags
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import RemoteProtocolError, RemoteRefused

_FLAG = re.compile(r"\\?[^\s(){%*\"\\\]\x00-\x1f\x7f-\U0010ffff]+")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def flag_list(flags: Iterable[str]) -> bytes:
    """`(a b c)` for a command. Raises BadName for what is no flag (RFC 3501 §9)."""
    words = sorted(set(flags))
    for word in words:
        if not _FLAG.fullmatch(word):
            raise BadName(f"The mail server cannot keep a label called {word!r}.")
    return b"(" + " ".join(words).encode("ascii") + b")"


def store(
    wire: Wire, folder: SelectedFolder, uids: Iterable[int], add: Iterable[str], remove: Iterable[str]
) -> dict[int, FlagsRow]:
    """`Remote.store_flags`."""
    wanted = sorted(set(uids))
    adding, removing = ([flag for flag in flags if folder.keeps(flag)] for flags in (add, remove))
    commands = [
        b"UID STORE " + uid_set + sign + flag_list(flags)
        for uid_set in tokens.uid_sets(wanted)
        for sign, flags in ((b" +FLAGS.SILENT ", adding), (b" -FLAGS.SILENT ", removing))
        if flags
    ]
    for answer in wire.run_all(commands):
        # NO may mean "of some": the flags that are read back say which. BAD means that we are wrong.
        if answer.status.word == "BAD":
            answer.check("change flags")
    return {row.uid: row for row in fetch_flags(wire, wanted)} if wanted else {}


def copy(wire: Wire, uids: Iterable[int], target: str) -> Copied:
    """`Remote.copy`."""
    return _transfer(wire, b"UID COPY ", uids, target)


def move(wire: Wire, folder: SelectedFolder, uids: Iterable[int], target: str) -> Copied:
    """`Remote.move`: UID MOVE (RFC 6851), or copy, mark, remove."""
    if wire.has("MOVE"):
        return _transfer(wire, b"UID MOVE ", uids, target)
    _demand_removal(folder)
    wanted = sorted(set(uids))
    copied = copy(wire, wanted, target)
    if wire.has("UIDPLUS"):
        gone = set(expunge(wire, folder, wanted))
        if left := [uid for uid in wanted if uid not in gone]:
            raise RemoteRefused(
                f"The mail server copied {len(left)} messages to {target} but kept them.", copied=copied
            )
    else:
        # Marked and left: only the server's own client may expunge, since EXPUNGE takes everybody's marks.
        store(wire, folder, wanted, [DELETED], [])
    return copied


def _transfer(wire: Wire, verb: bytes, uids: Iterable[int], target: str) -> Copied:
    name = quoted_name(target)
    validity: int | None = None
    found: dict[int, int] = {}
    for uid_set in tokens.uid_sets(uids):
        answer = wire.run(verb + uid_set + b" " + name)
        part = _copyuid(answer)
        validity = part.uidvalidity or validity
        found |= part.uids
        try:
            answer.check(f"put messages into {target}")
        except RemoteRefused as error:
            error.extra["copied"] = Copied(validity, found)
            raise
    return Copied(validity, found)


def _copyuid(answer: Answer) -> Copied:
    """COPYUID, which MOVE sends untagged. Sets of different length are not guessed at."""
    found: dict[int, int] = {}
    validity: int | None = None
    for status in answer.statuses():
        if status.code == "COPYUID":
            parts = status.data.split()
            if len(parts) != 3 or not parts[0].isdigit():
                raise RemoteProtocolError("The mail server sent a COPYUID that cannot be read.")
            validity = int(parts[0])
            sources, targets = (tokens.expand(tokens.parse_ranges(part), 100_000) for part in parts[1:])
            if len(sources) == len(targets):
                found.update(zip(sources, targets, strict=True))
    return Copied(validity, found)


def expunge(wire: Wire, folder: SelectedFolder, uids: Iterable[int]) -> list[int]:
    """`Remote.expunge_uids`."""
    if not wire.has("UIDPLUS"):
        raise NotAllowed("The mail server cannot remove single messages (no UIDPLUS).")
    _demand_removal(folder)
    wanted = sorted(set(uids))
    if not wanted:
        return []
    store(wire, folder, wanted, [DELETED], [])
    for uid_set in tokens.uid_sets(wanted):
        wire.run(b"UID EXPUNGE " + uid_set).check("remove messages")
    left = {row.uid for row in fetch_flags(wire, wanted)}
    return [uid for uid in wanted if uid not in left]


def _demand_removal(folder: SelectedFolder) -> None:
    """Before the first step, so that nothing is left copied or marked (RFC 4314 §4)."""
    allowed = folder.rights is None or {"t", "e"} <= folder.rights
    if folder.read_only or not allowed or not folder.keeps(DELETED):
        raise NotAllowed(
            f"The mail server does not allow removing messages from {folder.path}.", code="NOPERM"
        )


def append(
    wire: Wire, path: str, raw: bytes, flags: Iterable[str], internaldate: datetime | None
) -> Appended | None:
    """`Remote.append`."""
    command = b"APPEND " + quoted_name(path) + b" " + flag_list(flags)
    if internaldate is not None:
        command += b" " + date_time(internaldate)
    answer = wire.run(command, raw).check(f"add a message to {path}")
    if answer.status.code != "APPENDUID":
        return None
    parts = answer.status.data.split()
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise RemoteProtocolError("The mail server sent an APPENDUID that cannot be read.")
    return Appended(int(parts[0]), int(parts[1]))


def date_time(moment: datetime) -> bytes:
    """RFC 3501 §9 date-time, in UTC. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("internaldate must be an aware datetime")
    utc = moment.astimezone(UTC)
    return f'"{utc.day:2d}-{_MONTHS[utc.month - 1]}-{utc.year:04d} {utc:%H:%M:%S} +0000"'.encode("ascii")


def create_folder(wire: Wire, path: str) -> None:
    """`Remote.create_folder`; subscribed, since other clients show only what is."""
    name = quoted_name(path)
    wire.run(b"CREATE " + name).check(f"make the folder {path}")
    wire.run(b"SUBSCRIBE " + name)


def rename_folder(wire: Wire, path: str, new_path: str) -> None:
    """`Remote.rename_folder`. INBOX stays: renaming it only moves its messages (RFC 3501 §6.3.5)."""
    _spare_inbox(path)
    old, new = quoted_name(path), quoted_name(new_path)
    wire.run(b"RENAME " + old + b" " + new).check(f"rename the folder {path}")
    wire.run_all([b"UNSUBSCRIBE " + old, b"SUBSCRIBE " + new])


def delete_folder(wire: Wire, path: str) -> None:
    """`Remote.delete_folder`."""
    _spare_inbox(path)
    wire.run(b"DELETE " + quoted_name(path)).check(f"delete the folder {path}")
    wire.run(b"UNSUBSCRIBE " + quoted_name(path))


def _spare_inbox(path: str) -> None:
    if path.upper() == "INBOX":
        raise NotAllowed("The Inbox can be neither renamed nor deleted.", code="CANNOT")
