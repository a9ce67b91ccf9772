"""What a person may do in a folder, as rights and in the screen's words.

Pure. Decides nothing: the desk says which rights there are (Mailbox.myRights).
"""

from __future__ import annotations

from shinbox.jmap.objects import Mailbox
from shinbox.jmap.words import RIGHTS
from shinbox.terms import LEVEL_RIGHTS, MAILBOX_RIGHTS, Level, Right

_SEND = frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF})
_KNOWN = {right.value: right for right in Right}


def rights_of(folder: Mailbox) -> frozenset[Right]:
    """The rights in a folder. Servers without our own rights: who may remove may move."""
    rights = {_KNOWN[name] for name, has in folder.my_rights.items() if has and name in _KNOWN}
    if Right.MOVE.value not in folder.my_rights and Right.REMOVE in rights:
        rights.add(Right.MOVE)
    return frozenset(rights)


def sentence(folder: Mailbox, mailbox: str) -> str:
    """What one may do in a folder, and what not."""
    rights = rights_of(folder)
    may = [text for right, text in RIGHTS.items() if right in rights & MAILBOX_RIGHTS]
    may_not = [text for right, text in RIGHTS.items() if right in MAILBOX_RIGHTS - rights]
    if rights & _SEND:
        may_not = [text for text in may_not if text not in {RIGHTS[right] for right in _SEND}]
    less = f" You may not: {', '.join(may_not)}; whoever manages it can change that." if may_not else ""
    return f"In {mailbox} / {folder.name} you may: {', '.join(may)}.{less}"


def in_words(rights: frozenset[Right]) -> str:
    """The level that is wholly there, whether there is more, and whether one may send: "write + send"."""
    carried = rights & MAILBOX_RIGHTS - _SEND
    words, whole = "nothing", frozenset[Right]()
    for level in (Level.READ, Level.TRIAGE, Level.WRITE):
        needed = LEVEL_RIGHTS[level] & MAILBOX_RIGHTS
        if needed <= carried:
            words, whole = level.value, needed
    if carried - whole:
        words = f"{words} and some more" if whole else "some"
    if words == Level.WRITE and Right.ADMIN in rights:
        words = Level.MANAGE.value
    return f"{words} + send" if rights & _SEND else words
