"""Whether a message that waits may still leave: asked in the transaction that marks it as leaving.

Owns the rule and its sentences. What was allowed when a person pressed "send" may have ended since: their
share, their place at the desk, the address that the message goes out under. Changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

from shinbox.desk.store import grants, identities, users
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now
from shinbox.mime.parse import ParsedMessage, parse
from shinbox.mime.split import header_end
from shinbox.terms import SEND_RIGHTS, Right

HEADER_BYTES: Final = 1 << 20
"""How much of a message is looked at for its header."""
NO_LONGER: Final = "You may no longer send from this mailbox: ask whoever manages it."
WITHOUT_NAME: Final = (
    "Your permission is now to send on behalf of this mailbox, with your name in the message, and this one"
    " does not carry it. Send it again: then it does."
)
NO_BYTES: Final = "The desk no longer holds what was to be sent. Write it again."

_SENDING: Final = frozenset[Right]().union(*SEND_RIGHTS.values())


def may_send(tx: Tx, account: int, user: int, now: float) -> frozenset[Right]:
    """The ways in which a person may send from an account at this moment (seconds); empty: in none."""
    person = users.get(tx, user)
    if person is None or not person["is_active"]:
        return frozenset()
    moment, rights = utc_now(now), frozenset[Right]()
    for line in grants.for_person(tx, user, account):
        ended = line["expires_at"] is not None and line["expires_at"] <= moment
        if line["mailbox_id"] is None and not ended:
            rights |= grants.rights_given(line)
    return rights & _SENDING


def header_of(blobs: Blobs, blob: str) -> ParsedMessage:
    """What the header of a held message says.

    :raises FileNotFoundError: it is not held any more.
    """
    with blobs.path(blob).open("rb") as file:
        head = file.read(HEADER_BYTES)
    return parse(head[: header_end(head, 0, len(head))[1]])


def objection(tx: Tx, submission: sqlite3.Row, message: ParsedMessage, now: float) -> str | None:
    """Why a submission whose message has this header may not leave, in a sentence; None: it may."""
    account, user = submission["account_id"], submission["user_id"]
    rights = may_send(tx, account, user, now)
    if not rights:
        return NO_LONGER
    own = [row["email"] for row in identities.of_account(tx, account)]
    person = users.get(tx, user)
    address = person["email"] if person is not None else None
    senders = [each.email for each in message.sender]
    if Right.SUBMIT not in rights and not (address and _same(senders, [address])):
        return WITHOUT_NAME
    gone = _foreign([each.email for each in message.from_], own)
    gone += _foreign([json.loads(submission["envelope"])["mailFrom"]["email"]], own)
    gone += _foreign(senders, [*own, *([address] if address else [])])
    if gone or identities.get(tx, account, submission["identity_id"]) is None:
        named = f"“{gone[0]}”" if gone else "The address it was to be sent under"
        return f"{named} is no longer an address of this mailbox. Choose another for From and send it again."
    return None


def is_one_of(address: str, own: Iterable[str]) -> bool:
    """Whether an address is one of these, or lies under a "*@domain" of them. Case does not count."""
    wanted = address.casefold()
    domain = wanted.rpartition("@")[2]
    return any(each.casefold() in (wanted, f"*@{domain}") for each in own)


def _foreign(addresses: Iterable[str], own: list[str]) -> list[str]:
    return [address for address in addresses if not is_one_of(address, own)]


def _same(some: list[str], others: list[str]) -> bool:
    return [each.casefold() for each in some] == [each.casefold() for each in others]
