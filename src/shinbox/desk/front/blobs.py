"""Upload and download (RFC 8620 §6): the two ways of bytes beside the methods.

Owns who may upload how much, and the audit of what came and what was opened. What a blob id means is
email_raw.py's.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.front import access, audit
from shinbox.desk.front.context import Call, Desk, Json, Run
from shinbox.desk.front.dispatch import finish_reading, run_outside
from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods.email_raw import Blob, read_blob
from shinbox.desk.front.methods.registry import HANDLERS
from shinbox.desk.store import accounts, ids, uploads
from shinbox.desk.store.database import Tx
from shinbox.errors import AccountNotFound, Forbidden, LimitExceeded, MethodError, NotFound
from shinbox.terms import Right

UPLOAD_RIGHTS: Final = frozenset({Right.ADD, Right.SUBMIT, Right.SEND_ON_BEHALF})
"""Whoever has one of these somewhere in the account has a use for an upload."""
MOST_HELD: Final = 40
"""How many uploads of the largest size one person may have waiting to be used."""


def check_upload(desk: Desk, actor: Actor, account_id: str) -> None:
    """Refuse an upload before its bytes come.

    :raises AccountNotFound: there is no such account for the caller.
    :raises Forbidden: they may only read it.
    """
    with desk.database.read() as tx:
        refusal = _refusal(desk, tx, actor, account_id)
    if refusal is None:
        return
    row = ids.to_row("Account", account_id)
    with desk.database.write() as tx:
        if row is not None and accounts.get(tx, row) is not None:
            reason = {"reason": str(refusal)}
            audit.write(tx, actor, "Blob/upload", row, None, "refused", reason, desk.clock())
    raise refusal


def upload(desk: Desk, actor: Actor, account_id: str, type_: str, content: bytes) -> Json:
    """Keep what the caller sent; the answer of RFC 8620 §6.1.

    :raises LimitExceeded: it is larger than the desk takes. Else as check_upload: rights may have changed.
    """
    if len(content) > desk.limits.upload_bytes:
        raise LimitExceeded(f"An upload may have {desk.limits.upload_bytes} bytes.", limit="maxSizeUpload")
    check_upload(desk, actor, account_id)
    hash_ = desk.blobs.put(content)
    with desk.database.write() as tx:
        refusal, account = _refusal(desk, tx, actor, account_id), ids.to_row("Account", account_id)
        if refusal is not None or account is None:
            raise refusal or AccountNotFound()
        size, now = len(content), desk.clock()
        if uploads.held(tx, actor.user_id, now) + size > MOST_HELD * desk.limits.upload_bytes:
            raise LimitExceeded("You have uploaded too much today: use it, or wait.", limit="maxSizeUpload")
        row = uploads.add(tx, account, actor.user_id, hash_=hash_, type_=type_, size=size, now=now)
        blob_id, told = ids.to_id("Upload", row), {"type": type_, "size": size}
        audit.write(tx, actor, "Blob/upload", account, blob_id, "ok", told, now)
    return {"accountId": account_id, "blobId": blob_id, **told}


def download(desk: Desk, actor: Actor, account_id: str, blob_id: str) -> bytes:
    """The bytes of a blob; a message that is not held is fetched first.

    :raises NotFound: there is none in that account for the caller.
    :raises ServerUnavailable: its mail server does not give the message now.
    """

    allowance = desk.allowance(actor.user_id)

    def attempt(done: dict[object, object]) -> Blob | None:
        with desk.database.read() as tx:
            run = Run(desk, actor, tx, desk.clock(), {}, done, allowance=allowance)
            call = _call(run, account_id)
            blob = None if call is None else read_blob(call, HANDLERS["Email"], blob_id)
            if call is not None and blob is not None and blob.email is not None:
                call.note("Email/download", ids.to_id("Email", blob.email), "ok", {"blob": blob_id})
        finish_reading(run)
        return blob

    blob = run_outside(attempt, allowance)
    if blob is None:
        raise NotFound()
    return blob.content


def _call(run: Run, account_id: str) -> Call | None:
    row = ids.to_row("Account", account_id)
    account = None if row is None else accounts.get(run.tx, row)
    if row is None or account is None or row == accounts.DESK:
        return None
    decision = access.rights_of(run.tx, run.actor, row, run.now)
    if decision is None:
        run.refused_account("Blob/download", row)
        return None
    return Call(run, "Blob/download", {}, account, decision)


def _refusal(desk: Desk, tx: Tx, actor: Actor, account_id: str) -> MethodError | None:
    row = ids.to_row("Account", account_id)
    decision = None
    if row is not None and row != accounts.DESK:
        decision = access.rights_of(tx, actor, row, desk.clock())
    if row is None or decision is None:
        return AccountNotFound()
    if not decision.any_rights & UPLOAD_RIGHTS:
        return Forbidden("You may neither add messages to this mailbox nor send from it.")
    return None
