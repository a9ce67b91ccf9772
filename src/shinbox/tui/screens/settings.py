"""The settings: each with what it is now and a sentence; choosing one changes it, here and in the file.

Owns how a setting is changed on the screen. What there is stands in `settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.widgets import Static

from shinbox.errors import ShinboxError
from shinbox.tui.actions import ACTIONS, BY_ID
from shinbox.tui.columns import Column
from shinbox.tui.keymap import PRESETS, Keymap, key_problems, taken_from
from shinbox.tui.keys import key_label
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import shown
from shinbox.tui.screens.ask import AskScreen, Wrong
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.screens.files import from_home
from shinbox.tui.screens.themes_box import ThemeScreen
from shinbox.tui.settings import CHOICES, HELP, TONES, Settings, read_settings, value_of
from shinbox.tui.settings_file import write_entry, write_setting
from shinbox.tui.themes import LABEL_COLOURS
from shinbox.tui.widgets.list_messages import CursorMoved
from shinbox.tui.widgets.virtual_list import VirtualList

TakeSettings = Callable[[Settings], Sequence[str]]
_AROUND: Final = 7
"""Lines of the box besides its list: the frame, the field, two sentences of up to two lines."""
ADD: Final = "+"
REMOVE: Final = "-"


class SettingsScreen(ChooseScreen):
    """Stays until it is left; every change holds at once."""

    columns: ClassVar[Sequence[Column]] = (
        Column("name", 14),
        Column("key", 16, tone="accent"),
        Column("note", 10, flex=1, tone="muted"),
    )
    DEFAULT_CSS = """
    SettingsScreen #box { width: 110; max-width: 98%; }
    SettingsScreen #about { height: auto; color: $ink-muted; padding: 0 1; }
    SettingsScreen #said { height: auto; color: $ink-warning; padding: 0 1; }
    """

    def __init__(self, path: Path, take: TakeSettings) -> None:
        self._path = path
        self._hold = take
        self._settings, self._problems = read_settings(path)
        super().__init__("Settings", self._entries(), f"Type to find; kept in {from_home(path)}")

    def compose(self) -> ComposeResult:
        yield from super().compose()

    def on_mount(self) -> None:
        super().on_mount()
        about, said = Static(shown(""), id="about"), Static(shown(self._first_problem()), id="said")
        self.query_one("#box").mount(about, said)
        # In a low terminal the sentence below the list must have room.
        room = int((self.app.size.height - 2) * 0.8) - _AROUND
        self.query_one(VirtualList).styles.max_height = max(3, room)

    def on_cursor_moved(self, message: CursorMoved) -> None:
        """A narrow terminal cuts the sentences: that of the line under the cursor is there whole."""
        row = message.row
        if row is not None and row.id in HELP and self.query("#about"):
            self.query_one("#about", Static).update(shown(f"{row.id}: {HELP[row.id]}"))

    def _entries(self) -> list[Choice]:
        wrong = {problem.removeprefix(f"{self._path}: ").partition(":")[0] for problem in self._problems}
        return [
            Choice(key, f"{key} !" if key in wrong else key, text, _said(value_of(self._settings, key)))
            for key, text in HELP.items()
        ]

    def _first_problem(self) -> str:
        return self._problems[0] if self._problems else ""

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(shown(text))

    def _reread(self, said: str = "") -> None:
        """What the file says holds, also what an editor wrote into it meanwhile."""
        self._settings, self._problems = read_settings(self._path)
        line = self.query_one(VirtualList).cursor
        problems = [*self._hold(self._settings), *self._problems]
        self.take(self._entries(), self._prompt)
        self.query_one(VirtualList).move_to(line)
        self._say(" ".join([said, *problems]).strip())

    def _keep(self, change: Callable[[], None], said: str) -> None:
        try:
            change()
        except ShinboxError as error:
            said = str(error)
        self._reread(said)

    def _set(self, key: str, value: str | bool) -> None:
        before = value_of(self._settings, key)
        self._keep(lambda: write_setting(self._path, key, value, before), f"{key} = {_said(value)}")

    # --- what choosing one does -------------------------------------------------------------------------

    def choose_id(self, choice: str) -> None:
        value = value_of(self._settings, choice)
        editors: Mapping[str, Callable[[], None]] = {
            "theme": self._choose_theme,
            "labels": self._choose_label,
            "open": self._choose_program,
            "bind": self._choose_action,
        }
        if choice in editors:
            editors[choice]()
        elif isinstance(value, bool):
            self._set(choice, not value)
        elif choice in CHOICES:
            self._choose_value(choice, str(value))
        else:
            self._ask_value(choice, str(value))

    def _then(self, act: Callable[[str], None]) -> Callable[[str | None], None]:
        return lambda answer: act(answer) if answer is not None else None

    def _choose_theme(self) -> None:
        self.app.push_screen(ThemeScreen(), self._then(lambda theme: self._set("theme", theme)))

    def _choose_value(self, key: str, now: str) -> None:
        choices = [Choice(name, name, "now" if name == now else "") for name in CHOICES[key]]
        box = ChooseScreen(_asked(key), choices)
        self.app.push_screen(box, self._then(lambda value: self._set(key, value)))

    def _ask_value(self, key: str, now: str) -> None:
        check = _check_folder if key == "save_to" else None
        box = AskScreen(_asked(key), now, check, may_be_empty=key == "spelling")
        self.app.push_screen(box, self._then(lambda value: self._set(key, value)))

    # --- labels, programs ---------------------------------------------------------------------------------

    def _choose_label(self) -> None:
        self._choose_entry(
            "labels", "Which label?", self._settings.labels, "a label", lambda name: self._choose_tone(name)
        )

    def _choose_program(self) -> None:
        self._choose_entry(
            "open",
            "Which type of file?",
            self._settings.handlers,
            "a type",
            lambda name: self._ask_program(name),
        )

    def _choose_entry(
        self, table: str, title: str, entries: Mapping[str, str], what: str, edit: Callable[[str], None]
    ) -> None:
        choices = [Choice(name, name, value) for name, value in entries.items()]
        choices.append(Choice(ADD, f"{what} that is not here", "type its name"))

        def chosen(name: str) -> None:
            if name == ADD:
                self.app.push_screen(AskScreen(f"Add {what}:"), self._then(lambda new: edit(new.lower())))
            else:
                edit(name)

        self.app.push_screen(ChooseScreen(title, choices), self._then(chosen))

    def _choose_tone(self, label: str) -> None:
        choices = [Choice(tone, tone) for tone in (*LABEL_COLOURS, *TONES)]
        choices.append(Choice(REMOVE, "no colour of its own"))
        self.app.push_screen(
            ChooseScreen(f"The colour of {label}", choices),
            self._then(lambda tone: self._set_entry("labels", label, None if tone == REMOVE else tone)),
        )

    def _ask_program(self, kind: str) -> None:
        now = self._settings.handlers.get(kind, "")
        self.app.push_screen(
            AskScreen(f"Open {kind} with which command? Empty: as your system does", now, may_be_empty=True),
            self._then(lambda command: self._set_entry("open", kind, command or None)),
        )

    def _set_entry(self, table: str, key: str, value: str | Sequence[str] | None) -> None:
        said = f"{table}: {key}" + (
            f" = {_said(value)}" if value is not None else " is as it was without you"
        )
        self._keep(lambda: write_entry(self._path, table, key, value), said)

    # --- keys of one's own ----------------------------------------------------------------------------------

    def _choose_action(self) -> None:
        keys = keymap_of(self)
        choices = [
            Choice(action.id, action.label, action.help, "  ".join(map(key_label, keys.of(action))))
            for action in ACTIONS
        ]
        self.app.push_screen(ChooseScreen("Whose keys?", choices), self._then(self._ask_keys))

    def _ask_keys(self, action_id: str) -> None:
        keys = keymap_of(self)
        preset = Keymap(PRESETS[self._settings.keys]).of(BY_ID[action_id])
        title = (
            f"Keys for “{BY_ID[action_id].label}”, with commas between; empty: {', '.join(preset) or 'none'}"
        )

        def check(line: str) -> Wrong:
            wanted = split_keys(line)
            wrong = key_problems(wanted)
            return Wrong(" ".join(wrong or taken_from(action_id, wanted, keys)), bool(wrong))

        def given(line: str) -> None:
            self._set_entry("bind", action_id, split_keys(line) or None)

        now = ", ".join(keys.of(BY_ID[action_id]))
        self.app.push_screen(AskScreen(title, now, check, may_be_empty=True), self._then(given))


def split_keys(line: str) -> list[str]:
    """Keys as they are typed: with commas between; the comma itself is called comma."""
    return [" ".join(keys.split()) for keys in line.split(",") if keys.strip()]


def _asked(key: str) -> str:
    """A setting's sentence as the title of its box."""
    return HELP[key][:1].upper() + HELP[key][1:]


def _check_folder(line: str) -> Wrong:
    folder = Path(line).expanduser()
    return Wrong() if folder.is_dir() else Wrong(f"There is no folder {folder}: make it first.", forbids=True)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"{len(value)} of your own" if value else "none"
    return str(value) if isinstance(value, str) else ", ".join(value)
