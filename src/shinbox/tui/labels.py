"""Labels: keywords that people chose, with the colours of their settings.

Pure. A keyword that begins with `$` is the protocol's own (RFC 8621 §4.1.1) and no label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shinbox.jmap.objects import Email
from shinbox.tui.rows import Row
from shinbox.tui.safe_text import plain


def labels_of(email: Email) -> list[str]:
    """A message's labels."""
    return sorted(keyword for keyword in email.keywords if not keyword.startswith("$"))


def labelled(row: Row, email: Email, tones: Mapping[str, str]) -> Row:
    """The line of a message with its labels before the subject, in the first label's colour."""
    labels = labels_of(email)
    if not labels:
        return row
    tone = next((tones[label] for label in labels if label in tones), "accent")
    prefix = "".join(f"[{plain(label, 20)}] " for label in labels)
    return replace(row, prefix=row.prefix + prefix, tones={**row.tones, "subject": tone})


def known_labels(chosen: Iterable[str], emails: Iterable[Email]) -> list[str]:
    """The labels of the settings, then those in use."""
    used = {label for email in emails for label in labels_of(email)}
    first = list(chosen)
    return first + sorted(used - set(first))
