"""From the names that people type to ids: mailboxes, folders, users, teams, messages.

Owns the matching. Asks the desk for what can be named, never for more; ambiguous names are an error that
lists the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from shinbox.errors import AccountNotFound, InvalidArguments, MethodError, NotFound
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Account, Email, Mailbox, Team, User
from shinbox.terms import DESK, EVERYONE, Right


async def find_account(client: Client, name: str) -> tuple[str, str]:
    """One of the caller's own mailboxes, by address, its beginning (`support@`), name or id: (id, name).

    :raises AccountNotFound: there is none of that name, or it is not shared with you.
    """
    session = await client.session()
    names = {id_: [one.address, one.name] for id_, one in session.accounts.items() if id_ != DESK}
    found = match(name, names, "mailbox")
    if found is None:
        have = ", ".join(sorted(names[id_][0] for id_ in names)) or "none"
        raise AccountNotFound(f"There is no mailbox “{name}”, or it is not shared with you. Yours: {have}.")
    return found, names[found][0]


async def find_any_account(client: Client, name: str) -> Account:
    """Any mailbox of the desk, for its administrators.

    :raises AccountNotFound: there is none of that name.
    """
    accounts = (await client.get(Account, DESK)).objects
    found = match(name, {account.id: [account.address, account.name] for account in accounts}, "mailbox")
    if found is None and not accounts and not (await client.session()).is_administrator:
        raise AccountNotFound("Only an administrator of the desk can do this: ask one.")
    if found is None:
        have = ", ".join(sorted(account.address or account.name for account in accounts)) or "none yet"
        raise AccountNotFound(f"There is no mailbox “{name}”. There are: {have}.")
    return next(account for account in accounts if account.id == found)


async def find_managed_account(client: Client, name: str) -> tuple[str, str]:
    """A mailbox to manage: one of the caller's own, or any of the desk for its administrators.

    :raises AccountNotFound: neither.
    """
    try:
        return await find_account(client, name)
    except AccountNotFound:
        if not (await client.session()).is_desk:
            raise
    account = await find_any_account(client, name)
    return account.id, account.address or account.name


def paths(mailboxes: Iterable[Mailbox]) -> dict[str, str]:
    """Each folder's path, such as `Projects/2026`, by its id."""
    by_id = {mailbox.id: mailbox for mailbox in mailboxes}

    def path(mailbox: Mailbox, seen: frozenset[str] = frozenset()) -> str:
        parent = by_id.get(mailbox.parent_id or "")
        if parent is None or parent.id in seen:
            return mailbox.name
        return f"{path(parent, seen | {mailbox.id})}/{mailbox.name}"

    return {id_: path(mailbox) for id_, mailbox in by_id.items()}


async def folders_of(client: Client, account: str, *, to_share: bool = False) -> list[Mailbox]:
    """The folders that the caller may read; for an administrator who may read none, all by name alone.

    `to_share`: for an administrator also those that they may not read.
    """
    found = (await client.get(Mailbox, account)).objects
    if found and not to_share:
        return found
    return [*found, *await folders_beside(client, account, found)]


async def folders_beside(client: Client, account: str, read: Iterable[Mailbox]) -> list[Mailbox]:
    """For an administrator the other folders than those that they may `read`; for anybody else none.

    Of each there is its name, its role, and whether the mail server lets anybody read it at all.
    """
    if not (await client.session()).is_administrator:
        return []
    answer = await client.invoke("Grant/explain", accountId=account, action=Right.READ.value)
    known = {folder.id for folder in read}
    every = msgspec.convert(answer.get("folders") or [], list[Mailbox])
    return [folder for folder in every if folder.id not in known]


async def find_folder(client: Client, account: str, name: str, *, to_share: bool = False) -> Mailbox:
    """A folder by its path, its role (`inbox`, `archive`) or id.

    :raises NotFound: there is none, or you may not see it.
    """
    mailboxes = await folders_of(client, account, to_share=to_share)
    where = paths(mailboxes)
    by_role = [mailbox for mailbox in mailboxes if mailbox.role == name.lower()]
    found = match(name, {id_: [path] for id_, path in where.items()}, "folder", prefix=False)
    if found is None and len(by_role) == 1:
        return by_role[0]
    if found is None:
        last = {id_: [path.rpartition("/")[2]] for id_, path in where.items()}
        found = match(name, last, "folder", prefix=False, shown=where)
    if found is None:
        raise NotFound(f"There is no folder “{name}”. There are: {_list(where.values())}.")
    return next(mailbox for mailbox in mailboxes if mailbox.id == found)


async def find_user(client: Client, name: str) -> User:
    """A user by name, e-mail address, Unix login or id.

    :raises NotFound: there is none.
    """
    users = (await client.get(User, DESK)).objects
    names = {user.id: [user.name, user.email or "", user.unix_name or ""] for user in users}
    found = match(name, names, "user", prefix=False)
    if found is None:
        raise NotFound(f"There is no user “{name}”. There are: {_list(user.name for user in users)}.")
    return next(user for user in users if user.id == found)


async def find_team(client: Client, name: str) -> Team:
    """A team by name or id.

    :raises NotFound: there is none.
    """
    teams = (await client.get(Team, DESK)).objects
    found = match(name, {team.id: [team.name] for team in teams}, "team", prefix=False)
    if found is None:
        raise NotFound(f"There is no team “{name}”. There are: {_list(team.name for team in teams)}.")
    return next(team for team in teams if team.id == found)


async def find_principal(client: Client, name: str) -> str:
    """The id of a user, a team, or everyone; `user:x` and `team:x` where one name means both.

    :raises NotFound: neither.
    """
    kind, colon, rest = name.partition(":")
    if colon and kind == "team":
        return (await find_team(client, rest)).id
    if colon and kind == "user":
        return (await find_user(client, rest)).id
    if name.lower() == EVERYONE:
        return EVERYONE
    names = await principal_names(client)
    found = match(name, {id_: [shown] for id_, shown in names.items()}, "user or team", prefix=False)
    if found is None:
        raise NotFound(f"There is no user or team “{name}”. There are: {_list(names.values())}.")
    return found


async def principal_names(client: Client) -> dict[str, str]:
    """The names of all users and teams, and of everyone, by id."""
    batch = Batch()
    users, teams = batch.get(User, DESK), batch.get(Team, DESK)
    answers = await client.run(batch)
    names = {user.id: user.name for user in answers[users].objects}
    names |= {team.id: team.name for team in answers[teams].objects}
    return {**names, EVERYONE: EVERYONE}


async def find_emails(
    client: Client, ids: Sequence[str], properties: Sequence[str], mailbox: str | None = None, **more: object
) -> list[tuple[str, Email]]:
    """Messages by id, each with the mailbox that it lies in; looked for in all mailboxes unless one is named.

    :raises NotFound: one of them is nowhere, or not for you.
    """
    wanted = list(dict.fromkeys(ids))
    session = await client.session()
    accounts = [id_ for id_ in session.accounts if id_ != DESK]
    if mailbox is not None:
        accounts = [(await find_account(client, mailbox))[0]]
    found: dict[str, tuple[str, Email]] = {}
    for account in accounts:
        missing = [id_ for id_ in wanted if id_ not in found]
        if not missing:
            break
        try:
            got = await client.get(Email, account, missing, ["id", *properties], **more)
        except MethodError:
            # Not every mailbox of ours lets us read: the message may lie in another.
            if mailbox is not None:
                raise
            continue
        found |= {email.id: (account, email) for email in got.objects}
    lost = [id_ for id_ in wanted if id_ not in found]
    if lost:
        raise NotFound(f"There is no message {', '.join(lost)}, or you may not read it: see shinbox list.")
    return [found[id_] for id_ in wanted]


def match(
    name: str,
    names: Mapping[str, Sequence[str]],
    what: str,
    *,
    prefix: bool = True,
    shown: Mapping[str, str] | None = None,
) -> str | None:
    """The id whose name it is: the id itself, a whole name, then (with `prefix`) a name's beginning.

    Upper and lower case are the same, unless that would leave several.

    :raises InvalidArguments: several fit.
    """
    if name in names:
        return name
    folded = name.casefold()
    ways = [
        [id_ for id_, own in names.items() if name in own],
        [id_ for id_, own in names.items() if folded in [text.casefold() for text in own]],
    ]
    if prefix and name:
        ways.append(
            [id_ for id_, own in names.items() if any(text.casefold().startswith(folded) for text in own)]
        )
    for fitting in ways:
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            labels = shown or {id_: own[0] for id_, own in names.items()}
            raise _several(name, what, [f"{labels[id_]} ({id_})" for id_ in fitting])
    return None


def _several(name: str, what: str, candidates: Sequence[str]) -> InvalidArguments:
    return InvalidArguments(
        f"“{name}” fits more than one {what}: {', '.join(sorted(candidates))}. Say which."
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none yet"
