"""Which messages an answer names as those before it (RFC 5322 §3.6.4): mail programs thread by them.

Owns that rule, for answers and forwards alike. Knows no message: it is given ids, without angle brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST: Final = 1_500
"""Characters that are kept, brackets and spaces counted: mail servers refuse long header lines."""


def next_references(before: Sequence[str], parent: Sequence[str], answered: Sequence[str] = ()) -> list[str]:
    """The References of an answer: what the parent referred to, then the parent's own id.

    `answered`: the parent's In-Reply-To, which counts where it referred to nothing and named one id. Cut in
    the middle: the first id, which founded the conversation, and the newest ones stay.
    """
    if not before and len(answered) == 1:
        before = answered
    chain = [*(id_ for id_ in dict.fromkeys(before) if id_ and id_ not in parent), *dict.fromkeys(parent)]
    first, rest = chain[:1], chain[1:]
    room = LONGEST - sum(len(id_) + 3 for id_ in first)
    newest: list[str] = []
    for id_ in reversed(rest):
        room -= len(id_) + 3
        if room < 0 and newest:
            break
        newest.append(id_)
    return first + newest[::-1]
