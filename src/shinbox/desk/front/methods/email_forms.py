"""What the row of an email says of it, in the words of RFC 8621 §4.

Owns which columns a property needs and how it is made of them. Knows no rights and changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import email_body, email_telling, header_forms
from shinbox.desk.store import identities, ids
from shinbox.mime.model import TOO_LARGE, defect_sentence
from shinbox.mime.parse import parse
from shinbox.mime.split import parse_headers


def _people(text: str | None) -> list[Json] | None:
    return None if text is None else [{"name": n, "email": e} for n, e in msgspec.json.decode(text)]


def _loaded(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _sentences(text: str) -> list[str]:
    return [defect_sentence(defect) for defect in msgspec.json.decode(text)]


def _same(value: Any) -> Any:
    return value


_STORED: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "size": ("size", _same),
    "receivedAt": ("received_at", _same),
    "sentAt": ("sent_at", _same),
    "subject": ("subject", _same),
    "preview": ("preview", _same),
    "from": ("from", _people),
    "to": ("to", _people),
    "cc": ("cc", _people),
    "bcc": ("bcc", _people),
    "replyTo": ("reply_to", _people),
    "sender": ("sender", _people),
    "messageId": ("message_id", _loaded),
    "inReplyTo": ("in_reply_to", _loaded),
    "references": ("references", _loaded),
    "hasAttachment": ("has_attachment", bool),
    "defects": ("defects", _sentences),
}
"""Property → its column, and what makes the one of the other."""


def columns(names: set[str]) -> str:
    """Only what is asked for: header and structure of a page of emails are long."""
    wanted = ["id", "thread_id", *(column for name, (column, _) in _STORED.items() if name in names)]
    if "headers" in names or any(name.startswith("header:") for name in names):
        wanted.append("header")
    if names & (email_body.BODY_PROPERTIES | email_telling.TOLD):
        wanted += ["structure", "blob_hash", "defects"]
    return ", ".join(f'"{column}"' for column in dict.fromkeys(wanted))


def forms(found: Sequence[sqlite3.Row], names: set[str]) -> dict[int, Json]:
    """What the rows alone say of each email."""
    stored = [(name, *_STORED[name]) for name in _STORED.keys() & names]
    asked = header_forms.wanted([name for name in names if name.startswith("header:")])
    values: dict[int, Json] = {}
    for row in found:
        email = row["id"]
        value: Json = {"id": ids.to_id("Email", email), "blobId": f"m{email}"}
        value["threadId"] = ids.to_id("Thread", row["thread_id"])
        for name, column, read in stored:
            value[name] = read(row[column])
        if asked or "headers" in names:
            header = parse_headers(row["header"])
            value |= {each.property: each.of(header) for each in asked}
            value["headers"] = [{"name": name, "value": text} for name, text in header.fields]
        values[email] = value
    return values


def body(call: Call, row: sqlite3.Row, asked: email_body.BodyArguments, names: set[str]) -> Json:
    """Its parts and texts, and what these tell; the raw message is read for them if it is held."""
    root = email_body.stored_structure(row["structure"])
    tells = not email_telling.TOLD.isdisjoint(names)
    needs_raw = ("bodyValues" in names and asked.fetches) or asked.wants_part_headers or tells
    message = None
    call.run.allowance.check()
    if needs_raw and row["blob_hash"] is not None and TOO_LARGE not in msgspec.json.decode(row["defects"]):
        message = parse(call.desk.blobs.get(row["blob_hash"]))
        root = message.body_structure
    value = email_body.body_properties(row["id"], root, asked, names)
    if "bodyValues" in names:
        value["bodyValues"] = {} if message is None else email_body.body_values(message, asked)
    if tells and message is None:
        value |= email_telling.untold(names)
    elif message is not None:
        value |= email_telling.told(message, row["id"], _own_addresses(call), names)
    return value


def _own_addresses(call: Call) -> list[str]:
    return [
        call.account["address"],
        *(row["email"] for row in identities.of_account(call.tx, call.account_row)),
    ]
