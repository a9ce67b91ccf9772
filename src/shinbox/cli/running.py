"""The way in: finds the command, runs it, turns what went wrong into one sentence and an exit code.

Owns the top-level options, help, errors and crash logs. Knows no command's business.
"""

from __future__ import annotations

import os
import sys
import traceback
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from shinbox.cli.commands import COMMANDS, Command, Entry, beginning_with, find
from shinbox.errors import ConfigError, InvalidArguments, NotSignedIn, ShinboxError

CRASHED = 70
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; without one, the terminal client. Returns the exit code, never raises."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except ShinboxError as error:
        return complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: stop silently, and keep the interpreter from flushing once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 0
    except Exception:  # noqa: BLE001 - the last net: a person gets a sentence, the log gets the traceback
        return crashed(traceback.format_exc())


def complain(error: ShinboxError) -> int:
    """Say in one sentence what went wrong."""
    from shinbox.text.safe import safe

    remedy = " Run: shinbox login" if isinstance(error, NotSignedIn) else ""
    print(f"shinbox: {safe(str(error))}{remedy}", file=sys.stderr)
    return error.exit_code


def crashed(report: str) -> int:
    """Keep the traceback in a file that only its owner reads, and say where."""
    from shinbox.client.crash import keep_report

    try:
        path = keep_report(report)
    except OSError:
        print(f"shinbox: something went wrong inside shinbox.\n{report}", file=sys.stderr)
        return CRASHED
    print(
        f"shinbox: something went wrong inside shinbox; {path} says what: please report it.", file=sys.stderr
    )
    return CRASHED


def _dispatch(words: list[str]) -> int:
    desks, options, words = take_options(words)
    if not words:
        return _terminal(desks)
    if len(desks) > 1:
        raise ConfigError("A command talks with one desk: say --desk once.")
    desk = desks[0] if desks else None
    if words[0] in ("-h", "--help", "help"):
        print(usage(COMMANDS))
        return 0
    if words[0] in ("-V", "--version"):
        from shinbox import __version__

        print(f"shinbox {__version__}")
        return 0
    found = find(words)
    if found is None:
        return _unknown(words)
    entry, rest = found
    command = entry.load()
    if not isinstance(command, Command):
        return command(rest, desk)
    return run_command(entry, command, [*(["--desk", desk] if desk else []), *options, *rest])


def run_command(entry: Entry, command: Command, words: list[str]) -> int:
    """Parse the words after the command's name, and run it."""
    import asyncio

    from shinbox.cli.context import Context

    arguments = parser(entry, command).parse_args(words)

    async def talk() -> int:
        async with Context.open(arguments) as context:
            return await command.run(context, arguments)

    return asyncio.run(talk())


def parser(entry: Entry, command: Command) -> ArgumentParser:
    """The parser of one command, with the options that every command has."""
    made = ArgumentParser(
        prog=f"shinbox {entry.words}",
        description=f"{entry.summary}.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.arguments(made)
    common = made.add_argument_group("options of every command")
    common.add_argument("--desk", metavar="ADDRESS", help="unix:/path, ssh://host or https://host")
    common.add_argument("--token-file", metavar="FILE", type=Path, help="sign in with the token in this file")
    common.add_argument("--json", action="store_true", help="print JSON for a program")
    return made


def take_options(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """The options that stand before the command: the desks, the others, and the words after them.

    :raises ConfigError: an option lacks its value.
    """
    desks: list[str] = []
    others: list[str] = []
    while words and words[0].partition("=")[0] in ("--desk", "--token-file", "--json"):
        name, equals, value = words[0].partition("=")
        words = words[1:]
        if name == "--json":
            others.append(name)
            continue
        if not equals:
            if not words:
                raise ConfigError(f"{name} needs a value: see shinbox list --help.")
            value, words = words[0], words[1:]
        if name == "--desk":
            desks.append(value)
        else:
            others += [name, value]
    return desks, others, words


def usage(entries: Sequence[Entry]) -> str:
    """The list of commands."""
    width = max(len(entry.words) for entry in entries) + 2
    rows = "\n".join(f"  {entry.words:<{width}}{entry.summary}" for entry in entries)
    return (
        "usage: shinbox [--desk ADDRESS] [COMMAND …]\n\n"
        "Without a command, the terminal client starts; with --desk more than once it shows several desks.\n"
        "ADDRESS is unix:/path/desk.sock, ssh://[user@]host or https://host.\n\n"
        f"{rows}\n\n`shinbox COMMAND --help` says more about each."
    )


def _unknown(words: list[str]) -> int:
    known: list[str] = []
    for word in words:
        if not beginning_with([*known, word]):
            break
        known.append(word)
    if known:
        asked_help = words[len(known) :] in (["-h"], ["--help"])
        print(usage(beginning_with(known)), file=sys.stdout if asked_help else sys.stderr)
        return 0 if asked_help else 2
    from shinbox.text.safe import safe

    print(f"shinbox: “{safe(words[0])}” is no command: see shinbox --help.", file=sys.stderr)
    return 2


def _terminal(given: Sequence[str]) -> int:
    from shinbox.jmap.endpoint import SYSTEM_SOCKET, Endpoint
    from shinbox.jmap.finding import KnownDesk, find_desks, own_socket

    desks = find_desks(given)
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise InvalidArguments("shinbox needs a terminal; without one use its commands: shinbox --help.")
    own = bool(desks) and not given and desks[0].endpoint.socket == own_socket()
    if own or not desks:
        from shinbox.cli.own_desk import OwnDesk, running

        mine = OwnDesk.here()
        # A socket of one's own may be left over from a desk that was killed, or be of one run by hand.
        if not desks or mine.exists():
            from shinbox.cli.demo import run as run_demo
            from shinbox.tui.app import begin

            return begin(lambda: running(mine), lambda: run_demo([]), has_own=mine.exists())
    import gc

    # The start makes a hundred thousand objects and drops next to none: looking for cycles among them took a
    # sixth of it. With the first picture it is on (tui/first_paint.py).
    gc.disable()
    from shinbox.tui.app import run

    return run(desks or [KnownDesk("", Endpoint(socket=SYSTEM_SOCKET))])
