"""What somebody reads who has no mailbox: what this is, and what to do next. Pure."""

from __future__ import annotations

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
ADMINISTRATOR: Final = (
    "You administer this desk. That opens nobody's mail to you: no mailbox is shared with you, so there is"
    " nothing to read here.",
    "",
    "What you can do, in a shell (each command explains itself with --help):",
    "",
    "    shinbox admin account add      create a shared mailbox",
    "    shinbox admin connection set   say how its mail is reached, and test it",
    "    shinbox admin user add         let a person in",
    "    shinbox admin grant add        share a mailbox with a person or a team",
    "    shinbox explain                why somebody may, or may not, do something",
    "    shinbox audit                  who did what",
    "",
    "Is it a desk of your own? Leave ({quit}) and start shinbox again: it asks for your first mailbox.",
    "Share a mailbox with yourself ({who}) only if you are to read its mail; the audit records it.",
    "It then opens here by itself. {quit} leaves, {help} shows every key.",
)


def welcome_lines(text: tuple[str, ...], who: str, quit_key: str, help_key: str) -> list[Toned]:
    """The lines for the reader; `who` is one's name at the desk, the keys are one's own."""
    heading = f"Welcome, {who}" if who else "Welcome"
    names = {"who": who or "NAME", "quit": quit_key, "help": help_key}
    return [(heading, "subject"), ("", ""), *((line.format(**names), "") for line in text)]
