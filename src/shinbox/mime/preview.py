"""The first words of a message, for a list (RFC 8621 §4.1.4 `preview`).

Owns choosing and cutting them. Refuses to lay out HTML: that is text/html.py; here tags are only cut away,
quickly, from the first kilobytes.
"""

from __future__ import annotations

import html
import re

LENGTH = 256
LOOKED_AT = 16 * 1024
FIRST_LOOK = 1_024
"""Most previews are found in the first kilobyte; only newsletters hide theirs further down."""

_UNSEEN = re.compile(r"(?is)<(style|script|head|title|noscript)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>?")
_BLOCK = re.compile(r"(?i)<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6])\b[^<>]*>")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x1f\x7f-\x9f]+"
)
_QUOTED = re.compile(r"(?m)^[ \t]*>.*$")
_RULE = re.compile(r"([-=_*~#+.])\1{5,}")
_SPACES = re.compile(r"\s+")


def preview_of_text(text: str) -> str:
    """Up to 256 characters of what the sender wrote: quotes, rules and white space left out."""
    for looked_at in (FIRST_LOOK, LOOKED_AT):
        found = _shortened(_QUOTED.sub("", text[:looked_at]))
        if len(found) == LENGTH or looked_at >= len(text):
            break
    return found or _shortened(text[:LOOKED_AT])


def preview_of_html(source: str) -> str:
    """Up to 256 characters of the visible text."""
    found = ""
    for looked_at in (4 * FIRST_LOOK, 4 * LOOKED_AT):
        cut = _TAG.sub(" ", _UNSEEN.sub(" ", source[:looked_at]))
        found = _shortened(html.unescape(cut[:LOOKED_AT]))
        if len(found) == LENGTH or looked_at >= len(source):
            break
    return found


def words_of_html(source: str) -> str:
    """The visible words with a line for each block: enough to search in, not to read."""
    return html.unescape(_TAG.sub(" ", _BLOCK.sub("\n", _UNSEEN.sub(" ", source))))


def _shortened(text: str) -> str:
    shown = _SPACES.sub(" ", _RULE.sub(" ", _INVISIBLE.sub(_gap, text))).strip()
    return shown[:LENGTH].encode("utf-8", "replace").decode("utf-8")


def _gap(match: re.Match[str]) -> str:
    return " " if any(c in "\t\n\r" for c in match[0]) else ""
