"""`shinbox admin connection`: how a mailbox reaches its mail server."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Final

import msgspec

from shinbox.cli.commands import Command
from shinbox.cli.context import Context, ask_secret, confirm
from shinbox.cli.names import find_any_account, find_managed_account
from shinbox.cli.objects import given, update, yes_option
from shinbox.cli.values import mailbox
from shinbox.errors import InvalidArguments, MethodError
from shinbox.jmap.objects import Account, Connection
from shinbox.jmap.objects.connection import ServerSettings
from shinbox.terms import DESK

SINGLETON: Final = "singleton"
_PORTS: Final = {
    ("imap", "tls"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("smtp", "tls"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "none"): 25,
}


def _server(parser: ArgumentParser, protocol: str, what: str) -> None:
    group = parser.add_argument_group(f"{protocol.upper()}: {what}")
    group.add_argument(f"--{protocol}-host", metavar="HOST", help="the server's name")
    group.add_argument(f"--{protocol}-port", type=int, metavar="N", help="else the usual one for --…-tls")
    group.add_argument(
        f"--{protocol}-tls", choices=("tls", "starttls", "none"), help="none: to this machine only"
    )
    group.add_argument(f"--{protocol}-user", metavar="NAME", help="whom the server knows")
    group.add_argument(f"--{protocol}-ca-file", metavar="FILE", help="trust this certificate authority")
    group.add_argument(f"--{protocol}-password", action="store_true", help="ask for the password")
    group.add_argument(
        f"--{protocol}-password-file", type=Path, metavar="FILE", help="first line is it; - is standard input"
    )


def _set_arguments(parser: ArgumentParser) -> None:
    mailbox(parser)
    _server(parser, "imap", "reading mail")
    _server(parser, "smtp", "sending mail")
    parser.add_argument(
        "--root", metavar="FOLDER", help="only this folder tree of the server: shared/support@x"
    )
    parser.add_argument(
        "--sent-policy",
        choices=("append", "server", "detect"),
        help="who puts the copy into Sent: the desk, the server, or find out",
    )


async def _set(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    [connection] = (await context.client.get(Connection, account.id)).objects or [Connection()]
    patch: dict[str, Any] = given({"root": arguments.root, "sentPolicy": arguments.sent_policy})
    for protocol, old in (("imap", connection.imap), ("smtp", connection.smtp)):
        settings = server_settings(vars(arguments), protocol, old)
        if settings is not None:
            patch[protocol] = msgspec.to_builtins(settings)
        secret = _secret(arguments, protocol, account.address)
        if secret is not None:
            patch[f"{protocol}Secret"] = secret
    said = f"{account.address} is changed. Try it: shinbox admin connection test {account.address}"
    await update(context, Connection, account.id, SINGLETON, patch, said)
    return 0


def server_settings(
    options: dict[str, Any], protocol: str, old: ServerSettings | None
) -> ServerSettings | None:
    """The settings after these options; None when none of them was given.

    :raises InvalidArguments: a new server without a host.
    """
    names = ("host", "port", "tls", "user", "ca_file")
    wanted = given({name: options[f"{protocol}_{name}"] for name in names})
    if not wanted:
        return None
    if old is None and "host" not in wanted:
        raise InvalidArguments(f"Say which server: --{protocol}-host.")
    before = msgspec.structs.asdict(old) if old else {}
    # A port that is not the usual one was chosen: another way to encrypt does not take it back.
    if old is None or ("tls" in wanted and old.port == _PORTS[protocol, old.tls]):
        wanted.setdefault("port", _PORTS[protocol, wanted.get("tls", "tls")])
    return ServerSettings(**{**before, **wanted})


def _secret(arguments: Namespace, protocol: str, address: str) -> str | None:
    file = getattr(arguments, f"{protocol}_password_file")
    if file is None and not getattr(arguments, f"{protocol}_password"):
        return None
    return ask_secret(f"{protocol.upper()} password of {address}", file)


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("mailbox", nargs="?", metavar="MAILBOX", help="only this one")


async def _list(context: Context, arguments: Namespace) -> int:
    found = await _connections(context, arguments.mailbox)
    if context.out.as_json:
        context.out.data([{"mailbox": name, **msgspec.to_builtins(one)} for name, one in found])
        return 0
    context.out.table(
        ("MAILBOX", "IMAP", "SMTP", "ROOT", "COPY IN SENT"),
        [
            [
                name,
                _shown(one.imap, one.has_imap_secret),
                _shown(one.smtp, one.has_smtp_secret),
                one.root or "",
                one.sent_policy,
            ]
            for name, one in found
        ],
        empty="None that you may see has a mail server: shinbox admin connection add MAILBOX --imap-host …",
    )
    return 0


async def _connections(context: Context, wanted: str | None) -> list[tuple[str, Connection]]:
    """One mailbox's, or all that there are, each with the mailbox's name; says which may not be seen."""
    if wanted:
        accounts = [await find_managed_account(context.client, wanted)]
    elif (session := await context.client.session()).is_administrator:
        every = (await context.client.get(Account, DESK)).objects
        accounts = [(one.id, one.address) for one in every]
    else:
        accounts = [(id_, one.address) for id_, one in session.accounts.items() if id_ != DESK]
    found: list[tuple[str, Connection]] = []
    for id_, name in accounts:
        try:
            got = (await context.client.get(Connection, id_)).objects
            found += [(name, one) for one in got if one.imap or one.smtp or wanted]
        except MethodError as refused:
            context.out.say(f"{name}: {refused}")
    return found


def _shown(server: ServerSettings | None, has_secret: bool) -> str:
    if server is None:
        return "none"
    secret = "" if has_secret else ", no password"
    return f"{server.user}@{server.host}:{server.port} ({server.tls}{secret})"


def _remove_arguments(parser: ArgumentParser) -> None:
    mailbox(parser)
    yes_option(parser)


async def _remove(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    confirm(f"Disconnect {account.address}, and forget its passwords?", arguments.yes)
    patch = dict.fromkeys(("imap", "smtp", "imapSecret", "smtpSecret", "root"))
    await update(context, Connection, account.id, SINGLETON, patch, f"{account.address} is disconnected.")
    return 0


ADD = Command(_set_arguments, _set)
SET = Command(_set_arguments, _set)
LIST = Command(_list_arguments, _list)
REMOVE = Command(_remove_arguments, _remove)
