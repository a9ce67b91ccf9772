"""An intent under way: the task, how it ended, and what recognises a message that we add.

Owns these shapes and the reasons that more than one kind shares. Tells no server (telling.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.plan import Row, content_key
from shinbox.desk.store import emails
from shinbox.desk.store.database import Tx
from shinbox.mime.split import header_end

GONE: Final = "The message is no longer on the mail server."
MOVED: Final = "Somebody moved the message to another folder first."
IGNORED: Final = "The mail server did not do it."
UNHELD: Final = "The text of the message is not held here."
_LINE_END: Final = re.compile(rb"\r?\n")

Change = Callable[[Tx], None]


@dataclass(frozen=True)
class Task:
    """An intent under way. `rows`: where its email lies in base. `again`: it was cut off once."""

    intent: int
    kind: str
    email: int | None
    mailbox: int | None
    payload: dict[str, Any]
    rows: Sequence[Row] = ()
    again: bool = False

    def boxes(self, name: str) -> list[int]:
        """A list of mailboxes in the payload."""
        return [int(box) for box in self.payload.get(name, ())]


@dataclass(frozen=True)
class Ended:
    """How a task ended: `reason` None is done. `changes` are what base becomes."""

    task: Task
    reason: str | None = None
    changes: Sequence[Change] = field(default=())


def marks_of(tx: Tx, desk: Desk, email: int) -> dict[str, Any]:
    """What will recognise a message that we are about to add; kept with the email, too."""
    row = tx.one("SELECT blob_hash, message_id FROM email WHERE id = ?", (email,))
    if row is None or row["blob_hash"] is None or not desk.blobs.has(row["blob_hash"]):
        return {}
    raw = with_crlf(desk.blobs.get(row["blob_hash"]))
    key = content_key(raw[: header_end(raw, 0, len(raw))[0]], len(raw))
    emails.set_content_key(tx, email, key)
    ids = json.loads(row["message_id"] or "null") or [None]
    return {"content_key": key, "message_id": ids[0]}


def with_crlf(raw: bytes) -> bytes:
    """A message as it travels and as servers count it."""
    return _LINE_END.sub(b"\r\n", raw)
