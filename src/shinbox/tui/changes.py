"""Changes to messages that can be taken back: what is done, what undoes it, what the screen says.

Pure: patches in the protocol's form (RFC 8620 §5.3). Carries nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from shinbox.client.formats import count
from shinbox.jmap.objects import Email
from shinbox.terms import Keyword

Patch = dict[str, Any]


@dataclass(frozen=True)
class MailChange:
    """One act of a person: the same kind of patch on one or many messages."""

    account: str
    folder: str
    patches: Mapping[str, Patch]
    undo: Mapping[str, Patch]
    said: str
    leaves: bool = False
    """Whether the messages leave the folder that is on the screen."""

    def reversed(self) -> MailChange:
        """What takes it back."""
        return MailChange(self.account, self.folder, self.undo, self.patches, "Undone: " + self.said, False)


def move(account: str, ids: Sequence[str], source: str, target: str, target_name: str) -> MailChange:
    """From one folder to another; other folders of a message stay."""
    return MailChange(
        account,
        source,
        _each(ids, {f"mailboxIds/{source}": None, f"mailboxIds/{target}": True}),
        _each(ids, {f"mailboxIds/{target}": None, f"mailboxIds/{source}": True}),
        f"Moved {count(len(ids), 'message')} to {target_name}",
        leaves=True,
    )


def move_found(account: str, known: Mapping[str, Email], target: str, target_name: str) -> MailChange:
    """From wherever each of them lies, as in a search, to one folder."""
    patches, undo = {}, {}
    for id_, email in known.items():
        old = [folder for folder in email.mailbox_ids if folder != target]
        if not old:
            continue
        added = [] if target in email.mailbox_ids else [target]
        patches[id_] = _placing(taken=old, added=added)
        undo[id_] = _placing(taken=added, added=old)
    return MailChange(account, "", patches, undo, f"Moved {count(len(patches), 'message')} to {target_name}")


def _placing(taken: Sequence[str], added: Sequence[str]) -> Patch:
    return {f"mailboxIds/{folder}": None for folder in taken} | {f"mailboxIds/{f}": True for f in added}


def set_keyword(
    account: str, folder: str, ids: Sequence[str], known: Mapping[str, Email], keyword: Keyword, on: bool
) -> MailChange:
    """Set or take away a keyword. Undo touches only the messages that were otherwise before."""
    key = f"keywords/{keyword}"
    changed = [id_ for id_ in ids if id_ not in known or (keyword in known[id_].keywords) != on]
    return MailChange(
        account,
        folder,
        _each(ids, {key: True if on else None}),
        _each(changed, {key: None if on else True}),
        _keyword_words(keyword, on, len(ids)),
    )


def _each(ids: Sequence[str], patch: Patch) -> dict[str, Patch]:
    return {id_: dict(patch) for id_ in ids}


def _keyword_words(keyword: Keyword, on: bool, number: int) -> str:
    messages = count(number, "message")
    if keyword is Keyword.SEEN:
        return f"Marked {messages} as {'read' if on else 'unread'}"
    return f"{'Flagged' if on else 'Took the flag from'} {messages}"


def patched(email: Email, patch: Mapping[str, Any]) -> Email:
    """A copy of a message as it will be, for the screen, before the desk has answered."""
    keywords, folders = dict(email.keywords), dict(email.mailbox_ids)
    for path, value in patch.items():
        kind, _, name = path.partition("/")
        target = keywords if kind == "keywords" else folders
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
    return _copy(email, keywords, folders)


def _copy(email: Email, keywords: dict[str, bool], folders: dict[str, bool]) -> Email:
    changed = copy(email)
    changed.keywords, changed.mailbox_ids = keywords, folders
    return changed
