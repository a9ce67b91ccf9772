"""Presence: who has a message open or answers it (under urn:shinbox:desk).

Owns its wire form and Presence/refresh. A presence is seen by those who see the message, so its state is that
of what the caller sees: nobody is woken for a folder that is hidden from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Annotated, Literal

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import convert
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.front.methods.threads import visible_emails
from shinbox.desk.front.present import Here
from shinbox.desk.store import ids
from shinbox.errors import Forbidden, InvalidArguments


class RefreshArguments(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """See the declaration."""

    account_id: str
    window: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    email_id: str | None = None
    doing: Literal["views", "writes"] = "views"


class PresenceHandler(TypeHandler):
    """See the module. `emails` is the handler of Email."""

    TYPE = "Presence"
    STATE_IS_OF_SIGHT = True

    def __init__(self, emails: TypeHandler) -> None:
        self._emails = emails

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [here.number for here in _seen(call)]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        return {here.number: _form(here) for here in _seen(call) if here.number in set(wanted)}

    def state(self, call: Call) -> str:
        """See TypeHandler: of those whom the caller sees."""
        told = repr([(here.number, here.email, here.writes) for here in _seen(call)])
        return f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.{call.decision.epoch}"

    def own_method(self, call: Call, verb: str) -> Json:
        """Presence/refresh.

        :raises InvalidArguments: there is no such email for the caller.
        :raises Forbidden: they may not answer it.
        """
        asked = convert(call.arguments, RefreshArguments)
        user = call.actor.user_id
        if asked.email_id is None:
            changed = call.desk.presences.leave(user, asked.window)
        else:
            changed = call.desk.presences.refresh(self._here(call, asked, asked.email_id), call.now)
        call.tx.touched |= {(account, self.TYPE) for account in changed}
        return {"accountId": call.account_id}

    def _here(self, call: Call, asked: RefreshArguments, email_id: str) -> Here:
        email = ids.to_row("Email", email_id)
        if email is None or not permit.visible_rows(call, self._emails, [email], named=True):
            raise InvalidArguments("The message that this is about is no longer there.")
        if not permit.allows(call, self, Edit(None, None, {"doing": asked.doing}, frozenset())):
            raise Forbidden("You may not send from this mailbox, so you answer nothing in it.")
        return Here(
            number=0,
            account=call.account_row,
            user=call.actor.user_id,
            name=call.actor.name,
            window=asked.window,
            email=email,
            thread=call.tx.value("SELECT thread_id FROM email WHERE id = ?", (email,)),
            writes=asked.doing == "writes",
            until=0.0,
        )


def _seen(call: Call) -> list[Here]:
    """The colleagues whom the caller sees."""
    found = call.desk.presences.there(call.account_row, call.now)
    others = [here for here in found if here.user != call.actor.user_id]
    if not others:
        return []
    seen = visible_emails(call, [here.email for here in others])
    return [here for here in others if here.email in seen]


def _form(here: Here) -> Json:
    return {
        "id": ids.to_id("Presence", here.number),
        "emailId": ids.to_id("Email", here.email),
        "threadId": ids.to_id("Thread", here.thread),
        "doing": "writes" if here.writes else "views",
        "who": {"id": ids.to_id("User", here.user), "name": here.name},
    }
