"""What a person may do in a folder, as rights and in the screen's words.

Pure. Decides nothing: the desk says which rights there are (Mailbox.myRights).
"""

from __future__ import annotations

from shinbox.jmap.objects import Mailbox
from shinbox.terms import LEVEL_RIGHTS, Level, Right

_SEND = frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF})
_KNOWN = {right.value: right for right in Right}


def rights_of(folder: Mailbox) -> frozenset[Right]:
    """The rights in a folder. Servers without our own rights: who may remove may move."""
    rights = {_KNOWN[name] for name, has in folder.my_rights.items() if has and name in _KNOWN}
    if Right.MOVE.value not in folder.my_rights and Right.REMOVE in rights:
        rights.add(Right.MOVE)
    return frozenset(rights)


def in_words(rights: frozenset[Right]) -> str:
    """The level that fits best, and whether one may send: "read", "write + send"."""
    words = "nothing"
    carried = rights - _SEND
    for level in Level:
        # A folder does not carry the account's own rights: only what it can carry is compared.
        needed = LEVEL_RIGHTS[level] - {Right.READ_SETTINGS, Right.WRITE_SETTINGS, Right.ADMIN}
        if level is Level.MANAGE and not rights & {Right.ADMIN, Right.WRITE_SETTINGS}:
            continue
        if needed <= carried:
            words = level.value
        elif carried & needed - LEVEL_RIGHTS[Level.READ] and words == Level.READ:
            words = "some"
    return f"{words} + send" if rights & _SEND else words
