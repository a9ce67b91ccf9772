"""Account: the shared mailboxes, as administrators see them (under urn:shinbox:desk).

Owns an account's wire form and what it is born with: its first identity and, without a mail server, its
folders. Those of an account with a mail server come with its first sync.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks, rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.store import accounts, identities, ids, mailboxes
from shinbox.errors import AlreadyExists, InvalidProperties
from shinbox.terms import LONGEST_UNDO

KINDS: Final = ("imap", "local")
_COLUMNS: Final = {"name": "name", "address": "address", "undoSeconds": "undo_seconds"}


class AccountHandler(TypeHandler):
    """See the module."""

    TYPE = "Account"
    HOME = "desk"
    FILTERS: ClassVar = {
        "address": checks.equals("address"),
        "kind": checks.equals("kind"),
        "syncState": checks.equals("syncState"),
        "text": checks.holds_text("name", "address"),
    }
    SORTS = frozenset({"name", "address", "createdAt"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [row["id"] for row in accounts.all_open(call.tx)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = call.tx.all(
            "SELECT * FROM account WHERE id <> 0 AND deleted_at IS NULL"
            " AND id IN (SELECT value FROM json_each(?))",
            (rows.listed(wanted),),
        )
        return {
            row["id"]: {
                "id": ids.to_id("Account", row["id"]),
                "name": row["name"],
                "address": row["address"],
                "kind": row["kind"],
                "undoSeconds": row["undo_seconds"],
                "syncState": row["sync_state"],
                "syncError": row["sync_error"],
                "syncedAt": row["synced_at"],
                "createdAt": row["created_at"],
            }
            for row in found
        }

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        checks.address(new["address"], "address")
        new["name"] = checks.name(new["name"] or new["address"], "name", 200)
        checks.whole_number(new["undoSeconds"], "undoSeconds", 0, LONGEST_UNDO)
        if new["kind"] not in KINDS:
            raise InvalidProperties(f"kind is one of {', '.join(KINDS)}.", properties=["kind"])
        same = accounts.by_address(call.tx, new["address"])
        if same is not None and same["id"] != edit.row:
            raise AlreadyExists(
                f"There is a mailbox {new['address']} already.", existingId=ids.to_id("Account", same["id"])
            )
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        account = accounts.create(
            call.tx,
            new["name"],
            address=new["address"],
            kind=new["kind"],
            undo_seconds=new["undoSeconds"],
            created_at=call.now_text,
        )
        identities.create(call.tx, account, name=new["name"], email=new["address"])
        if new["kind"] == "local":
            mailboxes.create_standard(call.tx, account)
        call.run.wakes.add((account, "connection"))
        return account

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.new is not None
        changed = edit.changed() & _COLUMNS.keys()
        accounts.update(call.tx, edit.row, **{_COLUMNS[name]: edit.new[name] for name in changed})
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        accounts.close(call.tx, edit.row, call.now_text)
        call.run.wakes.add((edit.row, "connection"))
