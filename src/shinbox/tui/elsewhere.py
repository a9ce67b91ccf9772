"""Copying messages into another shared mailbox: down from one, up to the other (RFC 8621 §4.8).

Owns that way, which works between any two mailboxes of a server, and what takes it back. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shinbox.errors import NotFound, SetError
from shinbox.jmap.client import Client
from shinbox.jmap.faults import set_error
from shinbox.jmap.objects import Email
from shinbox.tui.everywhere import split_address

PROPERTIES = ("blobId", "keywords", "receivedAt")


async def copy_to(client: Client, source: str, ids: Sequence[str], target: str, folder: str) -> list[str]:
    """Copy messages; the ids of the copies. Nothing stays behind if one fails.

    :raises SetError: the desk refuses.
    """
    wanted = [split_address(source, id_)[1] for id_ in ids]
    emails = (await client.get(Email, source, wanted, PROPERTIES)).objects
    if not emails:
        raise NotFound("These messages are no longer here.")
    made: list[str] = []
    try:
        for email in emails:
            made.append(await _copy(client, source, email, target, folder))
    except BaseException:
        await remove(client, target, made)
        raise
    return made


async def _copy(client: Client, source: str, email: Email, target: str, folder: str) -> str:
    raw = await client.download(source, email.blob_id, "message.eml", "message/rfc822")
    blob = await client.upload(target, raw, "message/rfc822")
    wanted: dict[str, Any] = {
        "blobId": blob,
        "mailboxIds": {folder: True},
        "keywords": email.keywords,
        "receivedAt": email.received_at,
    }
    answer = await client.invoke("Email/import", accountId=target, emails={"copy": wanted})
    for refused in (answer.get("notCreated") or {}).values():
        raise set_error(refused)
    return str(answer["created"]["copy"]["id"])


async def remove(client: Client, account: str, ids: Sequence[str]) -> None:
    """Take copies away again.

    :raises SetError: the desk refuses.
    """
    if ids:
        result = await client.set_(Email, account, destroy=list(ids))
        for failure in result.not_destroyed.values():
            if not isinstance(failure, NotFound):
                raise SetError(str(failure))
