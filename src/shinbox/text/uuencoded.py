"""Files written into plain text by uuencode, as before MIME.

Owns where one begins and ends. Refuses to decode: mime/ does that, from the text as it came.
"""

from __future__ import annotations

import re
from typing import Final

BLOCK: Final = re.compile(
    r"(?m)^begin [0-7]{3,4} ([^\n]{1,255})\n"
    r"((?:[ -`]{1,90}\n){0,2000000}?)(?:[`\s]*\n)?end[ \t]*(?:\n|\Z)"
)
"""Name and lines of one. They hold no lower-case letter: so `end` and a second `begin` stop them."""


def may_hold(text: str) -> bool:
    """False for nearly every text, without searching it."""
    return "\nend" in text and "begin " in text


def name_uuencoded(text: str) -> str:
    """`text` with each such file replaced by a line with its name."""
    return BLOCK.sub(lambda match: f"[{match[1].strip()}]\n", text) if may_hold(text) else text
