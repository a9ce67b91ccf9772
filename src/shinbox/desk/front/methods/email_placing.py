"""Keywords and folders as a caller gives them, and the intents that tell the mail server of them.

Owns the rules that Email/set and Email/import share.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import rows
from shinbox.desk.store import emails, ids, intents
from shinbox.desk.store.emails import NewEmail
from shinbox.desk.store.times import utc_now, utc_seconds
from shinbox.errors import InvalidProperties, ServerForbids

_KEYWORD: Final = re.compile(r"[!#$&'+,./0-9:;<=>?@A-Z\[^_`a-z|}~-]{1,255}")
"""RFC 8621 §4.1.1: printable ASCII without ( ) { ] % * " and the backslash."""
_STANDARD: Final = frozenset({"$seen", "$flagged", "$answered", "$draft"})
"""Keywords that are flags of IMAP's own: every mail server keeps them."""


def checked_keywords(given: Mapping[str, Any]) -> Json:
    """Keywords in lower case (RFC 8621 §4.1.1).

    :raises InvalidProperties: one is none, or its value is not true.
    """
    for keyword, value in given.items():
        if value is not True or not _KEYWORD.fullmatch(keyword):
            raise InvalidProperties(f"“{keyword}” is no keyword set to true.", properties=["keywords"])
    return {keyword.lower(): True for keyword in given}


def checked_mailboxes(call: Call, given: Mapping[str, Any], old: Json | None) -> Json:
    """The folders that an email shall lie in: those given, and those that the caller cannot see stay.

    :raises InvalidProperties: there is none, or one that does not exist for the caller.
    """
    seen = call.decision.visible_mailboxes
    before = old["mailboxIds"] if old is not None else {}
    for id_, value in given.items():
        if value is not True or (id_ not in before and ids.to_row("Mailbox", id_) not in seen):
            raise InvalidProperties(f"There is no folder “{id_}” to put it in.", properties=["mailboxIds"])
    hidden = {id_: True for id_ in before if ids.to_row("Mailbox", id_) not in seen}
    boxes = {**hidden, **given}
    if not boxes:
        raise InvalidProperties("An email lies in at least one folder.", properties=["mailboxIds"])
    return boxes


def checked_date(text: str, name: str) -> str:
    """A UTC date in whole seconds: dates of emails are compared as texts.

    :raises InvalidProperties: it is none.
    """
    try:
        return utc_now(utc_seconds(text))
    except ValueError as wrong:
        raise InvalidProperties(f"{name}: {wrong}.", properties=[name]) from None


def mailbox_rows(mailbox_ids: Collection[str]) -> frozenset[int]:
    """The rows of folders whose ids were checked."""
    return frozenset(row for id_ in mailbox_ids if (row := ids.to_row("Mailbox", id_)) is not None)


def check_kept(call: Call, boxes: Collection[str], added: Collection[str]) -> None:
    """PERMANENTFLAGS: some mail servers keep no keywords of ours, and would forget them silently.

    :raises ServerForbids: a folder is on such a server.
    """
    if set(added) <= _STANDARD:
        return
    keeps_none = call.tx.value(
        "SELECT name FROM mailbox WHERE server_keywords = 0 AND id IN (SELECT value FROM json_each(?))",
        (rows.listed(sorted(mailbox_rows(boxes))),),
    )
    if keeps_none is not None:
        raise ServerForbids(f"The mail server keeps no labels in “{keeps_none}”.")


def publish(call: Call, new: NewEmail) -> int:
    """Put an email that the desk alone holds into its folders, and have the mail server told; its row."""
    email, _ = emails.insert(call.tx, call.account_row, new)
    queued = [
        intents.queue(
            call.tx,
            call.account_row,
            "append",
            email=email,
            mailbox=mailbox,
            user=call.actor.user_id,
            now=call.now_text,
        )
        for mailbox in sorted(new.mailboxes)
    ]
    note_intents(call, ids.to_id("Email", email), [row for row in queued if row is not None])
    return email


def note_intents(call: Call, email_id: str, queued: Sequence[int]) -> None:
    """Remember which intents carry a change outward, and have mail look at them."""
    if queued:
        found: dict[str, list[str]] = call.scratch.setdefault("intents", {})
        found.setdefault(email_id, []).extend(ids.to_id("Intent", row) for row in queued)
        call.wake("intents")
