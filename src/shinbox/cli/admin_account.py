"""`shinbox admin account`: the shared mailboxes of the desk."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from shinbox.cli.commands import Command
from shinbox.cli.context import Context, confirm
from shinbox.cli.names import find_any_account
from shinbox.cli.objects import create, destroy, given, update, yes_option
from shinbox.cli.output import local_time
from shinbox.jmap.objects import Account
from shinbox.terms import DESK


def _settings(parser: ArgumentParser) -> None:
    parser.add_argument("--name", metavar="TEXT", help="what people see, such as Support")
    parser.add_argument("--undo-seconds", type=int, metavar="N", help="how long sending can be undone (10)")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="support@example.org")
    parser.add_argument(
        "--kind", choices=("imap", "local"), default="imap", help="local: without a mail server of its own"
    )
    _settings(parser)


async def _add(context: Context, arguments: Namespace) -> int:
    value = {
        "name": arguments.name or arguments.address,
        "address": arguments.address,
        "kind": arguments.kind,
        **given({"undoSeconds": arguments.undo_seconds}),
    }
    said = f"{arguments.address} is there. "
    if arguments.kind == "imap":
        said += f"Now connect it: shinbox admin connection add {arguments.address} --help"
    else:
        said += f"Now share it: shinbox admin grant add {arguments.address} --help"
    await create(context, Account, DESK, value, said)
    return 0


def _set_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("mailbox", metavar="MAILBOX", help="support@")
    parser.add_argument("--address", metavar="ADDRESS", help="its main address")
    _settings(parser)


async def _set(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    patch = given(
        {"name": arguments.name, "address": arguments.address, "undoSeconds": arguments.undo_seconds}
    )
    await update(context, Account, DESK, account.id, patch, f"{account.address} is changed.")
    return 0


def _list_arguments(parser: ArgumentParser) -> None:
    """`list` takes none of its own."""


async def _list(context: Context, arguments: Namespace) -> int:
    accounts = (await context.client.get(Account, DESK)).objects
    if context.out.as_json:
        context.out.data(accounts)
        return 0
    context.out.table(
        ("MAILBOX", "NAME", "KIND", "STATE", "LAST SYNC", "ERROR"),
        [
            [
                account.address,
                account.name,
                account.kind,
                account.sync_state,
                local_time(account.synced_at),
                account.sync_error or "",
            ]
            for account in accounts
        ],
        empty="There is no mailbox yet: shinbox admin account add ADDRESS",
    )
    return 0


def _remove_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("mailbox", metavar="MAILBOX", help="support@")
    yes_option(parser)


async def _remove(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    lost = (
        "All its mail is deleted: the desk is the only one that holds it."
        if account.kind == "local"
        else "Its mail stays on the mail server; its shares and settings here are deleted."
    )
    confirm(f"Remove {account.address}? {lost}", arguments.yes)
    await destroy(context, Account, DESK, account.id, f"{account.address} is removed.")
    return 0


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(_list_arguments, _list)
REMOVE = Command(_remove_arguments, _remove)
