"""Grant: who may do what in an account (under urn:shinbox:desk), and Grant/explain, which says why.

Owns a grant's wire form and the check of what it gives. A folder is shared up to the level "write" and
without sending: the rest belongs to the whole account (rights.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final

from shinbox.desk.front import held
from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks, explaining, rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.front.rights import TREE_RIGHTS
from shinbox.desk.store import grants, ids, users
from shinbox.errors import InvalidProperties
from shinbox.terms import EVERYONE, Level, Right, Send

_SETTABLE: Final = {
    "level": "level",
    "withRights": "with_rights",
    "withoutRights": "without_rights",
    "send": "send",
    "expiresAt": "expires_at",
}


class GrantHandler(TypeHandler):
    """See the module."""

    TYPE = "Grant"
    IDS = frozenset({"principal"})
    FILTERS: ClassVar = {
        "principal": checks.equals("principal"),
        "mailboxId": checks.equals("mailboxId"),
        "level": checks.equals("level"),
    }
    SORTS = frozenset({"principal", "level", "createdAt", "expiresAt"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [row["id"] for row in grants.of_account(call.tx, call.account_row)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = rows.by_id(call.tx, 'SELECT * FROM "grant"', call.account_row, wanted)
        return {row["id"]: _form(row) for row in found}

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        if edit.old is None:
            _principal(call, new["principal"])
        mailbox = None if new["mailboxId"] is None else ids.to_row("Mailbox", new["mailboxId"])
        if new["mailboxId"] is not None and mailbox not in call.decision.folders:
            raise InvalidProperties("There is no such folder in this mailbox.", properties=["mailboxId"])
        _one_of(new["level"], Level, "level")
        _one_of(new["send"], Send, "send")
        for name in ("withRights", "withoutRights"):
            for right in new[name]:
                _one_of(right, Right, name)
            new[name] = sorted(set(new[name]))
        if mailbox is not None:
            _check_folder_share(new)
        if edit.old is None or "expiresAt" in edit.changed():
            checks.end_date(new["expiresAt"], "expiresAt", call.now)
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        user, team = _principal(call, new["principal"])
        row = grants.create(
            call.tx,
            call.account_row,
            user=user,
            team=team,
            mailbox=None if new["mailboxId"] is None else ids.to_row("Mailbox", new["mailboxId"]),
            level=Level(new["level"]),
            with_rights=new["withRights"],
            without_rights=new["withoutRights"],
            send=Send(new["send"]),
            expires_at=new["expiresAt"],
            created_by=call.actor.user_id,
            created_at=call.now_text,
        )
        call.look_up_rights()
        return row

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.new is not None
        changed = edit.changed() & _SETTABLE.keys()
        grants.update(call.tx, edit.row, **{_SETTABLE[name]: edit.new[name] for name in changed})
        held.hold_back(call.run)
        call.look_up_rights()
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        grants.destroy(call.tx, [edit.row])
        held.hold_back(call.run)
        call.look_up_rights()

    def explain(self, call: Call, edit: Edit) -> Json:
        """The whole share: who looks back wants to know what was given."""
        shown = edit.new or edit.old or {}
        names = ("principal", "mailboxId", *_SETTABLE)
        return {name: shown[name] for name in names if shown.get(name)}

    def own_method(self, call: Call, verb: str) -> Json:
        """Grant/explain."""
        return explaining.explain(call)


def _form(row: sqlite3.Row) -> Json:
    principal = EVERYONE
    if row["user_id"] is not None:
        principal = ids.to_id("User", row["user_id"])
    elif row["team_id"] is not None:
        principal = ids.to_id("Team", row["team_id"])
    return {
        "id": ids.to_id("Grant", row["id"]),
        "principal": principal,
        "mailboxId": ids.to_id("Mailbox", row["mailbox_id"]) if row["mailbox_id"] else None,
        "level": row["level"],
        "withRights": json.loads(row["with_rights"]),
        "withoutRights": json.loads(row["without_rights"]),
        "send": row["send"],
        "expiresAt": row["expires_at"],
        "createdBy": ids.to_id("User", row["created_by"]) if row["created_by"] else "",
        "createdAt": row["created_at"],
    }


def _principal(call: Call, id_: str) -> tuple[int | None, int | None]:
    """(user row, team row) of a principal; both None: everyone.

    :raises InvalidProperties: there is none of that id.
    """
    if id_ == EVERYONE:
        return None, None
    user, team = ids.to_row("User", id_), ids.to_row("Team", id_)
    if user is not None and users.get(call.tx, user) is not None:
        return user, None
    if team is not None and call.tx.value("SELECT 1 FROM team WHERE id = ?", (team,)):
        return None, team
    raise InvalidProperties(f"“{id_}” is no user, no team and not “{EVERYONE}”.", properties=["principal"])


def _one_of(value: Any, words: type[Level] | type[Send] | type[Right], name: str) -> None:
    if value not in set(words):
        known = ", ".join(words)
        raise InvalidProperties(f"{name}: “{value}” is none of {known}.", properties=[name])


def _check_folder_share(new: Mapping[str, Any]) -> None:
    if new["level"] == Level.MANAGE:
        raise InvalidProperties("A folder is shared up to “write”.", properties=["level"])
    if new["send"] != Send.NONE:
        raise InvalidProperties("Sending is shared for the whole mailbox alone.", properties=["send"])
    extra = [right for right in new["withRights"] if right not in TREE_RIGHTS]
    if extra:
        raise InvalidProperties(
            f"{', '.join(extra)} is shared for the whole mailbox alone.", properties=["withRights"]
        )
