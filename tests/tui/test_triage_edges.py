"""Triage at its edges: nothing unread is left, rights that went while a box was open."""

from __future__ import annotations

from pathlib import Path

from shinbox.terms import Role
from shinbox.tui.screens.choose import ChooseScreen
from tests.tui.person import sitting

MID = (120, 40)


async def test_n_goes_from_mailbox_to_mailbox_and_says_when_there_is_nothing_unread(socket: Path) -> None:
    async with sitting(socket, "nina", MID) as nina:
        first = nina.main.account
        await nina.press("*", "I")
        await nina.until(lambda: nina.main.folder_object and not nina.main.folder_object.unread_emails)
        await nina.press("n")
        # The list opens at its top; then the cursor goes on.
        await nina.until(lambda: nina.main.account != first and nina.under_cursor() != "")
        await nina.until(lambda: "$seen" not in nina.email(nina.under_cursor()).keywords)
        await nina.press("*", "I")
        await nina.until(lambda: nina.main.folder_object and not nina.main.folder_object.unread_emails)
        await nina.press("n")
        await nina.until(lambda: nina.notice == "No unread message in any inbox.")
        await nina.press("I")
        await nina.until(lambda: nina.notice == "That is so already: nothing was changed.")


async def test_a_right_that_went_while_the_box_was_open_is_looked_at_before_moving(socket: Path) -> None:
    async with sitting(socket, "nina", MID) as nina:
        here = nina.under_cursor()
        await nina.press("m")
        await nina.until(lambda: isinstance(nina.app.screen, ChooseScreen))
        account = nina.main.account_view
        archive = account.by_role(Role.ARCHIVE) if account else None
        assert archive is not None
        archive.my_rights = {name: name == "mayReadItems" for name in archive.my_rights}
        await nina.choose("Archive")
        await nina.until(lambda: nina.notice == "You may not put messages there.")
        assert nina.under_cursor() == here
