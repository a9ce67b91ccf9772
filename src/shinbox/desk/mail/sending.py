"""Sending: what is due leaves by SMTP, once.

Owns the attempts: noted before the mail server hears of one, tried again only where certainly nothing was
sent, `uncertain` where that is not sure. A message that was refused is a draft again. Speaks no SMTP itself
(remote/submitting.py) and keeps no copies (sent.py).
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from shinbox.desk.mail import sent
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.remote.outcome import (
    Accepted,
    Envelope,
    NotAttempted,
    Outcome,
    Refusal,
    Refused,
    Uncertain,
)
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.desk.store import connections, leaving, recall, submissions
from shinbox.desk.store.database import Tx
from shinbox.errors import ConfigError, SecretUnavailable, SetError
from shinbox.mime.parse import ParsedMessage
from shinbox.terms import UndoStatus

INTERRUPTED: Final = (
    "The desk stopped while the message was being sent: it may or may not have left. Look whether an answer"
    " or a copy in Sent came, then decide."
)
ATTEMPTS: Final = 14
"""With the pauses below: given up after about ten hours."""
FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 3600.0

Submit = Callable[[Endpoint, Envelope, bytes], Outcome]
"""One attempt over the network; blocks."""
EndpointOf = Callable[[sqlite3.Row | None], Endpoint | None]
"""From a connection's row to its SMTP server (Vault.smtp)."""

log = logging.getLogger(__name__)


class Sending:
    """Attempts of all accounts. `jitter`: 0 to 1, so that many desks do not come back in step."""

    def __init__(
        self, desk: Desk, endpoint_of: EndpointOf, submit: Submit, jitter: Callable[[], float]
    ) -> None:
        self.desk, self._endpoint_of, self._submit, self._jitter = desk, endpoint_of, submit, jitter

    def take_up(self) -> None:
        """At start: what a crash cut off is uncertain."""
        with self.desk.write() as tx:
            submissions.interrupted(tx, INTERRUPTED)

    def due(self) -> list[sqlite3.Row]:
        """What may leave now."""
        with self.desk.database.read() as tx:
            return submissions.due(tx, self.desk.now())

    def next_due(self) -> float | None:
        """When the next one may, in seconds since the epoch."""
        with self.desk.database.read() as tx:
            return submissions.next_due(tx)

    def keep_copies(self) -> set[int]:
        """What turned out to have left gets its copy in Sent like anything else; whose that is (accounts)."""
        with self.desk.database.read() as tx:
            found = submissions.without_copy(tx)
        for row in found:
            try:
                with self.desk.write() as tx:
                    sent.left(tx, self.desk, row)
            except FileNotFoundError:
                with self.desk.write() as tx:
                    submissions.copy_kept(tx, row["id"], "failed")
        return {row["account_id"] for row in found}

    def attempt(self, submission: sqlite3.Row) -> None:
        """One attempt at one submission; every outcome is written down."""
        try:
            header = leaving.header_of(self.desk.blobs, submission["blob_hash"])
        except FileNotFoundError:
            header = None
        with self.desk.write() as tx:
            if header is not None and self._held_back(tx, submission, header):
                return
            if not submissions.begin_attempt(tx, submission["id"], self.desk.now()):
                return
            connection = connections.get(tx, submission["account_id"])
        try:
            outcome = self._attempt(submission, connection)
        except FileNotFoundError:
            outcome = Refused(0, leaving.NO_BYTES, permanent=True)
        except SetError as error:
            outcome = Refused(0, str(error), permanent=True)
        except Exception:
            with self.desk.write() as tx:
                submissions.settle(tx, submission["id"], UndoStatus.UNCERTAIN, error=INTERRUPTED)
            raise
        with self.desk.write() as tx:
            row = tx.one("SELECT * FROM submission WHERE id = ?", (submission["id"],))
            if row is not None:
                self._note(tx, row, outcome)

    def _held_back(self, tx: Tx, submission: sqlite3.Row, header: ParsedMessage) -> bool:
        """Whether it may not leave any more. Asked in the transaction that would mark it as leaving: what is
        taken away after that comes too late, what before it does not."""
        why = leaving.objection(tx, submission, header, self.desk.now())
        if why is None:
            return False
        log.info("submission %d may no longer leave: %s", submission["id"], why)
        return recall.hold_back(tx, self.desk.blobs, submission["id"], self.desk.utc(), why)

    def _attempt(self, submission: sqlite3.Row, connection: sqlite3.Row | None) -> Outcome:
        try:
            endpoint = self._endpoint_of(connection)
        except (SecretUnavailable, ConfigError) as error:
            return Refused(0, str(error), permanent=True)
        if endpoint is None:
            return Refused(0, "This mailbox has no server to send through yet.", permanent=True)
        told = json.loads(submission["envelope"])
        envelope = Envelope(told["mailFrom"]["email"], tuple(each["email"] for each in told["rcptTo"]))
        return self._submit(endpoint, envelope, self.desk.blobs.get(submission["blob_hash"]))

    def _note(self, tx: Tx, row: sqlite3.Row, outcome: Outcome) -> None:
        match outcome:
            case Accepted(response, refused):
                status = _delivery(row, response, refused)
                error = _some_refused(refused) if refused else None
                submissions.settle(tx, row["id"], UndoStatus.FINAL, delivery_status=status, error=error)
                sent.left(tx, self.desk, row)
            case Uncertain(text):
                submissions.settle(
                    tx,
                    row["id"],
                    UndoStatus.UNCERTAIN,
                    error=f"The connection broke after the message was handed over ({text}): it may or may"
                    " not have left. It is not sent again by itself.",
                )
            case Refused(code, text, permanent, recipients):
                reason = f"The mail server refused the message: {f'{code} ' if code else ''}{text}".strip()
                if not code:
                    reason = text
                self._failed(tx, row, reason, final=permanent, status=_delivery(row, "", recipients))
            case NotAttempted(failure):
                self._failed(tx, row, str(failure), final=False)

    def _failed(
        self,
        tx: Tx,
        row: sqlite3.Row,
        reason: str,
        *,
        final: bool,
        status: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Nothing was sent: try again, or give the sender the draft back and the reason."""
        log.info("submission %d did not leave: %s", row["id"], reason)
        if not final and row["attempts"] < ATTEMPTS:
            pause = min(FIRST_PAUSE * 2 ** (row["attempts"] - 1), LONGEST_PAUSE)
            until = self.desk.now() + pause * (1 + self._jitter() / 4)
            submissions.postpone(tx, row["id"], until, reason)
            return
        submissions.settle(tx, row["id"], UndoStatus.CANCELED, delivery_status=status, error=reason)
        # Destroyed, and the bytes gone: nothing is left to give back, and the reason says so.
        with contextlib.suppress(FileNotFoundError):
            recall.to_drafts(tx, self.desk.blobs, row["id"], self.desk.utc())


def _some_refused(refused: Mapping[str, Refusal]) -> str:
    told = "; ".join(f"{address}: {refusal.code} {refusal.text}" for address, refusal in refused.items())
    return f"The mail server did not take it for everybody: {told}"


def _delivery(row: sqlite3.Row, response: str, refused: Mapping[str, Refusal]) -> dict[str, Any]:
    """RFC 8621 §7 deliveryStatus: what SMTP said about each recipient."""
    told: dict[str, Any] = {}
    for each in json.loads(row["envelope"])["rcptTo"]:
        no = refused.get(each["email"])
        reply = f"{no.code} {no.text}" if no is not None else response
        delivered = (
            "no" if no is not None and no.permanent else "queued" if response and no is None else "unknown"
        )
        told[each["email"]] = {"smtpReply": reply, "delivered": delivered, "displayed": "unknown"}
    return told
