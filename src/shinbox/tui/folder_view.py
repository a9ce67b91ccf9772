"""The messages of one folder, or of a search, as far as they are loaded: the source of the message list.

Owns positions, emails and their rows; a change made here shows at once, before the desk has answered. Pure:
what asks the desk is in `mail_desk`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from shinbox.jmap.objects import Email
from shinbox.tui.rows import Row

Filter = dict[str, Any]


class FolderView:
    """Messages by position. A position whose message is not loaded holds None."""

    collapsed = False
    """Whether each conversation is one line."""

    def __init__(
        self, account: str, folder: str, make_row: Callable[[Email], Row], found: Filter | None = None
    ) -> None:
        self.account = account
        self.folder = folder
        """Empty for a search in every folder."""
        self.found = found
        self.email_state = ""
        """The state of the mailbox's messages when the first of these were fetched; empty before."""
        self.known = False
        """False until the desk has said how many messages there are."""
        self._make_row = make_row
        self._ids: list[str | None] = []
        self._emails: dict[str, Email] = {}
        self._rows: dict[str, Row] = {}
        self._places: dict[str, int] | None = None

    @property
    def filter(self) -> Filter:
        """What the desk is asked for (RFC 8621 §4.4.1)."""
        here: Filter = {"inMailbox": self.folder} if self.folder else {}
        if here and self.found:
            return {"operator": "AND", "conditions": [here, self.found]}
        return self.found or here

    @property
    def is_search(self) -> bool:
        """Whether it holds only what a search found."""
        return self.found is not None

    def fresh(self) -> FolderView:
        """An empty view of the same."""
        return FolderView(self.account, self.folder, self._make_row, self.found)

    def shows(self, account: str, folder: str) -> bool:
        """Whether a change made there is a change here."""
        return (account, folder) == (self.account, self.folder)

    def looks_in(self, account: str) -> bool:
        """Whether news of that mailbox may be news here."""
        return account == self.account

    def positions(self, first: int, last: int) -> tuple[int, int]:
        """The desk's positions of a stretch of lines."""
        return first, last

    # --- the list's side --------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return len(self._ids)

    def row(self, index: int) -> Row | None:
        row_id = self._ids[index] if index < len(self._ids) else None
        return self._row(row_id) if row_id else None

    def _row(self, email_id: str) -> Row | None:
        """A message's row, made when it is drawn first: most of what is loaded is never looked at."""
        row, email = self._rows.get(email_id), self._emails.get(email_id)
        if row is None and email is not None:
            row = self._rows[email_id] = self._make_row(email)
        return row

    def index_of(self, row_id: str) -> int | None:
        return self._places_now.get(row_id)

    @property
    def _places_now(self) -> dict[str, int]:
        if self._places is None:
            self._places = {id_: place for place, id_ in enumerate(self._ids) if id_ is not None}
        return self._places

    @property
    def length(self) -> int:
        """How many positions the desk has said there are."""
        return len(self._ids)

    # --- what is known ----------------------------------------------------------------------------

    def email(self, email_id: str) -> Email | None:
        """A loaded message."""
        return self._emails.get(email_id)

    @property
    def loaded(self) -> Collection[str]:
        """The ids of the messages that are loaded."""
        return self._emails.keys()

    def ids(self) -> list[str]:
        """The ids that are known, in order."""
        return [row_id for row_id in self._ids if row_id is not None]

    # --- what the desk says -----------------------------------------------------------------------

    def place(self, position: int, ids: Sequence[str], total: int) -> None:
        """The desk's order of a stretch; what is known elsewhere stays where it does not contradict."""
        if total != len(self._ids):
            # Everything behind may have shifted: it is asked for again when it comes into view.
            self._ids = [*self._ids[:position], *[None] * max(0, total - min(position, len(self._ids)))]
            self._ids = (self._ids + [None] * total)[:total]
            self._order_changed()
        # Of a hundred thousand places only these are touched.
        places = self._places_now
        for id_ in ids:
            if (old := places.pop(id_, None)) is not None:
                self._ids[old] = None
        for gone in self._ids[position : position + len(ids)]:
            if gone is not None:
                places.pop(gone, None)
        self._ids[position : position + len(ids)] = ids
        places |= {id_: place for place, id_ in enumerate(ids, position)}
        self._lines_changed()
        self.known = True

    def put(self, emails: Iterable[Email]) -> None:
        """New or changed messages."""
        for email in emails:
            self._emails[email.id] = email
            self._rows.pop(email.id, None)

    # --- what we do at once -----------------------------------------------------------------------

    def remove(self, ids: Collection[str]) -> list[tuple[int, str]]:
        """Messages that have left this folder; returns the places they had, for `restore`."""
        gone = [(place, id_) for place, id_ in enumerate(self._ids) if id_ is not None and id_ in ids]
        self._ids = [id_ for id_ in self._ids if id_ is None or id_ not in ids]
        self._order_changed()
        return gone

    def restore(self, places: Iterable[tuple[int, str]]) -> None:
        """Messages that are back; what has come back by itself meanwhile is not doubled."""
        for place, id_ in sorted(places):
            if self.index_of(id_) is None:
                self._ids.insert(min(place, len(self._ids)), id_)
                self._order_changed()

    def _order_changed(self) -> None:
        self._places = None
        self._lines_changed()

    def _lines_changed(self) -> None:
        """What is worked out from the order holds no more."""
