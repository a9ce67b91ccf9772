"""`shinbox admin user`: the people of the desk."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shinbox.cli.commands import Command
from shinbox.cli.context import Context, ask_secret
from shinbox.cli.names import find_user
from shinbox.cli.objects import create, given, on_off, removing, show, update
from shinbox.cli.values import nothing
from shinbox.jmap.objects import User
from shinbox.terms import DESK


def _settings(parser: ArgumentParser) -> None:
    parser.add_argument("--display-name", metavar="TEXT", help="the name that others see")
    parser.add_argument("--email", metavar="ADDRESS", help="their own address")
    parser.add_argument("--unix-name", metavar="LOGIN", help="the Unix login that needs no password here")
    parser.add_argument("--password", action="store_true", help="ask for a password")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="first line is the password; - is standard input"
    )


def _values(arguments: Namespace) -> dict[str, object]:
    password = None
    if arguments.password or arguments.password_file:
        password = ask_secret("New password", arguments.password_file, twice=True)
    return given(
        {
            "displayName": arguments.display_name,
            "email": arguments.email,
            "unixName": arguments.unix_name,
            "password": password,
            "isAdministrator": arguments.administrator,
        }
    )


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name to sign in with")
    parser.add_argument(
        "--administrator", action="store_true", default=None, help="may manage users and mailboxes"
    )
    _settings(parser)


async def _add(context: Context, arguments: Namespace) -> int:
    value = {"name": arguments.name, "displayName": arguments.name, **_values(arguments)}
    said = f"{arguments.name} is there."
    if "password" not in value and "unixName" not in value:
        said += f" They cannot sign in yet: shinbox admin user set {arguments.name} --password"
    await create(context, User, DESK, value, said)
    return 0


def _set_arguments(parser: ArgumentParser) -> None:
    _which(parser)
    parser.add_argument("--name", metavar="NAME", help="another name to sign in with")
    on_off(
        parser,
        "--administrator",
        "--no-administrator",
        "administrator",
        "may manage users and mailboxes",
        "may no longer manage users and mailboxes",
    )
    on_off(parser, "--active", "--inactive", "active", "may sign in again", "may not sign in any more")
    _settings(parser)


async def _set(context: Context, arguments: Namespace) -> int:
    user = await find_user(context.client, arguments.user)
    patch = {**given({"name": arguments.name, "isActive": arguments.active}), **_values(arguments)}
    await update(context, User, DESK, user.id, patch, f"{user.name} is changed.")
    return 0


async def _list(context: Context, arguments: Namespace) -> int:
    return show(
        context,
        (await context.client.get(User, DESK)).objects,
        {
            "USER": lambda user: user.name,
            "NAME": lambda user: user.display_name,
            "EMAIL": lambda user: user.email or "",
            "SIGNS IN BY": _signs_in,
            "": _notes,
        },
    )


def _signs_in(user: User) -> str:
    ways = [f"Unix login {user.unix_name}"] if user.unix_name else []
    ways += ["password"] if user.has_password else []
    return ", ".join(ways) or "no way yet"


def _notes(user: User) -> str:
    notes = ["administrator"] if user.is_administrator else []
    notes += [] if user.is_active else ["inactive"]
    return ", ".join(notes)


def _which(parser: ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER", help="name")


async def _find(context: Context, arguments: Namespace) -> tuple[str, User]:
    return DESK, await find_user(context.client, arguments.user)


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(nothing, _list)
REMOVE = removing(
    User,
    _which,
    _find,
    said=lambda user: f"{user.name} is removed.",
    question=lambda user: f"Remove {user.name}, and all their shares?",
)
