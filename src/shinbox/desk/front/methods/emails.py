"""Email: get and set (RFC 8621 §4). Queries, imports, forms, bodies and new drafts have modules of their own.

Owns the rules of keywords and folders, and the intents that carry a change outward.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import (
    draft_end,
    email_body,
    email_draft,
    email_forms,
    email_history,
    email_query,
    email_raw,
    email_telling,
    header_forms,
    rows,
)
from shinbox.desk.front.methods.base import Edit, Query, TypeHandler, Window
from shinbox.desk.front.methods.email_import import import_
from shinbox.desk.front.methods.email_placing import (
    check_kept,
    checked_keywords,
    checked_mailboxes,
    mailbox_rows,
    note_intents,
)
from shinbox.desk.store import emails, ids, intents, submissions
from shinbox.jmap.objects import TYPES, TypeProperty


class EmailHandler(TypeHandler):
    """See the module."""

    TYPE = "Email"
    IN_FOLDERS = True
    JUDGED = frozenset({"mailboxIds"})
    SET_LOADS = frozenset({"id", "mailboxIds", "keywords"})
    GET_ARGUMENTS = email_body.ARGUMENTS
    SET_ARGUMENTS = draft_end.ARGUMENTS
    QUERY_ARGUMENTS = frozenset({"collapseThreads"})

    DEFAULT_PROPERTIES = frozenset(TYPES["Email"].properties) - {
        "headers",
        "bodyStructure",
        "defects",
        "undelivered",
        *email_telling.TOLD,
    }
    """RFC 8621 §4.2; what is ours has to be asked for."""

    # --- get ------------------------------------------------------------------------------------

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column(
            "SELECT id FROM email WHERE account_id = ? ORDER BY id LIMIT ?", (call.account_row, most + 1)
        )

    def check_property(self, name: str) -> None:
        """See TypeHandler; header:… in any form that the header has."""
        if name.startswith("header:"):
            header_forms.parse_property(name)
        else:
            super().check_property(name)

    def check_get(self, call: Call) -> None:
        """See TypeHandler."""
        email_body.read_arguments(call.arguments)

    def prepare_get(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> None:
        """Have bodies that are asked for and not held fetched; note which were opened."""
        asked = email_body.read_arguments(call.arguments)
        opened = "bodyValues" in properties and asked.fetches
        parts = email_body.BODY_PROPERTIES & set(properties)
        tells = not email_telling.TOLD.isdisjoint(properties)
        if not wanted or not (opened or tells or (parts and asked.wants_part_headers)):
            return
        email_raw.fetch_bodies(call, wanted)
        if opened:
            shown = [self.to_id(call, row) for row in wanted]
            detail: Json = {} if len(shown) == 1 else {"emails": shown}
            call.note("Email/open", shown[0] if len(shown) == 1 else None, "ok", detail)

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        names = set(properties)
        found = rows.by_id(
            call.tx, f"SELECT {email_forms.columns(names)} FROM email", call.account_row, wanted
        )
        values = email_forms.forms(found, names)
        known = list(values)
        if "mailboxIds" in names:
            boxes = emails.mailboxes_of(call.tx, known)
            for email in known:
                values[email]["mailboxIds"] = {
                    ids.to_id("Mailbox", m): True for m in sorted(boxes.get(email, ()))
                }
        if "keywords" in names:
            keywords = emails.keywords_of(call.tx, known)
            for email in known:
                values[email]["keywords"] = dict.fromkeys(sorted(keywords.get(email, ())), True)
        if "undelivered" in names:
            told = submissions.undelivered(call.tx, known)
            for email in known:
                values[email]["undelivered"] = told.get(email)
        if names & (email_body.BODY_PROPERTIES | email_telling.TOLD):
            asked = email_body.read_arguments(call.arguments)
            for row in found:
                values[row["id"]] |= email_forms.body(call, row, asked, names)
        return values

    def present(self, call: Call, row: int, value: Json) -> Json:
        """Folders that the caller does not see are left out."""
        if call.decision.sees_everything or "mailboxIds" not in value:
            return value
        seen = call.decision.visible_mailboxes
        shown = {m: True for m in value["mailboxIds"] if ids.to_row("Mailbox", m) in seen}
        return {**value, "mailboxIds": shown}

    # --- set ------------------------------------------------------------------------------------

    def property_type(self, name: str) -> TypeProperty | None:
        """See TypeHandler; header:… may be given when an email is made."""
        return email_draft.header_type(name) if name.startswith("header:") else super().property_type(name)

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        new["keywords"] = checked_keywords(new["keywords"])
        new["mailboxIds"] = checked_mailboxes(call, new["mailboxIds"], edit.old)
        if edit.old is None:
            email_draft.check(new, edit.given)
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler: a draft, built here."""
        assert edit.new is not None
        draft_end.require(call)
        return email_draft.make(call, self, edit.new)

    def created(self, call: Call, row: int, edit: Edit) -> Json:
        """Everything but the body, which the caller knows; of what was given, what was taken otherwise."""
        given = edit.given | email_body.BODY_PROPERTIES | email_telling.TOLD | {"headers"}
        names = [name for name in self.type.properties if name not in given]
        written = [name for name in ("keywords", "receivedAt") if name in edit.given]
        value = self.present(call, row, self.load(call, [row], [*names, *written, "size"])[row])
        names += [name for name in written if value[name] != (edit.new or {})[name]]
        return {name: value[name] for name in ["id", "blobId", "threadId", "size", *names]}

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.old is not None and edit.new is not None
        boxes, keywords = edit.new["mailboxIds"], frozenset(edit.new["keywords"])
        check_kept(call, boxes, keywords - frozenset(edit.old["keywords"]))
        queued = intents.change_email(
            call.tx,
            call.account_row,
            edit.row,
            mailboxes=mailbox_rows(boxes),
            keywords=keywords,
            user=call.actor.user_id,
            now=call.now_text,
        )
        note_intents(call, edit.old["id"], queued)
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler: for good, everywhere."""
        assert edit.row is not None and edit.old is not None
        queued = intents.queue(
            call.tx,
            call.account_row,
            "remove",
            email=edit.row,
            user=call.actor.user_id,
            now=call.now_text,
        )
        note_intents(call, edit.old["id"], [] if queued is None else [queued])
        emails.destroy(call.tx, call.account_row, [edit.row])

    def after_set(self, call: Call, answer: Json) -> list[tuple[str, Json]]:
        """Ours: "intents" tells which intents carry each email's change to the mail server."""
        answer["intents"] = call.scratch.get("intents", {})
        return draft_end.follow(call, answer)

    def explain(self, call: Call, edit: Edit) -> Json:
        """What was flipped and where it went."""
        old, new = edit.old or {}, edit.new or {}
        told: Json = {}
        for name in ("mailboxIds", "keywords"):
            before, after = set(old.get(name, ())), set(new.get(name, ()))
            if before != after:
                told[name] = {"added": sorted(after - before), "removed": sorted(before - after)}
        return told

    def own_method(self, call: Call, verb: str) -> Json:
        """Email/import."""
        return import_(call, self)

    # --- query, changes -------------------------------------------------------------------------

    def window(self, call: Call, query: Query) -> Window | None:
        """See email_query.py."""
        return email_query.window(call, query)

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """See TypeHandler; from where emails lay at that time."""
        return email_history.was_visible(call, row, seq)
