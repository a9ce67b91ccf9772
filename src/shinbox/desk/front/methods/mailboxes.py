"""Mailbox: the folders of an account (RFC 8621 §2).

Owns a folder's wire form, the rules of names, parents and roles, and what goes with a destroyed folder.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit, rows
from shinbox.desk.front.methods.base import Edit, Test, TypeHandler
from shinbox.desk.front.methods.folder_tree import as_tree, with_all_parents
from shinbox.desk.store import base, emails, grants, ids, intents, mailboxes
from shinbox.errors import (
    AlreadyExists,
    InvalidArguments,
    InvalidProperties,
    MailboxHasChild,
    MailboxHasEmail,
)
from shinbox.terms import Right, Role

NAME_BYTES: Final = 200
"""The longest name of a folder, in bytes of UTF-8; the session tells it as maxSizeMailboxName."""
COUNTS: Final = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
_COLUMNS: Final = {
    "name": "name",
    "parentId": "parent_id",
    "role": "role",
    "sortOrder": "sort_order",
    "isSubscribed": "is_subscribed",
}


def _matches(name: str) -> Test:
    return lambda call, value, given: bool(value[name] == given)


def _has_role(call: Call, value: Json, given: Any) -> bool:
    return bool((value["role"] is not None) == given)


def _name_holds(call: Call, value: Json, given: Any) -> bool:
    if not isinstance(given, str):
        raise InvalidArguments("filter: name is a text.")
    return given.casefold() in value["name"].casefold()


def _parent_is(call: Call, value: Json, given: Any) -> bool:
    parent = call.resolve(given) if isinstance(given, str) else given
    # A folder under a hidden one stands at the top for this caller.
    shown = value["parentId"] if _is_shown(call, value["parentId"]) else None
    return bool(shown == parent)


def _is_shown(call: Call, id_: str | None) -> bool:
    return id_ is not None and ids.to_row("Mailbox", id_) in call.decision.visible_mailboxes


class MailboxHandler(TypeHandler):
    """See the module. `emails` is the handler of Email: a folder's end asks what taking them out asks."""

    TYPE = "Mailbox"
    IN_FOLDERS = True
    SET_ARGUMENTS = frozenset({"onDestroyRemoveEmails"})
    FOR_NOW = (AlreadyExists, InvalidProperties, MailboxHasChild)
    QUERY_ARGUMENTS = frozenset({"sortAsTree", "filterAsTree"})
    FILTERS: ClassVar[Mapping[str, Test]] = {
        "parentId": _parent_is,
        "name": _name_holds,
        "role": _matches("role"),
        "hasAnyRole": _has_role,
        "isSubscribed": _matches("isSubscribed"),
    }
    SORTS = frozenset({"sortOrder", "name", "parentId"})

    def __init__(self, emails: TypeHandler) -> None:
        self._emails = emails

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [row["id"] for row in mailboxes.all_of(call.tx, call.account_row)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = rows.by_id(call.tx, "SELECT * FROM mailbox", call.account_row, wanted)
        unread = None
        if "unreadThreads" in properties and not call.decision.sees_everything:
            unread = _unread_threads_seen(call)
        return {row["id"]: self._form(call, row, unread) for row in found}

    def _form(self, call: Call, row: sqlite3.Row, unread: Mapping[int, int] | None) -> Json:
        here = row["id"]
        held = call.decision.on(here)
        return {
            "id": ids.to_id("Mailbox", here),
            "name": row["name"],
            "parentId": ids.to_id("Mailbox", row["parent_id"]) if row["parent_id"] else None,
            "role": row["role"],
            "sortOrder": row["sort_order"],
            "totalEmails": row["total_emails"],
            "unreadEmails": row["unread_emails"],
            "totalThreads": row["total_threads"],
            "unreadThreads": row["unread_threads"] if unread is None else unread.get(here, 0),
            "myRights": {str(right): right in held for right in Right},
            "isSubscribed": bool(row["is_subscribed"]),
            "serverForbids": sorted(call.decision.forbidden_by_server(here)),
        }

    def present(self, call: Call, row: int, value: Json) -> Json:
        """A hidden parent is not named: the folder stands at the top."""
        return value if _is_shown(call, value["parentId"]) else {**value, "parentId": None}

    # --- set ------------------------------------------------------------------------------------

    def before_set(self, call: Call) -> None:
        """See TypeHandler."""
        if not isinstance(call.arguments.get("onDestroyRemoveEmails", False), bool):
            raise InvalidArguments("onDestroyRemoveEmails is true or false.")

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        if edit.old is None or "name" in edit.changed():
            new["name"] = _name(call, new["name"])
        if new["role"] is not None and new["role"] not in set(Role):
            raise InvalidProperties(f"There is no role “{new['role']}”.", properties=["role"])
        if not 0 <= new["sortOrder"] < 2**31:
            raise InvalidProperties("sortOrder is a whole number from 0.", properties=["sortOrder"])
        _check_parent(call, edit, new["parentId"])
        _check_siblings(call, edit, new)
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        row = mailboxes.create(
            call.tx,
            call.account_row,
            new["name"],
            parent=_row(new["parentId"]),
            role=Role(new["role"]) if new["role"] else None,
            is_subscribed=new["isSubscribed"],
        )
        if "sortOrder" in edit.given:
            mailboxes.update(call.tx, call.account_row, row, sort_order=new["sortOrder"])
        _queue(call, "createMailbox", row)
        call.look_up_rights()
        return row

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.new is not None
        changed = edit.changed() & _COLUMNS.keys()
        columns = {_COLUMNS[name]: edit.new[name] for name in changed}
        if "parent_id" in columns:
            columns["parent_id"] = _row(columns["parent_id"])
        mailboxes.update(call.tx, call.account_row, edit.row, **columns)
        if changed & {"name", "parentId"}:
            _queue(call, "renameMailbox", edit.row)
        call.look_up_rights()
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        if call.tx.value("SELECT 1 FROM mailbox WHERE parent_id = ? LIMIT 1", (edit.row,)):
            raise MailboxHasChild()
        held = call.tx.column("SELECT email_id FROM placement WHERE mailbox_id = ?", (edit.row,))
        if held and not call.arguments.get("onDestroyRemoveEmails", False):
            raise MailboxHasEmail()
        _queue(call, "destroyMailbox", edit.row)
        if held:
            _take_out(call, self._emails, edit.row, held)
        grants.destroy(call.tx, call.tx.column('SELECT id FROM "grant" WHERE mailbox_id = ?', (edit.row,)))
        mailboxes.destroy(call.tx, call.account_row, edit.row)
        call.look_up_rights()

    # --- query, changes -------------------------------------------------------------------------

    def arranged(self, call: Call, rows: list[int], values: Mapping[int, Json]) -> list[int]:
        """filterAsTree and sortAsTree (RFC 8621 §2.3)."""
        for name in self.QUERY_ARGUMENTS:
            if not isinstance(call.arguments.get(name, False), bool):
                raise InvalidArguments(f"{name} is true or false.")
        parents = {row: _row(self.present(call, row, values[row])["parentId"]) for row in rows}
        if call.arguments.get("filterAsTree"):
            rows = with_all_parents(rows, parents)
        return as_tree(rows, parents) if call.arguments.get("sortAsTree") else rows

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """The epoch changes with what a share on a tree covers and with what is hidden: see rights.py."""
        if Right.READ in call.decision.account_rights:
            return row not in call.decision.folders or row in call.decision.visible_mailboxes
        return row in call.decision.visible_mailboxes

    def more_changes(self, call: Call, counts_only: bool) -> Json:
        """RFC 8621 §2.2."""
        return {"updatedProperties": list(COUNTS) if counts_only else None}


def _row(id_: str | None) -> int | None:
    return None if id_ is None else ids.to_row("Mailbox", id_)


def _name(call: Call, name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    if not name.strip() or len(name.encode()) > NAME_BYTES:
        raise InvalidProperties(f"A folder's name has 1 to {NAME_BYTES} bytes.", properties=["name"])
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in name):
        raise InvalidProperties("A folder's name holds no control characters.", properties=["name"])
    known = base.delimiter(call.tx, call.account_row)
    parting = "/" if known is None else known
    if (parting and parting in name) or name.strip() in {".", ".."}:
        held = f", and its name holds no “{parting}”" if parting else ""
        raise InvalidProperties(
            f"A folder is not called “.” or “..”{held}: for one inside another name that one as its parent.",
            properties=["name"],
        )
    return name


def _check_parent(call: Call, edit: Edit, parent_id: str | None) -> None:
    if parent_id is None or (edit.old is not None and edit.old["parentId"] == parent_id):
        return
    parent = _row(parent_id)
    if parent is None or parent not in call.decision.visible_mailboxes:
        raise InvalidProperties("There is no such folder to put it in.", properties=["parentId"])
    if edit.row is not None and parent in mailboxes.subtree(call.tx, edit.row):
        raise InvalidProperties("A folder cannot lie in itself.", properties=["parentId"])


def _check_siblings(call: Call, edit: Edit, new: Json) -> None:
    """One folder a name beside each other, one a role in the account."""
    same_name = call.tx.value(
        "SELECT id FROM mailbox WHERE account_id = ? AND IFNULL(parent_id, 0) = ? AND name = ? AND id <> ?",
        (call.account_row, _row(new["parentId"]) or 0, new["name"], edit.row or 0),
    )
    if same_name is not None:
        shown = {"existingId": ids.to_id("Mailbox", same_name)}
        seen = same_name in call.decision.visible_mailboxes
        raise AlreadyExists(
            "There is a folder of that name already.", properties=["name"], **(shown if seen else {})
        )
    same_role = call.tx.value(
        "SELECT id FROM mailbox WHERE account_id = ? AND role = ? AND id <> ?",
        (call.account_row, new["role"], edit.row or 0),
    )
    if same_role is not None:
        raise InvalidProperties("Another folder has that role already.", properties=["role"])


def _queue(call: Call, kind: intents.Kind, mailbox: int) -> None:
    intents.queue(
        call.tx, call.account_row, kind, mailbox=mailbox, user=call.actor.user_id, now=call.now_text
    )
    call.wake("intents")


def _take_out(call: Call, handler: TypeHandler, mailbox: int, held: Sequence[int]) -> None:
    """Take emails out of a folder that goes; those that lie nowhere else go too.

    It asks what taking one email out asks, once: the demand is the same for all of them.
    """
    here = {ids.to_id("Mailbox", mailbox): True}
    one = Edit(held[0], {"mailboxIds": here, "keywords": {}}, None, frozenset())
    permit.require(call, handler, one)
    alone = []
    for email in held:
        rest = emails.mailboxes_of(call.tx, [email])[email] - {mailbox}
        if rest:
            emails.set_mailboxes(call.tx, call.account_row, email, rest)
        else:
            alone.append(email)
    emails.destroy(call.tx, call.account_row, alone)


def _unread_threads_seen(call: Call) -> dict[int, int]:
    """Unread threads of each folder as far as the caller's folders tell: what is hidden must not count."""
    seen = sorted(call.decision.visible_mailboxes)
    marks = ",".join("?" * len(seen))
    return {
        row[0]: row[1]
        for row in call.tx.all(
            f"""SELECT here.mailbox_id, COUNT(*) FROM mailbox_thread here
                JOIN mailbox folder ON folder.id = here.mailbox_id
                WHERE here.mailbox_id IN ({marks}) AND
                  CASE WHEN folder.role = 'trash' THEN here.unread > 0 ELSE EXISTS (
                    SELECT 1 FROM mailbox_thread other JOIN mailbox f ON f.id = other.mailbox_id
                    WHERE other.thread_id = here.thread_id AND other.unread > 0
                      AND other.mailbox_id IN ({marks}) AND IFNULL(f.role, '') <> 'trash') END
                GROUP BY here.mailbox_id""",
            (*seen, *seen),
        )
    }
