"""Which lines and words of a message are the writer's own: no quotation, no signature, nothing forwarded.

Pure. For what looks at one's own words alone: warnings before sending, the spell-checker.
"""

from __future__ import annotations

import re
from typing import Final

from shinbox.text.quote import FORWARD_LINE, sections

_NO_PROSE: Final = re.compile(
    r"\S*(?:://|@)\S*"  # links and addresses
    r"|\b(?:www\.)\S+"
    r"|[/~]\S*/\S*"  # paths
    r"|\S*\d\S*"  # order numbers, dates, sizes
    r"|\b[\w-]+\.[a-z]{2,6}\b"  # file and host names
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def own_lines(body: str) -> list[tuple[int, str]]:
    """The lines that the writer wrote, with their numbers."""
    found: list[tuple[int, str]] = []
    number = 0
    for part in sections(body):
        for line in part.lines:
            if line.startswith(FORWARD_LINE):
                return found
            if part.kind == "text":
                found.append((number, line))
            number += 1
    return found


def words_in(line: str) -> list[tuple[int, str]]:
    """The words of a line with their places; what is no prose (links, addresses, numbers) is left out."""
    prose = _NO_PROSE.sub(lambda found: " " * len(found.group()), line)
    return [(found.start(), found.group()) for found in _WORD.finditer(prose)]
