"""Identity: the From addresses of an account (RFC 8621 §6).

Owns an identity's wire form and the check of its addresses.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Final

from shinbox.desk.front import held
from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit, rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.store import identities
from shinbox.errors import AlreadyExists, InvalidProperties
from shinbox.mime import fields

_COLUMNS: Final = {
    "name": "name",
    "email": "email",
    "replyTo": "reply_to",
    "bcc": "bcc",
    "textSignature": "text_signature",
    "htmlSignature": "html_signature",
}


class IdentityHandler(TypeHandler):
    """See the module."""

    TYPE = "Identity"

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [row["id"] for row in identities.of_account(call.tx, call.account_row)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = rows.by_id(call.tx, "SELECT * FROM identity", call.account_row, wanted)
        return {row["id"]: self._form(call, row) for row in found}

    def _form(self, call: Call, row: sqlite3.Row) -> Json:
        value: Json = {
            "id": self.to_id(call, row["id"]),
            "name": row["name"],
            "email": row["email"],
            "replyTo": _loaded(row["reply_to"]),
            "bcc": _loaded(row["bcc"]),
            "textSignature": row["text_signature"],
            "htmlSignature": row["html_signature"],
        }
        doomed = Edit(row["id"], value, None, frozenset())
        return {**value, "mayDelete": permit.allows(call, self, doomed)}

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        if edit.old is None:
            new["mayDelete"] = False
        fields.checked(new["name"], "name")
        _check_address(new["email"], "email")
        for name in ("replyTo", "bcc"):
            for address in new[name] or ():
                _check_address(address["email"], name)
                fields.checked(address.get("name") or "", name)
        return new

    def _check_new(self, call: Call, new: Json) -> None:
        """One address may have several names (RFC 8621 §6), but not one name twice: nobody could tell which
        to choose, and an "add" that is said twice is meant once."""
        for row in identities.of_account(call.tx, call.account_row):
            same = (row["email"].casefold(), row["name"]) == (new["email"].casefold(), new["name"])
            if same:
                raise AlreadyExists(
                    f"This mailbox has the address “{row['email']}” with that name already: change that one.",
                    existingId=self.to_id(call, row["id"]),
                )

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        self._check_new(call, edit.new or {})
        return identities.create(call.tx, call.account_row, **_columns(edit.new or {}))

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None
        columns = _columns({name: (edit.new or {})[name] for name in edit.changed() & _COLUMNS.keys()})
        identities.update(call.tx, call.account_row, edit.row, **columns)
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        identities.destroy(call.tx, call.account_row, edit.row)
        held.hold_back(call.run)


def _check_address(email: str, name: str) -> None:
    """The address, or "*@domain" (RFC 8621 §6).

    :raises InvalidProperties: it is none.
    """
    local, at, domain = email.rpartition("@")
    if not (at and local and domain) or any(c.isspace() for c in email):
        raise InvalidProperties(f"“{email}” is no mail address.", properties=[name])
    fields.mail_address(email, name)


def _columns(values: Json) -> dict[str, Any]:
    columns = {_COLUMNS[name]: value for name, value in values.items() if name in _COLUMNS}
    for name in ("reply_to", "bcc"):
        if columns.get(name) is not None:
            columns[name] = json.dumps(columns[name], ensure_ascii=False)
    return columns


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)
