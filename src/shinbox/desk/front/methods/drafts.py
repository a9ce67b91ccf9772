"""Draft: texts being written (under urn:shinbox:desk).

Owns a draft's wire form, its limits, and the order of two writers: an update needs the revision that it was
made against and the lease, which a colleague's editor may hold. What is refused changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks, draft_content, draft_sight, email_history
from shinbox.desk.front.methods.arguments import convert
from shinbox.desk.front.methods.base import Edit, Test, TypeHandler
from shinbox.desk.front.methods.draft_content import CONTENT
from shinbox.desk.store import drafts, ids, users
from shinbox.desk.store.drafts import Editor
from shinbox.errors import DraftChanged, DraftLocked, InvalidProperties, OverQuota

MOST_DRAFTS: Final = 100
"""How many drafts of one mailbox one person may have begun."""


class EditorArguments(msgspec.Struct, rename="camel"):
    """What Draft/set adds to /set: the editor's own word, and whether to end a colleague's lease."""

    lease: str | None = None
    take_over: bool | None = None


class DraftHandler(TypeHandler):
    """See the module. `emails` is the handler of Email."""

    TYPE = "Draft"
    SET_ARGUMENTS = frozenset({"lease", "takeOver"})
    FILTERS: ClassVar[Mapping[str, Test]] = {
        "emailId": checks.equals("emailId"),
        "threadId": checks.equals("threadId"),
        "startedBy": lambda call, value, given: bool((value["startedBy"] or {}).get("id") == given),
    }
    SORTS = frozenset({"startedAt", "editedAt", "subject"})

    def __init__(self, emails: TypeHandler) -> None:
        self._emails = emails

    # --- get ------------------------------------------------------------------------------------

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return drafts.of_account(call.tx, call.account_row, most + 1)

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler. One that answers what the caller does not see is as if it were not."""
        found = draft_sight.seen_among(call, drafts.by_id(call.tx, call.account_row, wanted))
        return {row["id"]: self._form(call, row) for row in found}

    def _form(self, call: Call, row: sqlite3.Row) -> Json:
        holder = drafts.holder(row, call.now)
        return {
            "id": self.to_id(call, row["id"]),
            **json.loads(row["content"]),
            "emailId": _id("Email", row["email_id"]),
            "threadId": _id("Thread", row["thread_id"]),
            "replacesId": _id("Email", row["replaces_id"]),
            "revision": row["revision"],
            "writer": None if holder is None else person(call, holder.user),
            "startedBy": person(call, row["started_by"]),
            "startedAt": row["started_at"],
            "editedBy": person(call, row["edited_by"]),
            "editedAt": row["edited_at"],
        }

    # --- set ------------------------------------------------------------------------------------

    def before_set(self, call: Call) -> None:
        """See TypeHandler."""
        asked = convert({name: call.arguments.get(name) for name in self.SET_ARGUMENTS}, EditorArguments)
        call.scratch["editor"] = Editor(call.actor.user_id, draft_content.lease_word(asked.lease or ""))
        call.scratch["take over"] = asked.take_over is True

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        old = edit.old or {}
        if new["writer"] is not None and new["writer"] != old.get("writer"):
            raise InvalidProperties("writer is set to null alone: to end one's lease.", properties=["writer"])
        draft_content.check(call, self._emails, new, old)
        about = draft_content.answered(call, self._emails, new) if edit.old is None else None
        if about is not None:
            new["threadId"] = _id("Thread", about.thread)
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        if drafts.started_by(call.tx, call.account_row, call.actor.user_id) >= MOST_DRAFTS:
            raise OverQuota(f"You have {MOST_DRAFTS} unfinished drafts in this mailbox: discard some.")
        row = drafts.create(
            call.tx,
            call.account_row,
            call.scratch["editor"],
            {name: new[name] for name in CONTENT},
            draft_content.answered(call, self._emails, new),
            now=call.now,
            at=call.now_text,
        )
        drafts.keep_files(call.tx, row, draft_content.uploads_in(new))
        return row

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler: with the lease, against the newest revision."""
        assert edit.row is not None and edit.old is not None and edit.new is not None
        row = _row(call, edit.row)
        editor: Editor = call.scratch["editor"]
        if "writer" in edit.given and edit.new["writer"] is None:
            if drafts.holder(row, call.now) == editor:
                drafts.give_up(call.tx, row)
            return None
        self._take_lease(call, row, editor)
        changed = edit.changed() & set(CONTENT)
        if edit.new["revision"] != row["revision"]:
            yours = drafts.last_editor(row) == editor
            raise DraftChanged(revision=row["revision"], isYours=yours)
        if changed and "revision" not in edit.given:
            raise InvalidProperties("Say the revision that this was made against.", properties=["revision"])
        drafts.hold(call.tx, row, editor, call.now)
        if not changed:
            return None
        content = {name: edit.new[name] for name in CONTENT}
        revision = drafts.save(call.tx, row, call.actor.user_id, content, call.now_text)
        if "attachments" in changed:
            drafts.keep_files(call.tx, edit.row, draft_content.uploads_in(edit.new))
        return {"revision": revision}

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler: not under the hands of somebody who writes it, not over a colleague's text."""
        assert edit.row is not None
        row, editor = _row(call, edit.row), call.scratch["editor"]
        self._take_lease(call, row, editor)
        if editor.lease and not call.scratch["take over"] and drafts.last_editor(row) != editor:
            raise DraftChanged(revision=row["revision"], isYours=False)
        drafts.end(call.tx, call.account_row, edit.row, call.actor.user_id, call.now)

    def _take_lease(self, call: Call, row: sqlite3.Row, editor: Editor) -> None:
        """Note a hand-over.

        :raises DraftLocked: another editor has the lease, and the caller does not take it over.
        """
        held = drafts.holder(row, call.now)
        if held not in (None, editor) and not call.scratch["take over"]:
            raise locked(call, row)
        if row["writer"] != editor.user:
            _handed_over(call)[row["id"]] = name_of(call, row["writer"])

    def is_noted(self, call: Call, edit: Edit, answer: Json | None) -> bool:
        """A hand-over is, a save is not."""
        return edit.row in _handed_over(call)

    def explain(self, call: Call, edit: Edit) -> Json:
        """What it answers, and from whom it was taken; never what it says."""
        value = edit.new or edit.old or {}
        told: Json = {"answers": value["emailId"]} if value["emailId"] else {}
        if edit.row in _handed_over(call):
            told["from"] = _handed_over(call)[edit.row]
        return told

    # --- changes --------------------------------------------------------------------------------

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """See TypeHandler: what a draft that is over has answered is no longer known."""
        if not super().seen_before(call, row, seq) or call.decision.sees_everything:
            return super().seen_before(call, row, seq)
        known = drafts.get(call.tx, call.account_row, row)
        if known is None or (known["email_id"] is None and not draft_sight.seen_among(call, [known])):
            return None
        return known["email_id"] is None or email_history.was_visible(call, known["email_id"], seq)


def locked(call: Call, row: sqlite3.Row) -> DraftLocked:
    """The refusal that names who writes."""
    who = name_of(call, row["writer"])
    mine = row["writer"] == call.actor.user_id
    text = (
        "You are writing this draft in another window: close it there, or take it over here."
        if mine
        else f"{who} is writing this draft: wait until they are done, or take it over."
    )
    return DraftLocked(text, writer=who)


def person(call: Call, user: int) -> Json | None:
    """A user as a draft names them; None: they are no user any more."""
    row = users.get(call.tx, user)
    return None if row is None else {"id": ids.to_id("User", user), "name": row["name"]}


def name_of(call: Call, user: int) -> str:
    """What a sentence calls a user."""
    row = users.get(call.tx, user)
    return str(row["name"]) if row is not None else "Somebody"


def _handed_over(call: Call) -> dict[int | None, str]:
    """The drafts that this call took from somebody, with their names."""
    taken: dict[int | None, str] = call.scratch.setdefault("handed over", {})
    return taken


def _row(call: Call, draft: int) -> sqlite3.Row:
    row = drafts.get(call.tx, call.account_row, draft)
    assert row is not None
    return row


def _id(type_name: str, row: int | None) -> str | None:
    return None if row is None else ids.to_id(type_name, row)
