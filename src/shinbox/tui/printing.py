"""A conversation to be written down: its messages, and all of them as one text.

Owns what a whole conversation is outside the reader. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shinbox.jmap.objects import Email, Thread
from shinbox.tui.everywhere import split_address
from shinbox.tui.mail_desk import READ_ARGUMENTS, READ_PROPERTIES, MailDesk
from shinbox.tui.message_text import message_lines
from shinbox.tui.safe_text import block

RULE: Final = "=" * 72


async def conversation_of(desk: MailDesk, account: str, email: Email) -> list[Email]:
    """Every message of the conversation that one may read, oldest first; at least this one.

    :raises ShinboxError: the desk cannot be asked.
    """
    account, own = split_address(account, email.id)
    threads = await desk.client.get(Thread, account, [email.thread_id])
    ids = [id_ for thread in threads.objects for id_ in thread.email_ids] or [own]
    got = await desk.client.get(Email, account, ids, READ_PROPERTIES, **READ_ARGUMENTS)
    return sorted(got.objects, key=lambda other: other.received_at) or [email]


def as_text(emails: Sequence[Email], now: datetime) -> bytes:
    """Messages as the reader shows them, one below the other. HTML takes time: call it off the loop."""
    texts = ["\n".join(line for line, _ in message_lines(email, now)) for email in emails]
    return (block(f"\n\n{RULE}\n\n".join(texts)).rstrip("\n") + "\n").encode()
