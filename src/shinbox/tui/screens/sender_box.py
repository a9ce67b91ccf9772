"""The box in which one chooses as whom to send. Owns why an address cannot be taken for this draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import App

from shinbox.client.drafts import Draft
from shinbox.client.formats import full_address
from shinbox.jmap.objects import EmailAddress
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.senders import Sender


class SenderScreen(ChooseScreen):
    """A name with its address is long, and must be read whole before one sends under it."""

    DEFAULT_CSS = """
    SenderScreen #box { width: 100; }
    """


def choose_sender(
    app: App[None],
    now: Sender,
    senders: Sequence[Sender],
    draft: Draft,
    take: Callable[[Sender], None],
) -> None:
    """Ask as whom the draft is to be sent."""
    choices = [
        Choice(str(place), _name(sender), _note(sender, now), off=why_not_as(sender, draft))
        for place, sender in enumerate(senders)
    ]

    def chosen(place: str | None) -> None:
        if place is not None and senders[int(place)] != now:
            take(senders[int(place)])

    app.push_screen(SenderScreen("Send as which address?", choices), chosen)


def why_not_as(sender: Sender, draft: Draft) -> str | None:
    """Why a draft cannot go out under an address, as a sentence; None if it can."""
    if sender.account == draft.account:
        return None
    if draft.replies_to or draft.in_reply_to:
        return f"An answer goes out from its own mailbox, not from {sender.mailbox}."
    if draft.at_desk:
        return f"A draft goes out from the mailbox that it lies in, not from {sender.mailbox}."
    return None


def _name(sender: Sender) -> str:
    return full_address(EmailAddress(sender.identity.email, sender.identity.name or None))


def _note(sender: Sender, now: Sender) -> str:
    notes = ["now"] if sender == now else []
    notes += ["on behalf: your name goes along"] if sender.on_behalf else []
    notes += [sender.mailbox] if sender.account != now.account else []
    return " · ".join(notes)
