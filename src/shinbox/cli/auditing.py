"""`shinbox audit`: what people did, and whether that record is whole."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from typing import Any

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.listing import number
from shinbox.cli.names import find_managed_account
from shinbox.cli.output import local_time
from shinbox.errors import Forbidden
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import AuditEntry
from shinbox.terms import DESK


def utc_date(text: str) -> str:
    """A date, or date and time, as people write it; local time unless it says otherwise."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("give a date such as 2026-11-21 or 2026-11-21T14:30") from None
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--actor", metavar="USER", help="only what this person did")
    parser.add_argument("--action", metavar="ACTION", help="only this, such as Email/set or signIn")
    parser.add_argument("--mailbox", metavar="MAILBOX", help="only in this mailbox")
    parser.add_argument("--after", type=utc_date, metavar="DATE", help="from this date on")
    parser.add_argument("--before", type=utc_date, metavar="DATE", help="before this date")
    parser.add_argument("--limit", type=number, default=100, metavar="N", help="the newest N (100)")


async def _run(context: Context, arguments: Namespace) -> int:
    given = {
        "actor": arguments.actor,
        "action": arguments.action,
        "after": arguments.after,
        "before": arguments.before,
    }
    wanted: dict[str, Any] = {name: value for name, value in given.items() if value}
    where: str = DESK
    if arguments.mailbox:
        # Its managers see its entries there, and so do administrators.
        where, _ = await find_managed_account(context.client, arguments.mailbox)
    elif not (await context.client.session()).is_administrator:
        raise Forbidden("Only administrators see the whole audit. Name a mailbox that you manage: --mailbox.")
    batch = Batch()
    found = batch.query(AuditEntry, where, filter=wanted or None, limit=arguments.limit)
    asked = batch.get(AuditEntry, where, found.ref("/ids"))
    answers = await context.client.run(batch)
    order = {id_: place for place, id_ in enumerate(answers[found].ids)}
    entries = sorted(answers[asked].objects, key=lambda entry: order.get(entry.id, len(order)))
    if context.out.as_json:
        context.out.data(entries)
        return 0
    context.out.table(
        ("WHEN", "WHO", "BY", "WHAT", "WHERE", "OUTCOME", "DETAIL"),
        [
            [
                local_time(entry.at),
                entry.actor,
                entry.via,
                f"{entry.action} {entry.object_id}" if entry.object_id else entry.action,
                entry.account or "",
                entry.outcome,
                json.dumps(entry.detail, ensure_ascii=False) if entry.detail else "",
            ]
            for entry in entries
        ],
        empty="Nothing is recorded that fits.",
    )
    return 0


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
