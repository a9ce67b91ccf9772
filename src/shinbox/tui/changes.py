"""Changes to messages that can be taken back: what is done, what undoes it, what the screen says.

Pure: patches in the protocol's form (RFC 8620 §5.3). Carries nothing out. Messages that are changed alike
share one patch: a hundred thousand of them are kept for undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from shinbox.client.formats import count
from shinbox.jmap.objects import Email
from shinbox.terms import Keyword

Patch = dict[str, Any]
Known = Mapping[str, Email]
"""Messages as they are before the change: keywords and folders are enough."""


@dataclass(frozen=True)
class MailChange:
    """One act of a person: the same kind of patch on one or many messages."""

    account: str
    folder: str
    patches: Mapping[str, Patch]
    undo: Mapping[str, Patch]
    words: tuple[str, str]
    """What is said, before and after the number of messages."""
    number: int
    """How many messages are spoken of: also those that were so before."""
    leaves: bool = False
    """Whether the messages leave the folder that is on the screen."""

    @property
    def said(self) -> str:
        """What was done, as a sentence."""
        return said([self])

    def reversed(self) -> MailChange:
        """What takes it back."""
        words = (f"Undone: {self.words[0]}", self.words[1])
        return MailChange(self.account, self.folder, self.undo, self.patches, words, self.number)


@dataclass(frozen=True)
class Deed:
    """Something to do to messages, however many and wherever they are."""

    make: Callable[[str, Known], MailChange]
    """The change of some messages of a mailbox. Raises ShinboxError where it cannot be done there."""
    doing: str
    """What the screen says meanwhile: Moving."""


def said(changes: Sequence[MailChange]) -> str:
    """What several changes of one kind did, as a sentence."""
    before, after = changes[0].words
    number = count(sum(change.number for change in changes), "message")
    return f"{before} {number}{' ' if after[:1].isalnum() else ''}{after}"


def move(account: str, known: Known, source: str, target: str, target_name: str) -> MailChange:
    """From one folder, or from wherever each lies (`source` empty), to another; other folders stay.

    A message that is no longer in the source was moved by somebody else: it is left where it is.
    """
    patches, undo = _Shared(), _Shared()
    for id_, email in known.items():
        old = [folder for folder in email.mailbox_ids if folder != target and source in ("", folder)]
        if old:
            added = [] if target in email.mailbox_ids else [target]
            patches.add(id_, _placing(taken=old, added=added))
            undo.add(id_, _placing(taken=added, added=old))
    words = ("Moved", f"to {target_name}")
    return MailChange(account, source, patches.all, undo.all, words, len(patches.all), leaves=bool(source))


def copy_into(account: str, known: Known, shown: str, target: str, target_name: str) -> MailChange:
    """Into another folder as well; those that are there already stay as they are."""
    new = [id_ for id_, email in known.items() if target not in email.mailbox_ids]
    words = ("Copied", f"to {target_name}")
    into, out = _placing(added=[target], taken=[]), _placing(added=[], taken=[target])
    return MailChange(account, shown, dict.fromkeys(new, into), dict.fromkeys(new, out), words, len(new))


def _placing(taken: Sequence[str], added: Sequence[str]) -> Patch:
    return {f"mailboxIds/{folder}": None for folder in taken} | {f"mailboxIds/{f}": True for f in added}


def set_keyword(account: str, folder: str, known: Known, keyword: str, on: bool) -> MailChange:
    """Set or take away a keyword, of those that were otherwise before."""
    changed = [id_ for id_, email in known.items() if (keyword in email.keywords) != on]
    key = f"keywords/{keyword}"
    to, back = {key: True if on else None}, {key: None if on else True}
    words, number = _keyword_words(keyword, on), len(known)
    return MailChange(
        account, folder, dict.fromkeys(changed, to), dict.fromkeys(changed, back), words, number
    )


def _keyword_words(keyword: str, on: bool) -> tuple[str, str]:
    if keyword == Keyword.SEEN:
        return "Marked", f"as {'read' if on else 'unread'}"
    if keyword == Keyword.FLAGGED:
        return ("Flagged" if on else "Took the flag from"), ""
    return ("Labelled" if on else "Took the label off"), f": {keyword}"


class _Shared:
    """Patches by message; equal ones are one object."""

    def __init__(self) -> None:
        self.all: dict[str, Patch] = {}
        self._made: dict[tuple[tuple[str, Any], ...], Patch] = {}

    def add(self, id_: str, patch: Patch) -> None:
        self.all[id_] = self._made.setdefault(tuple(patch.items()), patch)


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


def by_account(account: str, ids: Iterable[str]) -> dict[str, list[str]]:
    """Ids, or addresses of several mailboxes, by their mailbox."""
    from shinbox.tui.everywhere import split_address

    found: dict[str, list[str]] = {}
    for id_ in ids:
        found.setdefault(split_address(account, id_)[0], []).append(id_)
    return found
