"""Actions that show something else: folders, help, commands, colours. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.tui.actions.action import Action, Group, Needs, Where

VIEWS: Final = (
    Action(
        "go.back", ("escape", "q"), "back", Group.VIEWS, "Leave the message or drop the selection.", footer=80
    ),
    Action(
        "search",
        ("/",),
        "find",
        Group.VIEWS,
        "Search this mailbox, or all, while you type.",
        needs=Needs.MAILBOX,
        desk=True,
        footer=33,
        argument="words",
    ),
    Action(
        "search.folder",
        ("\\",),
        "filter",
        Group.VIEWS,
        "Show only what fits in this folder.",
        needs=Needs.MAILBOX,
        desk=True,
        argument="words",
    ),
    Action(
        "search.everywhere",
        ("g /",),
        "find everywhere",
        Group.VIEWS,
        "Search every mailbox you have.",
        needs=Needs.MAILBOX,
        desk=True,
        argument="words",
    ),
    Action(
        "search.keep",
        ("g k",),
        "keep search",
        Group.VIEWS,
        "Keep the search under a name: it stands in the list of mailboxes then.",
        argument="name",
    ),
    Action(
        "search.kept",
        ("g v",),
        "kept searches",
        Group.VIEWS,
        "Search again for what was kept under a name.",
        argument="kept search",
    ),
    Action(
        "search.rename",
        (),
        "rename search",
        Group.VIEWS,
        "Give a kept search another name.",
        argument="kept search",
    ),
    Action(
        "search.forget",
        (),
        "forget search",
        Group.VIEWS,
        "Keep a search no longer.",
        argument="kept search",
    ),
    Action(
        "go.next-unread",
        ("n",),
        "next unread",
        Group.VIEWS,
        "Go to the next unread message, anywhere; in a search to the next find.",
    ),
    Action("go.previous-find", ("N",), "previous find", Group.VIEWS, "In a search: go to the find before."),
    Action(
        "go.mailbox",
        ("g m",),
        "go to mailbox",
        Group.VIEWS,
        "Go to a mailbox or folder by a part of its name.",
        argument="folder anywhere",
    ),
    Action("go.sidebar", ("g b",), "sidebar", Group.VIEWS, "Go to the list of mailboxes and folders."),
    Action(
        "conversations",
        ("t",),
        "conversations",
        Group.VIEWS,
        "Show folders and finds by conversation, or message by message again.",
    ),
    Action("go.inbox", ("g i",), "inbox", Group.VIEWS, "Go to the inbox.", needs=Needs.MAILBOX),
    Action("go.sent", ("g t",), "sent", Group.VIEWS, "Go to the sent messages.", needs=Needs.MAILBOX),
    Action("go.drafts", ("g d",), "drafts", Group.VIEWS, "Go to the drafts.", needs=Needs.MAILBOX),
    Action("go.archive", ("g e",), "archive folder", Group.VIEWS, "Go to the archive.", needs=Needs.MAILBOX),
    Action("go.next-folder", ("J",), "next folder", Group.VIEWS, "Go to the next folder."),
    Action("go.previous-folder", ("K",), "previous folder", Group.VIEWS, "Go to the previous folder."),
    Action(
        "palette", ("ctrl+p",), "find action", Group.VIEWS, "Find an action by its name.", where=Where.ANY
    ),
    Action(
        "command",
        (":",),
        "command",
        Group.VIEWS,
        "Type a command with what it needs: move Archive, theme light.",
    ),
    Action("help", ("?", "f1"), "help", Group.VIEWS, "Show every key.", footer=35),
    Action("permission", (), "permission", Group.VIEWS, "Say what you may do here, and what not."),
    Action("connection", (), "connection", Group.VIEWS, "Say how the desk is reached, and whether it is."),
    Action(
        "connect", ("g c",), "connect again", Group.VIEWS, "Call a lost desk now; what it asks, it asks you."
    ),
    Action("theme", (), "theme", Group.VIEWS, "Choose the colours.", where=Where.ANY, argument="theme"),
    Action("settings", ("comma",), "settings", Group.VIEWS, "Change the settings; they are kept."),
    Action("quit", ("Q", "ctrl+q"), "quit", Group.VIEWS, "Leave shinbox; drafts are kept.", where=Where.ANY),
)
