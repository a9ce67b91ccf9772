"""What one person may do in one account at one moment: grants → decision and reason.

The rule, whole:

* What a person may do is the union of their live grant lines (own, teams, everyone). Nothing denies.
* A line on the whole account counts in every folder and on the account itself. A line on a folder tree
  counts in that folder and below it, and nowhere else: it gives nothing on the account (not to send, not
  to read its settings), and no right that belongs to the account.
* A demand on a folder asks that folder; a demand on the account asks the whole-account lines alone. One
  exception: mayReadItems on the account is met by any visible folder. It lets identities and threads be
  seen; so whoever serves objects that lie in folders (threads, submissions, intents) must show only those
  whose email is visible.
* What the mail server forbids in a folder (its RFC 4314 letters) is subtracted. For the server a move is a
  removal where it starts and an addition where it ends: mayMove there counts only as far as the server
  allows the right that the demand names beside it.
* Being an administrator of the desk, or the person an object is about, meets the demands that say so,
  and opens no mail. What people may do for themselves, an administrator may do for them.

Pure: knows no database and no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, NamedTuple

from shinbox.jmap.words import RIGHTS
from shinbox.terms import MAILBOX_RIGHTS, Right, Role

Who = Literal["administrator", "self"] | None

TREE_RIGHTS: Final = MAILBOX_RIGHTS - {Right.SUBMIT, Right.SEND_ON_BEHALF}
"""What a line on a folder tree can give."""

SERVER_LETTERS: Final[Mapping[Right, str]] = {
    Right.READ: "r",
    Right.SET_SEEN: "s",
    Right.SET_KEYWORDS: "w",
    Right.ADD: "i",
    Right.REMOVE: "te",
    Right.CREATE_CHILD: "k",
    Right.RENAME: "x",
    Right.DELETE: "x",
}
"""The letters (RFC 4314 §2.1) that the mail server must give for a right; it has no say in the others."""


@dataclass(frozen=True)
class GrantLine:
    """One grant as it applies to one person.

    `principal` names by whom they have it, for people: "team Support". `mailbox` limits it to a folder tree.
    `left_out` are rights that the grant's level has and the grant has not. `expires_at` is in seconds.
    """

    grant_id: int
    principal: str
    mailbox: int | None
    rights: frozenset[Right]
    expires_at: float | None = None
    left_out: frozenset[Right] = frozenset()


@dataclass(frozen=True)
class Folder:
    """What counts of a folder. `server_rights` are RFC 4314 letters; None: no mail server has a say."""

    id: int
    parent: int | None
    role: Role | None = None
    server_rights: str | None = None


@dataclass(frozen=True)
class Explanation:
    """Whether, and why: sentences for people. `missing` is empty if it is allowed."""

    allowed: bool
    because: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class _Here(NamedTuple):
    """What counts in one folder."""

    granted: frozenset[Right]
    forbidden: frozenset[Right]


class Decision:
    """The effective rights of one person in one account at the moment `now` (seconds)."""

    def __init__(
        self,
        lines: Sequence[GrantLine],
        folders: Sequence[Folder],
        *,
        administrator: bool,
        now: float,
    ) -> None:
        self.lines = [line for line in lines if line.expires_at is None or line.expires_at > now]
        self.folders = {folder.id: folder for folder in folders}
        self.administrator = administrator
        self._trees = [line for line in self.lines if line.mailbox is not None]
        self._known: dict[int, _Here] = {}

    @cached_property
    def account_rights(self) -> frozenset[Right]:
        """The rights on the account as a whole."""
        return _union(line.rights for line in self.lines if line.mailbox is None)

    @cached_property
    def any_rights(self) -> frozenset[Right]:
        """Every right that the person has anywhere in the account."""
        return self.account_rights.union(*(self.on(mailbox) for mailbox in self.folders))

    @cached_property
    def visible_mailboxes(self) -> frozenset[int]:
        """The folders that the person may read."""
        return frozenset(mailbox for mailbox in self.folders if Right.READ in self.on(mailbox))

    @property
    def sees_everything(self) -> bool:
        """Whether every folder is visible, those to come included."""
        return Right.READ in self.account_rights and len(self.visible_mailboxes) == len(self.folders)

    @property
    def expires_at(self) -> float | None:
        """When the first of the lines that count now ends."""
        return min((line.expires_at for line in self.lines if line.expires_at is not None), default=None)

    def on(self, mailbox: int) -> frozenset[Right]:
        """The rights in a folder: granted, minus what the mail server forbids. None in an unknown one."""
        here = self._here(mailbox)
        return here.granted - here.forbidden

    def granted(self, mailbox: int) -> frozenset[Right]:
        """The rights that the grants give in a folder."""
        return self._here(mailbox).granted

    def forbidden_by_server(self, mailbox: int) -> frozenset[Right]:
        """The granted rights that the mail server takes away in a folder."""
        return self._here(mailbox).forbidden

    def server_allows(self, right: Right, mailbox: int) -> bool:
        """Whether the mail server leaves a right in a folder, whoever has it."""
        given = self.folders[mailbox].server_rights
        return given is None or set(SERVER_LETTERS.get(right, "")) <= _modern(given)

    def meets(
        self, rights: Collection[Right], mailbox: int | None, who: Who = None, *, is_self: bool = False
    ) -> bool:
        """Whether any one of `rights` is held there, or the person is `who`. Asking nothing is met by all.

        `is_self`: the object is about this person.
        """
        if who is not None and (self.administrator or (who == "self" and is_self)):
            return True
        if not rights and who is None:
            return True
        return any(self._holds(right, rights, mailbox) for right in rights)

    def explain(
        self,
        rights: Collection[Right],
        mailbox: int | None,
        who: Who = None,
        *,
        is_self: bool = False,
        names: Mapping[int, str] | None = None,
    ) -> Explanation:
        """The answer of `meets` with its reasons. `names` are the folders' names."""
        called = names or {}
        because = list(self._reasons(rights, mailbox, called))
        if who is not None and self.administrator:
            because.append("An administrator of the desk may do this.")
        if who == "self" and is_self:
            because.append("Everyone may do this for themselves.")
        if self.meets(rights, mailbox, who, is_self=is_self):
            return Explanation(True, because or ["Everyone who is signed in may do this."])
        return Explanation(False, because, list(self._missing(rights, mailbox, called)))

    @cached_property
    def epoch(self) -> str:
        """A short hash of what the person may see and do: it changes when an old state no longer counts.

        A new folder changes nothing for those who see everything; the rights of the mail server count only
        where they hide a folder, the rest comes to light as a change of that folder.
        """
        trees = sorted(f"{line.mailbox}:{_words(line.rights & TREE_RIGHTS)}" for line in self._trees)
        covered = sorted(m for m in self.folders if any(self._tree_lines(m))) if trees else []
        hidden = sorted(self.folders.keys() - self.visible_mailboxes) if self.account_rights else []
        told = repr((_words(self.account_rights), trees, covered, hidden, self.administrator))
        return hashlib.sha256(told.encode()).hexdigest()[:10]

    # --- inside ---------------------------------------------------------------------------------

    def _here(self, mailbox: int) -> _Here:
        """What counts in a folder, found out once."""
        known = self._known.get(mailbox)
        if known is None:
            known = self._known[mailbox] = self._find_out(mailbox)
        return known

    def _find_out(self, mailbox: int) -> _Here:
        if mailbox not in self.folders:
            return _Here(frozenset(), frozenset())
        granted = self.account_rights
        if self._trees:
            granted = granted.union(*(line.rights & TREE_RIGHTS for line in self._tree_lines(mailbox)))
        if self.folders[mailbox].server_rights is None:
            return _Here(granted, frozenset())
        denied = {right for right in granted if not self.server_allows(right, mailbox)}
        ends = (Right.ADD, Right.REMOVE)
        if Right.MOVE in granted and not any(self.server_allows(end, mailbox) for end in ends):
            denied.add(Right.MOVE)
        return _Here(granted, frozenset(denied))

    def _holds(self, right: Right, beside: Collection[Right], mailbox: int | None) -> bool:
        if mailbox is None:
            return right in self.account_rights or (right is Right.READ and bool(self.visible_mailboxes))
        if right is Right.MOVE:
            ends = [other for other in beside if other is not Right.MOVE]
            possible = not ends or any(self.server_allows(end, mailbox) for end in ends)
            return right in self.on(mailbox) and possible
        return right in self.on(mailbox)

    def _tree_lines(self, mailbox: int) -> Iterator[GrantLine]:
        above = set(self._self_and_parents(mailbox)) if self._trees else set()
        return (line for line in self._trees if line.mailbox in above)

    def _self_and_parents(self, mailbox: int) -> Iterator[int]:
        seen: set[int] = set()
        here: int | None = mailbox
        while here is not None and here in self.folders and here not in seen:
            seen.add(here)
            yield here
            here = self.folders[here].parent

    def _reasons(
        self, rights: Collection[Right], mailbox: int | None, names: Mapping[int, str]
    ) -> Iterator[str]:
        tree = set() if mailbox is None else set(self._self_and_parents(mailbox))
        for line in self.lines:
            counts = line.rights if line.mailbox is None else line.rights & TREE_RIGHTS
            if mailbox is None and line.mailbox in self.visible_mailboxes:
                counts &= {Right.READ}
            elif line.mailbox is not None and line.mailbox not in tree:
                continue
            for right in sorted(counts & set(rights)):
                yield f"{line.principal}: may {RIGHTS[right]} in {_place(line.mailbox, names)}."
            for right in sorted(line.left_out & set(rights)):
                yield f"{line.principal}: to {RIGHTS[right]} is left out of this share; another may give it."

    def _missing(
        self, rights: Collection[Right], mailbox: int | None, names: Mapping[int, str]
    ) -> Iterator[str]:
        place = _place(mailbox, names)
        if mailbox is not None and mailbox in self.folders:
            denied = [r for r in sorted(rights) if r in self.granted(mailbox)]
            if denied:
                yield f"The mail server does not let the desk {_any_of(denied)} in {place}."
                return
        if rights:
            yield f"This needs a share with permission to {_any_of(rights)} in {place}."
        else:
            yield "Only an administrator may do this."


def _union(sets: Iterator[frozenset[Right]]) -> frozenset[Right]:
    return frozenset[Right]().union(*sets)


def _any_of(rights: Collection[Right]) -> str:
    """The rights as people say them; moving first, since it is what most have."""
    return " or ".join(RIGHTS[right] for right in sorted(rights, key=lambda r: (r is not Right.MOVE, r)))


def _words(rights: Collection[Right]) -> str:
    return " ".join(sorted(rights))


def _place(mailbox: int | None, names: Mapping[int, str]) -> str:
    if mailbox is None:
        return "the whole mailbox"
    return f"the folder “{names[mailbox]}”" if mailbox in names else "this folder"


def _modern(letters: str) -> set[str]:
    """The letters of RFC 4314; a server that knows only RFC 2086 means more by c and d (§2.1.1)."""
    given = set(letters)
    if given & set("kxte"):
        return given
    return given | (set("kx") if "c" in given else set()) | (set("te") if "d" in given else set())
