"""Conversations: folded in the list, whole in the reader, long quotations folded in both kinds of text.

Owns what folds and unfolds. A key on a folded conversation means all its messages in the folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on

from shinbox.client.showing import files
from shinbox.errors import ShinboxError
from shinbox.jmap.objects import Email, EmailBodyPart
from shinbox.terms import Keyword, Right
from shinbox.tui.changes import MailChange, by_account, set_keyword
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.everywhere import split_address
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.labels import labels_of, tone_of
from shinbox.tui.mail_desk import READ_ARGUMENTS, READ_PROPERTIES
from shinbox.tui.mail_rows import LIST_PROPERTIES
from shinbox.tui.screens.triage import Triage
from shinbox.tui.widgets.list_messages import Folded

if TYPE_CHECKING:
    from shinbox.client.formats import Toned


class Conversing(Triage):
    """The main screen with everything that folds."""

    _texts: Sequence[list[Toned]] = ()
    """What is read, more of it each time."""
    _unfolded = 0
    """Which of the texts is shown."""
    _texts_of: Email | None = None
    """The message whose texts they are."""
    _labels_shown: Sequence[Toned] = ()
    _together: Sequence[Email] = ()
    """The messages of the conversation that was read last."""
    _just_read: frozenset[str] = frozenset()
    """What was unread until it was opened: it is shown whole, however late its text comes."""
    _opened_last = ""

    # --- the list -------------------------------------------------------------------------------------

    def do_conversations(self) -> None:
        """Folders by conversation, or message by message."""
        self.conversations = not self.conversations
        row = self.messages.cursor_row
        self.open_again()
        what = "by conversation" if self.conversations else "message by message"
        text = f"Folders and what is found are shown {what}."
        self.notice.say(text, offers="conversations", hint="changes", counting=False)
        if row is not None:
            self.messages.move_to_id(row.id)

    @on(Folded, "#messages")
    async def _fold_conversation(self, message: Folded) -> None:
        view, row = self.view, message.row
        if not isinstance(view, ConversationView) or row is None:
            return
        if view.is_shut(row.id):
            await self._unfold(row.id)
        else:
            top = view.fold(row.id)
            if top is not None and top != row.id:
                self.messages.move_to_id(top)
        self.messages.source_changed()

    async def _unfold(self, email_id: str) -> None:
        """Once it is known; in the list as it is by then, which may have been refreshed meanwhile."""
        while isinstance(view := self.view, ConversationView) and view.is_shut(email_id):
            if not await self._know(view, [email_id]):
                return
            if view is self.view:
                view.unfold(email_id)

    async def _know(self, view: ConversationView, email_ids: Sequence[str]) -> bool:
        """Fetch what is not known of these conversations; False if that was impossible."""
        missing = by_account(view.account, (id_ for email_id in email_ids for id_ in view.unknown(email_id)))
        try:
            for account, ids in missing.items():
                view.put(await self.desk.some(account, ids, LIST_PROPERTIES))
            if email_ids and isinstance(view, FoundConversations) and not view.knows_all_finds:
                finds = await self.desk.all_ids(view)
                view.know_finds(finds, len(finds))
        except ShinboxError as error:
            self.problem(error)
            return False
        return True

    async def selected(self) -> list[str]:
        """A folded conversation stands for its messages in this folder."""
        ids = await super().selected()
        view = self.view
        if not isinstance(view, ConversationView) or self.messages.marks.everything:
            return ids
        if not await self._know(view, [id_ for id_ in ids if view.is_shut(id_)]):
            return []
        return list(dict.fromkeys(one for id_ in ids for one in view.stands_for(id_)))

    # --- the reader -----------------------------------------------------------------------------------

    async def show_message(self, email_id: str) -> None:
        view = self.view
        if isinstance(view, ConversationView) and view.is_shut(email_id):
            await self._show_conversation(view, email_id)
        else:
            await super().show_message(email_id)

    async def _show_conversation(self, view: ConversationView, email_id: str) -> None:
        from shinbox.tui.conversation_text import conversation_texts

        try:
            emails = await self._members_of(view, email_id)
        except ShinboxError as error:
            self.reader.show([(str(error), "error")])
            return
        if view is not self.view:
            return
        if not emails:
            await super().show_message(email_id)  # It says that the message is gone.
            return
        self._together = emails
        self.reading = reading = next((email for email in emails if email.id == email_id), emails[-1])
        finds = view.finds if isinstance(view, FoundConversations) else frozenset[str]()
        texts = await asyncio.to_thread(conversation_texts, emails, self.now(), finds, self._just_read)
        if self.reading is reading:
            self._show_texts(texts)

    async def _members_of(self, view: ConversationView, email_id: str) -> Sequence[Email]:
        """The messages of a conversation, oldest first, with their texts.

        :raises ShinboxError: the desk does not give them.
        """
        ids = view.members(email_id)
        got = await self.desk.some(view.account, ids, READ_PROPERTIES, **READ_ARGUMENTS)
        return sorted(got, key=lambda email: ids.index(email.id))

    async def read_together(self, email: Email) -> Sequence[Email]:
        view = self.view
        if not isinstance(view, ConversationView) or not view.is_shut(email.id):
            return [email]
        if not self._is_together(email):
            self._together = await self._members_of(view, email.id)
        return self._together or [email]

    def _is_together(self, email: Email) -> bool:
        return any(one is email for one in self._together)

    def files_shown(self) -> Sequence[EmailBodyPart]:
        reading = self.reading
        if reading is None or not self._is_together(reading):
            return super().files_shown()
        return [part for email in self._together for part in files(email)]

    def quietly(self, change: MailChange) -> None:
        self._just_read |= change.patches.keys()
        super().quietly(change)

    def opened(self, email_id: str) -> None:
        if email_id != self._opened_last:
            self._opened_last, self._just_read = email_id, frozenset()
        super().opened(email_id)
        view = self.view
        if isinstance(view, ConversationView) and view.is_shut(email_id):
            self.run_worker(self._all_seen(view, email_id), group="read-all")

    async def _all_seen(self, view: ConversationView, email_id: str) -> None:
        if Right.SET_SEEN not in self.situation().rights or not await self._know(view, [email_id]):
            return
        known = self._known(id_ for id_ in view.stands_for(email_id) if id_ != email_id)
        unread = {id_: email for id_, email in known.items() if Keyword.SEEN not in email.keywords}
        if unread:
            account, _ = split_address(view.account, email_id)
            self.quietly(set_keyword(account, view.folder, unread, Keyword.SEEN, True))

    def show_lines(self, lines: list[Toned]) -> None:
        from shinbox.tui.conversation_text import folded, several

        self._show_texts(several(folded(lines), lines))

    def _show_texts(self, texts: list[list[Toned]]) -> None:
        """Show the first of texts that tell more and more."""
        self._texts, self._unfolded, self._texts_of = texts, 0, self.reading
        self._labels_shown = self._labels_line()
        super().show_lines(self._text())
        self.footer.situation(self.situation())

    def _text(self) -> list[Toned]:
        """What is to be read, with the labels below the subject."""
        text = self._texts[self._unfolded]
        return [*text[:1], *self._labels_shown, *text[1:]]

    def _labels_line(self) -> list[Toned]:
        view, reading = self.view, self.reading
        if view is None or reading is None:
            return []
        shut = isinstance(view, ConversationView) and view.is_shut(reading.id)
        ids = view.stands_for(reading.id) if shut and isinstance(view, ConversationView) else [reading.id]
        labels = sorted({label for id_ in ids for label in labels_of(view.email(id_) or reading)})
        tones = [tone_of(label, self.settings.labels) for label in labels]
        return [(f"{'Labels':<9}{' '.join(f'[{label}]' for label in labels)}", tones[0])] if labels else []

    def cursor_moved(self) -> None:
        # Its labels may be others too.
        is_shown = self.reading is not None and self.reading is self._texts_of
        if is_shown and self._labels_line() != self._labels_shown:
            self._labels_shown = self._labels_line()
            self._show_again()
        super().cursor_moved()

    def do_reader_unfold(self) -> None:
        self._show_more(1)

    def do_reader_fold(self) -> None:
        self._show_more(-1)

    def _show_more(self, step: int) -> None:
        there = max(0, min(self._unfolded + step, len(self._texts) - 1))
        if there != self._unfolded and self.reading is not None:
            self._unfolded = there
            self._show_again()

    def _show_again(self) -> None:
        top = self.reader.scroll_offset.y
        self.reader.show(self._text())
        self.reader.scroll_to(y=top, animate=False, force=True)
