"""The words that people use for rights, levels, sending and flags; one table for every screen.

Owns nothing but the words: which right an action needs is declared with the data types.
"""

from __future__ import annotations

from typing import Final

from shinbox.errors import InvalidArguments
from shinbox.terms import Keyword, Level, Right, Send

ACTIONS: Final[dict[str, Right]] = {
    "read": Right.READ,
    "mark-read": Right.SET_SEEN,
    "flag": Right.SET_KEYWORDS,
    "label": Right.SET_KEYWORDS,
    "move": Right.MOVE,
    "archive": Right.MOVE,
    "delete": Right.REMOVE,
    "add": Right.ADD,
    "create-folder": Right.CREATE_CHILD,
    "rename-folder": Right.RENAME,
    "delete-folder": Right.DELETE,
    "send": Right.SUBMIT,
    "send-on-behalf": Right.SEND_ON_BEHALF,
    "assign": Right.ASSIGN,
    "note": Right.NOTE,
    "read-settings": Right.READ_SETTINGS,
    "change-settings": Right.WRITE_SETTINGS,
    "share": Right.ADMIN,
}
"""What a person does → the right that it asks for."""

RIGHTS: Final[dict[Right, str]] = {
    Right.READ: "read messages",
    Right.SET_SEEN: "mark messages read and unread",
    Right.SET_KEYWORDS: "flag and label messages",
    Right.MOVE: "move messages between folders",
    Right.REMOVE: "delete messages",
    Right.ADD: "add messages",
    Right.CREATE_CHILD: "create folders",
    Right.RENAME: "rename folders",
    Right.DELETE: "delete folders",
    Right.SUBMIT: "send as the mailbox",
    Right.SEND_ON_BEHALF: "send on behalf of the mailbox",
    Right.ASSIGN: "assign conversations",
    Right.NOTE: "write notes",
    Right.READ_SETTINGS: "see the settings",
    Right.WRITE_SETTINGS: "change the settings",
    Right.ADMIN: "share the mailbox with others",
}
"""Each right, so that it fits after “You may not …”."""

LEVELS: Final[dict[Level, str]] = {
    Level.READ: "read",
    Level.TRIAGE: "read, flag and move",
    Level.WRITE: "read, flag, move, delete and file",
    Level.MANAGE: "everything, and share the mailbox",
}

SENDING: Final[dict[Send, str]] = {
    Send.NONE: "may not send",
    Send.ON_BEHALF: "sends on behalf of the mailbox",
    Send.SEND_AS: "sends as the mailbox",
}

FLAGS: Final[dict[str, tuple[str, bool]]] = {
    "read": (Keyword.SEEN, True),
    "unread": (Keyword.SEEN, False),
    "flagged": (Keyword.FLAGGED, True),
    "unflagged": (Keyword.FLAGGED, False),
}
"""A word for a flag → the keyword, and whether it is set or taken away."""


def right_for(action: str) -> Right:
    """The right that a word or a right's own name means.

    :raises InvalidArguments: nobody knows the word.
    """
    word = action.strip()
    if word.lower() in ACTIONS:
        return ACTIONS[word.lower()]
    for right in Right:
        if right.value.lower() == word.lower():
            return right
    raise InvalidArguments(f"“{action}” is no action: say one of {', '.join(ACTIONS)}.")


def keyword_for(word: str) -> tuple[str, bool]:
    """The keyword for `read`, `unflagged`, `+label`, `-label`, and whether it is set.

    :raises InvalidArguments: it is neither, or no keyword of RFC 8621 §4.1.1.
    """
    if word.lower() in FLAGS:
        return FLAGS[word.lower()]
    name = word[1:].lower()
    if word[:1] not in ("+", "-") or not name:
        raise InvalidArguments(
            f"“{word}” is no flag: say read, unread, flagged, unflagged, +label to add a label, "
            "-label to take it away."
        )
    if not name.isascii() or any(c <= " " or c > "~" or c in '(){]%*"\\' for c in name):
        raise InvalidArguments(f"“{name}” cannot be a label: use letters, digits, - and _.")
    if name in list(Keyword):
        meaning = " and ".join(said for said, (keyword, _) in FLAGS.items() if keyword == name)
        why = f"it is what {meaning} mean" if meaning else "shinbox sets it by itself"
        raise InvalidArguments(f"“{name}” cannot be a label: {why}.")
    return name, word[0] == "+"
