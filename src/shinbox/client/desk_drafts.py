"""A draft of this machine and the same draft at the desk, one in the other's words.

Pure. Owns what is said of a colleague's draft. What asks the desk is in tui/draft_keeping.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from shinbox.client.drafts import Attached, Draft
from shinbox.jmap.objects import Draft as DeskDraft
from shinbox.jmap.objects import Person


def text_of(draft: Draft) -> dict[str, Any]:
    """What was typed, as the desk's draft has it."""
    return {
        "identityId": draft.identity or None,
        "to": draft.to,
        "cc": draft.cc,
        "bcc": draft.bcc,
        "subject": draft.subject,
        "text": draft.body,
        "attachments": [
            {"blobId": file.blob, "name": file.name, "type": file.type, "size": file.size}
            for file in draft.attachments
        ],
    }


def beginning_of(draft: Draft) -> dict[str, Any]:
    """The draft that the desk is to begin: what was typed, and what it answers."""
    return {
        **text_of(draft),
        "emailId": draft.replies_to or None,
        "replacesId": draft.at_desk or None,
        "inReplyTo": draft.in_reply_to,
        "references": draft.references,
        "threadState": draft.thread_state,
        "participants": draft.people,
    }


def taken_up(account: str, there: DeskDraft) -> Draft:
    """The desk's draft, to be gone on with here."""
    return Draft(
        account=account,
        identity=there.identity_id or "",
        to=there.to,
        cc=there.cc,
        bcc=there.bcc,
        subject=there.subject,
        body=there.text,
        in_reply_to=there.in_reply_to,
        references=there.references,
        replies_to=there.email_id or "",
        thread=there.thread_id or "",
        thread_state=there.thread_state,
        at_desk=there.replaces_id or "",
        attachments=[Attached(f.blob_id, f.name, f.type, f.size) for f in there.attachments],
        people=there.participants,
        desk_id=there.id,
        revision=there.revision,
    )


def said_of(there: DeskDraft, me: str) -> str:
    """Whose draft it is, in words; `me` is one's own name."""
    if there.writer is not None:
        return f"{_name(there.writer, me)} {'are' if there.writer.name == me else 'is'} writing it now"
    started, edited = _name(there.started_by, me), _name(there.edited_by, me)
    if started == edited:
        return f"{started} started it"
    return f"{started} started it, {edited} wrote last"


def hand_over_note(there: DeskDraft, me: str) -> str:
    """What the composer says when one goes on with a draft."""
    started = _name(there.started_by, me)
    if started == "you":
        return "Found again at the desk." if _name(there.edited_by, me) == "you" else said_of(there, me) + "."
    return f"{started} started this; you go on."


def only_at_desk(local: Sequence[Draft], there: Sequence[DeskDraft]) -> list[DeskDraft]:
    """The desk's drafts without those of which this machine has the newest text."""
    here = {draft.desk_id: draft for draft in local if draft.desk_id and not draft.parted}
    return [one for one in there if one.id not in here or not _has(here[one.id], one)]


def _has(draft: Draft, there: DeskDraft) -> bool:
    # A draft is saved here first: killed after the desk had it too, it knows no number for the same text.
    return draft.revision >= there.revision or text_of(draft) == text_of(taken_up(draft.account, there))


def copied(draft: Draft) -> Draft:
    """The draft as it is now, not as it will be."""
    return msgspec.structs.replace(draft)


def _name(person: Person | None, me: str) -> str:
    if person is None:
        return "somebody"
    return "you" if person.name == me else person.name
