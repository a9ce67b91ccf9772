"""`shinbox admin grant`: who may do what in a shared mailbox."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import (
    find_folder,
    find_managed_account,
    find_principal,
    folders_of,
    paths,
    principal_names,
)
from shinbox.cli.objects import create, given, removing, show, update
from shinbox.cli.output import local_time
from shinbox.cli.values import mailbox, utc_date
from shinbox.errors import InvalidArguments, MethodError, NotFound
from shinbox.jmap.objects import Grant
from shinbox.jmap.words import LEVELS, RIGHTS, SENDING, right_for
from shinbox.terms import Level, Send


def _settings(parser: ArgumentParser, level: Level | None, send: Send | None) -> None:
    words = "; ".join(f"{name}: {what}" for name, what in LEVELS.items())
    parser.add_argument("--level", choices=[*map(str, Level)], default=level, help=words)
    words = "; ".join(f"{name}: {what}" for name, what in SENDING.items())
    parser.add_argument("--send", choices=[*map(str, Send)], default=send, help=words)
    parser.add_argument(
        "--with", dest="extra", action="append", metavar="ACTION", help="add one right to the level"
    )
    parser.add_argument(
        "--without", dest="less", action="append", metavar="ACTION", help="leave one right out"
    )
    parser.add_argument("--until", type=utc_date, metavar="DATE", help="the share ends then")


def _values(arguments: Namespace) -> dict[str, object]:
    return given(
        {
            "level": arguments.level,
            "send": arguments.send,
            "withRights": _rights(arguments.extra),
            "withoutRights": _rights(arguments.less),
            "expiresAt": arguments.until,
        }
    )


def _rights(words: list[str] | None) -> list[str] | None:
    return None if words is None else sorted({right_for(word).value for word in words})


def _add_arguments(parser: ArgumentParser) -> None:
    mailbox(parser)
    parser.add_argument("principal", metavar="WHO", help="a user, a team, or everyone")
    parser.add_argument("--folder", metavar="FOLDER", help="only this folder and those in it")
    _settings(parser, Level.READ, Send.NONE)


async def _add(context: Context, arguments: Namespace) -> int:
    account, name = await find_managed_account(context.client, arguments.mailbox)
    value = {"principal": await find_principal(context.client, arguments.principal), **_values(arguments)}
    if arguments.folder:
        value["mailboxId"] = (await find_folder(context.client, account, arguments.folder, to_share=True)).id
    may = f"{LEVELS[Level(arguments.level)]}; {SENDING[Send(arguments.send)]}"
    said = f"{name} is shared with {arguments.principal}: {may}."
    await create(context, Grant, account, value, said)
    return 0


def _which(parser: ArgumentParser) -> None:
    mailbox(parser)
    parser.add_argument("principal", metavar="WHO", help="a user, a team, everyone, or the share's id")


def _set_arguments(parser: ArgumentParser) -> None:
    _which(parser)
    _settings(parser, None, None)
    parser.add_argument("--no-end", action="store_true", help="the share ends no more")


async def _set(context: Context, arguments: Namespace) -> int:
    account, grant = await _find(context, arguments)
    patch = _values(arguments)
    if arguments.no_end:
        patch["expiresAt"] = None
    await update(context, Grant, account, grant.id, patch, "The share is changed.")
    return 0


async def _list(context: Context, arguments: Namespace) -> int:
    account, address = await find_managed_account(context.client, arguments.mailbox)
    grants = (await context.client.get(Grant, account)).objects
    names = await principal_names(context.client)
    nobody = "It has no share that you may see: whoever manages it, and administrators, see them all."
    if (await context.client.session()).is_administrator:
        nobody = f"It is shared with nobody yet: shinbox admin grant add {address} WHO --level write"
    folders = await _folder_paths(context, account) if any(grant.mailbox_id for grant in grants) else {}
    return show(
        context,
        grants,
        {
            "ID": lambda grant: grant.id,
            "WHO": lambda grant: names.get(grant.principal, grant.principal),
            "LEVEL": lambda grant: grant.level,
            "SENDS": lambda grant: grant.send,
            "FOLDER": lambda grant: folders.get(grant.mailbox_id or "", grant.mailbox_id or "all"),
            "BESIDES": _besides,
            "UNTIL": lambda grant: local_time(grant.expires_at),
        },
        shrink=5,
        empty=nobody,
    )


async def _folder_paths(context: Context, account: str) -> dict[str, str]:
    try:
        return paths(await folders_of(context.client, account, to_share=True))
    except MethodError:
        # Whoever manages shares need not be allowed to see the folders: their ids are shown.
        return {}


def _besides(grant: Grant) -> str:
    words = {right.value: text for right, text in RIGHTS.items()}
    extra = [f"may {words.get(right, right)}" for right in grant.with_rights]
    less = [f"not {words.get(right, right)}" for right in grant.without_rights]
    return "; ".join(extra + less)


async def _find(context: Context, arguments: Namespace) -> tuple[str, Grant]:
    """The share that is meant.

    :raises NotFound: there is none; InvalidArguments: there are several for that person.
    """
    account, name = await find_managed_account(context.client, arguments.mailbox)
    grants = (await context.client.get(Grant, account)).objects
    found = [grant for grant in grants if grant.id == arguments.principal]
    if not found:
        principal = await find_principal(context.client, arguments.principal)
        found = [grant for grant in grants if grant.principal == principal]
    if not found:
        raise NotFound(f"{name} is not shared with {arguments.principal} directly: see shinbox explain.")
    if len(found) > 1:
        raise InvalidArguments(
            f"{arguments.principal} has several shares of {name}: give the id of one of "
            f"{', '.join(grant.id for grant in found)} instead (shinbox admin grant list {name})."
        )
    return account, found[0]


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(mailbox, _list)
REMOVE = removing(Grant, _which, _find, said=lambda grant: "The share is ended.")
