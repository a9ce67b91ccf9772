"""What every command is given: the client, the output, the ways to ask a person.

Owns how a command reaches its desk and who it is there. Knows no command.
"""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shinbox.cli.output import Output
from shinbox.errors import InvalidArguments
from shinbox.jmap.client import Client, Endpoint
from shinbox.jmap.finding import find_desk
from shinbox.jmap.tokens import load_token

MAX_SECRET: Final = 64 * 1024


@dataclass
class Context:
    """One run of a command."""

    client: Client
    out: Output

    @classmethod
    @asynccontextmanager
    async def open(cls, arguments: Namespace) -> AsyncIterator[Context]:
        """Ready to talk; the connection is made with the first call."""
        desk = find_desk(arguments.desk)
        if arguments.token_file:
            token: str | None = read_secret_file(arguments.token_file)
        else:
            token = load_token(desk)
        with _reached(desk) as endpoint:
            async with Client(endpoint, token) as client:
                yield cls(client, Output(as_json=arguments.json))


def _reached(desk: Endpoint) -> AbstractContextManager[Endpoint]:
    if desk.ssh is None:
        return nullcontext(desk)
    from shinbox.jmap.ssh import reached

    return reached(desk, say=_say if sys.stderr.isatty() else lambda text: None)


def _say(text: str) -> None:
    print(f"shinbox: {text}", file=sys.stderr)


def read_secret_file(path: Path) -> str:
    """The first line of a file, or of standard input for `-`.

    :raises InvalidArguments: it cannot be read, or is empty.
    """
    try:
        if str(path) == "-":
            text = sys.stdin.readline(MAX_SECRET)
        else:
            with path.open(encoding="utf-8") as file:
                text = file.readline(MAX_SECRET)
    except UnicodeDecodeError:
        raise InvalidArguments(f"{path} is no UTF-8 text: its first line should be the secret.") from None
    except OSError as unreadable:
        raise InvalidArguments(f"{path} cannot be read: {unreadable.strerror}.") from None
    text = text.rstrip("\r\n")
    if not text:
        raise InvalidArguments(f"{path} is empty: its first line should be the secret.")
    return text


def ask_secret(what: str, file: Path | None, *, twice: bool = False) -> str:
    """A password from a file, from standard input (`-`), or typed unseen. Never from an argument.

    :raises InvalidArguments: there is nobody to ask.
    """
    if file is not None:
        return read_secret_file(file)
    if not sys.stdin.isatty():
        raise InvalidArguments(
            f"{what}: there is no terminal to ask on; give a file, or - for standard input."
        )
    secret = getpass.getpass(f"{what}: ")
    if twice and getpass.getpass(f"{what}, once more: ") != secret:
        raise InvalidArguments("The two were not the same: try again.")
    if not secret:
        raise InvalidArguments("Nothing was typed: try again.")
    return secret


def confirm(question: str, yes: bool) -> None:
    """Ask before what cannot be undone.

    :raises InvalidArguments: the answer is no, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidArguments(f"{question} Say --yes to do it.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidArguments("Nothing was changed.")
