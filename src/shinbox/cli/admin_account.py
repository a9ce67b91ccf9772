"""`shinbox admin account`: the shared mailboxes of the desk."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Final

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_any_account
from shinbox.cli.objects import create, given, removing, show, update
from shinbox.cli.output import local_time
from shinbox.cli.values import mailbox, nothing
from shinbox.jmap.objects import Account
from shinbox.terms import DESK, LONGEST_UNDO


def _undo(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > LONGEST_UNDO:
        raise ArgumentTypeError(f"give seconds from 0 to {LONGEST_UNDO}")
    return int(text)


def _settings(parser: ArgumentParser) -> None:
    parser.add_argument("--name", metavar="TEXT", help="what people see, such as Support")
    parser.add_argument("--undo-seconds", type=_undo, metavar="N", help="how long sending can be undone (10)")


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
    mailbox(parser)
    parser.add_argument("--address", metavar="ADDRESS", help="its main address")
    _settings(parser)


async def _set(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    patch = given(
        {"name": arguments.name, "address": arguments.address, "undoSeconds": arguments.undo_seconds}
    )
    await update(context, Account, DESK, account.id, patch, f"{account.address} is changed.")
    return 0


_STATES: Final = {
    "never": "not fetched yet",
    "syncing": "fetching",
    "idle": "up to date",
    "offline": "not reached",
}
"""How a mailbox stands with its mail server → what people call it."""


async def _list(context: Context, arguments: Namespace) -> int:
    session = await context.client.session()
    none = "There is no mailbox yet: shinbox admin account add ADDRESS"
    return show(
        context,
        (await context.client.get(Account, DESK)).objects,
        {
            "MAILBOX": lambda account: account.address,
            "NAME": lambda account: account.name,
            "KIND": lambda account: account.kind,
            "STATE": lambda account: _STATES.get(account.sync_state, account.sync_state),
            "LAST SYNC": lambda account: local_time(account.synced_at),
            "ERROR": lambda account: account.sync_error or "",
        },
        empty=none if session.is_administrator else "Only administrators see this. Yours: shinbox mailboxes",
    )


async def _find(context: Context, arguments: Namespace) -> tuple[str, Account]:
    return DESK, await find_any_account(context.client, arguments.mailbox)


def _question(account: Account) -> str:
    lost = (
        "All its mail is deleted: the desk is the only one that holds it."
        if account.kind == "local"
        else "Its mail stays on the mail server; its shares and settings here are deleted."
    )
    return f"Remove {account.address}? {lost}"


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(nothing, _list)
REMOVE = removing(
    Account, mailbox, _find, said=lambda account: f"{account.address} is removed.", question=_question
)
