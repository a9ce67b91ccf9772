"""Labels: keywords that people chose, with the colours of their settings.

Pure. A keyword that begins with `$` is the protocol's own (RFC 8621 §4.1.1) and no label. A label without a
colour of the settings has one by its name, the same everywhere and always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from zlib import crc32

from shinbox.jmap.objects import Email
from shinbox.tui.rows import Row
from shinbox.tui.themes import LABEL_COLOURS


def labels_of(email: Email) -> list[str]:
    """A message's labels."""
    return sorted(keyword for keyword in email.keywords if not keyword.startswith("$"))


def tone_of(label: str, chosen: Mapping[str, str]) -> str:
    """The component style of a label."""
    colour = chosen.get(label) or LABEL_COLOURS[crc32(label.encode()) % (len(LABEL_COLOURS) - 1)]
    return f"label-{colour}" if colour in LABEL_COLOURS else colour


def labelled(row: Row, emails: Iterable[Email], chosen: Mapping[str, str]) -> Row:
    """The line of a message, or of a folded conversation, with its labels before the subject."""
    labels = sorted({label for email in emails for label in labels_of(email)})
    chips = tuple((f"[{label}]", tone_of(label, chosen)) for label in labels)
    return replace(row, chips=chips) if chips or row.chips else row


def known_labels(chosen: Iterable[str], emails: Iterable[Email]) -> list[str]:
    """The labels of the settings, then those in use."""
    used = {label for email in emails for label in labels_of(email)}
    first = list(chosen)
    return first + sorted(used - set(first))
