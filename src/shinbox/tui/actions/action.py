"""What an action is: its keys, its words, the rights it takes, and why it is off just now.

Owns the form of an action and the sentences of refusal. Pure: knows no widget; the desk enforces rights in
any case, this only keeps from offering what would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    REVIEWING = "Before sending"
    TAKING_OUT = "Files and links"
    VIEWS = "Views"
    SEARCHING = "While a search is typed"
    CHOOSING = "In a box"


class Where(StrEnum):
    """Which part of the screen an action's keys work in."""

    ANY = "any"
    MOTION = "motion"
    LIST = "list"
    MAIN = "main"
    READER = "reader"
    COMPOSE = "compose"
    REVIEW = "review"
    SEARCH = "search"
    BOX = "box"


class Needs(StrEnum):
    """What must be there for an action to make sense."""

    NOTHING = "nothing"
    PLACE = "place"
    """Any mailbox at all, open or not."""
    MAILBOX = "mailbox"
    MESSAGE = "message"
    FILES = "files"
    UNDO = "undo"
    SPELLER = "spell-checker"


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
    reading: int = 0
    """Its place while a message is read, where that is another one."""
    run: str = ""
    """The widget's own action where it has one (motion); else the screen's handler is `do_<id>`."""

    argument: str = ""
    """What the command line may give it, in a word or two; its handler then takes a string."""

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
    reading: bool = False
    """Whether the keys go to the message that is read."""
    has_files: bool = True
    """Whether that message has files."""
    undoable: bool = False
    has_speller: bool = True
    """Whether this machine has a spell-checker."""
    shared: bool = True
    """Whether there is any mailbox; also while that is not known yet."""


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

_DEEDS: Final = {"message.label": "label messages"}
"""What an action does, where its right says something else."""


OF_A_MAILBOX: Final = (Needs.MAILBOX, Needs.MESSAGE, Needs.FILES)
"""What only an open mailbox has."""
NONE_OPEN: Final = "No mailbox is open: go to one first."
NONE_SHARED: Final = "No mailbox is shared with you."
NO_SPELLER: Final = "No spell-checker is installed: install hunspell or aspell with a dictionary."


def why_not(action: Action, now: Situation, *, briefly: bool = False) -> str | None:
    """Why the action is off, as a sentence for the screen, or briefly for a list's line; None if it is on."""
    if action.needs in (Needs.PLACE, *OF_A_MAILBOX) and not now.shared:
        return NONE_SHARED
    if action.needs in OF_A_MAILBOX and not now.mailbox:
        return NONE_OPEN
    if action.rights and not now.rights.intersection(action.rights):
        return _refusal(action, now, briefly)
    if action.needs in (Needs.MESSAGE, Needs.FILES) and not now.messages:
        return "There is no message here to do this with."
    if action.needs is Needs.FILES and not now.has_files:
        return "This message has no files."
    if action.needs is Needs.UNDO and not now.undoable:
        return "There is nothing to undo."
    if action.needs is Needs.SPELLER and not now.has_speller:
        return NO_SPELLER
    if action.desk and not now.connected:
        return "The desk cannot be reached. This works again when the connection is back."
    return None


def _refusal(action: Action, now: Situation, briefly: bool) -> str:
    level = f" (your permission: {now.level})" if now.level else ""
    phrase = _DEEDS.get(action.id) or _PHRASES.get(action.rights[0], "do this")
    if briefly:
        return f"You may not {phrase}."
    return f"You may not {phrase} in {now.mailbox}{level}. Whoever manages it can change that."
