"""`shinbox send` and `shinbox reply`: write as a shared mailbox, and follow the message until it has left.

Owns the options and the outcome. What an answer looks like is decided in one place for both programs
(shinbox.client.answering).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.files import read_text
from shinbox.cli.names import find_emails
from shinbox.cli.reading import BODY, MAX_TEXT, body_text
from shinbox.cli.sending import SendingFrom, attach, find_sender, submit, wait_until_sent
from shinbox.cli.waiting import PATIENCE
from shinbox.errors import InvalidArguments, RemoteRefused
from shinbox.jmap.objects import Thread

if TYPE_CHECKING:
    from shinbox.client.drafts import Draft

UNDO_HOLD: Final = 10
"""Seconds that the desk holds a message by default; --wait waits that much longer."""


def _common(parser: ArgumentParser) -> None:
    parser.add_argument("--cc", action="append", default=[], metavar="ADDRESS", help="may be repeated")
    parser.add_argument("--bcc", action="append", default=[], metavar="ADDRESS", help="may be repeated")
    parser.add_argument(
        "--attach", action="append", default=[], type=Path, metavar="FILE", help="may be repeated"
    )
    parser.add_argument(
        "--body-file", type=Path, metavar="FILE", help="the text; else it is read from standard input"
    )
    parser.add_argument("--no-signature", action="store_true", help="leave the mailbox's signature out")
    parser.add_argument("--wait", action="store_true", help="wait until the mail server has taken it")
    parser.add_argument(
        "--timeout",
        type=float,
        default=PATIENCE + UNDO_HOLD,
        metavar="SECONDS",
        help=f"how long to wait ({PATIENCE + UNDO_HOLD:g})",
    )


def _send_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="sender",
        required=True,
        metavar="MAILBOX",
        help="support@, or one of its From addresses",
    )
    parser.add_argument("--to", action="append", required=True, metavar="ADDRESS", help="may be repeated")
    parser.add_argument("--subject", required=True, metavar="TEXT", help="what it is about")
    _common(parser)


def _reply_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the message to answer, as shinbox list shows it")
    parser.add_argument("--in", dest="mailbox", metavar="MAILBOX", help="look for it in this mailbox only")
    parser.add_argument(
        "--from", dest="sender", metavar="ADDRESS", help="another From address of its mailbox"
    )
    parser.add_argument("--all", action="store_true", help="answer everyone who got it")
    parser.add_argument("--no-quote", action="store_true", help="leave the answered text out")
    _common(parser)


async def _send(context: Context, arguments: Namespace) -> int:
    from shinbox.client.answering import new_draft
    from shinbox.client.signatures import signature_block

    sender = await find_sender(context.client, arguments.sender)
    draft = new_draft(sender.account, sender.identity)
    draft.to, draft.subject = ", ".join(arguments.to), arguments.subject
    _copies(draft, arguments)
    signature = "" if arguments.no_signature else signature_block(sender.identity)
    draft.body = _typed(arguments) + signature
    return await _leave(context, arguments, sender, draft)


async def _reply(context: Context, arguments: Namespace) -> int:
    from shinbox.client.answering import quotation, reply_draft
    from shinbox.client.signatures import signature_block

    now = datetime.now().astimezone()

    [(account, email)] = await find_emails(
        context.client,
        [arguments.id],
        BODY,
        arguments.mailbox,
        fetchTextBodyValues=True,
        maxBodyValueBytes=MAX_TEXT,
    )
    # Before anything is typed: whatever arrives from here on stops the send (the send gate).
    threads = (await context.client.get(Thread, account, [email.thread_id])).objects
    sender = await find_sender(context.client, arguments.sender, account)
    text = body_text(email)
    draft = reply_draft(
        account, email, text, sender.identity, ours=sender.ours, everyone=arguments.all, now=now
    )
    draft.thread_state = threads[0].thread_state or None if threads else None
    _copies(draft, arguments)
    quoted = "" if arguments.no_quote else f"\n{quotation(email, text, now)}"
    signature = "" if arguments.no_signature else signature_block(sender.identity)
    draft.body = _typed(arguments) + quoted + signature
    return await _leave(context, arguments, sender, draft)


def _copies(draft: Draft, arguments: Namespace) -> None:
    draft.cc = ", ".join([draft.cc, *arguments.cc]).strip(", ")
    draft.bcc = ", ".join([draft.bcc, *arguments.bcc]).strip(", ")


def _typed(arguments: Namespace) -> str:
    """The text, ending in one line break.

    :raises InvalidArguments: there is none.
    """
    if arguments.body_file is None and sys.stdin.isatty():
        print("Write the message; end it with Ctrl+D on a line of its own.", file=sys.stderr)
    text = read_text(arguments.body_file)
    if not text.strip():
        raise InvalidArguments("The message is empty: nothing was sent.")
    return text.rstrip("\n") + "\n"


async def _leave(context: Context, arguments: Namespace, sender: SendingFrom, draft: Draft) -> int:
    """Attach, submit, and say what became of it."""
    files = [await attach(context.client, sender.account, path) for path in arguments.attach]
    made = await submit(context.client, sender, draft, files)
    outcome: dict[str, Any] = {"emailId": made.email_id, "submissionId": made.id, "sendAt": made.send_at}
    if not arguments.wait:
        _print(context, outcome, "It is on its way.")
        return 0
    sent, problems = await wait_until_sent(context.client, sender.account, made.id, arguments.timeout)
    outcome |= {"undoStatus": sent.undo_status, "error": sent.error, "notDelivered": problems}
    _print(context, outcome, "It is sent." if not problems else "It is sent, but not to everyone:")
    for who, why in problems.items():
        context.out.say(f"  {who}: {why}")
    return RemoteRefused.exit_code if problems else 0


def _print(context: Context, outcome: dict[str, Any], sentence: str) -> None:
    if context.out.as_json:
        context.out.data(outcome)
    else:
        context.out.say(sentence)


SEND = Command(_send_arguments, _send)
REPLY = Command(_reply_arguments, _reply)
