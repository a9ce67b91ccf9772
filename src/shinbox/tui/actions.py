"""The one table of actions: it feeds the keys, the footer, the help, the command line and the palette.

Owns what a person can ask for, its default keys (Gmail's letters, vim's motion) and the right it
takes, and says in a sentence why an action is off. Pure: knows no widget; the desk enforces rights in
any case, this only keeps from offering what would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shinbox.terms import Right


class Group(StrEnum):
    """Headings of the help."""

    MOVING = "Moving"
    SELECTING = "Selecting"
    SORTING = "Sorting"
    WRITING = "Writing"
    VIEWS = "Views"


class Where(StrEnum):
    """Which part of the screen an action's keys work in."""

    ANY = "any"
    MOTION = "motion"
    LIST = "list"
    MAIN = "main"
    READER = "reader"
    COMPOSE = "compose"


class Needs(StrEnum):
    """What must be there for an action to make sense."""

    NOTHING = "nothing"
    MAILBOX = "mailbox"
    MESSAGE = "message"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can ask for."""

    id: str
    keys: tuple[str, ...]
    """Textual's key names or characters; keys with a space between are typed one after the other."""
    label: str
    """The word in the footer."""
    group: Group
    help: str
    where: Where = Where.MAIN
    rights: tuple[Right, ...] = ()
    """Any one of them is enough; empty if nothing is asked."""
    needs: Needs = Needs.NOTHING
    desk: bool = False
    """Whether it takes a connection."""
    footer: int = 0
    """Place in the footer, low first; 0 keeps it out."""
    run: str = ""
    """The widget's own action where it has one (motion); else the screen's handler is `do_<id>`."""

    @property
    def handler(self) -> str:
        """Name of the method that carries it out."""
        return "do_" + self.id.replace(".", "_").replace("-", "_")

    @property
    def textual_action(self) -> str:
        """The action string for a binding."""
        return self.run or f"act('{self.id}')"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is on the screen just now, as far as it decides which actions make sense."""

    rights: frozenset[Right] = frozenset()
    mailbox: str = ""
    """Name of the mailbox, empty where none is open."""
    level: str = ""
    """What the screen calls your permission, e.g. "read"."""
    messages: int = 0
    """How many messages are selected or under the cursor."""
    connected: bool = True
    undoable: bool = False


_PHRASES: Final[Mapping[Right, str]] = {
    Right.READ: "read messages",
    Right.SET_SEEN: "mark messages as read or unread",
    Right.SET_KEYWORDS: "flag messages",
    Right.MOVE: "move messages",
    Right.ADD: "add messages",
    Right.REMOVE: "delete messages",
    Right.SUBMIT: "send",
    Right.SEND_ON_BEHALF: "send",
}


def why_not(action: Action, now: Situation) -> str | None:
    """Why the action is off, as a sentence for the screen; None if it is on."""
    if action.needs in (Needs.MAILBOX, Needs.MESSAGE) and not now.mailbox:
        return "No mailbox is open: choose one on the left (g m)."
    if action.rights and not now.rights.intersection(action.rights):
        return _refusal(action.rights[0], now)
    if action.needs is Needs.MESSAGE and not now.messages:
        return "There is no message here to do this with."
    if action.needs is Needs.UNDO and not now.undoable:
        return "There is nothing to undo."
    if action.desk and not now.connected:
        return "The desk cannot be reached. This works again when the connection is back."
    return None


def _refusal(right: Right, now: Situation) -> str:
    level = f" (your permission: {now.level})" if now.level else ""
    phrase = _PHRASES.get(right, "do this")
    return f"You may not {phrase} in {now.mailbox}{level}. Whoever manages it can change that."


_MOVE_OUT: Final = (Right.MOVE, Right.REMOVE)
_SEND: Final = (Right.SUBMIT, Right.SEND_ON_BEHALF)


def _motion(name: str, keys: tuple[str, ...], label: str, text: str, run: str) -> Action:
    return Action(f"list.{name}", keys, label, Group.MOVING, text, where=Where.MOTION, run=run)


def _in_list(name: str, keys: tuple[str, ...], label: str, text: str, run: str) -> Action:
    return Action(f"list.{name}", keys, label, Group.MOVING, text, where=Where.LIST, run=run)


def _select(name: str, keys: tuple[str, ...], label: str, text: str, run: str, footer: int = 0) -> Action:
    return Action(
        f"list.{name}", keys, label, Group.SELECTING, text, where=Where.LIST, run=run, footer=footer
    )


_MOTION: Final = (
    _motion("down", ("j", "down"), "next", "Go to the next line.", "cursor_down"),
    _motion("up", ("k", "up"), "previous", "Go to the previous line.", "cursor_up"),
    _motion("first", ("g g", "home"), "first", "Go to the first line.", "cursor_first"),
    _motion("last", ("G", "end"), "last", "Go to the last line.", "cursor_last"),
    _motion("half-down", ("ctrl+d",), "half down", "Go half a screen down.", "half_down"),
    _motion("half-up", ("ctrl+u",), "half up", "Go half a screen up.", "half_up"),
    _motion("page-down", ("pagedown", "ctrl+f"), "page down", "Go one screen down.", "page_down"),
    _motion("page-up", ("pageup", "ctrl+b"), "page up", "Go one screen up.", "page_up"),
    _in_list("open", ("enter", "o"), "open", "Open the line under the cursor.", "open"),
    _in_list("unfold", ("right",), "unfold", "Show what is folded under this line.", "unfold"),
    _in_list("fold", ("left",), "fold", "Fold what is under this line.", "fold"),
    _select("mark", ("x", "space"), "select", "Select the line, or leave it out again.", "mark", 60),
    _select("range", ("V",), "select range", "Select every line from here to where you go.", "mark_range"),
    _select("all", ("*",), "select all", "Select every line of the folder; again: none.", "mark_all"),
)


def _sort(
    name: str, keys: tuple[str, ...], label: str, rights: tuple[Right, ...], text: str, footer: int = 0
) -> Action:
    return Action(
        f"message.{name}",
        keys,
        label,
        Group.SORTING,
        text,
        rights=rights,
        needs=Needs.MESSAGE,
        desk=True,
        footer=footer,
    )


_READING: Final = (
    Action(
        "reader.page",
        ("space",),
        "page down",
        Group.MOVING,
        "In a message: one screen down.",
        where=Where.READER,
        run="page_down",
    ),
    Action(
        "reader.next",
        ("J",),
        "next message",
        Group.MOVING,
        "In a message: go to the next one.",
        where=Where.READER,
        run="screen.act('reader.next')",
    ),
    Action(
        "reader.previous",
        ("K",),
        "previous message",
        Group.MOVING,
        "In a message: go to the one before.",
        where=Where.READER,
        run="screen.act('reader.previous')",
    ),
)

_SORTING: Final = (
    _sort("archive", ("e",), "archive", _MOVE_OUT, "Move the message to the archive.", 30),
    _sort("delete", ("#", "delete"), "delete", (Right.REMOVE,), "Move the message to the trash.", 50),
    _sort("move", ("m", "v"), "move", _MOVE_OUT, "Move the message to a folder that you choose.", 40),
    _sort("flag", ("s",), "flag", (Right.SET_KEYWORDS,), "Set or take away the flag.", 45),
    _sort("read", ("I",), "mark read", (Right.SET_SEEN,), "Mark the message as read."),
    _sort("unread", ("U",), "mark unread", (Right.SET_SEEN,), "Mark the message as unread."),
    Action(
        "undo", ("z",), "undo", Group.SORTING, "Take back what you did last.", needs=Needs.UNDO, desk=True
    ),
)


def _write(name: str, keys: tuple[str, ...], label: str, needs: Needs, text: str, footer: int = 0) -> Action:
    return Action(name, keys, label, Group.WRITING, text, rights=_SEND, needs=needs, desk=True, footer=footer)


_WRITING: Final = (
    _write("message.reply", ("r",), "reply", Needs.MESSAGE, "Answer the sender as the mailbox.", 10),
    _write(
        "message.reply-all",
        ("a",),
        "reply all",
        Needs.MESSAGE,
        "Answer everyone who got it.",
        20,
    ),
    _write("compose", ("c",), "compose", Needs.MAILBOX, "Write a new message as the mailbox.", 25),
    Action(
        "compose.unfinished",
        ("g u",),
        "unfinished drafts",
        Group.WRITING,
        "Go on with a draft that an ended shinbox left on this machine.",
    ),
    Action(
        "compose.review",
        ("ctrl+s", "escape"),
        "review",
        Group.WRITING,
        "Look once more: send, keep as a draft, or discard.",
        where=Where.COMPOSE,
        footer=10,
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
)

_VIEWS: Final = (
    Action(
        "go.back", ("escape", "q"), "back", Group.VIEWS, "Leave the message or drop the selection.", footer=80
    ),
    Action("go.mailbox", ("g m",), "mailboxes", Group.VIEWS, "Go to the mailboxes and folders."),
    Action("go.inbox", ("g i",), "inbox", Group.VIEWS, "Go to the inbox.", needs=Needs.MAILBOX),
    Action("go.sent", ("g t",), "sent", Group.VIEWS, "Go to the sent messages.", needs=Needs.MAILBOX),
    Action("go.drafts", ("g d",), "drafts", Group.VIEWS, "Go to the drafts.", needs=Needs.MAILBOX),
    Action("go.archive", ("g e",), "archive folder", Group.VIEWS, "Go to the archive.", needs=Needs.MAILBOX),
    Action("go.next-folder", ("J",), "next folder", Group.VIEWS, "Go to the next folder."),
    Action("go.previous-folder", ("K",), "previous folder", Group.VIEWS, "Go to the previous folder."),
    Action(
        "palette", ("ctrl+p", ":"), "command", Group.VIEWS, "Find an action by its name.", where=Where.ANY
    ),
    Action("help", ("?", "f1"), "help", Group.VIEWS, "Show every key.", where=Where.ANY, footer=35),
    Action("theme", (), "theme", Group.VIEWS, "Choose the colours.", where=Where.ANY),
    Action("quit", ("Q", "ctrl+q"), "quit", Group.VIEWS, "Leave shinbox; drafts are kept.", where=Where.ANY),
)

ACTIONS: Final[tuple[Action, ...]] = (*_MOTION, *_READING, *_SORTING, *_WRITING, *_VIEWS)

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def actions_for(*where: Where) -> list[Action]:
    """The actions that belong to a part of the screen, in the table's order."""
    return [action for action in ACTIONS if action.where in where]


def footer_actions(*where: Where) -> list[Action]:
    """The actions that the footer names, most wanted first."""
    return sorted((a for a in actions_for(*where) if a.footer), key=lambda a: a.footer)


def find(word: str, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """Actions for a word of the help's search: by label, id and help, best first."""
    word = word.casefold().strip()
    ranked = [
        (not action.label.startswith(word), word not in action.label, action)
        for action in actions
        if word in f"{action.label} {action.id} {action.help}".casefold()
    ]
    return [action for *_, action in sorted(ranked, key=lambda entry: entry[:2])]
