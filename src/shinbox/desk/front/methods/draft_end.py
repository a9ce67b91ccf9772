"""The end of a draft: it became an email, by being postponed (Email/set) or sent (EmailSubmission/set).

Owns the argument `endsDraft` of both, with the editor's word `lease`: what is made is refused if a colleague
has gone on with the draft, and if it is made, the draft ends in the same request. Nothing is sent twice
because two people had the same text.
"""

from __future__ import annotations

from typing import Final

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import draft_sight
from shinbox.desk.front.methods.arguments import convert
from shinbox.desk.front.methods.draft_content import lease_word
from shinbox.desk.front.methods.drafts import locked, name_of
from shinbox.desk.store import drafts, ids
from shinbox.desk.store.drafts import Editor
from shinbox.errors import DraftChanged, DraftEnded

ARGUMENTS: Final = frozenset({"endsDraft", "lease"})


class EndArguments(msgspec.Struct, rename="camel"):
    """The draft that what is created was, and the editor's own word."""

    ends_draft: str | None = None
    lease: str | None = None


def read(call: Call) -> EndArguments:
    """The arguments.

    :raises InvalidArguments: they have another form.
    """
    return convert({name: call.arguments.get(name) for name in ARGUMENTS}, EndArguments)


def require(call: Call) -> None:
    """Refuse to make an email of a draft that is over, or in another's hands.

    :raises DraftEnded: it is over.
    :raises DraftLocked: a colleague is writing it.
    :raises DraftChanged: a colleague has written it.
    """
    asked = read(call)
    if asked.ends_draft is None:
        return
    number = ids.to_row("Draft", asked.ends_draft)
    row = drafts.get(call.tx, call.account_row, number) if number is not None else None
    if row is None or not draft_sight.seen_among(call, [row]):
        raise DraftEnded()
    editor = Editor(call.actor.user_id, lease_word(asked.lease or ""))
    if drafts.last_editor(row) == editor:
        return
    if drafts.holder(row, call.now) is not None:
        raise locked(call, row)
    who = name_of(call, row["writer"])
    raise DraftChanged(f"{who} has gone on with this draft: open it again to see their text.")


def follow(call: Call, answer: Json) -> list[tuple[str, Json]]:
    """The call that ends the draft, if something was made of it."""
    asked = read(call)
    if asked.ends_draft is None or not answer["created"]:
        return []
    arguments = {"accountId": call.account_id, "destroy": [asked.ends_draft], "lease": asked.lease}
    return [("Draft/set", arguments)]
