"""The words of a search (RFC 8621 §4.4.1) as an expression of the index of texts.

Owns what a word and a phrase are, and how much one text may ask for. Refuses to know what a condition means.
"""

from __future__ import annotations

import re
from typing import Final

from shinbox.errors import UnsupportedFilter
from shinbox.text.unspaced import sought

_WORD: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
MOST_WORDS: Final = 50
"""How many words and phrases one text may be searched for."""
LONGEST_TEXT: Final = 500
"""In characters. FTS5 looks for a phrase of any length in one step, which nothing can break off."""


def words_of(text: str) -> list[str]:
    """Words, and phrases in double quotes, of a search (RFC 8621 §4.4.1)."""
    return [phrase or word for phrase, word in _WORD.findall(text) if (phrase or word).strip()]


def match(text: str, column: str | None) -> str | None:
    """An FTS5 expression: every word as a beginning, phrases as they are; None if nothing can be searched.

    Quoted as a whole, so nothing of what was typed is read as FTS5's own syntax. Of scripts without spaces
    any piece is found (text/unspaced.py).

    :raises UnsupportedFilter: it is longer than LONGEST_TEXT, or has more than MOST_WORDS.
    """
    if len(text) > LONGEST_TEXT:
        raise UnsupportedFilter(f"One text to search for has at most {LONGEST_TEXT} characters.")
    terms = []
    # FTS5 reads a statement's text up to its first null.
    typed = _WORD.findall(text.replace("\0", " "))
    if len(typed) > MOST_WORDS:
        raise UnsupportedFilter(f"A search has at most {MOST_WORDS} words.")
    for phrase, word in typed:
        form, goes_on = sought(phrase or word)
        if form is not None:
            quoted = '"' + form.replace('"', '""') + '"'
            terms.append(f"{quoted}*" if goes_on or not phrase else quoted)
    if not terms:
        return None
    found = " AND ".join(terms)
    return found if column is None else f"{{{column}}} : ({found})"
