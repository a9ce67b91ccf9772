"""From what is typed to what is asked for: which folders and mailboxes a search looks through.

Pure: the language is `shinbox.text.search`; here its words meet the mailboxes that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from shinbox.errors import InvalidArguments
from shinbox.text.search import parse_search
from shinbox.tui.folder_view import Filter
from shinbox.tui.mail_desk import AccountView
from shinbox.tui.mail_rows import path_of


class Scope(StrEnum):
    """What a search looks through."""

    FOLDER = "folder"
    MAILBOX = "mailbox"
    EVERYWHERE = "everywhere"

    @property
    def next(self) -> Scope:
        """The next wider one; after the widest the narrowest."""
        scopes = list(Scope)
        return scopes[(scopes.index(self) + 1) % len(scopes)]


def folder_names(account: AccountView) -> dict[str, str]:
    """What `in:` understands: a folder's name, its path, its role."""
    names: dict[str, str] = {}
    for folder in account.folders.values():
        path = path_of(folder, account.folders)
        for name in (path, path.replace(" / ", "/"), folder.name, folder.role or ""):
            if name:
                names.setdefault(name, folder.id)
    return names


def search_filter(text: str, now: datetime, account: AccountView) -> Filter:
    """The filter for one mailbox.

    :raises InvalidArguments: with a sentence for who typed it.
    """
    return parse_search(text, now, folder_names(account))


def search_filters(text: str, now: datetime, accounts: Mapping[str, AccountView]) -> dict[str, Filter]:
    """The filter for each mailbox; one without the folder that was named finds nothing.

    :raises InvalidArguments: no mailbox understands it.
    """
    found: dict[str, Filter] = {}
    problem: InvalidArguments | None = None
    for account in accounts.values():
        try:
            found[account.id] = search_filter(text, now, account)
        except InvalidArguments as error:
            problem = error
    if problem is not None and not found:
        raise problem
    return found
