"""The app: one client, one journal, the screens; and sequences of keys, which Textual's bindings lack.

Owns start and end. Everything else is on the screens.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from textual import events
from textual.events import Event
from textual.filter import LineFilter
from textual.screen import Screen

from shinbox.client.drafts import DraftJournal, default_folder
from shinbox.jmap.client import Connectivity
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.finding import KnownDesk
from shinbox.jmap.tokens import load_token, save_token
from shinbox.tui.actions import ACTIONS, Action, Where
from shinbox.tui.demo import Demo
from shinbox.tui.desk_place import DeskAddress, DeskPlace, open_places
from shinbox.tui.keymap import make_keymap
from shinbox.tui.keys import Sequences
from shinbox.tui.look import LookApp, has_few_colours, needs_plain
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.main import MainScreen
from shinbox.tui.settings import Settings, config_path, read_settings
from shinbox.tui.themes import DEFAULT
from shinbox.tui.typed_ahead import take_in
from shinbox.tui.widgets.list_lines import ListLines
from shinbox.tui.widgets.reader import Reader
from shinbox.tui.widgets.virtual_list import VirtualList


def local_now() -> datetime:
    """The time of now, in the person's time zone."""
    return datetime.now().astimezone()


class ShinboxApp(LookApp):
    """shinbox in the terminal."""

    TITLE = "shinbox"
    CSS_PATH = "main.tcss"

    def __init__(
        self,
        desks: Endpoint | Sequence[DeskAddress],
        *,
        demo: Demo | None = None,
        drafts: Path | None = None,
        now: Callable[[], datetime] = local_now,
        settings: Settings | None = None,
        problems: Sequence[str] = (),
        settings_path: Path | None = None,
        poor_terminal: bool = False,
    ) -> None:
        super().__init__()
        addresses = [DeskAddress(desks)] if isinstance(desks, Endpoint) else desks
        self.client, places = open_places(addresses, self._connection)
        self._demo = demo or Demo()
        self._signing_in = asyncio.Lock()
        self._asked_to_sign_in: list[DeskPlace] = []
        self._sequences = Sequences(ACTIONS)
        desk = MailDesk(self.client, places)
        self.main = MainScreen(desk, DraftJournal(drafts or default_folder()), now, self._ask_sign_in)
        self.main.demo_password = self._demo.password
        self.main.take_settings = self.take_settings
        self.main.settings_path = settings_path or config_path()
        self._problems = list(problems)
        self._moved = False
        """Whether the key before only moved."""
        self._plain: LineFilter | None = None
        self._poor = poor_terminal
        self._problems += self.take_settings(settings or Settings())

    def take_settings(self, settings: Settings) -> list[str]:
        """These hold from now on; a sentence for each that cannot be used."""
        before, self.main.settings = self.main.settings, settings
        keymap, problems = make_keymap(settings.keys, settings.bind)
        if keymap != self.keys_now:
            self.keys_now = keymap
            self._sequences = Sequences(keymap.actions())
            self.set_keymap(keymap.for_bindings())
            self.main.footer.refresh()
        if settings.theme in self.available_themes:
            self.theme = settings.theme
        elif settings.theme != DEFAULT:
            problems.append(f"theme: there is no theme “{settings.theme}”.")
        if before.conversations != settings.conversations:
            self.main.conversations = settings.conversations
        self._draw_plainly(settings.plain or self._poor)
        return problems

    def _draw_plainly(self, plain: bool) -> None:
        if plain and self._plain is None:
            from shinbox.tui.plain_mode import PlainFilter

            # Textual draws on standard error.
            self._plain = PlainFilter(getattr(sys.__stderr__, "encoding", None) or "utf-8")
            self._filters.append(self._plain)
        if self._plain is not None:
            self._plain.enabled = plain
        if plain != self.plain:
            self.plain = plain
            self.main.one_pane(plain)

    def get_default_screen(self) -> Screen[None]:
        """The main one: under it Textual's own would be made, laid out and never seen."""
        return self.main

    def on_mount(self) -> None:
        for problem in [*self.themes.problems, *self._problems]:
            self.notify(problem, severity="warning", timeout=15)

    async def action_quit(self) -> None:
        """From whatever lies over the main screen, as from that."""
        self.run_worker(self.main.do_quit(), group="act")

    async def on_unmount(self) -> None:
        await self.main.take_leave()
        await self.client.aclose()

    def _connection(self, number: int, state: Connectivity) -> None:
        self.main.connection(self.main.desk.places[number], state)

    def _ask_sign_in(self, place: DeskPlace, then: Callable[[], None]) -> None:
        """Show the form; of several desks one after the other. Not signing in to the only desk leaves."""
        if place not in self._asked_to_sign_in:
            self._asked_to_sign_in.append(place)
            self.run_worker(self._sign_in(place, then), group=f"sign-in-{place.number}")

    async def _sign_in(self, place: DeskPlace, then: Callable[[], None]) -> None:
        from shinbox.tui.screens.login import LoginScreen

        async def sign_in(name: str, password: str) -> None:
            place.keep_token(await place.client.sign_in(name, password))

        async with self._signing_in:
            address, why = str(place.client.endpoint), place.why_signed_out
            form = LoginScreen(address, sign_in, self._demo, who=place.who if why else "", why=why)
            signed_in = await self.push_screen_wait(form)
        self._asked_to_sign_in.remove(place)
        if signed_in:
            then()
        elif len(self.main.desk.places) == 1:
            self.exit()

    # --- sequences of keys ------------------------------------------------------------------------------

    async def on_event(self, event: Event) -> None:
        """A key that belongs to a sequence, and a list's key, is taken before any widget sees it."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if not (self._moved and self._motion(event)):
                await take_in(self)
            self._moved = self._motion(event) is not None
            if self._means_a_line(event):
                await self.main.rows_there()
            if await self._take(event) or await self._act_at_once(event):
                return
            if event.is_printable and self._takes_no_letters() and self.screen is self.main:
                self.main.say_no_such_key(event.character or event.key)
        await super().on_event(event)

    def _motion(self, event: events.Key) -> Action | None:
        """How a key moves through what has the focus: after it, the next such key need wait for nothing."""
        if not self._takes_no_letters():
            return None
        means = self.keys_now.meant
        return means(event.character or "", Where.MOTION) or means(event.key, Where.MOTION)

    def _means_a_line(self, event: events.Key) -> bool:
        """Whether a key is for a line of the messages, which may still be on their way."""
        here = self.screen is self.main and self.focused is self.main.messages
        return here and any(self.keys_now.means_a_line(key) for key in (event.character, event.key) if key)

    async def _act_at_once(self, event: events.Key) -> bool:
        """Carry out what a key means in a list or a text, which take no letters themselves.

        Textual would send it to the widget and up again through all that hold it. That takes time, and keys
        typed ahead, as in `/invoice`, would all reach the list before the first had opened the line for them.
        """
        if not self._takes_no_letters():
            return False
        motion, focused = self._motion(event), self.focused
        if motion and isinstance(focused, VirtualList) and self.screen is self.main:
            # Known already: Textual would gather the keys of all that holds the list, and do so twice.
            return await self.run_action(motion.run, focused)
        return await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)

    def _takes_no_letters(self) -> bool:
        focused = self.focused
        return isinstance(focused, ListLines | Reader) and not focused.check_consume_key("a", "a")

    async def _take(self, event: events.Key) -> bool:
        if self.screen is not self.main or not isinstance(self.focused, VirtualList | Reader | None):
            return False
        typed = (*self._sequences.typed, event.character or event.key)
        taken = self._sequences.take(typed[-1])
        self.main.show_pending(" ".join(self._sequences.typed))
        if taken is Sequences.PENDING and not self._sequences.typed and event.is_printable:
            self.main.say_no_such_key(" ".join(typed))
        if isinstance(taken, Action):
            await self._run_sequence(taken)
        return taken is not None

    async def _run_sequence(self, action: Action) -> None:
        if action.run and self.focused is not None:
            await self.run_action(action.run, self.focused)
        elif not action.run:
            await self.main.action_act(action.id)


def run(
    desks: Endpoint | Sequence[KnownDesk],
    *,
    people: Sequence[tuple[str, str]] = (),
    password: str = "",
    sign_in_as: str | None = None,
) -> int:
    """Run the terminal client until the person leaves; returns the exit code.

    Of several desks, one that cannot be reached yet is waited for on the screen. The demo tells its `people`
    (name and what they may do), their common `password`, and whom to `sign_in_as` without asking; its token
    is not kept, since its desk is gone afterwards.

    :raises ConfigError: the file of tokens cannot be used.
    :raises DeskUnreachable: the host of the only desk cannot be reached.
    """
    settings, problems = read_settings(config_path())
    if settings.theme == DEFAULT and has_few_colours(os.environ):
        settings = replace(settings, theme="ansi16")
    poor = needs_plain(os.environ)
    if isinstance(desks, Endpoint):
        # The drafts lie in the demo's folder and go with it: the next one knows none of their mailboxes.
        folder = desks.socket.parent / "drafts" if desks.socket else None
        demo = Demo(people, password, sign_in_as)
        app = ShinboxApp(
            desks, demo=demo, drafts=folder, settings=settings, problems=problems, poor_terminal=poor
        )
        app.run(mouse=settings.mouse)
        return app.return_code or 0
    with ExitStack() as ways:
        addresses = [ways.enter_context(_reached(desk, patient=len(desks) > 1)) for desk in desks]
        app = ShinboxApp(addresses, settings=settings, problems=problems, poor_terminal=poor)
        app.run(mouse=settings.mouse)
    return app.return_code or 0


def begin(
    own: Callable[[], AbstractContextManager[Endpoint]], demo: Callable[[], int], *, has_own: bool
) -> int:
    """Without a desk: start the person's `own` if they have one, else ask what to do; the exit code."""
    from shinbox.tui import beginning

    return beginning.begin(own, demo, has_own=has_own)


@contextmanager
def _reached(desk: KnownDesk, *, patient: bool) -> Iterator[DeskAddress]:
    """A desk with the token for it; what SSH asks is asked here, before the screen is taken."""
    if desk.endpoint.ssh is None or desk.endpoint.socket is not None:
        yield _address(desk.name, desk.endpoint)
        return
    from shinbox.jmap.ssh import reached

    with reached(desk.endpoint, patient=patient, say=_say) as endpoint:
        yield _address(desk.name, endpoint)


def _say(text: str) -> None:
    sys.stderr.write(f"shinbox: {plain(text)}\n")


def _address(name: str, endpoint: Endpoint) -> DeskAddress:
    return DeskAddress(endpoint, name, load_token(endpoint), lambda fresh: save_token(endpoint, fresh))
