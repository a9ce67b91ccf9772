"""What somebody reads who has no mailbox: what this is, and what to do next. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final

from shinbox.client.formats import Toned

NOBODY: Final = (
    "No mailbox is shared with you yet. As soon as somebody shares one, it opens here by itself.",
    "",
    "Ask whoever manages the mailbox that you need, or the desk's administrator. They type:",
    "",
    "    shinbox admin grant add MAILBOX {who} --level write",
    "",
    "{quit} leaves, {help} shows every key.",
)
_ADMINISTERS: Final = (
    "You administer this desk. That opens nobody's mail to you: no mailbox is shared with you, so there is"
    " nothing to read here.",
    "",
)
_HERE: Final = "What you can do, in a shell (each command explains itself with --help):"
_BESIDE: Final = "What you can do, in another terminal while this runs (--help says more):"
_NAMED: Final = "    export SHINBOX_DESK={desk}"
_SIGNED_IN: Final = "    {login:<31}the demo's password is “{password}”"
_COMMANDS: Final = (
    "    shinbox admin account add      create a shared mailbox",
    "    shinbox admin connection set   say how its mail is reached, and test it",
    "    shinbox admin user add         let a person in",
    "    shinbox admin grant add        share a mailbox with a person or a team",
    "    shinbox explain                why somebody may, or may not, do something",
    "    shinbox audit                  who did what",
    "",
)
_OF_ONES_OWN: Final = (
    "Is it a desk of your own? Leave ({quit}) and start shinbox again: it asks for your first mailbox."
)
_SHARING: Final = (
    "Share a mailbox with yourself ({who}) only if you are to read its mail; the audit records it.",
    "It then opens here by itself. {quit} leaves, {help} shows every key.",
)


@dataclass(frozen=True)
class Newcomer:
    """Who is welcomed, and what their shell lacks."""

    who: str
    is_administrator: bool = False
    desk: str = ""
    """Its address, where commands would find another desk."""
    password: str = ""
    """Everybody's in the demo, whose sign-in on the screen is no command's."""


def welcome_lines(newcomer: Newcomer, quit_key: str, help_key: str) -> list[Toned]:
    """The lines for somebody; the keys are their own."""
    heading = f"Welcome, {newcomer.who}" if newcomer.who else "Welcome"
    names = {"who": newcomer.who or "NAME", "quit": quit_key, "help": help_key}
    names |= {"desk": shlex.quote(newcomer.desk), "password": newcomer.password}
    names["login"] = f"shinbox login {newcomer.who}"
    text = _to_administrator(newcomer) if newcomer.is_administrator else NOBODY
    return [(heading, "subject"), ("", ""), *((line.format(**names), "") for line in text)]


def _to_administrator(newcomer: Newcomer) -> tuple[str, ...]:
    way = (*([_NAMED] if newcomer.desk else []), *([_SIGNED_IN] if newcomer.password else []))
    first = () if newcomer.password else (_OF_ONES_OWN,)
    heading = _BESIDE if newcomer.password else _HERE
    return (*_ADMINISTERS, heading, "", *way, *_COMMANDS, *first, *_SHARING)
