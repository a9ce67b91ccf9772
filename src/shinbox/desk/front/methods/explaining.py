"""Grant/explain: may somebody do something here, by whose share, or what is missing.

Everyone may ask about themselves; managers of the account and administrators about anybody. It shows
folders' names and rights, never mail.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shinbox.desk.front import access
from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.login import Actor
from shinbox.desk.front.rights import Decision, Explanation, Who
from shinbox.desk.store import ids, mailboxes, users
from shinbox.errors import Forbidden, InvalidArguments
from shinbox.jmap.words import right_for
from shinbox.terms import MAILBOX_RIGHTS, Right

_ARGUMENTS: Final = {"accountId", "user", "action", "mailboxId"}
_OR: Final[Mapping[Right, frozenset[Right]]] = {Right.MOVE: frozenset({Right.MOVE, Right.REMOVE})}
"""Who may delete may also move: see the demands of Email."""


def explain(call: Call) -> Json:
    """Answer Grant/explain: {allowed, because, missing}; to whoever manages the account also its `folders`.

    Arguments: `user` (name or id; the caller if absent), `action` (a Right or a word of jmap.words) and
    `mailboxId` (absent: the whole account). Who shares a folder has to name it, and an administrator to
    whom nothing is shared sees none by Mailbox/get.

    :raises InvalidArguments: there is no such user, action or folder.
    :raises Forbidden: it is about somebody else, and the caller manages neither account nor desk.
    """
    given = call.arguments
    unknown = given.keys() - _ARGUMENTS
    if unknown:
        raise InvalidArguments(f"Grant/explain has no argument {', '.join(sorted(unknown))}.")
    right = right_for(_text(call, "action"))
    mailbox = _mailbox(call)
    user = _user(call)
    actor = Actor(user["id"], user["name"], bool(user["is_administrator"]), "explain")
    decision = access.rights_of(call.tx, actor, call.account_row, call.now)
    if decision is None:
        decision = Decision((), (), administrator=False, now=call.now)
    folders = mailboxes.all_of(call.tx, call.account_row)
    names = {row["id"]: row["name"] for row in folders}
    who: Who = "administrator" if right is Right.ADMIN else None
    wanted = _OR.get(right, frozenset({right}))
    explained = decision.explain(wanted, mailbox, who, names=names)
    explained = _with_hints(explained, decision, right, mailbox)
    if not user["is_active"]:
        explained = Explanation(False, [], [f"{user['name']} is not active: they cannot sign in."])
    return {
        "accountId": call.account_id,
        "user": ids.to_id("User", user["id"]),
        "right": right.value,
        "allowed": explained.allowed,
        "because": explained.because,
        "missing": explained.missing,
        **({"folders": [_folder(call, row) for row in folders]} if _manages(call) else {}),
    }


def _folder(call: Call, row: sqlite3.Row) -> Json:
    # Nobody reads what the mail server keeps to itself: a share of it would open nothing.
    closed = not call.decision.server_allows(Right.READ, row["id"])
    return {
        "id": ids.to_id("Mailbox", row["id"]),
        "name": row["name"],
        "parentId": ids.to_id("Mailbox", row["parent_id"]) if row["parent_id"] else None,
        "role": row["role"],
        "serverForbids": [Right.READ.value] if closed else [],
    }


def _with_hints(explained: Explanation, decision: Decision, right: Right, mailbox: int | None) -> Explanation:
    elsewhere = mailbox is None and right in MAILBOX_RIGHTS and right in decision.any_rights
    if explained.allowed or not elsewhere:
        return explained
    return replace(explained, missing=[*explained.missing, "Some folders give it: ask about one of them."])


def _text(call: Call, name: str) -> str:
    value = call.arguments.get(name)
    if not isinstance(value, str):
        raise InvalidArguments(f"{name} is a text.")
    return value


def _manages(call: Call) -> bool:
    return call.decision.meets({Right.ADMIN}, None, "administrator")


def _user(call: Call) -> sqlite3.Row:
    """Whom it is about.

    :raises Forbidden: somebody else, whether they exist or not.
    """
    own = users.get(call.tx, call.actor.user_id)
    if call.arguments.get("user") is None and own is not None:
        return own
    asked = _text(call, "user")
    row_id = ids.to_row("User", asked)
    found = users.by_name(call.tx, asked) or (users.get(call.tx, row_id) if row_id is not None else None)
    if found is not None and found["id"] == call.actor.user_id:
        return found
    if not _manages(call):
        raise Forbidden("Only managers of the mailbox and administrators may ask about others.")
    if found is None:
        raise InvalidArguments(f"There is no user “{asked}”.")
    return found


def _mailbox(call: Call) -> int | None:
    if call.arguments.get("mailboxId") is None:
        return None
    row = ids.to_row("Mailbox", _text(call, "mailboxId"))
    if row in call.decision.visible_mailboxes or (row in call.decision.folders and _manages(call)):
        return row
    raise InvalidArguments("There is no such folder in this mailbox.")
