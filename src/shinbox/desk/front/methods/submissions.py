"""EmailSubmission: an email on its way out (RFC 8621 §7).

Owns a submission's wire form, the send gate, and what follows from a success (onSuccessUpdateEmail). What
may be sent is sending.py's; the steps of a submission are the store's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import draft_end, email_history, permit, rows
from shinbox.desk.front.methods.arguments import convert
from shinbox.desk.front.methods.base import Edit, Test, TypeHandler
from shinbox.desk.front.methods.email_raw import parsed_message, raw
from shinbox.desk.front.methods.sending import prepare, with_mail_lines
from shinbox.desk.front.methods.threads import arrived_since, visible_emails
from shinbox.desk.store import emails, identities, ids, recall, submissions
from shinbox.desk.store.times import utc_now, utc_seconds
from shinbox.errors import CannotUnsend, InvalidArguments, InvalidProperties, ThreadMoved
from shinbox.terms import Keyword, UndoStatus


class SuccessArguments(msgspec.Struct, rename="camel"):
    """What EmailSubmission/set adds to /set (RFC 8621 §7.5)."""

    on_success_update_email: dict[str, Json] | None = None
    on_success_destroy_email: list[str] | None = None


def _is_in(name: str) -> Test:
    def fits(call: Call, value: Json, given: Any) -> bool:
        if not isinstance(given, list):
            raise InvalidArguments("filter: identityIds, emailIds and threadIds are lists.")
        return value[name] in {call.resolve(id_) for id_ in given if isinstance(id_, str)}

    return fits


def _sent_by_then(before: bool) -> Test:
    def fits(call: Call, value: Json, given: Any) -> bool:
        try:
            limit = utc_seconds(given)
        except (TypeError, ValueError):
            raise InvalidArguments("filter: before and after are UTC dates.") from None
        return (utc_seconds(value["sendAt"]) < limit) is before

    return fits


class SubmissionHandler(TypeHandler):
    """See the module. `emails` is the handler of Email: a submission is seen with its email."""

    TYPE = "EmailSubmission"
    IN_FOLDERS = True
    SET_ARGUMENTS = frozenset({"onSuccessUpdateEmail", "onSuccessDestroyEmail"}) | draft_end.ARGUMENTS
    FILTERS: ClassVar[Mapping[str, Test]] = {
        "identityIds": _is_in("identityId"),
        "emailIds": _is_in("emailId"),
        "threadIds": _is_in("threadId"),
        "undoStatus": lambda call, value, given: bool(value["undoStatus"] == given),
        "before": _sent_by_then(True),
        "after": _sent_by_then(False),
    }
    SORTS = frozenset({"emailId", "threadId", "sentAt", "sendAt"})

    def __init__(self, emails: TypeHandler) -> None:
        self._emails = emails

    # --- get ------------------------------------------------------------------------------------

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column(
            "SELECT id FROM submission WHERE account_id = ? ORDER BY id LIMIT ?", (call.account_row, most + 1)
        )

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler. One whose email the caller does not see is as if it were not."""
        found = rows.by_id(call.tx, "SELECT * FROM submission", call.account_row, wanted)
        if not call.decision.sees_everything:
            seen = visible_emails(call, [row["email_id"] for row in found])
            found = [row for row in found if row["email_id"] in seen]
        return {row["id"]: self._form(call, row) for row in found}

    def _form(self, call: Call, row: sqlite3.Row) -> Json:
        return {
            "id": self.to_id(call, row["id"]),
            "identityId": ids.to_id("Identity", row["identity_id"]),
            "emailId": ids.to_id("Email", row["email_id"]),
            "threadId": ids.to_id("Thread", row["thread_id"]),
            "envelope": json.loads(row["envelope"]),
            "sendAt": utc_now(row["send_at"]),
            "undoStatus": row["undo_status"],
            "deliveryStatus": json.loads(row["delivery_status"]) if row["delivery_status"] else None,
            "dsnBlobIds": self._reports(call, row),
            "mdnBlobIds": [],
            "threadState": row["thread_state"],
            "error": row["error"],
            "sentBy": ids.to_id("User", row["user_id"]),
            "sentCopy": row["sent_copy"],
        }

    def _reports(self, call: Call, row: sqlite3.Row) -> list[str]:
        """The delivery reports that came, those in folders that the caller sees (RFC 8621 §7)."""
        came = call.tx.column(
            "SELECT value FROM json_each(?) WHERE value IN (SELECT id FROM email)", (row["reports"],)
        )
        seen = visible_emails(call, came) if came else set()
        return [f"m{email}" for email in came if email in seen]

    # --- set ------------------------------------------------------------------------------------

    def before_set(self, call: Call) -> None:
        """See TypeHandler."""
        convert({name: call.arguments.get(name) for name in self.SET_ARGUMENTS}, SuccessArguments)

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = edit.new or {}
        if edit.old is None:
            if "undoStatus" in edit.given and new["undoStatus"] != UndoStatus.PENDING:
                raise InvalidProperties("A submission begins as pending.", properties=["undoStatus"])
            identity = ids.to_row("Identity", new["identityId"])
            if identity is None or identities.get(call.tx, call.account_row, identity) is None:
                raise InvalidProperties("There is no such identity.", properties=["identityId"])
            email = ids.to_row("Email", new["emailId"])
            if email is None or not permit.visible_rows(call, self._emails, [email], named=True):
                raise InvalidProperties("The message to send is no longer there.", properties=["emailId"])
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler: check, fix the bytes, hold them durably, then the row."""
        new = edit.new or {}
        email, identity = ids.to_row("Email", new["emailId"]), ids.to_row("Identity", new["identityId"])
        assert email is not None and identity is not None
        thread: int = call.tx.value("SELECT thread_id FROM email WHERE id = ?", (email,))
        self._gate(call, thread, new["threadState"], email)
        draft_end.require(call)
        if submissions.under_way(call.tx, email, call.actor.user_id):
            # Two people at one draft, or a doubt that nobody decided yet: it would leave twice.
            raise ThreadMoved(emailIds=[new["emailId"]])
        content = with_mail_lines(raw(call, email))
        outgoing = prepare(call, content, parsed_message(call, ("m", email), content), new["envelope"])
        row = submissions.create(
            call.tx,
            call.account_row,
            identity=identity,
            email=email,
            thread=thread,
            user=call.actor.user_id,
            message_id=outgoing.message_id,
            blob_hash=call.desk.blobs.put(outgoing.wire),
            envelope=outgoing.envelope,
            send_at=call.now + call.account["undo_seconds"],
            thread_state=new["threadState"],
            undo_actions=_as_draft(call, email),
            now=call.now_text,
        )
        call.wake("submission")
        return row

    def _gate(self, call: Call, thread: int, state: str | None, email: int) -> None:
        """The send gate (BEHAVIOURS.md): nothing arrived or left since the answer was begun."""
        if state is None:
            return
        arrived = arrived_since(call, thread, state, but=email)
        if arrived:
            raise ThreadMoved(emailIds=[ids.to_id("Email", row) for row in arrived])

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler: recall what waits, or decide what is uncertain."""
        assert edit.row is not None and edit.old is not None and edit.new is not None
        before, wanted = edit.old["undoStatus"], edit.new["undoStatus"]
        if before == wanted:
            return None
        if wanted == UndoStatus.CANCELED and before == UndoStatus.PENDING:
            if not submissions.cancel(call.tx, edit.row):
                raise CannotUnsend()
            return self._given_back(call, edit)
        if before == UndoStatus.UNCERTAIN and wanted == UndoStatus.CANCELED:
            submissions.decide(call.tx, edit.row, "canceled")
            return self._given_back(call, edit)
        if before == UndoStatus.UNCERTAIN and wanted == UndoStatus.FINAL:
            submissions.decide(call.tx, edit.row, "final")
            call.wake("submission")
        elif wanted == UndoStatus.CANCELED:
            raise CannotUnsend()
        else:
            raise InvalidProperties(
                f"A submission that is {before} cannot become {wanted}.", properties=["undoStatus"]
            )
        return None

    def _given_back(self, call: Call, edit: Edit) -> Json | None:
        """What did not leave is a draft again; the email that it is now, if that is another one."""
        assert edit.row is not None and edit.old is not None
        recall.to_drafts(call.tx, call.desk.blobs, edit.row, call.now_text)
        call.wake("intents")
        row = call.tx.one("SELECT * FROM submission WHERE id = ?", (edit.row,))
        assert row is not None
        now, before = self._form(call, row), edit.old
        return {name: now[name] for name in ("emailId", "threadId") if now[name] != before[name]} or None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler: forget what is over; what may still leave must not vanish from sight."""
        assert edit.row is not None and edit.old is not None
        if edit.old["undoStatus"] in (UndoStatus.PENDING, UndoStatus.UNCERTAIN):
            raise CannotUnsend("It is still on its way: recall it first.")
        submissions.destroy(call.tx, edit.row)

    def explain(self, call: Call, edit: Edit) -> Json:
        """Who it goes to and from."""
        value = edit.new or edit.old or {}
        told: Json = {"email": value["emailId"], "identity": value["identityId"]}
        if edit.old is not None and edit.new is not None:
            told["undoStatus"] = edit.new["undoStatus"]
        return told

    def after_set(self, call: Call, answer: Json) -> list[tuple[str, Json]]:
        """The implied Email/set (RFC 8621 §7.5), for what succeeded alone."""
        done = {f"#{key}": value["id"] for key, value in (answer["created"] or {}).items()}
        done |= {id_: id_ for id_ in [*(answer["updated"] or {}), *(answer["destroyed"] or [])]}
        update: Json = {}
        for key, patch in (call.arguments.get("onSuccessUpdateEmail") or {}).items():
            email_id = self._email_of(call, done.get(key))
            if email_id is not None:
                update[email_id] = {**update.get(email_id, {}), **patch}
        asked = call.arguments.get("onSuccessDestroyEmail") or []
        destroy = [email_id for key in asked if (email_id := self._email_of(call, done.get(key))) is not None]
        ends = draft_end.follow(call, answer)
        if not update and not destroy:
            return ends
        return [("Email/set", {"accountId": call.account_id, "update": update, "destroy": destroy}), *ends]

    def _email_of(self, call: Call, submission_id: str | None) -> str | None:
        row = ids.to_row(self.TYPE, submission_id) if submission_id else None
        email = call.tx.value("SELECT email_id FROM submission WHERE id = ?", (row,)) if row else None
        return None if email is None else ids.to_id("Email", email)

    # --- query, changes -------------------------------------------------------------------------

    def sort_value(self, value: Json, name: str) -> Any:
        """The RFC's sort property sentAt is the property sendAt."""
        return value["sendAt" if name == "sentAt" else name]

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """See TypeHandler."""
        email = call.tx.value("SELECT email_id FROM submission WHERE id = ?", (row,))
        return None if email is None else email_history.was_visible(call, email, seq)


def _as_draft(call: Call, email: int) -> Json:
    """The patch that makes the email the draft again that it is now."""
    boxes = emails.mailboxes_of(call.tx, [email])[email]
    keywords = emails.keywords_of(call.tx, [email]).get(email, frozenset()) | {Keyword.DRAFT}
    return {
        "mailboxIds": {ids.to_id("Mailbox", box): True for box in sorted(boxes)},
        "keywords": {str(keyword): True for keyword in sorted(keywords)},
    }
