"""Telling whoever looks elsewhere: new mail by bell or notification, the number of unread in the title.

Owns when that is told. The bytes are made in `signals`.
"""

from __future__ import annotations

from shinbox.client.formats import count
from shinbox.tui.mail_rows import unread_total
from shinbox.tui.screens.going import Going


class Signalling(Going):
    """The main screen with everything that is heard."""

    _unread: int | None = None

    def show_folders(self) -> None:
        super().show_folders()
        before, now = self._unread, sum(unread_total(a.folders.values()) for a in self.desk.accounts.values())
        if now == before:
            return
        from shinbox.tui.signals import notification, window_title

        self._unread = now
        if self.settings.title:
            self.signal(window_title(f"({now}) shinbox" if now else "shinbox"))
        if before is not None and now > before:
            self.signal(notification(self.settings.notify, "shinbox", f"{count(now, 'unread message')}"))

    def signal(self, text: str) -> None:
        """Write a control sequence of ours to the terminal."""
        driver = self.app._driver
        if text and driver is not None and not self.app.is_headless:
            driver.write(text)
