"""Folders over IMAP: names, roles, whose they are, rights and counters.

Owns LIST, LSUB, STATUS, NAMESPACE and MYRIGHTS and what their answers mean; decides which folder has which
role within one mailbox's folders. Changes nothing on the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.answers import Answer
from shinbox.desk.mail.remote.base import (
    FolderMissing,
    FolderState,
    NamespaceKind,
    RemoteFolder,
    Token,
)
from shinbox.desk.mail.remote.names import (
    decode_name,
    quoted_name,
    role_of_attributes,
    role_of_name,
)
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import RemoteProtocolError
from shinbox.terms import Role

_UNSELECTABLE = frozenset({"\\noselect", "\\nonexistent"})
_OBSOLETE = {"c": frozenset("kx"), "d": frozenset("te")}
"""What the rights of RFC 2086 stand for (RFC 4314 §2.1.1)."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A prefix of folder names and whose folders it holds (RFC 2342)."""

    kind: NamespaceKind
    prefix: str
    delimiter: str | None


def folders(wire: Wire) -> list[RemoteFolder]:
    """`Remote.folders`."""
    spaces = namespaces(wire)
    answers = [_list(wire, "*")]
    listed = _read_list(answers[0])
    for space in spaces:
        if space.prefix and not any(folder.path.startswith(space.prefix) for folder in listed.values()):
            answers.append(_list(wire, space.prefix + "*"))
            listed |= _read_list(answers[-1])
    states = {path: state for answer in answers for path, state in _read_states(answer).items()}
    rights = {path: letters for answer in answers for path, letters in _read_rights(wire, answer).items()}
    found = list(listed.values())
    if not wire.has("LIST-EXTENDED"):
        subscribed = set(_read_list(wire.run(b'LSUB "" "*"').check("list subscriptions"), b"LSUB"))
        found = [replace(folder, subscribed=folder.path in subscribed) for folder in found]
    selectable = [folder.path for folder in found if folder.selectable]
    states |= _statuses(wire, [path for path in selectable if path not in states])
    if wire.has("ACL"):
        rights |= my_rights(wire, [path for path in selectable if path not in rights])
    filled = [
        _filled(placed(folder, spaces), states.get(folder.path), rights.get(folder.path)) for folder in found
    ]
    return sorted(with_roles(filled), key=lambda folder: folder.path)


def namespaces(wire: Wire) -> list[Namespace]:
    """The server's namespaces; one personal without prefix where it has no NAMESPACE."""
    found: list[Namespace] = []
    if wire.has("NAMESPACE"):
        answer = wire.run(b"NAMESPACE").check("list namespaces")
        for text, literals in answer.named(b"NAMESPACE"):
            for kind, group in zip(NamespaceKind, tokens.parse(text, literals), strict=False):
                found += [_namespace(kind, entry) for entry in (group if isinstance(group, list) else [])]
    return found or [Namespace(NamespaceKind.PERSONAL, "", None)]


def _namespace(kind: NamespaceKind, entry: Token) -> Namespace:
    if not isinstance(entry, list) or len(entry) < 2 or not isinstance(entry[0], bytes):
        raise RemoteProtocolError("The mail server sent a NAMESPACE that cannot be read.")
    return Namespace(kind, decode_name(entry[0]), tokens.text(entry[1]) or None)


def _list(wire: Wire, pattern: str) -> Answer:
    command = b'LIST "" ' + quoted_name(pattern)
    if wire.has("LIST-EXTENDED"):
        wanted = [b"SUBSCRIBED"]
        if wire.has("SPECIAL-USE"):
            wanted.append(b"SPECIAL-USE")
        if wire.has("LIST-STATUS"):
            wanted.append(b"STATUS " + _status_items(wire))
        if wire.has("LIST-MYRIGHTS") and wire.has("ACL"):
            wanted.append(b"MYRIGHTS")
        command += b" RETURN (" + b" ".join(wanted) + b")"
    return wire.run(command).check("list folders")


def _read_list(answer: Answer, name: bytes = b"LIST") -> dict[str, RemoteFolder]:
    found: dict[str, RemoteFolder] = {}
    for text, literals in answer.named(name):
        values = tokens.parse(text, literals, raw=True)
        if len(values) < 3 or not isinstance(values[0], list) or not isinstance(values[2], bytes):
            raise RemoteProtocolError("The mail server sent a list of folders that cannot be read.")
        attributes = frozenset(tokens.text(attribute).lower() for attribute in values[0])
        delimiter = None if values[1] == b"NIL" else tokens.text(values[1])
        path = canonical(decode_name(values[2]))
        if any(ord(character) < 32 for character in path):
            continue  # No command could name it safely.
        found[path] = RemoteFolder(
            path=path,
            delimiter=delimiter or None,
            attributes=attributes,
            subscribed="\\subscribed" in attributes,
            selectable=not attributes & _UNSELECTABLE,
        )
    return found


def canonical(path: str) -> str:
    """`INBOX` in any case is INBOX (RFC 3501 §5.1)."""
    return "INBOX" if path.upper() == "INBOX" else path


def _status_items(wire: Wire) -> bytes:
    items = [b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN"]
    if wire.has("CONDSTORE"):
        items.append(b"HIGHESTMODSEQ")
    if wire.has("OBJECTID"):
        items.append(b"MAILBOXID")
    return b"(" + b" ".join(items) + b")"


def status(wire: Wire, path: str) -> FolderState:
    """`Remote.status`."""
    answer = wire.run(b"STATUS " + quoted_name(path) + b" " + _status_items(wire))
    if answer.status.word != "OK" and not exists(wire, path):
        raise FolderMissing(f"The mail server has no folder {path}.")
    states = _read_states(answer.check(f"count the messages in {path}"))
    if canonical(path) not in states:
        raise RemoteProtocolError(f"The mail server did not count the messages in {path}.")
    return states[canonical(path)]


def exists(wire: Wire, path: str) -> bool:
    """Whether the server lists this very folder as one that can be selected."""
    listed = _read_list(wire.run(b'LIST "" ' + quoted_name(path)).check("list folders"))
    found = listed.get(canonical(path))
    return found is not None and found.selectable


def _statuses(wire: Wire, paths: list[str]) -> dict[str, FolderState]:
    """A folder that the server cannot count has no entry: one broken folder blocks nothing."""
    commands = [b"STATUS " + quoted_name(path) + b" " + _status_items(wire) for path in paths]
    return {path: state for answer in wire.run_all(commands) for path, state in _read_states(answer).items()}


def _read_states(answer: Answer) -> dict[str, FolderState]:
    found: dict[str, FolderState] = {}
    for text, literals in answer.named(b"STATUS"):
        values = tokens.parse(text, literals, raw=True)
        if len(values) < 2 or not isinstance(values[0], bytes) or not isinstance(values[1], list):
            raise RemoteProtocolError("The mail server sent a STATUS that cannot be read.")
        items = tokens.pairs(values[1])
        if not {b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES"} <= items.keys():
            continue
        mailbox_id = items.get(b"MAILBOXID")
        found[canonical(decode_name(values[0]))] = FolderState(
            uidvalidity=tokens.number(items[b"UIDVALIDITY"], "UIDVALIDITY"),
            uidnext=tokens.number(items[b"UIDNEXT"], "UIDNEXT"),
            messages=tokens.number(items[b"MESSAGES"], "number of messages"),
            unseen=tokens.number(items.get(b"UNSEEN", 0), "number of unseen messages"),
            highestmodseq=tokens.number(items.get(b"HIGHESTMODSEQ", 0), "HIGHESTMODSEQ") or None,
            mailbox_id=tokens.text(mailbox_id[0]) if isinstance(mailbox_id, list) and mailbox_id else None,
        )
    return found


def my_rights(wire: Wire, paths: list[str]) -> dict[str, frozenset[str]]:
    """MYRIGHTS of each folder that tells them (RFC 4314 §3.5)."""
    answers = wire.run_all([b"MYRIGHTS " + quoted_name(path) for path in paths])
    return {path: letters for answer in answers for path, letters in _read_rights(wire, answer).items()}


def _read_rights(wire: Wire, answer: Answer) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    modern = any(feature.startswith("RIGHTS=") for feature in wire.features)
    for text, literals in answer.named(b"MYRIGHTS"):
        values = tokens.parse(text, literals, raw=True)
        if len(values) < 2 or not isinstance(values[0], bytes):
            raise RemoteProtocolError("The mail server sent rights that cannot be read.")
        found[canonical(decode_name(values[0]))] = letters(tokens.text(values[1]), modern=modern)
    return found


def letters(said: str, *, modern: bool) -> frozenset[str]:
    """RFC 4314 letters. An old server's `c` and `d` are spelt out; a modern one sends them beside the rights
    that they once held, of which it may have granted only some."""
    found = frozenset(said)
    if modern:
        return found - _OBSOLETE.keys()
    return frozenset().union(*(_OBSOLETE.get(letter, frozenset(letter)) for letter in found))


def placed(folder: RemoteFolder, spaces: Iterable[Namespace]) -> RemoteFolder:
    """The folder with its namespace and root: the longest prefix that fits."""
    for space in sorted(spaces, key=lambda space: len(space.prefix), reverse=True):
        delimiter = space.delimiter or folder.delimiter or ""
        if space.prefix and folder.path + delimiter == space.prefix and folder.path != "INBOX":
            return replace(folder, namespace=space.kind)
        if folder.path.startswith(space.prefix):
            rest = folder.path[len(space.prefix) :]
            personal = space.kind is NamespaceKind.PERSONAL
            owner = rest.split(delimiter)[0] if delimiter else rest
            return replace(folder, namespace=space.kind, root=None if personal else space.prefix + owner)
    return folder


def _filled(folder: RemoteFolder, state: FolderState | None, rights: frozenset[str] | None) -> RemoteFolder:
    folder = replace(folder, rights=rights)
    if state is None:
        return folder
    return replace(
        folder,
        uidvalidity=state.uidvalidity,
        uidnext=state.uidnext,
        messages=state.messages,
        unseen=state.unseen,
        highestmodseq=state.highestmodseq,
        mailbox_id=state.mailbox_id,
    )


def with_roles(found: list[RemoteFolder]) -> list[RemoteFolder]:
    """Each role at most once within a root.

    By attribute, else by the name of a folder that lies directly in the root or Inbox, since a shared folder
    has no attributes of its own.
    """
    taken: dict[tuple[str | None, Role], str] = {}
    for guess in (_role_by_attribute, _role_by_name):
        for folder in sorted(found, key=lambda folder: (len(folder.parts), folder.path)):
            role = guess(folder) if folder.selectable else None
            if role is not None and folder.path not in taken.values():
                taken.setdefault((folder.root, role), folder.path)
    roles = {path: role for (_, role), path in taken.items()}
    return [replace(folder, role=roles.get(folder.path)) for folder in found]


def _role_by_attribute(folder: RemoteFolder) -> Role | None:
    return Role.INBOX if folder.path == "INBOX" else role_of_attributes(folder.attributes)


def _role_by_name(folder: RemoteFolder) -> Role | None:
    parts = folder.parts
    if folder.namespace is NamespaceKind.PERSONAL:
        own = parts[1:] if len(parts) > 1 and parts[0].upper() == "INBOX" else parts
        return role_of_name(own[0]) if len(own) == 1 else None
    if folder.root is None or folder.path == folder.root:
        return None if folder.root is None else Role.INBOX
    below = folder.path.removeprefix(folder.root)[1:]
    return role_of_name(below)
