"""A folder by conversations: the newest message of each is a line, the others unfold below it.

Owns which conversations are open and the way from lines to the desk's positions. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from shinbox.jmap.objects import Email
from shinbox.tui.folder_view import Filter, FolderView
from shinbox.tui.rows import Row


class ConversationView(FolderView):
    """Conversations by position (RFC 8621 §4.4.3); lines are positions and what is unfolded between them."""

    collapsed = True

    def __init__(
        self, account: str, folder: str, make_row: Callable[[Email], Row], found: Filter | None = None
    ) -> None:
        super().__init__(account, folder, make_row, found)
        self.threads: dict[str, list[str]] = {}
        """The ids of each known conversation's messages, oldest first."""
        self._open: dict[str, list[str]] = {}
        self._spans: tuple[list[int], list[list[str]], list[int]] | None = None

    def fresh(self) -> ConversationView:
        again = ConversationView(self.account, self.folder, self._make_row, self.found)
        again._open, again.threads = self._open, self.threads
        again._emails, again._rows = dict(self._emails), dict(self._rows)
        return again

    # --- folding ----------------------------------------------------------------------------------

    def others(self, email_id: str) -> list[str]:
        """The conversation's other messages, newest first."""
        email = self.email(email_id)
        members = self.threads.get(email.thread_id, []) if email else []
        return [id_ for id_ in reversed(members) if id_ != email_id]

    def unfold(self, email_id: str, members: Iterable[Email]) -> None:
        """Show the conversation's other messages below its line."""
        others = self.others(email_id)
        top = self.email(email_id)
        self._open[email_id] = others
        for email in members:
            if email.id != email_id:
                self._emails[email.id] = email
                self._rows[email.id] = below_line(self._make_row(email))
        if top is not None:
            self.put([top])
        self._order_changed()

    def fold(self, email_id: str) -> str | None:
        """Hide them again, also from one of them; the line that stays, None if nothing was open."""
        top = next((top for top, below in self._open.items() if email_id == top or email_id in below), None)
        if top is not None:
            self._open.pop(top)
            email = self.email(top)
            if email is not None:
                self.put([email])
            self._order_changed()
        return top

    def is_shut(self, email_id: str) -> bool:
        """Whether a line stands for messages that are not shown."""
        return email_id not in self._open and email_id in self._places_now and len(self.others(email_id)) > 0

    def put(self, emails: Iterable[Email]) -> None:
        below = {id_ for others in self._open.values() for id_ in others}
        for email in emails:
            super().put([email])
            row, size = self._rows[email.id], len(self.threads.get(email.thread_id, ()))
            if email.id in below:
                self._rows[email.id] = below_line(row)
            elif size > 1:
                cells = {**row.cells, "count": str(size)}
                is_open = email.id in self._open
                self._rows[email.id] = replace(row, cells=cells, fold="open" if is_open else "shut")

    # --- lines and positions ------------------------------------------------------------------------

    @property
    def _layout(self) -> tuple[list[int], list[list[str]], list[int]]:
        """Positions of open conversations, what is below each, and how many lines come before the next."""
        if self._spans is None:
            places = self._places_now
            spans = sorted((places[top], below) for top, below in self._open.items() if top in places)
            sizes = list(accumulate((len(below) for _, below in spans), initial=0))
            self._spans = ([place for place, _ in spans], [below for _, below in spans], sizes)
        return self._spans

    @property
    def _places_now(self) -> dict[str, int]:
        if self._places is None:
            self._places = {id_: place for place, id_ in enumerate(self._ids) if id_ is not None}
        return self._places

    def _order_changed(self) -> None:
        super()._order_changed()
        self._spans = None

    def _find(self, line: int) -> tuple[int, str | None]:
        """The position of a line, and the message if it is one below a position."""
        places, below, before = self._layout
        starts = [place + count for place, count in zip(places, before, strict=False)]
        span = bisect_right(starts, line - 1) - 1
        if span < 0:
            return line, None
        inside = line - starts[span] - 1
        if inside < len(below[span]):
            return places[span], below[span][inside]
        return line - before[span + 1], None

    @property
    def total(self) -> int:
        return len(self._ids) + self._layout[2][-1]

    def row(self, index: int) -> Row | None:
        position, child = self._find(index)
        if child is not None:
            return self._rows.get(child)
        return super().row(position)

    def index_of(self, row_id: str) -> int | None:
        places, below, before = self._layout
        place = self._places_now.get(row_id)
        if place is not None:
            return place + before[bisect_right(places, place - 1)]
        for span, ids in enumerate(below):
            if row_id in ids:
                return places[span] + before[span] + 1 + ids.index(row_id)
        return None

    def positions(self, first: int, last: int) -> tuple[int, int]:
        return self._find(first)[0], self._find(last)[0]

    def ids(self) -> list[str]:
        rows: Sequence[Row | None] = [self.row(line) for line in range(self.total)] if self._open else ()
        return [row.id for row in rows if row is not None] if self._open else super().ids()


def below_line(row: Row) -> Row:
    """The line of a message that is unfolded below another."""
    return replace(row, prefix="└ " + row.prefix)
