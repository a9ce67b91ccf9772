"""A folder by conversations: the newest message of each is a line, the others unfold below it.

Owns which conversations are open, which line stands for which messages, and the way from lines to the desk's
positions. Pure. What a folded line says is told by `make_line`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final, TypeVar

from shinbox.jmap.objects import Email
from shinbox.tui.folder_view import Filter, FolderView
from shinbox.tui.rows import Row

LOOKED_AT: Final = 50
"""Newest messages of a conversation that its folded line tells of; the others come when it is opened."""

MakeRow = Callable[[Email], Row]
MakeLine = Callable[[Row, Sequence[Email], Sequence[Email]], Row]
"""From the newest message's row, the known messages and those that the line stands for, both oldest first."""

Again = TypeVar("Again", bound="ConversationView")


class ConversationView(FolderView):
    """Conversations by position (RFC 8621 §4.4.3); lines are positions and what is unfolded between them."""

    collapsed = True

    def __init__(
        self,
        account: str,
        folder: str,
        make_row: MakeRow,
        make_line: MakeLine = lambda row, emails, meant: row,
        found: Filter | None = None,
    ) -> None:
        super().__init__(account, folder, make_row, found)
        self._make_line = make_line
        self._threads: dict[str, list[str]] = {}
        self._open: set[str] = set()
        self._lines: dict[tuple[str, bool], Row] = {}
        self._spans: tuple[list[int], list[list[str]], list[int]] | None = None
        self._tops_now: dict[str, str] | None = None

    def fresh(self) -> ConversationView:
        return self._kept_in(
            ConversationView(self.account, self.folder, self._make_row, self._make_line, self.found)
        )

    def _kept_in(self, again: Again) -> Again:
        """A fresh view that knows what this one knows, but for the order."""
        again._open, again._threads = self._open, dict(self._threads)
        again._emails, again._rows = dict(self._emails), dict(self._rows)
        return again

    # --- who belongs together -----------------------------------------------------------------------

    def learn(self, threads: Mapping[str, Sequence[str]]) -> None:
        """The messages of conversations, oldest first."""
        for thread, ids in threads.items():
            self._threads[thread] = list(ids)
            self._forget_lines(thread)
        self._spans = None

    def members(self, email_id: str) -> list[str]:
        """The conversation's messages, oldest first; the message alone where nothing else is known."""
        return self._threads.get(self._thread(email_id), [email_id])

    def others(self, email_id: str) -> list[str]:
        """The conversation's other messages, newest first."""
        return [id_ for id_ in reversed(self.members(email_id)) if id_ != email_id]

    def unknown(self, email_id: str) -> list[str]:
        """Those of the conversation's messages that are not loaded."""
        return [id_ for id_ in self.members(email_id) if id_ not in self._emails]

    def looked_at(self, email_ids: Iterable[str]) -> list[str]:
        """What has to be known of for the folded lines of these messages, besides themselves."""
        return [id_ for email_id in email_ids for id_ in self.others(email_id)[:LOOKED_AT]]

    def stands_for(self, email_id: str) -> list[str]:
        """The messages of this folder that a key on a line means: of a folded conversation all."""
        if not self.is_shut(email_id):
            return [email_id]
        return [email_id, *(email.id for email in self._known(self.others(email_id)) if self._is_here(email))]

    def _known(self, ids: Iterable[str]) -> list[Email]:
        return [self._emails[id_] for id_ in ids if id_ in self._emails]

    def is_shut(self, email_id: str) -> bool:
        """Whether a line stands for messages that are not shown."""
        if self._thread(email_id) in self._open or len(self.members(email_id)) < 2:
            return False
        return email_id in self._places_now or self._would_be_top(email_id)

    def _would_be_top(self, email_id: str) -> bool:
        """Whether the line is this message's in a conversation whose place is not known just now, as when the
        list was fetched again only where one looks."""
        if self._thread(email_id) in self._tops:
            return False
        newest_first = self._known(reversed(self.members(email_id)))
        return next((email.id for email in newest_first if self._is_here(email)), email_id) == email_id

    def _thread(self, email_id: str) -> str:
        email = self._emails.get(email_id)
        return email.thread_id if email else ""

    def _is_here(self, email: Email) -> bool:
        return not self.folder or self.folder in email.mailbox_ids

    @property
    def _tops(self) -> dict[str, str]:
        if self._tops_now is None:
            self._tops_now = {self._thread(id_): id_ for id_ in self._ids if id_ is not None}
        return self._tops_now

    # --- folding ------------------------------------------------------------------------------------

    def unfold(self, email_id: str) -> None:
        """Show the conversation's other messages below its line."""
        self._set_open(email_id, True)

    def fold(self, email_id: str) -> str | None:
        """Hide them again, also from one of them; the line that stays, None if nothing was open."""
        thread = self._thread(email_id)
        if thread not in self._open:
            return None
        self._set_open(email_id, False)
        return self._tops.get(thread)

    def _set_open(self, email_id: str, is_open: bool) -> None:
        thread = self._thread(email_id)
        (self._open.add if is_open else self._open.discard)(thread)
        self._forget_lines(thread)
        self._spans = None

    # --- rows ---------------------------------------------------------------------------------------

    def put(self, emails: Iterable[Email]) -> None:
        for email in emails:
            super().put([email])
            self._forget_lines(self._thread(email.id))
            self._lines.pop((email.id, False), None)
        self._spans = self._tops_now = None

    def _forget_lines(self, thread: str) -> None:
        for id_ in self._threads.get(thread, ()):
            self._lines.pop((id_, False), None)
            self._lines.pop((id_, True), None)

    def _line(self, email_id: str, below: bool) -> Row | None:
        kept = self._lines.get((email_id, below))
        row = self._row(email_id) if kept is None else None
        if row is not None:
            kept = self._lines[email_id, below] = self._drawn(email_id, row, below)
        return kept

    def _drawn(self, email_id: str, row: Row, below: bool) -> Row:
        members = self.members(email_id)
        if below:
            return below_line(row)
        if len(members) < 2:
            return row
        is_open = self._thread(email_id) in self._open
        if not is_open:
            known = self._known(members)
            row = self._make_line(row, known, [email for email in known if self._is_here(email)] or known)
        mark = f"{'▾' if is_open else '▸'}{min(len(members), 999)}"
        return replace(row, cells={**row.cells, "count": mark}, fold="open" if is_open else "shut")

    # --- lines and positions ------------------------------------------------------------------------

    @property
    def _layout(self) -> tuple[list[int], list[list[str]], list[int]]:
        """Positions of open conversations, what is below each, and how many lines come before the next."""
        if self._spans is None:
            places = self._places_now
            tops = [self._tops[thread] for thread in self._open if thread in self._tops]
            spans = sorted((places[top], self._below(top)) for top in tops)
            sizes = list(accumulate((len(below) for _, below in spans), initial=0))
            self._spans = ([place for place, _ in spans], [below for _, below in spans], sizes)
        return self._spans

    def _below(self, top: str) -> list[str]:
        return [email.id for email in self._known(self.others(top))]

    def _lines_changed(self) -> None:
        self._spans = self._tops_now = None

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
            return self._line(child, True)
        email_id = self._ids[position] if position < len(self._ids) else None
        return self._line(email_id, False) if email_id else None

    def index_of(self, row_id: str) -> int | None:
        """The message's line; of one that is folded away the line of its conversation."""
        places, below, before = self._layout
        place = self._places_now.get(row_id)
        if place is None:
            for span, ids in enumerate(below):
                if row_id in ids:
                    return places[span] + before[span] + 1 + ids.index(row_id)
            place = self._places_now.get(self._tops.get(self._thread(row_id), ""))
        return None if place is None else place + before[bisect_right(places, place - 1)]

    def positions(self, first: int, last: int) -> tuple[int, int]:
        return self._find(first)[0], self._find(last)[0]

    def ids(self) -> list[str]:
        rows: Sequence[Row | None] = [self.row(line) for line in range(self.total)] if self._open else ()
        return [row.id for row in rows if row is not None] if self._open else super().ids()

    # --- what we do at once -------------------------------------------------------------------------

    def remove(self, ids: Collection[str]) -> list[tuple[int, str]]:
        """As `FolderView.remove`; a conversation of which something stays keeps its line."""
        gone: list[tuple[int, str]] = []
        kept: list[str | None] = []
        for place, id_ in enumerate(self._ids):
            left = id_ is not None and id_ in ids
            if left and id_ is not None:
                gone.append((place, id_))
                kept += self._heirs(id_, ids)
            else:
                kept.append(id_)
        self._ids = kept
        self._order_changed()
        return gone

    def _heirs(self, email_id: str, gone: Collection[str]) -> list[str]:
        known = self._known(self.others(email_id))
        return [email.id for email in known if email.id not in gone and self._is_here(email)][:1]

    def restore(self, places: Iterable[tuple[int, str]]) -> None:
        for place, id_ in sorted(places):
            heir = self._tops.get(self._thread(id_))
            if heir is None:
                self._ids.insert(min(place, len(self._ids)), id_)
            elif self._is_newer(id_, heir):
                self._ids[self._places_now[heir]] = id_
            self._order_changed()

    def _is_newer(self, email_id: str, other: str) -> bool:
        order = self.members(email_id)
        return {email_id, other} <= set(order) and order.index(email_id) > order.index(other)


def below_line(row: Row) -> Row:
    """The line of a message that is unfolded below another; its fold is that of the whole."""
    return replace(row, prefix="└ " + row.prefix, fold="open")
