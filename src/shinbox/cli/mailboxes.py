"""`shinbox mailboxes`: which shared mailboxes you have, and the folders of one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any, Final

from shinbox.cli.asking import get_in_each
from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_account, folders_beside, paths
from shinbox.errors import MethodError
from shinbox.jmap.objects import Mailbox
from shinbox.jmap.session import SessionAccount
from shinbox.terms import DESK, Right, Role


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "mailbox", nargs="?", metavar="MAILBOX", help="show the folders of this one: support@"
    )


async def _run(context: Context, arguments: Namespace) -> int:
    if arguments.mailbox:
        return await _folders(context, arguments.mailbox)
    session = await context.client.session()
    accounts = {id_: account for id_, account in session.accounts.items() if id_ != DESK}
    wanted = ["id", "role", "unreadEmails", "totalEmails", "myRights"]
    answers = await get_in_each(context.client, Mailbox, list(accounts), wanted)
    rows: list[dict[str, Any]] = []
    for id_, account in accounts.items():
        folders = answers[id_]
        if isinstance(folders, MethodError):
            # Revoked between the session and this call: the others are shown all the same.
            context.out.say(f"{account.name}: {folders}")
            continue
        rows.append(_row(id_, account, folders))
    if context.out.as_json:
        context.out.data(rows)
        return 0
    lines = [[row["address"], str(row["unread"]), str(row["total"]), _may(row["rights"])] for row in rows]
    head = ("MAILBOX", "UNREAD", "INBOX", "YOU MAY")
    way = "ask an administrator."
    if session.is_administrator:
        way = "you may share one with anybody: shinbox admin grant add MAILBOX WHO"
    context.out.table(head, lines, empty=f"No mailbox is shared with you yet: {way}")
    return 0


def _row(id_: str, account: SessionAccount, folders: list[Mailbox]) -> dict[str, Any]:
    inbox = next((folder for folder in folders if folder.role == Role.INBOX), None)
    return {
        "id": id_,
        "name": account.name,
        "address": account.address,
        "isPersonal": account.is_personal,
        "isReadOnly": account.is_read_only,
        "unread": inbox.unread_emails if inbox else 0,
        "total": inbox.total_emails if inbox else 0,
        "folders": len(folders),
        "rights": sorted({name for folder in folders for name in _granted(folder)}),
    }


async def _folders(context: Context, name: str) -> int:
    account, address = await find_account(context.client, name)
    folders = (await context.client.get(Mailbox, account)).objects
    where = paths(folders)
    folders.sort(key=lambda folder: (folder.sort_order, where[folder.id].casefold()))
    if context.out.as_json:
        context.out.data(
            [
                {
                    "id": folder.id,
                    "path": where[folder.id],
                    "role": folder.role,
                    "unread": folder.unread_emails,
                    "total": folder.total_emails,
                    "rights": sorted(_granted(folder)),
                    "serverForbids": folder.server_forbids,
                }
                for folder in folders
            ]
        )
        return 0
    context.out.table(
        ("FOLDER", "UNREAD", "MESSAGES", "ROLE"),
        [
            [where[folder.id], str(folder.unread_emails), str(folder.total_emails), folder.role or ""]
            for folder in folders
        ],
        shrink=0,
        empty="This mailbox has no folder that you may see.",
    )
    others = await folders_beside(context.client, account, folders)
    hidden = sum(Right.READ not in folder.server_forbids for folder in others)
    if hidden:
        context.out.say(
            f"{hidden} more not shown: no share lets you read there; as an administrator you may "
            f"make one: shinbox admin grant add {address} WHO --folder FOLDER"
        )
    return 0


_SHORT: Final = {
    Right.READ: "read",
    Right.SET_KEYWORDS: "flag",
    Right.MOVE: "move",
    Right.REMOVE: "delete",
    Right.SUBMIT: "send",
    Right.SEND_ON_BEHALF: "send on behalf",
    Right.ADMIN: "share",
}


def _granted(folder: Mailbox) -> list[str]:
    return [right for right, has in folder.my_rights.items() if has]


def _may(rights: list[str]) -> str:
    return ", ".join(word for right, word in _SHORT.items() if right in rights)


MAILBOXES = Command(_arguments, _run)
