"""Who else is at which message: what the screen knows of it, and how it is said.

Pure. The desk leaves out oneself and whatever one does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from shinbox.jmap.objects import Presence
from shinbox.tui.rows import Row
from shinbox.tui.safe_text import plain

LONGEST_NAME: Final = 12
"""Characters of a name in a line of the list."""


class Colleagues:
    """The presences of every mailbox, as they were told last."""

    def __init__(self) -> None:
        self._there: dict[str, list[Presence]] = {}

    def put(self, account: str, there: Sequence[Presence]) -> set[str]:
        """What a mailbox's desk tells now; the conversations in which something is different."""
        before = {_told(one) for one in self._there.get(account, ())}
        self._there[account] = list(there)
        return {told[1] for told in before ^ {_told(one) for one in there}}

    def at(self, account: str, email: str, thread: str, *, whole: bool = False) -> list[Presence]:
        """Who is at a message. Whoever answers is at the conversation; `whole`: whoever reads in it, too."""
        return [
            one
            for one in self._there.get(account, ())
            if one.email_id == email or (one.thread_id == thread and (whole or one.doing == "writes"))
        ]


def _told(one: Presence) -> tuple[str, str, str, str]:
    return one.email_id, one.thread_id, one.doing, one.who.name


def attended(row: Row, there: Sequence[Presence]) -> Row:
    """A line of the list with who is there before the subject: `[carol]`, `[carol writes]`."""
    if not there:
        return row
    return replace(row, chips=((f"[{mark(there)}]", "warning"), *row.chips))


def mark(there: Sequence[Presence]) -> str:
    """The shortest that tells who; who writes comes first."""
    writers = _names(one for one in there if one.doing == "writes")
    names = writers or _names(there)
    first = plain(names[0], LONGEST_NAME)
    more = f" +{len(_names(there)) - 1}" if len(_names(there)) > 1 else ""
    return f"{first}{' writes' if writers else ''}{more}"


def sentence(there: Sequence[Presence]) -> str:
    """What stands above a message; empty for nobody."""
    writers = _names(one for one in there if one.doing == "writes")
    readers = [name for name in _names(there) if name not in writers]
    said = []
    if writers:
        said.append(f"{_listed(writers)} {'is' if len(writers) == 1 else 'are'} writing an answer.")
    if readers:
        said.append(f"{_listed(readers)} {'has' if len(readers) == 1 else 'have'} this open.")
    return " ".join(said)


def warning(there: Sequence[Presence]) -> str:
    """What whoever answers must know; empty where nobody else does."""
    writers = _names(one for one in there if one.doing == "writes")
    if not writers:
        return ""
    return f"{_listed(writers)} {'is' if len(writers) == 1 else 'are'} replying too!"


def _names(there: Iterable[Presence]) -> list[str]:
    return sorted({one.who.name for one in there})


def _listed(names: Sequence[str]) -> str:
    shown = [plain(name, 40) for name in names]
    if len(shown) > 3:
        return f"{', '.join(shown[:2])} and {len(shown) - 2} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
