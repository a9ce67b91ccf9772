"""An HTML document made ready to be laid out as text.

Owns what is hidden, which links there are and where they lead, what stands for an image, which tables hold
data and which only place things. Refuses to lay out lines (html.py) and fetches nothing: a document is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH = 150
"""Beyond this nesting only the words are kept: a layout engine would recurse, and nobody wrote it by hand."""
MAX_NODES = 100_000
ROWS_LOOKED_AT = 50
MAX_LINKS = 2_000
LONGEST_TARGET = 4_096
DATA_CELL = 60
"""Characters in the longest cell of a table that still reads as a table."""

QUOTE_BEGINS, QUOTE_ENDS, BLOCK_BEGINS, BLOCK_ENDS = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"

_NEVER_SHOWN = frozenset(
    {"script", "style", "head", "title", "noscript", "template", "object", "embed", "iframe", "frame", "svg"}
    | {"math", "audio", "video", "canvas", "select", "datalist", "map", "applet"}
)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?:\.0*)?\s*(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|(?:max-)?height\s*:\s*0(?:px|pt)?\s*(?:;|!|$).{0,200}overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden.{0,200}(?:max-)?height\s*:\s*0(?:px|pt)?\s*(?:;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}",
    re.IGNORECASE | re.DOTALL,
)
_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "center", "hr", "pre"}
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Link:
    """One link of a message: its number in the text, the words that it stands under, its true target."""

    number: int
    text: str
    target: str


@dataclass
class Tree:
    """What was found on one walk through the document."""

    links: list[Link] = field(default_factory=list)
    depth: int = 0
    nodes: int = 0
    found: dict[str, list[LexborNode]] = field(default_factory=dict)
    hidden: list[LexborNode] = field(default_factory=list)

    @property
    def is_sane(self) -> bool:
        """False for what nobody wrote by hand: only the words of it are worth having."""
        return self.depth <= MAX_DEPTH and self.nodes < MAX_NODES


def prepare(root: LexborNode, hidden: frozenset[str] = frozenset()) -> Tree:
    """Change the document below `root` so that laying it out shows what a reader should see.

    `hidden`: the `.class` and `#id` selectors that its style sheet hides.
    """
    tree = _walk(root, hidden)
    for node in tree.hidden:
        node.decompose()
    for image in tree.found.get("img", []):
        _show_image(image)
    for link in tree.found.get("a", []):
        _number_link(link, tree.links)
    if not tree.is_sane:
        return tree
    for table in reversed(tree.found.get("table", [])):
        if not _holds_data(table):
            _dissolve(table)
    for quote in tree.found.get("blockquote", []):
        quote.insert_before(BLOCK_BEGINS + QUOTE_BEGINS + BLOCK_ENDS)
        quote.insert_after(BLOCK_BEGINS + QUOTE_ENDS + BLOCK_ENDS)
    return tree


def _walk(root: LexborNode, by_sheet: frozenset[str]) -> Tree:
    """Every element once, without recursion; nothing below a hidden one."""
    tree = Tree()
    node: LexborNode | None = root
    depth = 0
    while node is not None and tree.nodes < MAX_NODES:
        tree.nodes += 1
        tree.depth = max(tree.depth, depth)
        hidden = _is_hidden(node, by_sheet)
        if hidden:
            tree.hidden.append(node)
        elif node.tag in {"a", "img", "table", "blockquote"}:
            tree.found.setdefault(node.tag, []).append(node)
        below = None if hidden else node.first_child
        if below is not None:
            node, depth = below, depth + 1
            continue
        while node is not None and node.next is None and depth > 0:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None and depth > 0 else None
    return tree


def _is_hidden(node: LexborNode, by_sheet: frozenset[str]) -> bool:
    tag = node.tag or ""
    if tag.startswith("-") or tag == "_comment":
        return node.is_comment_node
    if tag in _NEVER_SHOWN:
        return True
    attributes = node.attributes
    if not attributes:
        return False
    if tag == "input" or "hidden" in attributes:
        return True
    style = attributes.get("style") or ""
    if style and _HIDING.search(style):
        return True
    return bool(by_sheet) and "display" not in style.lower() and not by_sheet.isdisjoint(_names(attributes))


def _names(attributes: Mapping[str, str | None]) -> list[str]:
    """An element's classes and id as selectors."""
    classes = (attributes.get("class") or "").split()[:20]
    return [f"#{attributes.get('id')}", *(f".{name}" for name in classes)]


def _show_image(image: LexborNode) -> None:
    """The alternative text in brackets; an image without one says nothing, and a tracking pixel less."""
    words = _words(image.attributes.get("alt") or image.attributes.get("title") or "")
    image.replace_with(f"[{words}]" if words else "")


def _number_link(link: LexborNode, links: list[Link]) -> None:
    target = re.sub(r"[\t\r\n]", "", link.attributes.get("href") or "").strip()[:LONGEST_TARGET]
    if not target or target.startswith("#") or len(links) >= MAX_LINKS:
        return
    words = _words(link.text(deep=True))
    known = next((other for other in links[-50:] if (other.target, other.text) == (target, words)), None)
    if known is None:
        known = Link(len(links) + 1, words, target)
        links.append(known)
    link.insert_child(f"[{known.number}]")


def _holds_data(table: LexborNode) -> bool:
    """A table for reading: several columns, short cells, no blocks in them. The rest is layout."""
    if (table.attributes.get("role") or "") in {"presentation", "none"} or table.css_first(
        "table table"
    ) is not None:
        return False
    widest = 0
    for row in table.css("tr")[:ROWS_LOOKED_AT]:
        cells = [cell for cell in islice(row.iter(), ROWS_LOOKED_AT) if cell.tag in {"td", "th"}]
        widest = max(widest, len(cells))
        for cell in cells:
            if (
                any(child.tag in _BLOCKS for child in cell.iter())
                and cell.css_first("p + p, div + div, ul, ol") is not None
            ):
                return False
            if len(_words(cell.text(deep=True))) > DATA_CELL:
                return False
    return widest > 1


def _dissolve(table: LexborNode) -> None:
    """Cells below each other, as a narrow screen shows them."""
    for cell in table.css("td, th, caption"):
        cell.insert_before(BLOCK_BEGINS)
        cell.insert_after(BLOCK_ENDS)
        cell.unwrap()
    table.insert_before(BLOCK_BEGINS)
    table.insert_after(BLOCK_ENDS)
    table.unwrap_tags(["tr", "tbody", "thead", "tfoot", "colgroup", "col"])
    table.unwrap()


def _words(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
