"""`shinbox login`, `logout` and `token`: for desks that do not know you by your Unix login."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace
from pathlib import Path

from shinbox.cli.commands import Command
from shinbox.cli.context import Context, ask_secret
from shinbox.cli.output import local_time
from shinbox.cli.values import nothing
from shinbox.errors import InvalidArguments
from shinbox.jmap.tokens import forget_token, save_token


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="your name at the desk; else that of your Unix login"
    )
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="first line is the password; - is standard input"
    )


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise InvalidArguments("Say your name at the desk: shinbox login NAME.") from None


async def _sign_in(context: Context, arguments: Namespace) -> tuple[str, str | None]:
    """The token, and until when it is good."""
    name = arguments.name or _own_name()
    password = ask_secret(f"Password of {name}", arguments.password_file)
    return await context.client.sign_in_until(name, password)


async def _login(context: Context, arguments: Namespace) -> int:
    token, expires = await _sign_in(context, arguments)
    save_token(context.client.endpoint, token)
    session = await context.client.session()
    if context.out.as_json:
        context.out.data({"name": session.username, "expiresAt": expires})
    else:
        until = f" until {local_time(expires)}" if expires else ""
        context.out.say(f"You are signed in as {session.username}{until}.")
    return 0


async def _token(context: Context, arguments: Namespace) -> int:
    token, expires = await _sign_in(context, arguments)
    if context.out.as_json:
        context.out.data({"token": token, "expiresAt": expires})
    else:
        context.out.say(token)
    return 0


async def _logout(context: Context, arguments: Namespace) -> int:
    # The file goes first: whatever the desk answers, this machine keeps no token.
    had = forget_token(context.client.endpoint)
    await context.client.sign_out()
    if context.out.as_json:
        context.out.data({"signedOut": had})
    else:
        context.out.say("You are signed out." if had else "You were not signed in.")
    return 0


LOGIN = Command(_arguments, _login)
TOKEN = Command(_arguments, _token)
LOGOUT = Command(nothing, _logout)
