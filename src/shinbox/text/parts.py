"""The text of a message's part as its reader sees it: flowed lines joined, HTML laid out, files taken out.

Owns which of those a part needs, from its type and its Content-Type header. Refuses to know messages and
protocols. The result still goes through safe_block.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shinbox.text.flowed import flow_of, unflow
from shinbox.text.html_tree import Link
from shinbox.text.uuencoded import name_uuencoded


@dataclass(frozen=True)
class ShownPart:
    """A part's words, and its links if it is HTML: `[n]` in the words is the link of that number.

    `is_cut`: not all of it is here.
    """

    text: str
    links: list[Link] = field(default_factory=list)
    is_cut: bool = False

    @property
    def with_targets(self) -> str:
        """The words, and below them where each link truly leads."""
        targets = [f"[{link.number}] {link.target}" for link in self.links]
        return "\n".join([self.text, *(["", *targets] if targets else [])])


def show_part(value: str, content_type: str, *, is_html: bool) -> ShownPart:
    """A text part's value. `content_type`: its header's value, or empty. HTML takes 0.2 s a megabyte."""
    if is_html:
        from shinbox.text.html import html_to_text

        made = html_to_text(value)
        return ShownPart(made.text, made.links, made.is_cut)
    text = value.replace("\r\n", "\n")
    flowed, delsp = flow_of(content_type)
    return ShownPart(name_uuencoded(unflow(text, delsp=delsp) if flowed else text))
