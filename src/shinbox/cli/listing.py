"""`shinbox list`: the messages of a folder, newest first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any, Final

from shinbox.cli.asking import get_found
from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_account, find_folder
from shinbox.cli.output import local_time
from shinbox.cli.values import number
from shinbox.client.formats import full_address
from shinbox.jmap.objects import Email
from shinbox.terms import Keyword

PROPERTIES: Final = (
    *("id", "threadId", "mailboxIds", "keywords", "from", "subject", "receivedAt", "size"),
    *("hasAttachment", "preview"),
)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("mailbox", metavar="MAILBOX", help="support@, or its whole address, name or id")
    parser.add_argument(
        "folder", nargs="?", default="inbox", metavar="FOLDER", help="path or role; else the inbox"
    )
    parser.add_argument("--limit", type=number, default=50, metavar="N", help="how many at most (50)")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the N newest")
    parser.add_argument("--unread", action="store_true", help="only unread messages")
    parser.add_argument("--flagged", action="store_true", help="only flagged messages")
    parser.add_argument(
        "--from", dest="sender", metavar="TEXT", help="only from people whose address has TEXT"
    )
    parser.add_argument("--subject", metavar="TEXT", help="only with TEXT in the subject")
    parser.add_argument("--text", metavar="TEXT", help="only with TEXT anywhere")


def _filter(arguments: Namespace, folder: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {"inMailbox": folder}
    given = {"from": arguments.sender, "subject": arguments.subject, "text": arguments.text}
    wanted |= {name: value for name, value in given.items() if value}
    conditions = [wanted]
    if arguments.unread:
        conditions.append({"notKeyword": Keyword.SEEN})
    if arguments.flagged:
        conditions.append({"hasKeyword": Keyword.FLAGGED})
    return wanted if len(conditions) == 1 else {"operator": "AND", "conditions": conditions}


async def _run(context: Context, arguments: Namespace) -> int:
    account, _ = await find_account(context.client, arguments.mailbox)
    folder = await find_folder(context.client, account, arguments.folder)
    emails = await get_found(
        context.client,
        Email,
        account,
        PROPERTIES,
        filter=_filter(arguments, folder.id),
        sort=[{"property": "receivedAt", "isAscending": False}],
        position=max(0, arguments.skip),
        limit=arguments.limit,
    )
    if context.out.as_json:
        context.out.data([as_json(email) for email in emails])
    else:
        head = ("ID", "", "DATE", "FROM", "SUBJECT")
        context.out.table(head, [_line(email) for email in emails], empty="No messages.")
    return 0


def _line(email: Email) -> list[str]:
    sender = full_address(email.from_[0]) if email.from_ else "(nobody)"
    return [email.id, marks(email), local_time(email.received_at), sender, email.subject or "(no subject)"]


def as_json(email: Email) -> dict[str, Any]:
    """A list row, stable for programs."""
    return {
        "id": email.id,
        "threadId": email.thread_id,
        "mailboxIds": sorted(email.mailbox_ids),
        "keywords": sorted(email.keywords),
        "from": email.from_ or [],
        "subject": email.subject,
        "receivedAt": email.received_at,
        "size": email.size,
        "hasAttachment": email.has_attachment,
        "preview": email.preview,
    }


def marks(email: Email) -> str:
    """N unread, ! flagged, r answered, @ with attachment."""
    return "".join(
        (
            "N" if Keyword.SEEN not in email.keywords else " ",
            "!" if Keyword.FLAGGED in email.keywords else " ",
            "r" if Keyword.ANSWERED in email.keywords else " ",
            "@" if email.has_attachment else " ",
        )
    )


LIST = Command(_arguments, _run)
