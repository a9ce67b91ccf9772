"""Classes and ids that a document's own style sheet hides.

Owns reading that much of CSS: plain selectors (`.pre`, `div.pre`, `#pre`) outside of any @ rule. Refuses to
be a cascade: where a sheet also shows what it hides, it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MAX_CSS: Final = 200_000
"""Characters of style sheets that are read."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACE = re.compile(r"[{}]")
_SIMPLE = re.compile(r"(?:[a-zA-Z][\w-]*)?([.#][a-zA-Z_-][\w-]*)")
_HIDES = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all")
_SHOWS = re.compile(r"(?i)(?:display\s*:\s*(?!none)|visibility\s*:\s*visible)\w")


def hidden_selectors(css: str) -> frozenset[str]:
    """`.class` and `#id` of what the sheet hides wherever it stands. Linear in the length of `css`."""
    if not _HIDES.search(css, 0, MAX_CSS):
        return frozenset()
    hidden: set[str] = set()
    shown: set[str] = set()
    for selectors, declarations in _rules(_COMMENT.sub(" ", css[:MAX_CSS])):
        target = hidden if _HIDES.search(declarations) else shown if _SHOWS.search(declarations) else None
        if target is not None:
            found = (_SIMPLE.fullmatch(selector.strip()) for selector in selectors.split(","))
            target.update(match[1] for match in found if match)
    return frozenset(hidden - shown)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the rules that stand in no other: @media and nesting are left out."""
    depth = start = body_at = 0
    nested = False
    for brace in _BRACE.finditer(css):
        if brace[0] == "{":
            nested = depth > 0
            body_at = body_at if nested else brace.end()
            depth += 1
        else:
            depth = max(0, depth - 1)
            if depth == 0:
                selectors = css[start : max(start, body_at - 1)].rpartition(";")[2].strip()
                if not nested and not selectors.startswith("@"):
                    yield selectors, css[body_at : brace.start()]
                start, nested = brace.end(), False
