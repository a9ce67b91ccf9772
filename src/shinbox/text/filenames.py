"""Names under which attachments may be saved.

Owns what a file name from a stranger becomes. Refuses to know the file system: the caller chooses the
folder and never writes over a file that is there.
"""

from __future__ import annotations

import re
import unicodedata

from shinbox.text.safe import BIDI_MARK, HIDDEN_MARK, LINE_MARK, NO_CHARACTER, safe

MAX_BYTES = 200
"""Room is left under the usual 255 bytes for a number that the caller may add."""

NAMELESS = "attachment"
"""What a file is called of whose name nothing is left."""

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\u2044\u2215\uff0f\uff3c\u29f8\u29f5]')
_MARKS = re.compile(f"[{BIDI_MARK}{HIDDEN_MARK}{LINE_MARK}{NO_CHARACTER}\u2400-\u2421]")
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")


def safe_filename(name: str) -> str:
    """A single path component that is visible, not hidden, not special, and at most 200 bytes long.

    Folders are cut off, characters that a shell, a file system or a reader could be misled by become
    `_`, leading dots and dashes go; the extension survives a cut. Where nothing is left it is `attachment`.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = _MARKS.sub("_", safe(unicodedata.normalize("NFC", _without_surrogates(last))))
    shown = _FORBIDDEN.sub("_", shown)
    shown = re.sub(r"\s+", " ", shown).strip(" .").lstrip("-.~ ")
    if not shown.strip("_ "):
        return NAMELESS
    if _RESERVED.match(shown):
        shown = f"_{shown}"
    return _cut(shown)


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(name: str) -> str:
    """At most MAX_BYTES of UTF-8, the extension kept if it is a short one."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 16:
        stem, dot, extension = name, "", ""
    room = MAX_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + extension
