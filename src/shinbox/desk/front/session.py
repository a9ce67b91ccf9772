"""The session object: who the caller is, which mailboxes they have, what the desk takes (RFC 8620 §2).

Owns its form and its state string, which changes when what it says or what the caller may do changes. It
looks at grants, not at folders: every API answer carries the state, so it must be cheap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from shinbox.desk.config import Limits
from shinbox.desk.front import access
from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods import email_sort
from shinbox.desk.front.rights import TREE_RIGHTS, GrantLine
from shinbox.desk.store import accounts, grants, ids, users
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now
from shinbox.terms import CORE, DESK, DESK_CAPABILITY, MAIL, SUBMISSION, Right

Json = dict[str, Any]

SORTABLE: Final = email_sort.OPTIONS
"""What Email/query sorts by (RFC 8621 §4.4.2)."""

MAX_MAILBOX_NAME: Final = 200
"""Bytes of a folder's name (RFC 8621 §1.3.1 asks for 100 at least)."""


def session_of(tx: Tx, actor: Actor, limits: Limits, now: float, demo_users: Sequence[str] = ()) -> Json:
    """The session object without its URLs."""
    shared = access.accounts_of(tx, actor, now)
    listed: Json = {}
    for row in accounts.all_open(tx):
        if row["id"] in shared:
            account = _account(row["name"], row["address"], shared[row["id"]], limits)
            listed[ids.to_id("Account", row["id"])] = account
    first = next(iter(listed), None)
    listed[DESK] = {
        "name": DESK,
        "isPersonal": False,
        "isReadOnly": False,
        "accountCapabilities": {DESK_CAPABILITY: {}},
    }
    primary = {MAIL: first, SUBMISSION: first} if first else {}
    user = users.get(tx, actor.user_id)
    desk: Json = {
        "user": {
            "id": ids.to_id("User", actor.user_id),
            "name": actor.name,
            "displayName": user["display_name"] if user else "",
        },
        "administrator": actor.is_administrator,
        "maxWorkSeconds": limits.work_seconds,
    }
    if demo_users:
        desk["demoUsers"] = list(demo_users)
    return {
        "username": actor.name,
        "accounts": listed,
        "primaryAccounts": {**primary, DESK_CAPABILITY: DESK},
        "capabilities": {CORE: _core(limits), MAIL: {}, SUBMISSION: {}, DESK_CAPABILITY: desk},
        "state": state_of(tx, actor, now),
    }


def state_of(tx: Tx, actor: Actor, now: float) -> str:
    """The state of the session: a hash of the rows that decide what it says."""
    user = tx.one("SELECT name, display_name, is_administrator FROM user WHERE id = ?", (actor.user_id,))
    shared = grants.for_session(tx, actor.user_id, utc_now(now))
    told = repr((actor.user_id, tuple(user or ()), [tuple(row) for row in shared]))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def urls(base: str = "") -> Json:
    """The URLs of the session; relative ones are resolved against the session's own (RFC 8620 §2)."""
    return {
        "apiUrl": f"{base}/jmap",
        "downloadUrl": f"{base}/download/{{accountId}}/{{blobId}}/{{name}}?type={{type}}",
        "uploadUrl": f"{base}/upload/{{accountId}}",
        "eventSourceUrl": f"{base}/events?types={{types}}&closeafter={{closeafter}}&ping={{ping}}",
    }


def _account(name: str, address: str, lines: Sequence[GrantLine], limits: Limits) -> Json:
    whole = frozenset[Right]().union(*(line.rights for line in lines if line.mailbox is None))
    trees = frozenset[Right]().union(*(line.rights & TREE_RIGHTS for line in lines if line.mailbox))
    may_send = bool(whole & {Right.SUBMIT, Right.SEND_ON_BEHALF})
    capabilities: Json = {
        MAIL: {
            "maxMailboxesPerEmail": None,
            "maxMailboxDepth": None,
            "maxSizeMailboxName": MAX_MAILBOX_NAME,
            "maxSizeAttachmentsPerEmail": limits.upload_bytes,
            "emailQuerySortOptions": list(SORTABLE),
            "mayCreateTopLevelMailbox": Right.CREATE_CHILD in whole,
        },
        DESK_CAPABILITY: {"address": address, "myRights": sorted(whole)},
    }
    if may_send:
        capabilities[SUBMISSION] = {"maxDelayedSend": 0, "submissionExtensions": {}}
    return {
        "name": name,
        "isPersonal": False,
        "isReadOnly": whole | trees <= {Right.READ, Right.READ_SETTINGS},
        "accountCapabilities": capabilities,
    }


def _core(limits: Limits) -> Json:
    return {
        "maxSizeUpload": limits.upload_bytes,
        "maxConcurrentUpload": limits.uploads_at_once,
        "maxSizeRequest": limits.request_bytes,
        "maxConcurrentRequests": limits.requests_at_once,
        "maxCallsInRequest": limits.calls_in_request,
        "maxObjectsInGet": limits.objects_in_get,
        "maxObjectsInSet": limits.objects_in_set,
        "collationAlgorithms": ["i;ascii-casemap", "i;unicode-casemap"],
    }
