"""The table of commands: their words, what they do, and where each one lives.

Owns the table alone, so that `shinbox list` imports nothing of `shinbox send`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shinbox.cli.context import Context


@dataclass(frozen=True)
class Command:
    """What a command's module says: the arguments it takes and what it does with them.

    `run` speaks with the desk and returns an exit code.
    """

    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Context, Namespace], Awaitable[int]]


@dataclass(frozen=True)
class Entry:
    """A row of the table.

    `place` is module:name of a Command, or of a function of the words after it and the desk's address.
    """

    words: str
    summary: str
    place: str

    def load(self) -> Command | Callable[[list[str], str | None], int]:
        """Import the command."""
        module, _, name = self.place.partition(":")
        found: Command | Callable[[list[str], str | None], int] = getattr(
            import_module(f"shinbox.cli.{module}"), name
        )
        return found


COMMANDS: Final = (
    Entry("mailboxes", "List your mailboxes, or the folders of one", "mailboxes:MAILBOXES"),
    Entry("list", "List the messages of a folder", "listing:LIST"),
    Entry("read", "Show messages", "reading:READ"),
    Entry("move", "Move messages to a folder", "changing:MOVE"),
    Entry("flag", "Mark messages read, unread or flagged, or label them", "changing:FLAG"),
    Entry("reply", "Answer a message as its mailbox", "composing:REPLY"),
    Entry("send", "Send a message as a mailbox", "composing:SEND"),
    Entry("explain", "Say why someone may or may not do something", "explaining:EXPLAIN"),
    Entry("audit", "Show what people did", "auditing:AUDIT"),
    Entry("audit verify", "Check that the audit was not changed", "auditing:VERIFY"),
    Entry("login", "Sign in to a desk that does not know you by your Unix login", "signing:LOGIN"),
    Entry("logout", "Sign out", "signing:LOGOUT"),
    Entry("token", "Sign in and print the token, for a script", "signing:TOKEN"),
    Entry("serve", "Run the desk", "desk:serve"),
    Entry("demo", "Try shinbox with a throwaway desk", "desk:demo"),
    Entry("admin init", "Make a desk's data folder and its first administrator", "desk:init"),
    Entry("admin account add", "Add a shared mailbox", "admin_account:ADD"),
    Entry("admin account set", "Change a shared mailbox", "admin_account:SET"),
    Entry("admin account list", "List all shared mailboxes", "admin_account:LIST"),
    Entry("admin account remove", "Remove a shared mailbox from the desk", "admin_account:REMOVE"),
    Entry("admin connection add", "Connect a mailbox to its mail server", "admin_connection:ADD"),
    Entry("admin connection set", "Change how a mailbox reaches its mail server", "admin_connection:SET"),
    Entry("admin connection list", "Show how mailboxes reach their mail servers", "admin_connection:LIST"),
    Entry("admin connection remove", "Disconnect a mailbox from its mail server", "admin_connection:REMOVE"),
    Entry("admin connection test", "Try a connection step by step", "admin_connection_test:TEST"),
    Entry("admin user add", "Add a user", "admin_user:ADD"),
    Entry("admin user set", "Change a user", "admin_user:SET"),
    Entry("admin user list", "List the users", "admin_user:LIST"),
    Entry("admin user remove", "Remove a user", "admin_user:REMOVE"),
    Entry("admin team add", "Add a team", "admin_team:ADD"),
    Entry("admin team set", "Change a team or who belongs to it", "admin_team:SET"),
    Entry("admin team list", "List the teams", "admin_team:LIST"),
    Entry("admin team remove", "Remove a team", "admin_team:REMOVE"),
    Entry("admin grant add", "Share a mailbox", "admin_grant:ADD"),
    Entry("admin grant set", "Change a share", "admin_grant:SET"),
    Entry("admin grant list", "List the shares of a mailbox", "admin_grant:LIST"),
    Entry("admin grant remove", "End a share", "admin_grant:REMOVE"),
    Entry("admin identity add", "Add an address that a mailbox sends from", "admin_identity:ADD"),
    Entry("admin identity set", "Change a From address or its signature", "admin_identity:SET"),
    Entry("admin identity list", "List the From addresses of a mailbox", "admin_identity:LIST"),
    Entry("admin identity remove", "Remove a From address", "admin_identity:REMOVE"),
)

EXIT_CODES: Final = {
    0: "done",
    1: "something else went wrong",
    2: "the command or an argument is wrong, or the desk refused it",
    3: "not found, or you may not do it",
    4: "sign in first",
    5: "something changed meanwhile: look, then try again",
    6: "the desk or the mail server cannot be reached, or refused",
    7: "the configuration cannot be used",
    70: "shinbox or the desk failed; a log says why",
    130: "stopped with Ctrl+C",
}


def find(words: list[str]) -> tuple[Entry, list[str]] | None:
    """The command that these words begin with (the longest), and the words after it."""
    by_words = {tuple(entry.words.split()): entry for entry in COMMANDS}
    for length in range(min(3, len(words)), 0, -1):
        entry = by_words.get(tuple(words[:length]))
        if entry:
            return entry, words[length:]
    return None


def beginning_with(words: list[str]) -> list[Entry]:
    """The commands that go on from these words."""
    return [entry for entry in COMMANDS if entry.words.split()[: len(words)] == words]
