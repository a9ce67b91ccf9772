"""Telling whoever looks elsewhere: new mail by bell or notification, the number of unread in the title.

Owns when that is told, never more often than every few seconds. The bytes are made in `signals`. Refuses to
know what is on the screen: it is told when numbers may have changed.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from shinbox.client.formats import count, short_name
from shinbox.errors import ShinboxError
from shinbox.jmap.objects import Email
from shinbox.terms import Role
from shinbox.tui.mail_rows import NEWEST_FIRST

if TYPE_CHECKING:
    from shinbox.tui.screens.going import Going

PAUSE: Final = 5.0
"""Seconds between two notifications: what comes meanwhile is told in one."""
MOST: Final = 50
"""New messages of one inbox that are looked at."""
CLOCKS: Final = timedelta(minutes=2)
"""By how much a mail server's clock may be behind."""

Place = tuple[str, str]
"""A mailbox and its inbox."""


class Signalling:
    """What one main screen tells outside of its cells. `counted`: the number of unread in the title, None
    before the first."""

    def __init__(self, screen: Going) -> None:
        self._screen = screen
        self.counted: int | None = None
        self.unread: dict[Place, int] | None = None
        self.write_to_terminal: Callable[[str], None] | None = None
        """Where control sequences go instead of the terminal."""
        self._since: datetime | None = None
        self._grown: Mapping[Place, int] = {}
        """By how many unread messages inboxes grew since the last notification."""
        self._quiet_until = 0.0
        self._about_to_tell = False
        self._told: frozenset[str] = frozenset()
        self._unheard: list[tuple[str, str]] = []
        """What came while another program had the terminal, and is told when it is given back."""
        self._away = False

    def begin(self) -> None:
        """Follow whether the terminal is ours."""
        self._screen.app.app_suspend_signal.subscribe(self._screen, self._leave, immediate=True)
        self._screen.app.app_resume_signal.subscribe(self._screen, self._come_back, immediate=True)

    def _leave(self, _: object) -> None:
        self._away = True

    def _come_back(self, _: object) -> None:
        self._away = False
        if self.unread is not None:
            self._count(sum(self.unread.values()), anew=True)  # The other program may have set its own.
        if self._unheard:
            self._tell_soon()

    def look(self) -> None:
        """The numbers of the folders may have changed."""
        before, now = self.unread, self._unread_now()
        self.unread = now
        if self._since is None:
            self._since = self._screen.now() - CLOCKS
        self._count(sum(now.values()))
        if before is None or self._screen.settings.notify == "none":
            return
        more = {place: unread - before.get(place, unread) for place, unread in now.items()}
        grown = {place: by for place, by in more.items() if by > 0}
        if grown:
            places = {**self._grown, **grown}
            self._grown = {place: self._grown.get(place, 0) + grown.get(place, 0) for place in places}
            self._tell_soon()

    def end(self) -> None:
        """The screen goes: the terminal gets its title back."""
        from shinbox.tui.signals import RESTORE_TITLE

        if self.counted is not None:
            self.signal(RESTORE_TITLE)

    def _unread_now(self) -> dict[Place, int]:
        return {
            (account.id, inbox.id): inbox.unread_emails
            for account in self._screen.desk.accounts.values()
            if (inbox := account.by_role(Role.INBOX)) is not None
        }

    # --- the title --------------------------------------------------------------------------------------

    def _count(self, unread: int, *, anew: bool = False) -> None:
        from shinbox.tui.signals import SAVE_TITLE, window_title

        if self._screen.settings.title and not self._away and (anew or unread != self.counted):
            first = self.counted is None
            self.counted = unread
            title = window_title(f"({unread}) shinbox" if unread else "shinbox")
            self.signal(SAVE_TITLE + title if first else title)

    # --- new mail ---------------------------------------------------------------------------------------

    def _tell_soon(self) -> None:
        if self._about_to_tell:
            return
        self._about_to_tell = True
        wait = self._quiet_until - time.monotonic()
        if wait > 0:
            self._screen.set_timer(wait, self._ring)
        else:
            self._ring()

    def _ring(self) -> None:
        self._screen.run_worker(self._tell_news(), group="signals")

    async def _tell_news(self) -> None:
        """Tell it. Until that is done nothing else is: two at once would ring twice."""
        try:
            await self._tell()
        finally:
            self._about_to_tell = False
        if self._grown:
            self._tell_soon()

    async def _tell(self) -> None:
        grown, self._grown = self._grown, {}
        try:
            fresh = [
                message
                for place, more in sorted(grown.items())
                for message in await self._arrived(place, more)
            ]
            arrived, self._unheard = [*self._unheard, *fresh], []
            text = await self._sentence(arrived)
        except ShinboxError:
            # The title says that the desk is away; who is there again sees the list.
            return
        if text:
            self._quiet_until = time.monotonic() + PAUSE
            if not await self._notify_outside(text):
                self._unheard = [*arrived, *self._unheard]

    async def _arrived(self, place: Place, most: int) -> list[tuple[str, str]]:
        """What came into an inbox since the start and was not told; moved messages are no news."""
        account, inbox = place
        since = (self._since or self._screen.now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = {"inMailbox": inbox, "notKeyword": "$seen", "after": since}
        found = await self._screen.desk.client.query(
            Email, account, filter=wanted, sort=list(NEWEST_FIRST), limit=min(most, MOST)
        )
        fresh = [id_ for id_ in found.ids if id_ not in self._told]
        self._told |= set(fresh)
        return [(account, id_) for id_ in fresh]

    async def _sentence(self, arrived: list[tuple[str, str]]) -> str:
        if not arrived:
            return ""
        if len(arrived) > 1 or self._screen.settings.notify_says == "number":
            return count(len(arrived), "new message")
        account, email_id = arrived[0]
        got = await self._screen.desk.client.get(Email, account, [email_id], ["id", "from", "subject"])
        email = got.objects[0] if got.objects else Email()
        who = short_name(email.from_[0]) if email.from_ else "somebody"
        return f"{who}: {(email.subject or '').strip() or '(no subject)'}"

    async def _notify_outside(self, text: str) -> bool:
        from shinbox.tui.signals import desktop_command, notification

        if self._screen.settings.plain:
            self._screen.notice.say(f"New: {text}")
        if self._screen.settings.notify == "desktop":
            command = desktop_command("shinbox", text, os.environ)
            if command:
                return await self._start_program(command)
        # Where no desktop can be told, the bell is.
        kind = "bell" if self._screen.settings.notify == "desktop" else self._screen.settings.notify
        return self.signal(notification(kind, "shinbox", text))

    async def _start_program(self, command: list[str]) -> bool:
        """Start a program that says something and ends; where it is gone, the bell tells."""
        nothing = asyncio.subprocess.DEVNULL
        try:
            await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=nothing, stderr=nothing)
        except OSError:
            return self.signal("\a")
        return True

    def signal(self, text: str) -> bool:
        """Write a control sequence of ours to the terminal; False while another program has it."""
        driver = self._screen.app._driver
        if self._away:
            return False
        if self.write_to_terminal is not None:
            self.write_to_terminal(text)
        elif text and driver is not None and not self._screen.app.is_headless:
            driver.write(text)
        return True
