"""Actions that show something else: folders, help, commands, colours. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.tui.actions.action import Action, Group, Needs, Where

VIEWS: Final = (
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
