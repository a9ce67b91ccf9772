"""Finding addresses of pages and people in plain text.

Owns where one begins and ends. Refuses to open, shorten or trust them. Linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"\u0000-\u001f\u2066-\u2069\u202a-\u202e]{1,2048}"
    r"|\bwww\.[^\s<>\"]{3,2048}"
    r"|\bmailto:[^\s<>\"]{3,320}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\"*_~»›”’"
_PAIRS = {")": "(", "]": "[", "}": "{", "〉": "〈", "」": "「"}
MAX_FOUND = 2_000


@dataclass(frozen=True)
class Found:
    """An address at text[start:end]; `target` has the scheme that a program needs to open it."""

    start: int
    end: int
    target: str


def find_urls(text: str) -> list[Found]:
    """Addresses in order, without the punctuation of the sentence around them."""
    found: list[Found] = []
    for match in _URL.finditer(text):
        shown = _trimmed(match[0])
        lower = shown.lower()
        if lower.startswith("www."):
            target = f"http://{shown}"
        elif "@" in shown and "://" not in shown and not lower.startswith("mailto:"):
            target = f"mailto:{shown}"
        else:
            target = shown
        found.append(Found(match.start(), match.start() + len(shown), target))
        if len(found) >= MAX_FOUND:
            break
    return found


def _trimmed(url: str) -> str:
    """A closing bracket belongs to the address only if it was opened in it."""
    while url:
        last = url[-1]
        if last in _TRAILING or (last in _PAIRS and url.count(_PAIRS[last]) < url.count(last)):
            url = url[:-1]
        else:
            break
    return url
