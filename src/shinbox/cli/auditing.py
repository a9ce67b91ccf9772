"""`shinbox audit`: what people did, and whether that record is whole."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from shinbox.cli.asking import get_found
from shinbox.cli.audit_words import action_of, deed, details
from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_managed_account, find_user, principal_names
from shinbox.cli.objects import given, show
from shinbox.cli.output import local_time
from shinbox.cli.values import number, utc_date
from shinbox.errors import Forbidden, NotFound
from shinbox.jmap.client import Client
from shinbox.jmap.objects import Account, AuditEntry
from shinbox.terms import DESK


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--actor", metavar="USER", help="only what this person did")
    parser.add_argument("--action", metavar="ACTION", help="only this, such as “read message” or “signed in”")
    parser.add_argument("--mailbox", metavar="MAILBOX", help="only in this mailbox")
    parser.add_argument("--after", type=utc_date, metavar="DATE", help="from this date on")
    parser.add_argument("--before", type=utc_date, metavar="DATE", help="before this date")
    parser.add_argument("--limit", type=number, default=100, metavar="N", help="the newest N (100)")


async def _run(context: Context, arguments: Namespace) -> int:
    where: str = DESK
    if arguments.mailbox:
        # Its managers see its entries there, and so do administrators.
        where, _ = await find_managed_account(context.client, arguments.mailbox)
    elif not (await context.client.session()).is_administrator:
        raise Forbidden("Only administrators see the whole audit. Name a mailbox that you manage: --mailbox.")
    wanted = given({name: getattr(arguments, name) for name in ("after", "before")})
    if arguments.action:
        wanted["action"] = action_of(arguments.action)
    if arguments.actor:
        wanted["actor"] = await _actor(context.client, where, arguments.actor)
    entries = await get_found(context.client, AuditEntry, where, filter=wanted or None, limit=arguments.limit)
    people, mailboxes = ({}, {}) if context.out.as_json else await _names(context.client)
    return show(
        context,
        entries,
        {
            "WHEN": lambda entry: local_time(entry.at),
            "WHO": lambda entry: entry.actor,
            "BY": lambda entry: entry.via,
            "WHAT": lambda entry: deed(entry.action, entry.object_id),
            "WHERE": lambda entry: mailboxes.get(entry.account or "", entry.account or ""),
            "OUTCOME": lambda entry: entry.outcome,
            "DETAIL": lambda entry: details(entry.detail, people),
        },
        empty="Nothing is recorded that fits.",
    )


async def _actor(client: Client, where: str, name: str) -> str:
    """The name that is recorded of a person; who was removed, or never was a user, keeps theirs.

    :raises NotFound: nobody of that name is there, or has done anything.
    """
    try:
        return (await find_user(client, name)).name
    except NotFound:
        if not await get_found(client, AuditEntry, where, filter={"actor": name}, limit=1):
            raise
    return name


async def _names(client: Client) -> tuple[dict[str, str], dict[str, str]]:
    """People and mailboxes by id, as far as one may see them."""
    session = await client.session()
    mailboxes = {id_: one.address or one.name for id_, one in session.accounts.items()}
    if not session.is_administrator:
        return {}, mailboxes
    there = (await client.get(Account, DESK)).objects
    return await principal_names(client), {**mailboxes, **{one.id: one.address for one in there}}


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--head", metavar="HASH", help="the last hash that you noted: it must still be there")


async def _verify(context: Context, arguments: Namespace) -> int:
    more = {"head": arguments.head} if arguments.head else {}
    answer = await context.client.invoke("AuditEntry/verify", accountId=DESK, **more)
    whole = bool(answer.get("ok"))
    if context.out.as_json:
        context.out.data(answer)
    elif whole:
        context.out.say(
            f"The audit is whole: {answer.get('entries')} entries, the last is {answer.get('head')}."
        )
    else:
        context.out.say(
            f"The audit was changed: its chain breaks at entry {answer.get('brokenAt')}. "
            "What came before that entry can be trusted; compare the rest with a backup."
        )
    return 0 if whole else 1


AUDIT = Command(_arguments, _run)
VERIFY = Command(_verify_arguments, _verify)
