"""`shinbox read`: messages in full, their source, their attachments."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import to_builtins

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.listing import as_json
from shinbox.cli.names import find_emails
from shinbox.cli.output import local_time
from shinbox.client.fetching import FileOf, fetch_into
from shinbox.client.formats import full_addresses
from shinbox.client.showing import PART_PROPERTIES, TELLING, files, notices, shown_parts
from shinbox.errors import InvalidArguments
from shinbox.jmap.objects import Email
from shinbox.terms import Keyword
from shinbox.text.parts import ShownPart
from shinbox.text.safe import safe

BODY: Final = (
    *("id", "blobId", "threadId", "mailboxIds", "keywords", "from", "sender", "replyTo", "to", "cc", "bcc"),
    *(
        "subject",
        "sentAt",
        "receivedAt",
        "size",
        "messageId",
        "inReplyTo",
        "references",
        "textBody",
        "bodyValues",
    ),
    *("attachments", "hasAttachment", "preview"),
    *TELLING,
)
MAX_TEXT: Final = 2_000_000
"""Bytes of text shown of one part."""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="messages, as shinbox list shows them")
    parser.add_argument("--in", dest="mailbox", metavar="MAILBOX", help="look in this mailbox only")
    parser.add_argument("--raw", action="store_true", help="print the message's source")
    parser.add_argument(
        "--save-to", type=Path, metavar="FOLDER", help="save the attachments there, over no file"
    )
    parser.add_argument("--mark-read", action="store_true", help="mark the messages read, for everyone")


async def _run(context: Context, arguments: Namespace) -> int:
    found = await find_emails(
        context.client,
        arguments.ids,
        BODY,
        arguments.mailbox,
        fetchTextBodyValues=True,
        maxBodyValueBytes=MAX_TEXT,
        bodyProperties=list(PART_PROPERTIES),
    )
    if arguments.raw:
        await _print_source(context, found)
    elif context.out.as_json:
        context.out.data([_whole(email) for _, email in found])
    else:
        for place, (_, email) in enumerate(found):
            context.out.block(("\n" if place else "") + page(email))
    if arguments.save_to:
        for account, email in found:
            await _save(context, account, email, arguments.save_to)
    if arguments.mark_read:
        for account in {account for account, _ in found}:
            update = {
                email.id: {f"keywords/{Keyword.SEEN}": True} for where, email in found if where == account
            }
            (await context.client.set_(Email, account, update=update)).checked()
    return 0


def page(email: Email) -> str:
    """Headers, text and the list of attachments; not yet safe for a terminal."""
    lines = [
        f"{name}: {value}"
        for name, value in (
            ("Message", email.id),
            ("From", full_addresses(email.from_)),
            ("Sender", full_addresses(email.sender) if email.sender and email.sender != email.from_ else ""),
            ("To", full_addresses(email.to)),
            ("Cc", full_addresses(email.cc)),
            ("Bcc", full_addresses(email.bcc)),
            ("Date", local_time(email.sent_at or email.received_at)),
            ("Subject", email.subject or "(no subject)"),
        )
        if value
    ]
    # A header's line break must not look like another header: each is made one line here.
    head = "\n".join(safe(line) for line in lines)
    parts = shown_parts(email)
    told = notices(email, parts, datetime.now().astimezone())
    notes = "".join(f"\n[{safe(text)}]" for text, _ in told)
    listed = "".join(
        f"\n[{number}] {safe(part.name or 'without a name')} ({part.type}, {part.size} bytes)"
        for number, part in enumerate(files(email), 1)
    )
    return f"{head}{notes}\n\n{_joined(parts)}{chr(10) if listed else ''}{listed}"


def body_text(email: Email) -> str:
    """The text of a message, HTML turned into text; says where it was cut."""
    return _joined(shown_parts(email))


def _joined(parts: Sequence[ShownPart]) -> str:
    pieces = []
    for part in parts:
        pieces.append(part.with_targets)
        if part.is_cut:
            pieces.append("\n[The rest is not shown: see shinbox read --raw.]")
    return "\n".join(piece.rstrip("\n") for piece in pieces)


def _whole(email: Email) -> dict[str, Any]:
    return {
        **as_json(email),
        "sender": email.sender or [],
        "replyTo": email.reply_to or [],
        "to": email.to or [],
        "cc": email.cc or [],
        "bcc": email.bcc or [],
        "sentAt": email.sent_at,
        "messageId": email.message_id or [],
        "inReplyTo": email.in_reply_to or [],
        "references": email.references or [],
        "text": body_text(email),
        "attachments": [
            {"name": part.name, "type": part.type, "size": part.size, "blobId": part.blob_id}
            for part in files(email)
        ],
        "defects": email.defects,
        "report": to_builtins(email.report),
        "invitation": to_builtins(email.invitation),
        "protection": to_builtins(email.protection),
    }


async def _print_source(context: Context, found: Sequence[tuple[str, Email]]) -> None:
    for account, email in found:
        if sys.stdout.isatty():
            source = await context.client.download(account, email.blob_id, "message.eml", "message/rfc822")
            context.out.block(source.decode("utf-8", "replace"))
        else:
            sys.stdout.flush()
            await context.client.download_to(
                account, email.blob_id, sys.stdout.buffer, "message.eml", "message/rfc822"
            )


async def _save(context: Context, account: str, email: Email, folder: Path) -> None:
    if not await asyncio.to_thread(folder.is_dir):
        raise InvalidArguments(f"There is no folder {folder}: make it first.")
    for part in files(email):
        if part.blob_id is not None:
            context.out.say(f"Saved {await fetch_into(context.client, FileOf(account, part), folder)}")


READ = Command(_arguments, _run)
