"""HTML mail as plain text with numbered links.

Owns the layout: inscriptis where a document is sane, the bare words where it is not. Refuses to fetch, to
run and to trust: the result still goes through safe_block before a terminal sees it. The two libraries are
imported on first use, because most programs of ours start without showing HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shinbox.text.html_bombs import is_bomb, words_only
from shinbox.text.html_css import hidden_selectors
from shinbox.text.html_tree import (
    BLOCK_BEGINS,
    BLOCK_ENDS,
    QUOTE_BEGINS,
    QUOTE_ENDS,
    Link,
    prepare,
)

MAX_CHARACTERS = 2_000_000
"""More HTML than this is cut: it is laid out at about 6 MB a second."""

_SENTINELS = re.compile("[\ufdd0-\ufdef\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f]")
_FILLERS = re.compile("(?:[\u00ad\u034f\u061c\u115f\u200b-\u200f\u2007\u2060\ufeff][\\s\u00a0]*){3,}")
_SOFT_HYPHEN = re.compile("(?<=\\w)\u00ad(?=\\w)")


@dataclass(frozen=True)
class TextWithLinks:
    """The words of a document; `[n]` in them is the link of that number. `is_cut`: not all of it is here."""

    text: str
    links: list[Link] = field(default_factory=list)
    is_cut: bool = False


def html_to_text(html: str) -> TextWithLinks:
    """What a reader of the document would see, as lines. Total; takes about 0.2 s a megabyte."""
    from selectolax.lexbor import LexborHTMLParser

    source = _SENTINELS.sub(" ", html[:MAX_CHARACTERS])
    if not source.strip():
        return TextWithLinks("")
    if is_bomb(source):
        return TextWithLinks(_tidied(words_only(source)), is_cut=True)
    document = LexborHTMLParser(source)
    root = document.body or document.root
    if root is None:
        return TextWithLinks("")
    css = "\n".join(sheet.text() for sheet in document.css("style"))
    tree = prepare(root, hidden_selectors(css))
    text = _laid_out(root.html or "") if tree.is_sane else ""
    if not text:
        text = root.text(deep=True, separator="\n").translate(
            {ord(BLOCK_BEGINS): None, ord(BLOCK_ENDS): None}
        )
    return TextWithLinks(_tidied(text), tree.links, len(html) > MAX_CHARACTERS)


def _laid_out(prepared: str) -> str:
    """The prepared document through inscriptis; empty if that cannot lay it out."""
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    source = prepared.replace(BLOCK_BEGINS, "<div>").replace(BLOCK_ENDS, "</div>")
    config = ParserConfig(css=CSS_PROFILES["strict"].copy(), table_cell_separator=" │ ")
    try:
        return str(get_text(source, config))
    except (RecursionError, ValueError, IndexError, KeyError, AttributeError):
        return ""


def _tidied(text: str) -> str:
    """Quotes marked by `> `, no trailing space, at most one empty line in a row."""
    text = _SOFT_HYPHEN.sub("", _FILLERS.sub(" ", text.replace("\u00a0", " ")))
    lines: list[str] = []
    depth = before = 0
    for line in text.split("\n"):
        depth = max(0, depth + line.count(QUOTE_BEGINS) - line.count(QUOTE_ENDS))
        if QUOTE_BEGINS in line or QUOTE_ENDS in line:
            line = re.sub(f"[{QUOTE_BEGINS}{QUOTE_ENDS}]", "", line)
            if not line.strip():
                continue
        level = min(depth, 20) if line.strip() else min(depth, before, 20)
        if line.strip() or (lines and lines[-1].strip("> ")):
            lines.append(("> " * level + line).rstrip())
            before = level
    return "\n".join(lines).strip("\n").rstrip("> \n")
