"""`python -m shinbox.desk`: serve, init, and the two processes that serve starts.

Owns the command line of the service and nothing else. `shinbox serve` and `shinbox admin init` come here.
"""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import msgspec

from shinbox.desk import config as configuration
from shinbox.desk import unix
from shinbox.desk.config import Config
from shinbox.errors import ShinboxError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code (shinbox.errors)."""
    given = _parser().parse_args(arguments)
    try:
        match given.command:
            case "serve":
                _serve(given)
            case "init":
                _init(given)
            case "demo":
                _demo()
            case "front":
                _front(given)
            case "mail":
                _mail(given)
    except ShinboxError as failure:
        print(f"shinbox: {failure}", file=sys.stderr)  # noqa: T201  # the command line's answer
        return failure.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shinbox serve", description="The desk of shinbox.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", prog="shinbox serve", help="run the desk")
    init = commands.add_parser(
        "init", prog="shinbox admin init", help="make the data folder and the first administrator"
    )
    for command in (serve, init):
        command.add_argument("--config", type=Path, help=f"default: {configuration.DEFAULT_FILE}")
        command.add_argument("--data", type=Path, help="the data folder, instead of the configured one")
    serve.add_argument("--socket", type=Path, help="the socket, instead of the configured one")
    _inner_arguments(serve)
    init.add_argument("--admin", required=True, metavar="NAME", help="the first administrator")
    init.add_argument("--unix-name", metavar="LOGIN", help="their Unix login")
    init.add_argument("--password-stdin", action="store_true", help="their password is read from stdin")
    commands.add_parser("demo", help="a throwaway desk, until standard input closes")
    for name in ("front", "mail"):
        inner = commands.add_parser(name, help="started by serve")
        inner.add_argument("--parent", type=int, required=True)
        inner.add_argument("--wake", type=int, required=True)
    commands.choices["front"].add_argument("--listen", required=True)
    commands.choices["mail"].add_argument("--key", type=int, required=True)
    return parser


def _inner_arguments(serve: argparse.ArgumentParser) -> None:
    """What only a program of ours says: nobody who types is told."""
    # The configuration as JSON on standard input; a descriptor that is written to once the desk listens; a
    # process to end with; a file to end with, once nobody holds a lock on it any more.
    serve.add_argument("--config-stdin", action="store_true", help=argparse.SUPPRESS)
    serve.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    serve.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    serve.add_argument("--while-needed", type=Path, help=argparse.SUPPRESS)


def _configured(given: argparse.Namespace) -> Config:
    if getattr(given, "config_stdin", False):
        config = msgspec.json.decode(sys.stdin.buffer.read(), type=Config)
    else:
        config = configuration.load(given.config)
    if given.data:
        config.data = str(given.data.absolute())
    if getattr(given, "socket", None):
        config.socket.path = str(given.socket.absolute())
    return config


def _log_at(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def _serve(given: argparse.Namespace) -> None:
    from shinbox.desk import service

    if given.parent:
        unix.die_with(given.parent)
    config = _configured(given)
    _log_at(config.log_level)
    service.serve(config, given.ready_fd, given.while_needed)


def _init(given: argparse.Namespace) -> None:
    from shinbox.desk.initialise import initialise

    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else None
    config = _configured(given)
    initialise(config, given.admin, unix_name=given.unix_name, password=password, now=time.time())
    same = {"--config": given.config, "--data": given.data and config.data}
    words = [word for option, path in same.items() if path for word in (option, str(path))]
    print(f"The desk is in {config.data}. Start it: {shlex.join(['shinbox', 'serve', *words])}")  # noqa: T201


def _demo() -> None:
    from shinbox.desk.demo import run

    run.run()


def _child(given: argparse.Namespace, name: str) -> tuple[Config, socket.socket]:
    """What both processes do first: out of sight, tied to the service, deaf to Ctrl+C."""
    unix.withdraw()
    unix.die_with(given.parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = msgspec.json.decode(sys.stdin.buffer.read(), type=Config)
    _log_at(config.log_level)
    threading.current_thread().name = name
    return config, socket.socket(fileno=given.wake)


def _front(given: argparse.Namespace) -> None:
    from shinbox.desk.front import process

    config, wake_end = _child(given, "front")
    listeners = [socket.socket(fileno=int(number)) for number in given.listen.split(",")]
    process.run(config, listeners, wake_end)


def _mail(given: argparse.Namespace) -> None:
    from shinbox.desk.mail import process

    config, wake_end = _child(given, "mail")
    with os.fdopen(given.key, "rb") as pipe:
        key = pipe.read()
    process.run(config, wake_end, key, unix.await_signal(signal.SIGTERM))


if __name__ == "__main__":
    sys.exit(main())
