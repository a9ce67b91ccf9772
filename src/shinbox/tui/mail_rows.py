"""Emails and folders as rows of a list.

Pure: objects of the protocol in, rows out. Knows no widget and asks nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shinbox.client.formats import age, poses_as_another, short_name, size, when
from shinbox.jmap.objects import Email, Mailbox
from shinbox.terms import Keyword, Role
from shinbox.tui.columns import Column
from shinbox.tui.rows import Row

LIST_PROPERTIES: Final = (
    "id",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
    "from",
    "to",
    "subject",
    "hasAttachment",
)
"""What a line of the list needs of an email."""

NEWEST_FIRST: Final = [{"property": "receivedAt", "isAscending": False}]

FOLDER_COLUMNS: Final = (
    Column("name", 6, flex=1, tree=True),
    Column("count", 5, align="right", tone="accent"),
)

_ROLE_ORDER: Final = (Role.INBOX, Role.DRAFTS, Role.SENT, Role.ARCHIVE, Role.JUNK, Role.TRASH)
_FILING_ORDER: Final = (Role.ARCHIVE, Role.INBOX, Role.JUNK, Role.TRASH, Role.SENT, Role.DRAFTS)
_TO_PEOPLE: Final = frozenset({Role.SENT, Role.DRAFTS})


def email_row(email: Email, now: datetime, role: str | None = None) -> Row:
    """The line of an email. In Sent and Drafts it names whom it goes to."""
    seen = Keyword.SEEN in email.keywords
    people = email.to if role in _TO_PEOPLE else email.from_
    who = ", ".join(short_name(person) for person in people or ()) or "(nobody)"
    tones = {"from": "warning"} if people and poses_as_another(people[0]) else {}
    cells = {
        "mark": "" if seen else "●",
        "flag": "★" if Keyword.FLAGGED in email.keywords else "",
        "from": f"To: {who}" if role in _TO_PEOPLE else who,
        "subject": (email.subject or "").strip() or "(no subject)",
        "clip": "@" if email.has_attachment else "",
        "done": done_mark(email),
        "size": size(email.size),
        "date": when(email.received_at, now),
        "date-short": age(email.received_at, now),
    }
    return Row(email.id, cells, tone="" if seen else "unread", tones=tones)


def done_mark(email: Email) -> str:
    """Whether somebody answered a message, passed it on, or both."""
    answered, forwarded = (Keyword.ANSWERED in email.keywords), (Keyword.FORWARDED in email.keywords)
    return "↔" if answered and forwarded else "↩" if answered else "→" if forwarded else ""


def conversation_row(row: Row, emails: Sequence[Email], meant: Sequence[Email], ours: Collection[str]) -> Row:
    """The line of a folded conversation: who takes part, and what is so of any message that it stands for.

    `emails`: all that are known, oldest first; `meant`: those that the line stands for; `ours`: the mailbox's
    own addresses in lower case.
    """
    unread = any(Keyword.SEEN not in email.keywords for email in meant)
    cells = {
        **row.cells,
        "mark": "●" if unread else "",
        "flag": "★" if any(Keyword.FLAGGED in email.keywords for email in meant) else "",
        "clip": "@" if any(email.has_attachment for email in meant) else "",
    }
    if not row.cells["from"].startswith("To: "):
        cells["from"] = taking_part(emails, ours) or row.cells["from"]
    return replace(row, cells=cells, tone="unread" if unread else "")


def taking_part(emails: Iterable[Email], ours: Collection[str]) -> str:
    """The senders in the order of their first message; from three on by their first names."""
    names: dict[str, str] = {}
    for email in emails:
        for person in (email.from_ or ())[:1]:
            address = person.email.lower()
            names.setdefault("us" if address in ours else address, short_name(person))
    said = ["us" if address == "us" else name for address, name in names.items()]
    return ", ".join(name.split()[0] if len(said) > 2 and " " in name else name for name in said)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """What the sidebar calls each mailbox: `support@` where no other begins so, else the whole name."""
    whole = list(names)
    starts = Counter(name.partition("@")[0].casefold() for name in whole)
    return {
        name: f"{name.partition('@')[0]}@"
        if "@" in name and starts[name.partition("@")[0].casefold()] == 1
        else name
        for name in whole
    }


def account_row(account: str, name: str, note: str, *, open_: bool) -> Row:
    """The line of a mailbox in the sidebar."""
    cells = {"name": name, "count": note}
    mark = "▾ " if open_ else "▸ "
    return Row(f"account:{account}", cells, tone="unread", prefix=mark, fold="open" if open_ else "shut")


def folder_rows(account: str, folders: Mapping[str, Mailbox]) -> list[Row]:
    """The lines of a mailbox's folders: those with a role first, children under their parents."""
    return [_folder_row(account, folder, depth) for folder, depth in in_tree_order(folders)]


def _folder_row(account: str, folder: Mailbox, depth: int) -> Row:
    unread = folder.unread_emails if folder.role not in (Role.TRASH, Role.JUNK, Role.SENT) else 0
    if folder.role == Role.DRAFTS:
        unread = folder.total_emails
    cells = {"name": folder.name, "count": f"{unread:,}" if unread else ""}
    return Row(folder_row_id(account, folder.id), cells, prefix="  " * (depth + 1))


def folder_row_id(account: str, folder: str) -> str:
    """The id of a folder's row: ids of different mailboxes may be equal."""
    return f"folder:{account}:{folder}"


def in_tree_order(folders: Mapping[str, Mailbox]) -> list[tuple[Mailbox, int]]:
    """Folders with their depth. One whose parent is not visible stands at the top; a circle is cut."""
    children: dict[str | None, list[Mailbox]] = {}
    for folder in folders.values():
        parent = folder.parent_id if folder.parent_id in folders else None
        children.setdefault(parent, []).append(folder)
    found: list[tuple[Mailbox, int]] = []
    _walk(children, None, 0, found, set())
    return found


def in_filing_order(folders: Mapping[str, Mailbox]) -> list[Mailbox]:
    """Folders as targets of a move: where mail is put first, where it comes to lie by itself last."""
    places = {role.value: place for place, role in enumerate(_FILING_ORDER)}
    own = places[Role.INBOX]
    return sorted(
        (folder for folder, _ in in_tree_order(folders)), key=lambda f: places.get(f.role or "", own)
    )


def _walk(
    children: Mapping[str | None, Sequence[Mailbox]],
    parent: str | None,
    depth: int,
    found: list[tuple[Mailbox, int]],
    visited: set[str],
) -> None:
    for folder in sorted(children.get(parent, ()), key=_place):
        if folder.id not in visited:
            visited.add(folder.id)
            found.append((folder, depth))
            _walk(children, folder.id, depth + 1, found, visited)


def _place(folder: Mailbox) -> tuple[int, int, str]:
    roles = {role.value: place for place, role in enumerate(_ROLE_ORDER)}
    return roles.get(folder.role or "", len(roles)), folder.sort_order, folder.name.casefold()


def path_of(folder: Mailbox, folders: Mapping[str, Mailbox]) -> str:
    """The folder's name with its parents': Customers / Bremen."""
    names, here = [folder.name], folders.get(folder.parent_id or "")
    while here is not None and len(names) < 20:
        names.insert(0, here.name)
        here = folders.get(here.parent_id or "")
    return " / ".join(names)


def unread_total(folders: Iterable[Mailbox]) -> int:
    """Unread messages in a mailbox's inbox."""
    return sum(folder.unread_emails for folder in folders if folder.role == Role.INBOX)
