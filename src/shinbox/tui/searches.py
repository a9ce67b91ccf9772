"""From what is typed to what is asked for: which folders and mailboxes a search looks through.

Pure: the language is `shinbox.text.search`; here its words meet the mailboxes that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shinbox.errors import InvalidArguments
from shinbox.text.search import OPERATORS, STATES, parse_search
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


_LAST = re.compile(r'^(?P<before>(?:.*\s)?)(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?P<value>"[^"]*|[^\s"]*)$')


def without_beginning(text: str) -> str:
    """A search without an operator at its end whose value is still to be typed."""
    last = _LAST.match(text)
    begun = (
        last is not None and last["key"] and last["key"].lower() in OPERATORS and not last["value"].strip('"')
    )
    return last["before"] if begun and last is not None else text


@dataclass(frozen=True)
class Completions:
    """How what is typed may go on."""

    lines: tuple[str, ...] = ()
    """The whole line, completed; the likeliest first."""
    values: tuple[str, ...] = ()
    """What may stand at the end."""

    @property
    def ghost(self) -> str | None:
        """The line that is offered where one types."""
        return self.lines[0] if self.lines else None


def complete(text: str, folders: Iterable[str], labels: Iterable[str]) -> Completions:
    """How a search may go on: an operator, or one of the values that an operator takes."""
    last = _LAST.match(text)
    if last is None or not text.strip():
        return Completions()
    key, typed = (last["key"] or "").lower(), last["value"].lstrip('"')
    values = _values(key, folders, labels)
    if not key:
        values = [f"{operator}:" for operator in OPERATORS] if len(typed) > 1 else []
    fitting = [value for value in values if value.lower().startswith(typed.lower()) and value != typed]
    start = f"{last['before']}{last['minus']}" + (f"{last['key']}:" if key else "")
    return Completions(
        tuple(start + _continued(typed, last["value"], value) for value in fitting), tuple(fitting)
    )


def _values(key: str, folders: Iterable[str], labels: Iterable[str]) -> list[str]:
    match key:
        case "is":
            return sorted(STATES)
        case "has":
            return ["attachment"]
        case "in":
            return list(dict.fromkeys(folders))
        case "label":
            return list(labels)
        case "before" | "after" | "on":
            return ["today", "yesterday", "7d", "2w", "3m", "1y"]
        case "larger" | "smaller":
            return ["500k", "1M", "10M"]
    return []


def _continued(typed: str, raw: str, value: str) -> str:
    """The value as it may be written: what is typed stays, unless it has to be put into quotes."""
    if " " in value or raw.startswith('"'):
        return f'"{value}"'
    return typed + value[len(typed) :]
