"""HTML that would cost its reader far more than its sender.

Owns telling it apart before a parser sees it, in one linear pass over the tags, and the plain words that are
shown instead. Parsers answer unclosed tags with time and memory that grow with the product of two numbers
that the sender chooses.
"""

from __future__ import annotations

import html
import re

MOST_COST = 30_000_000
"""Open elements times tags; about 0.2 s of the parser."""
MOST_COPIES = 1_000_000
"""Open formatting elements times tags: each may be copied into each block that follows."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})")
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_SELF_CLOSING = frozenset(
    {
        "p",
        "li",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "dd",
        "dt",
        "option",
        "br",
        "img",
        "input",
        "hr",
        "meta",
    }
    | {"link", "col", "area", "base", "wbr", "html", "body", "head"}
)
_UNSEEN = re.compile(r"(?is)<(style|script|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_ANY_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>?")
_BREAK = re.compile(r"(?i)<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6])\b[^<>]*>")


def is_bomb(source: str) -> bool:
    """True if parsing `source` would take a time out of proportion to its length."""
    depth = deepest = formatting = most_formatting = tags = 0
    for closing, name in _TAG.findall(source):
        tags += 1
        tag = name.lower()
        if tag in _SELF_CLOSING:
            continue
        step = -1 if closing else 1
        if tag in _FORMATTING:
            formatting = max(0, formatting + step)
            most_formatting = max(most_formatting, formatting)
        depth = max(0, depth + step)
        deepest = max(deepest, depth)
    return deepest * tags > MOST_COST or most_formatting * tags > MOST_COPIES


def words_only(source: str) -> str:
    """The text between the tags, lines where blocks were: what can be said of a bomb."""
    text = _ANY_TAG.sub(" ", _BREAK.sub("\n", _UNSEEN.sub(" ", source)))
    return "\n".join(" ".join(line.split()) for line in html.unescape(text).split("\n"))
