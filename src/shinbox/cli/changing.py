"""`shinbox move` and `shinbox flag`: change messages, and wait until the mail server agrees."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_emails, find_folder
from shinbox.cli.waiting import PATIENCE, intents_done
from shinbox.errors import RemoteRefused
from shinbox.jmap.objects import Email
from shinbox.jmap.words import keyword_for
from shinbox.text.safe import safe

Patch = dict[str, Any]


def _common(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--in", dest="mailbox", metavar="MAILBOX", help="look for the messages in this mailbox only"
    )
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the mail server")
    parser.add_argument(
        "--timeout", type=float, default=PATIENCE, metavar="SECONDS", help=f"how long to wait ({PATIENCE:g})"
    )


def _move_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="messages, as shinbox list shows them")
    parser.add_argument("folder", metavar="FOLDER", help="path or role: Projects/2026, archive, trash")
    _common(parser)


def _flag_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="messages, as shinbox list shows them")
    # "-label" would be read as an option; after "--" it is not, and take_away needs no "--".
    parser.add_argument("word", metavar="FLAG", help="read, unread, flagged, unflagged, or +label")
    parser.add_argument("--take-away", action="store_true", help="take the label away instead")
    _common(parser)


async def _move(context: Context, arguments: Namespace) -> int:
    found = await find_emails(context.client, arguments.ids, ["mailboxIds"], arguments.mailbox)
    targets = {}
    for account in {account for account, _ in found}:
        targets[account] = (await find_folder(context.client, account, arguments.folder)).id
    return await _change(
        context, arguments, found, lambda account, _: {"mailboxIds": {targets[account]: True}}, "moved"
    )


async def _flag(context: Context, arguments: Namespace) -> int:
    word = arguments.word
    if arguments.take_away:
        word = "-" + word.lstrip("+-")
    keyword, is_set = keyword_for(word)
    found = await find_emails(context.client, arguments.ids, ["keywords"], arguments.mailbox)
    pointer = "keywords/" + keyword.replace("~", "~0").replace("/", "~1")
    return await _change(context, arguments, found, lambda *_: {pointer: True if is_set else None}, "changed")


async def _change(
    context: Context,
    arguments: Namespace,
    found: list[tuple[str, Email]],
    patch: Callable[[str, Email], Patch],
    done: str,
) -> int:
    """Apply a patch to each message, one /set a mailbox; report each that failed."""
    outcome: dict[str, str | None] = {}
    code = 0
    for account in dict.fromkeys(account for account, _ in found):
        update = {email.id: patch(account, email) for where, email in found if where == account}
        result = await context.client.set_(Email, account, update=update)
        outcome |= dict.fromkeys(result.updated)
        for id_, error in result.not_updated.items():
            outcome[id_] = str(error)
            code = code or error.exit_code
        if not arguments.no_wait:
            refused = await intents_done(context.client, account, result.intents, arguments.timeout)
            outcome |= refused
            code = code or (RemoteRefused.exit_code if refused else 0)
    worked = sum(1 for reason in outcome.values() if reason is None)
    if context.out.as_json:
        context.out.data([{"id": id_, "ok": not reason, "reason": reason} for id_, reason in outcome.items()])
    elif worked:
        context.out.say(f"{worked} message{'' if worked == 1 else 's'} {done}.")
    for id_, reason in outcome.items():
        if reason is not None:
            print(f"shinbox: {id_} was not {done}: {safe(reason)}", file=sys.stderr)
    return code


MOVE = Command(_move_arguments, _move)
FLAG = Command(_flag_arguments, _flag)
