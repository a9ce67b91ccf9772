"""`shinbox explain`: why someone may or may not do something."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_folder, find_managed_account, find_user
from shinbox.cli.values import mailbox
from shinbox.errors import InvalidArguments, SetForbidden
from shinbox.jmap.words import ACTIONS, RIGHTS, right_for


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER", help="whom it is about")
    mailbox(parser)
    parser.add_argument(
        "action", metavar="ACTION", help=f"one of: {', '.join(ACTIONS)}; or a right's own name"
    )
    parser.add_argument("--folder", metavar="FOLDER", help="in this folder of the mailbox")


async def _run(context: Context, arguments: Namespace) -> int:
    right = right_for(arguments.action)
    account, name = await find_managed_account(context.client, arguments.mailbox)
    more = {}
    if arguments.folder:
        folder = await find_folder(context.client, account, arguments.folder, to_share=True)
        more["mailboxId"] = folder.id
    try:
        answer = await context.client.invoke(
            "Grant/explain", accountId=account, user=arguments.user, action=right.value, **more
        )
    except InvalidArguments:
        # All else was found already: a name that nobody has is answered like a mailbox's.
        await find_user(context.client, arguments.user)
        raise
    allowed = bool(answer.get("allowed"))
    if context.out.as_json:
        context.out.data(answer)
    else:
        verb = "may" if allowed else "may not"
        context.out.say(f"{arguments.user} {verb} {RIGHTS[right]} in {name}.")
        for sentence in [*(answer.get("because") or []), *(answer.get("missing") or [])]:
            context.out.say(f"  {sentence}")
    return 0 if allowed else SetForbidden.exit_code


EXPLAIN = Command(_arguments, _run)
