"""What the audit records, in the words that people use.

Pure: from a recorded action, its object and its detail to what a line of `shinbox audit` says. The record
itself is not touched: --json prints it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shinbox.errors import InvalidArguments

_THINGS: Final = {
    "Account": "mailbox",
    "Connection": "connection",
    "Draft": "draft",
    "Email": "message",
    "EmailSubmission": "sending",
    "Grant": "share",
    "Identity": "From address",
    "Intent": "change",
    "Job": "task",
    "Mailbox": "folder",
    "Team": "team",
    "User": "user",
}
_DEEDS: Final = {
    "Blob/upload": "brought a file",
    "Email/create": "wrote message",
    "Email/download": "took files of message",
    "Email/import": "added message",
    "Email/open": "read message",
    "EmailSubmission/create": "sent",
    "Grant/create": "shared",
    "Grant/destroy": "ended share",
    "Job/create": "started task",
    "signIn": "signed in",
    "signOut": "signed out",
}
_VERBS: Final = {"create": "added", "destroy": "removed", "update": "changed"}
_DETAILS: Final = {
    "answers": "answers message",
    "blob": "file",
    "email": "message",
    "expiresAt": "until",
    "identity": "From address",
    "keywords": "labels",
    "mailboxId": "folder",
    "mailboxIds": "folders",
    "principal": "to",
    "send": "sends",
    "undoStatus": "state",
    "withRights": "also",
    "withoutRights": "without",
}
DEEDS: Final = {
    **{f"{kind}/{verb}": f"{did} {thing}" for kind, thing in _THINGS.items() for verb, did in _VERBS.items()},
    **_DEEDS,
}
"""A recorded action → what somebody did."""


def deed(action: str, object_id: str | None) -> str:
    """What somebody did, and to what; an action that has no words stays as it is."""
    said = DEEDS.get(action, action)
    return f"{said} {object_id}" if object_id and object_id != "singleton" else said


def action_of(words: str) -> str:
    """The recorded action for what a person did, or for itself.

    :raises InvalidArguments: nobody knows the words.
    """
    found = next((action for action, said in DEEDS.items() if said.lower() == words.lower()), words)
    if found in DEEDS or "/" in found:
        return found
    raise InvalidArguments(f"“{words}” is no action: say one of {', '.join(sorted(DEEDS.values()))}.")


def details(detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is recorded beside it. `names`: of people, by id."""
    return "; ".join(f"{_DETAILS.get(key, key)} {_value(value, names)}" for key, value in detail.items())


def _value(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        signs = {"added": "+", "removed": "-"}
        changed = [f"{sign}{one}" for key, sign in signs.items() for one in value.get(key, ())]
        return " ".join(changed) or ", ".join(f"{key} {_value(one, names)}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_value(one, names) for one in value)
    return names.get(str(value), str(value))
