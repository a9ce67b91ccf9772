"""format=flowed (RFC 3676): paragraphs that were broken for transport, put together again.

Owns that rule. Refuses to know which part it applies to: the caller looks at the Content-Type.
"""

from __future__ import annotations

import re

from shinbox.text.quote import SIGNATURE

_PARAM = re.compile(r"(?i);\s*(format|delsp)\s*=\s*\"?([a-z]+)")


def flow_of(content_type: str) -> tuple[bool, bool]:
    """Whether a Content-Type's value says `format=flowed`, and whether it says `delsp=yes`."""
    params = {name.lower(): value.lower() for name, value in _PARAM.findall(content_type)}
    return params.get("format") == "flowed", params.get("delsp") == "yes"


def unflow(text: str, *, delsp: bool = False) -> str:
    """Lines that end in a space are joined to the next one of the same quote depth (RFC 3676 §4.1–4.4).

    Space-stuffing is taken away; quote marks stand once, with a space after them. `delsp`: the space before
    a soft break belongs to the break (§4.2), for languages that write without spaces.
    """
    lines: list[str] = []
    depth_before, open_line = 0, False
    for raw in text.split("\n"):
        content = raw.lstrip(">")
        depth = len(raw) - len(content)
        content = content[1:] if content.startswith(" ") else content
        soft = content.endswith(" ") and content != SIGNATURE
        shown = content[:-1] if soft and delsp else content
        if open_line and depth == depth_before and content != SIGNATURE:
            lines[-1] += shown
        else:
            lines.append(f"{'>' * depth} {shown}" if depth else shown)
        open_line, depth_before = soft, depth
    return "\n".join(line if line == SIGNATURE else line.rstrip(" ") for line in lines)
