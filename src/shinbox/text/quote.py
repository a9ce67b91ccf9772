"""Answering in plain text: quotes, subjects, the line that says who wrote what.

Owns those conventions and finding them again in the text of others. Refuses to know messages and
identities: it is given strings. Subjects follow RFC 5322 §3.6.5, the signature's delimiter RFC 3676 §4.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

SIGNATURE = "-- "
"""The line above a signature (RFC 3676 §4.3)."""
FORWARD_LINE = "---------- Forwarded message"
"""How the line begins below which another's words stand."""

_PREFIX = re.compile(
    r"\s*(?:(?:re|aw|antw|antwort|sv|vs|odp|ref|rif|res|ynt|blz|回复|答复|回覆)(?:\s*[\[(]\d{1,4}[\])]|\^\d{1,4})?\s*[:：])\s*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|i|enc|vb|vl|doorst|転送|转发|轉寄)\s*[:：]\s*", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"(?:^|\n)(?:On\b|Am\b|Le\b|El\b|Il\b|Op\b|Em\b|Den\b|W dniu\b)[^\n]{0,300}(?:\n[^\n>]{0,200})?"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał\(?a?\)?)"
    r"[^\n]{0,40}[:：]?\s*$"
)


def quote(text: str) -> str:
    """Each line behind `> ` (RFC 3676 §4.5: no space between the marks of nested quotes).

    A signature and empty lines at the end are left out: nobody answers those.
    """
    lines = without_signature(text).rstrip().split("\n")
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)


def without_signature(text: str) -> str:
    """`text` up to the last signature delimiter that is not itself quoted."""
    lines = text.replace("\r\n", "\n").split("\n")
    for place in range(len(lines) - 1, -1, -1):
        if lines[place] == SIGNATURE:
            return "\n".join(lines[:place])
    return "\n".join(lines)


def reply_subject(subject: str | None) -> str:
    """`Re: ` once, whatever language and number of answers came before."""
    return f"Re: {_bare(subject, _PREFIX)}".rstrip()


def forward_subject(subject: str | None) -> str:
    """`Fwd: ` once; an answer that is forwarded stays visibly an answer."""
    return f"Fwd: {_bare(subject, _FORWARDED)}".rstrip()


def _bare(subject: str | None, prefix: re.Pattern[str]) -> str:
    text = (subject or "").strip()
    while found := prefix.match(text):
        text = text[found.end() :]
    return text


def attribution(who: str, when: str) -> str:
    """The line above a quote: `On Mon 1 Jan 2024, 10:11, Jane wrote:`."""
    return f"On {when}, {who} wrote:" if when else f"{who} wrote:"


def forwarded(headers: list[tuple[str, str]], text: str) -> str:
    """An inline forward: a rule, the headers that say whose words these are, the words."""
    told = "\n".join(f"{name}: {value}" for name, value in headers if value)
    return f"{FORWARD_LINE} ----------\n{told}\n\n{text.rstrip()}\n"


@dataclass(frozen=True)
class Section:
    """Neighbouring lines of one kind; a reader folds quotes and signatures."""

    kind: Literal["text", "quote", "signature"]
    lines: tuple[str, ...]


def sections(text: str) -> list[Section]:
    """`text` cut into what the sender wrote, what is quoted, and the signature; joined again it is `text`.

    The attribution belongs to the quote below it, empty lines between two quotes too.
    """
    lines = text.split("\n")
    end = next(
        (place for place in range(len(lines) - 1, -1, -1) if lines[place].rstrip("\r") == SIGNATURE),
        len(lines),
    )
    if any(line.startswith(">") for line in lines[end:]):
        end = len(lines)
    kinds = _kinds(lines[:end])
    found: list[Section] = []
    start = 0
    for place in range(1, end + 1):
        if place == end or kinds[place] != kinds[start]:
            found.append(Section(kinds[start], tuple(lines[start:place])))
            start = place
    if end < len(lines):
        found.append(Section("signature", tuple(lines[end:])))
    return found


def _kinds(lines: list[str]) -> list[Literal["text", "quote"]]:
    kinds: list[Literal["text", "quote"]] = ["quote" if line.startswith(">") else "text" for line in lines]
    place = 0
    while place < len(lines):
        if kinds[place] == "quote" or lines[place].strip():
            place += 1
            continue
        after = place
        while after < len(lines) and not lines[after].strip():
            after += 1
        if place > 0 and after < len(lines) and kinds[place - 1] == kinds[after] == "quote":
            kinds[place:after] = ["quote"] * (after - place)
        place = after
    for place in range(1, len(lines)):
        if kinds[place] == "quote" and kinds[place - 1] == "text":
            _claim_attribution(lines, kinds, place)
    return kinds


def _claim_attribution(lines: list[str], kinds: list[Literal["text", "quote"]], quote_at: int) -> None:
    """Mark the one or two lines above a quote that introduce it."""
    last = quote_at - 1
    if not lines[last].strip():
        last -= 1
    for first in (last, last - 1):
        if first >= 0 and kinds[first] == "text" and _ATTRIBUTION.match("\n".join(lines[first : last + 1])):
            kinds[first:quote_at] = ["quote"] * (quote_at - first)
            return
