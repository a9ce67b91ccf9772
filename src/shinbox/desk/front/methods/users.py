"""User: the people of the desk (under urn:shinbox:desk).

Owns a user's wire form, the binding of Unix logins, and the rule that an administrator always remains.
"""

from __future__ import annotations

import pwd
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Final

from shinbox.desk.front import held
from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.login import OVERFLOW_UID
from shinbox.desk.front.methods import checks, rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.front.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from shinbox.desk.store import users
from shinbox.errors import AlreadyExists, InvalidProperties, SetForbidden

_COLUMNS: Final = {
    "name": "name",
    "displayName": "display_name",
    "email": "email",
    "unixName": "unix_name",
    "unixUid": "unix_uid",
    "isAdministrator": "is_administrator",
    "isActive": "is_active",
}
_NAME_IS_FREE: Final = "SELECT id FROM user WHERE {column} = ? AND id <> ?"


class UserHandler(TypeHandler):
    """See the module."""

    TYPE = "User"
    HOME = "desk"
    FILTERS: ClassVar = {
        "name": checks.equals("name"),
        "isAdministrator": checks.equals("isAdministrator"),
        "isActive": checks.equals("isActive"),
        "text": checks.holds_text("name", "displayName", "email"),
    }
    SORTS = frozenset({"name", "displayName", "createdAt"})
    passwords: ClassVar = Passwords()

    def is_about_caller(self, call: Call, row: int) -> bool:
        """See TypeHandler."""
        return row == call.actor.user_id

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [row["id"] for row in users.everyone(call.tx)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = call.tx.all(
            "SELECT * FROM user WHERE id IN (SELECT value FROM json_each(?))", (rows.listed(wanted),)
        )
        return {row["id"]: _form(row) for row in found}

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        new["name"] = checks.name(new["name"], "name")
        checks.line(new["displayName"], "displayName")
        if new["email"] is not None:
            checks.address(new["email"], "email")
        if edit.old is None or "unixName" in edit.changed():
            new["unixUid"] = _uid(call, new["unixName"])
        if isinstance(new["password"], str) and not MIN_LENGTH <= len(new["password"]) <= MAX_LENGTH:
            raise InvalidProperties(
                f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", properties=["password"]
            )
        _check_free(call, edit, new)
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        columns = {column: new[name] for name, column in _COLUMNS.items() if name != "name"}
        return users.create(
            call.tx,
            new["name"],
            password_hash=self._hash(call, new["password"]),
            created_at=call.now_text,
            **columns,
        )

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.new is not None
        columns: dict[str, Any] = {
            _COLUMNS[name]: edit.new[name] for name in edit.changed() & _COLUMNS.keys()
        }
        if columns.get("is_administrator") is False or columns.get("is_active") is False:
            _keep_an_administrator(call, edit.row)
        if "password" in edit.given:
            columns["password_hash"] = self._hash(call, edit.new["password"])
        users.update(call.tx, edit.row, **columns)
        if columns.get("is_active") is False:
            held.hold_back(call.run)
        uid = edit.new["unixUid"]
        answer: Json = {"unixUid": uid} if "unixUid" in edit.changed() else {}
        if "password" in edit.given:
            answer |= {"password": None, "hasPassword": columns["password_hash"] is not None}
        return answer or None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        _keep_an_administrator(call, edit.row)
        users.destroy(call.tx, edit.row)
        held.hold_back(call.run)

    def explain(self, call: Call, edit: Edit) -> Json:
        """A new password is told, though never which: as a property it reads the same before and after."""
        told = super().explain(call, edit)
        if edit.old is not None and "password" in edit.given:
            told["changed"] = sorted({*told["changed"], "password"})
        return told

    def _hash(self, call: Call, password: str | None) -> str | None:
        """The hash of a password, computed outside the transaction: it takes its time."""
        if password is None:
            return None
        results = call.run.outside({("password", password): lambda: self.passwords.hash(password)})
        return str(results["password", password])


def _form(row: sqlite3.Row) -> Json:
    return {
        "id": f"u{row['id']}",
        "name": row["name"],
        "displayName": row["display_name"],
        "email": row["email"],
        "unixName": row["unix_name"],
        "unixUid": row["unix_uid"],
        "password": None,
        "hasPassword": row["password_hash"] is not None,
        "isAdministrator": bool(row["is_administrator"]),
        "isActive": bool(row["is_active"]),
        "createdAt": row["created_at"],
    }


def _uid(call: Call, unix_name: str | None) -> int | None:
    """The number of a login, looked up outside the transaction: a directory server may have to be asked."""
    if unix_name is None:
        return None

    def look_up() -> int | None:
        try:
            return pwd.getpwnam(unix_name).pw_uid
        except (KeyError, ValueError):
            return None

    uid = call.run.outside({("unix", unix_name): look_up})["unix", unix_name]
    if uid is None:
        raise InvalidProperties(f"There is no login “{unix_name}” on this machine.", properties=["unixName"])
    assert isinstance(uid, int)
    if uid == OVERFLOW_UID:
        raise InvalidProperties(
            f"“{unix_name}” stands for nobody: take another login.", properties=["unixName"]
        )
    return uid


_TAKEN: Final = {
    "name": "There is a user “{}” already: change that one, or take another name.",
    "unixName": "The login “{}” belongs to another user already: one login is one user.",
    "unixUid": "The login number {} belongs to another user already: one login is one user.",
}


def _check_free(call: Call, edit: Edit, new: Json) -> None:
    for name in ("name", "unixName", "unixUid"):
        if new[name] is None:
            continue
        other = call.tx.value(_NAME_IS_FREE.format(column=_COLUMNS[name]), (new[name], edit.row or 0))
        if other is not None:
            existing = f"u{other}"
            raise AlreadyExists(_TAKEN[name].format(new[name]), properties=[name], existingId=existing)


def _keep_an_administrator(call: Call, user: int) -> None:
    if users.administrators(call.tx) == {user}:
        raise SetForbidden("This is the last administrator: make somebody else one first.")
