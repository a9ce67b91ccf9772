"""What a search found, by conversation: a line for each that holds a find, and means the finds of it.

Owns which messages were found: a key on a line is for those and no others of their conversation. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from shinbox.jmap.objects import Email
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.rows import Row

FINDS_AT_ONCE: Final = 500
"""Finds that are known with the first lines; of more, the others are asked for when a key means them."""


class FoundConversations(ConversationView):
    """Conversations by position, each where its newest find is."""

    all_found = 0
    """How many messages were found, also those that are not known."""
    _finds: frozenset[str] = frozenset()

    def fresh(self) -> FoundConversations:
        return self._kept_in(
            FoundConversations(self.account, self.folder, self._make_row, self._make_line, self.found)
        )

    def know_finds(self, ids: Iterable[str], total: int) -> None:
        """The messages that were found, or the newest of `total`."""
        self._finds, self.all_found = frozenset(ids), total
        self._lines.clear()

    def place(self, position: int, ids: Sequence[str], total: int) -> None:
        super().place(position, ids, total)
        self._finds |= set(ids)

    @property
    def finds(self) -> frozenset[str]:
        """The messages that are known to be found."""
        return self._finds

    @property
    def knows_all_finds(self) -> bool:
        """Whether every message that was found is known."""
        return len(self._finds) >= self.all_found

    def is_find(self, email_id: str) -> bool:
        """Whether a message was found itself, and not only one of its conversation."""
        return email_id in self._finds

    def _is_here(self, email: Email) -> bool:
        return self.is_find(email.id) and super()._is_here(email)

    def _drawn(self, email_id: str, row: Row, below: bool) -> Row:
        drawn = super()._drawn(email_id, row, below)
        return replace(drawn, tone="muted") if below and not self.is_find(email_id) else drawn
