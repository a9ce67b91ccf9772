"""The last look before sending: as whom, to how many, and what one should look at again.

Owns the lines of the review. Hinders nothing but what cannot be sent; asks the desk whether somebody gets
their first message, without anybody waiting for the answer.
"""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widgets import Static

from shinbox.client.answering import check_recipients
from shinbox.client.drafts import Draft
from shinbox.client.formats import count, size
from shinbox.client.outgoing_checks import new_people, stranger_warning, warnings
from shinbox.errors import NoRecipients, ShinboxError
from shinbox.tui.completion import Recipients
from shinbox.tui.safe_text import shown, stacked
from shinbox.tui.senders import Sender


class Reviewing:
    """The review of one composer's draft."""

    def __init__(self, screen: Screen[Any], recipients: Recipients | None, who: str) -> None:
        self._screen = screen
        self._recipients = recipients
        self._who = who

    @property
    def is_open(self) -> bool:
        """Whether the last look is being taken."""
        return self._screen.has_class("-review")

    def show(self, draft: Draft, sender: Sender) -> None:
        """Say what is about to happen."""
        self._screen.query_one("#review", Static).update(shown(review_line(draft, sender, self._who)))
        self._screen.add_class("-review")
        self._screen.set_focus(None)
        found = warnings(draft, sender.identity)
        self._warn(found)
        if self._recipients is not None:
            self._screen.run_worker(
                self._look_up(self._recipients, draft, sender, found), exclusive=True, group="strangers"
            )

    def leave(self) -> None:
        """Back to the text."""
        self._screen.remove_class("-review")
        self._warn([])
        self._screen.query_one("#text").focus()

    async def _look_up(self, recipients: Recipients, draft: Draft, sender: Sender, found: list[str]) -> None:
        try:
            strangers = await recipients.strangers(new_people(draft))
        except ShinboxError:
            return  # A line of recipients that cannot be read: the review says so.
        if strangers and self.is_open:
            self._warn([*found, stranger_warning(strangers, sender.identity)])

    def _warn(self, found: list[str]) -> None:
        line = self._screen.query_one("#warnings", Static)
        line.update(stacked(f"! {text}" for text in found))
        line.display = bool(found)


def review_line(draft: Draft, sender: Sender, who: str) -> str:
    """As whom it goes out, to how many, with what; and under whose name."""
    total = size(sum(file.size for file in draft.attachments))
    files = f" with {count(len(draft.attachments), 'file')} ({total})" if draft.attachments else ""
    you = f"you are {who}, Sender: {who}" if sender.on_behalf else f"you are {who}"
    try:
        people = count(check_recipients(draft), "recipient")
    except NoRecipients:
        return f"As {sender.identity.email}{files}; {you}. To nobody yet: fill in To."
    except ShinboxError as error:
        return f"As {sender.identity.email}{files}; {you}. To nobody yet: {error}"
    return f"As {sender.identity.email} to {people}{files}; {you}"
