"""Actions of whoever writes: compose, answer, and the composer's own. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.terms import Right
from shinbox.tui.actions.action import Action, Group, Needs, Where

_SEND: Final = (Right.SUBMIT, Right.SEND_ON_BEHALF)


def _write(
    name: str, keys: tuple[str, ...], label: str, needs: Needs, text: str, footer: int, reading: int = 0
) -> Action:
    return Action(
        name,
        keys,
        label,
        Group.WRITING,
        text,
        rights=_SEND,
        needs=needs,
        desk=True,
        footer=footer,
        reading=reading,
    )


WRITING: Final = (
    _write("message.reply", ("r",), "reply", Needs.MESSAGE, "Answer the sender as the mailbox.", 10),
    _write(
        "message.reply-all",
        ("a",),
        "reply all",
        Needs.MESSAGE,
        "Answer everyone who got it.",
        20,
    ),
    _write(
        "message.forward",
        ("f",),
        "forward",
        Needs.MESSAGE,
        "Send the message on to somebody else, with its files.",
        27,
    ),
    _write("compose", ("c",), "compose", Needs.MAILBOX, "Write a new message as the mailbox.", 25, 70),
    Action(
        "compose.unfinished",
        ("g u",),
        "unfinished drafts",
        Group.WRITING,
        "Go on with a draft: one of your own, also of another terminal, or a colleague's.",
    ),
    Action(
        "compose.uncertain",
        (),
        "uncertain messages",
        Group.WRITING,
        "Decide about messages of which it is not known whether they have left.",
        needs=Needs.MAILBOX,
        rights=_SEND,
        desk=True,
    ),
    Action(
        "compose.review",
        ("ctrl+s",),
        "review",
        Group.WRITING,
        "Look once more: send, keep as a draft, or discard.",
        where=Where.COMPOSE,
        footer=10,
    ),
    Action(
        "compose.leave",
        ("escape",),
        "leave",
        Group.WRITING,
        "Close what was only opened; look once more at what was written.",
        where=Where.COMPOSE,
    ),
    Action(
        "compose.attach",
        ("ctrl+o",),
        "attach",
        Group.WRITING,
        "Choose files that go along.",
        where=Where.COMPOSE,
        desk=True,
        footer=15,
    ),
    Action(
        "compose.detach",
        ("ctrl+r",),
        "take off a file",
        Group.WRITING,
        "Choose a file that stays here, or stop one that is on its way.",
        where=Where.COMPOSE,
        footer=17,
    ),
    Action(
        "compose.spell",
        ("f7",),
        "spelling",
        Group.WRITING,
        "Check the spelling of your own words, with this machine's spell-checker.",
        where=Where.COMPOSE,
        needs=Needs.SPELLER,
        footer=30,
    ),
    Action(
        "compose.identity",
        ("f2",),
        "send as",
        Group.WRITING,
        "Send as another address; the signature goes with it.",
        where=Where.COMPOSE,
        run="next_identity",
    ),
    Action(
        "compose.editor",
        ("ctrl+e",),
        "$EDITOR",
        Group.WRITING,
        "Write the text in your own editor.",
        where=Where.COMPOSE,
        footer=20,
    ),
    Action(
        "compose.help",
        ("f1",),
        "help",
        Group.WRITING,
        "Show every key of the composer.",
        where=Where.COMPOSE,
        footer=35,
    ),
)


def _review(name: str, keys: tuple[str, ...], label: str, text: str, footer: int) -> Action:
    return Action(f"review.{name}", keys, label, Group.REVIEWING, text, where=Where.REVIEW, footer=footer)


REVIEWING: Final = (
    _review("send", ("y",), "send", "Send the message; for some seconds it can be taken back.", 10),
    _review("keep", ("p",), "keep as draft", "Put it into Drafts, where colleagues see it.", 20),
    _review("editor", ("e",), "$EDITOR", "Write the text in your own editor.", 30),
    _review("later", ("l",), "later", "Leave it on this machine, unfinished.", 40),
    _review("discard", ("d",), "discard", "Throw the draft away; undo brings it back.", 50),
    _review("leave", ("escape",), "go on", "Go back to the text.", 60),
)
