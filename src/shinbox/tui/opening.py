"""Handing files, links and messages to other programs. Files and links are an argument, which no shell reads.

A command line that a person types is the shell's, as in any mail program: what it gets of a mail is its input
alone. Owns which program opens what, and that nothing opens on a machine the person does not sit at, unless
they said so in the settings. Knows no screen.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from shinbox.errors import ConfigError

_OPENERS: Final = ("xdg-open", "open", "wslview")
SHELL: Final = "/bin/sh"
_LONGEST_OUTPUT: Final = 2_000_000
_PIECE: Final = 64 * 1024
PIPE_SECONDS: Final = 30.0
HANDED_OVER_SECONDS: Final = 3.0
_UNREADABLE: Final = {
    "No closing quotation": "a quotation mark is missing",
    "No escaped character": "it ends with a backslash",
}
"""What shlex says → what a person would."""


def is_remote(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the person sits at another machine."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def open_command(
    type_: str,
    handlers: Mapping[str, str],
    *,
    over_ssh: bool,
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """The program for a type: the exact one, `text/*`, `*`, else the desktop's own opener.

    :raises ConfigError: nothing can be opened here, with what to do instead.
    """
    if is_remote(environ) and not over_ssh:
        raise ConfigError(
            "You are connected over SSH: a program would open on the other machine. Save the file or "
            "copy the link, or set open_over_ssh = true."
        )
    for known in (type_.lower(), type_.lower().partition("/")[0] + "/*", "*"):
        if known in handlers:
            return split_command(handlers[known])
    for opener in _OPENERS:
        if shutil.which(opener):
            return [opener]
    raise ConfigError(f"No program for {type_} is known: name one under [open] in the settings.")


def split_command(text: str) -> list[str]:
    """A command as an argument list.

    :raises ConfigError: it is empty or cannot be read.
    """
    try:
        words = shlex.split(text)
    except ValueError as unreadable:
        raise ConfigError(f"“{text}” cannot be read as a command: {_UNREADABLE[str(unreadable)]}.") from None
    if not words:
        raise ConfigError("Name a program.")
    return words


def not_started(program: str, error: OSError) -> ConfigError:
    """Why a program does not start, and what to do."""
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"There is no program {program} on this machine: install it, or name another.")
    return ConfigError(f"{program} could not be started: {error.strerror}. Name another program.")


def not_opened(program: str, type_: str) -> ConfigError:
    """A program has ended at once, as one does that has nothing for this type."""
    return ConfigError(
        f"{program} cannot open this: name a program for {type_} under [open] in the settings."
    )


async def launch(command: Sequence[str], target: str) -> asyncio.subprocess.Process:
    """Start a program on a file or link, and let it be.

    :raises ConfigError: it cannot be started.
    """
    nothing = asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            *command, target, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError as error:
        raise not_started(command[0], error) from None


async def ended(process: asyncio.subprocess.Process) -> bool:
    """Wait for a program; whether it was the one that showed the file.

    One that ends at once has handed the file to another, which still reads it (as `xdg-open` does).
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    await process.wait()
    return loop.time() - began > HANDED_OVER_SECONDS


async def answer_of(process: asyncio.subprocess.Process, data: bytes, seconds: float) -> tuple[bytes, bytes]:
    """Feed a program and wait for its end: its output and its errors. It never outlives the wait.

    :raises TimeoutError: it has not ended after so many seconds.
    """
    try:
        return await asyncio.wait_for(process.communicate(data), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _begun(command: Sequence[str]) -> asyncio.subprocess.Process:
    """A program in a session of its own. Whoever is cancelled meanwhile leaves none."""
    both = asyncio.subprocess.PIPE
    beginning = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command, stdin=both, stdout=both, stderr=asyncio.subprocess.STDOUT, start_new_session=True
        )
    )
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        # asyncio would end that program alone, and wait for what it has started.
        with suppress(OSError):
            await _end(await beginning)
        raise


async def _beginning(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    """What it says until it ends, or until that is more than is shown."""
    assert process.stdin is not None and process.stdout is not None
    feeding = asyncio.create_task(_feed(process.stdin, data))
    said = bytearray()
    try:
        while len(said) <= _LONGEST_OUTPUT and (piece := await process.stdout.read(_PIECE)):
            said += piece
        if len(said) <= _LONGEST_OUTPUT:
            await process.wait()
    finally:
        feeding.cancel()
    return bytes(said)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it and what it has started. What they still say is read: asyncio waits for the end of that, too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    while await process.stdout.read(_PIECE):
        pass
    await process.wait()


async def _feed(stdin: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(data)
        await stdin.drain()
    stdin.close()


async def pipe(line: str, data: bytes) -> str:
    """Feed bytes to a command line of `sh`; what it says, its last line the exit code where that is not 0.

    One that says more than 2 MB is stopped: what it said last tells so.

    :raises ConfigError: it cannot be started, or does not end.
    """
    try:
        process = await _begun([SHELL, "-c", line])
    except OSError as error:
        raise not_started(SHELL, error) from None
    try:
        async with asyncio.timeout(PIPE_SECONDS):
            output = await _beginning(process, data)
    except TimeoutError:
        raise ConfigError(f"“{line}” was stopped: it ran for {PIPE_SECONDS:.0f} seconds.") from None
    finally:
        assert process.stdout is not None
        if process.returncode is None or not process.stdout.at_eof():
            # Also what the shell has left behind: it would go on unseen, and hold what it was to say.
            await _end(process)
    said = output[:_LONGEST_OUTPUT].decode("utf-8", "replace")
    if len(output) > _LONGEST_OUTPUT:
        return f"{said}\n[it was stopped: it said more than {_LONGEST_OUTPUT // 10**6} MB]"
    return said if process.returncode == 0 else f"{said}\n[it ended with {process.returncode}]"
