"""Searches that are kept under a name: in the sidebar, in the boxes, run, renamed, forgotten.

Owns which of them are this person's and whether they can be run just now. Their file is `saved_searches`'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shinbox.errors import InvalidArguments, ShinboxError
from shinbox.tui.mail_rows import path_of
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.searching import Searching, Wanted
from shinbox.tui.searches import Scope

if TYPE_CHECKING:
    from shinbox.tui.saved_searches import SavedSearch
    from shinbox.tui.screens.choose import Choice


class KeepingSearches(Searching):
    """The main screen with everything that keeps searches."""

    _kept: list[SavedSearch] | None = None

    @property
    def searches_path(self) -> Path:
        """Their file, beside the drafts: what one keeps in the demo goes with it."""
        return self.journal.folder.parent / "searches.toml"

    # --- which there are ----------------------------------------------------------------------------

    def show_folders(self) -> None:
        if self._kept is None:
            self._kept = []
            self.run_worker(self._read_kept(), group="searches")
        super().show_folders()

    async def _read_kept(self) -> None:
        from shinbox.tui.saved_searches import read_searches

        self._kept, problems = await asyncio.to_thread(read_searches, self.searches_path)
        self.show_folders()
        if problems:
            more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
            self.notice.say(problems[0] + more, tone="warning", seconds=30)

    def mine(self) -> list[SavedSearch]:
        """The searches of this person, at the desks that are on the screen."""
        here = [(str(place.client.endpoint), place.who) for place in self.desk.places]
        return [search for search in self._kept or () if (search.desk, search.user) in here]

    def kept_searches(self) -> Sequence[tuple[str, bool]]:
        return [(search.name, self._why_not_run(search) is None) for search in self.mine()]

    def _find_kept(self, name: str) -> SavedSearch | None:
        from shinbox.tui.screens.choose import matching

        mine = self.mine()
        exact = next((search for search in mine if search.is_called(name)), None)
        if exact is not None:
            return exact
        found = matching(self.kept_choices(), name)
        return next((search for search in mine if found and search.name == found[0].id), None)

    def kept_choices(self) -> list[Choice]:
        """The searches, to be chosen from."""
        from shinbox.tui.screens.choose import Choice

        return [
            Choice(
                search.name,
                search.name,
                f"{search.words}  in {self._where(search)}",
                off=self._why_not_run(search),
            )
            for search in self.mine()
        ]

    @staticmethod
    def _where(search: SavedSearch) -> str:
        if search.scope == Scope.EVERYWHERE:
            return "all mailboxes"
        return f"{search.mailbox} / {search.folder}" if search.folder else search.mailbox

    # --- running ------------------------------------------------------------------------------------

    def do_search_kept(self, name: str = "") -> None:
        self._with_kept("Search for what?", name, self._run_kept, also_broken=False)

    def _run_kept(self, search: SavedSearch) -> None:
        problem = self._why_not_run(search)
        wanted = self._wanted_of(search)
        if problem or wanted is None:
            self.notice.say(problem or "", tone="warning", seconds=15)
            return
        self.remove_class("-drawer")
        self.remember_where()
        self.search_for(wanted)
        self.folders.move_to_id(f"search:{search.name}")
        self.messages.focus()

    def _wanted_of(self, search: SavedSearch) -> Wanted | None:
        """What to search for; None where its mailbox or folder is not there."""
        desk = next((p for p in self.desk.places if search.belongs_to(str(p.client.endpoint), p.who)), None)
        accounts = list(desk.accounts.values()) if desk else []
        if search.scope == Scope.EVERYWHERE:
            account = self.account_view or next(iter(accounts), None)
        else:
            account = next((each for each in accounts if each.name == search.mailbox), None)
        if account is None:
            return None
        folders = {path_of(folder, account.folders): folder.id for folder in account.folders.values()}
        if search.scope == Scope.FOLDER and search.folder not in folders:
            return None
        folder = folders.get(search.folder) or next(iter(account.folders), "")
        return Wanted(account.id, folder, Scope(search.scope), search.words, search.name)

    def _why_not_run(self, search: SavedSearch) -> str | None:
        wanted = self._wanted_of(search)
        if wanted is None:
            return f"“{search.name}” cannot be run: {self._where(search)} is not shared with you (any more)."
        try:
            self._view_for(wanted)
        except InvalidArguments as error:
            return f"“{search.name}” cannot be run: {error}"
        return None

    # --- keeping ------------------------------------------------------------------------------------

    def do_search_keep(self, name: str = "") -> None:
        wanted, account = self._wanted, self.account_view
        if self.view is None or not self.view.is_search or wanted is None or account is None:
            self.notice.say("No search is on the screen: begin one first.", offers="search", counting=False)
            return
        if name:
            self._keep_as(wanted, name)
            return
        from shinbox.tui.screens.ask import AskScreen

        self.app.push_screen(
            AskScreen("Keep this search under which name?", wanted.name or wanted.words, proposed=True),
            lambda given: self._keep_as(wanted, given) if given and given.strip() else None,
        )

    def _keep_as(self, wanted: Wanted, name: str) -> None:
        from shinbox.tui.saved_searches import SavedSearch, add_search, remove_search

        account = self.desk.accounts.get(wanted.account)
        if account is None:
            return
        place, folder = self.desk.place_of(account.id), account.folders.get(wanted.folder)
        search = SavedSearch(
            name=plain(name.strip(), 60),
            words=wanted.words,
            scope=wanted.scope.value,
            mailbox="" if wanted.scope is Scope.EVERYWHERE else account.name,
            folder=path_of(folder, account.folders) if folder and wanted.scope is Scope.FOLDER else "",
            desk=str(place.client.endpoint),
            user=place.who,
        )
        self._wanted = replace(wanted, name=search.name)
        self._write(
            lambda: add_search(self.searches_path, search),
            f"Kept the search “{search.name}”",
            lambda: remove_search(self.searches_path, search),
        )

    def do_search_rename(self, name: str = "") -> None:
        self._with_kept("Rename which search?", name, self._ask_new_name)

    def _ask_new_name(self, search: SavedSearch) -> None:
        from shinbox.tui.saved_searches import rename_search
        from shinbox.tui.screens.ask import AskScreen

        def given(name: str | None) -> None:
            fresh = plain((name or "").strip(), 60)
            if fresh and fresh != search.name:
                self._write(
                    lambda: rename_search(self.searches_path, search, fresh),
                    f"The search is called “{fresh}” now",
                    lambda: rename_search(self.searches_path, replace(search, name=fresh), search.name),
                )

        self.app.push_screen(
            AskScreen(f"What shall “{search.name}” be called?", search.name, proposed=True), given
        )

    def do_search_forget(self, name: str = "") -> None:
        self._with_kept("Forget which search?", name, self._forget_kept)

    def _forget_kept(self, search: SavedSearch) -> None:
        from shinbox.tui.saved_searches import add_search, remove_search

        self._write(
            lambda: remove_search(self.searches_path, search),
            f"Forgot the search “{search.name}”",
            lambda: add_search(self.searches_path, search),
        )

    # --- the boxes and the file ---------------------------------------------------------------------

    def _with_kept(
        self, title: str, name: str, act: Callable[[SavedSearch], None], also_broken: bool = True
    ) -> None:
        """Take the search of that name, or let one be chosen."""
        from shinbox.tui.screens.choose import ChooseScreen

        def chosen(given: str | None) -> None:
            search = self._find_kept(given) if given else None
            if search is not None:
                act(search)
            elif given:
                self.notice.say(f"No search is called “{given}”.", tone="warning")

        if name:
            chosen(name)
        elif not self.mine():
            self.notice.say("No search was kept yet.", offers="search.keep", counting=False)
        else:
            choices = self.kept_choices()
            if also_broken:
                choices = [replace(choice, note=choice.off or choice.note, off=None) for choice in choices]
            self.app.push_screen(ChooseScreen(title, choices), chosen)

    def _write(self, act: Callable[[], None], said: str, undo: Callable[[], None]) -> None:
        self.run_worker(self._written(act, said, undo), group="searches")

    async def _written(self, act: Callable[[], None], said: str, undo: Callable[[], None] | None) -> None:
        from shinbox.tui.saved_searches import read_searches

        try:
            await asyncio.to_thread(act)
        except ShinboxError as error:
            self.problem(error)
            return
        self._kept, _ = await asyncio.to_thread(read_searches, self.searches_path)
        if undo is not None:
            self.undos.push(
                lambda: self.run_worker(self._written(undo, f"Undone: {said}", None), group="searches")
            )
        self.notice.say(said, offers="undo" if undo else "", seconds=8)
        self.show_folders()
