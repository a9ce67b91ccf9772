"""`shinbox admin identity`: the addresses that a mailbox sends from, with their signatures."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.files import read_text
from shinbox.cli.names import find_managed_account, match
from shinbox.cli.objects import create, given, removing, show, update
from shinbox.cli.values import mailbox
from shinbox.errors import AlreadyExists, NotFound
from shinbox.jmap.objects import Identity


def _settings(parser: ArgumentParser) -> None:
    parser.add_argument("--name", metavar="TEXT", help="the name beside the address")
    parser.add_argument("--reply-to", metavar="ADDRESS", help="where answers go")
    parser.add_argument("--bcc", metavar="ADDRESS", help="who gets a blind copy of everything")
    parser.add_argument("--signature-file", type=Path, metavar="FILE", help="plain text; - is standard input")


def _values(arguments: Namespace) -> dict[str, object]:
    signature = read_text(arguments.signature_file).rstrip("\n") if arguments.signature_file else None
    return given(
        {
            "name": arguments.name,
            "replyTo": _one(arguments.reply_to),
            "bcc": _one(arguments.bcc),
            "textSignature": signature,
        }
    )


def _one(address: str | None) -> list[dict[str, str]] | None:
    return [{"email": address}] if address else None


def _add_arguments(parser: ArgumentParser) -> None:
    mailbox(parser)
    parser.add_argument("email", metavar="ADDRESS", help="what stands in From")
    _settings(parser)


async def _add(context: Context, arguments: Namespace) -> int:
    account, name = await find_managed_account(context.client, arguments.mailbox)
    known = (await context.client.get(Identity, account, None, ["id", "email"])).objects
    if any(one.email.casefold() == arguments.email.casefold() for one in known):
        raise AlreadyExists(
            f"{name} sends from {arguments.email} already. To change its name or signature:"
            f" shinbox admin identity set {arguments.mailbox} {arguments.email} …"
        )
    value = {"email": arguments.email, **_values(arguments)}
    await create(context, Identity, account, value, f"{name} can send from {arguments.email}.")
    return 0


def _which(parser: ArgumentParser) -> None:
    mailbox(parser)
    parser.add_argument("identity", metavar="ADDRESS", help="the From address, or the identity's id")


def _set_arguments(parser: ArgumentParser) -> None:
    _which(parser)
    _settings(parser)


async def _set(context: Context, arguments: Namespace) -> int:
    account, identity = await _find(context, arguments)
    await update(context, Identity, account, identity.id, _values(arguments), f"{identity.email} is changed.")
    return 0


async def _list(context: Context, arguments: Namespace) -> int:
    account, _ = await find_managed_account(context.client, arguments.mailbox)
    return show(
        context,
        (await context.client.get(Identity, account)).objects,
        {
            "ID": lambda identity: identity.id,
            "FROM": lambda identity: identity.email,
            "NAME": lambda identity: identity.name,
            "SIGNATURE": lambda identity: identity.text_signature.partition("\n")[0],
        },
        empty="It has no From address: shinbox admin identity add MAILBOX ADDRESS",
    )


async def _find(context: Context, arguments: Namespace) -> tuple[str, Identity]:
    account, name = await find_managed_account(context.client, arguments.mailbox)
    identities = (await context.client.get(Identity, account)).objects
    found = match(arguments.identity, {one.id: [one.email] for one in identities}, "identity")
    if found is None:
        have = ", ".join(one.email for one in identities) or "none"
        raise NotFound(f"{name} does not send from “{arguments.identity}”. It has: {have}.")
    return account, next(one for one in identities if one.id == found)


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(mailbox, _list)
REMOVE = removing(
    Identity,
    _which,
    _find,
    said=lambda identity: f"{identity.email} is removed.",
    question=lambda identity: f"Remove {identity.email} and its signature?",
)
