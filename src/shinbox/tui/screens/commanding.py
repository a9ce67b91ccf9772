"""Commands: the line, what it completes, the palette, and settings that are changed on the screen.

Owns the way from a line or a choice to an action's handler. The language is in `commands`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from shinbox.errors import ConfigError, InvalidArguments
from shinbox.tui.actions import Action, Situation, Where, why_not
from shinbox.tui.keys import first_key
from shinbox.tui.look import keymap_of
from shinbox.tui.mail_rows import in_tree_order, path_of
from shinbox.tui.screens.filing import Filing
from shinbox.tui.screens.places import Places

if TYPE_CHECKING:
    from shinbox.tui.screens.choose import Choice


class Commanding(Filing, Places):
    """The main screen with everything that is typed."""

    def do_command(self) -> None:
        from shinbox.tui.commands import command_names, offered_names
        from shinbox.tui.screens.command_line import CommandScreen

        now, names = self.situation(), command_names()
        keys = {action.id: action for action in keymap_of(self).actions()}
        commands = [
            _choice(name, name, keys.get(action.id, action), now) for name, action in offered_names().items()
        ]

        def typed(line: str | None) -> None:
            if line:
                self.call_later(self.run_command, line)

        self.app.push_screen(CommandScreen(commands, names, self._complete, self.key("box.complete")), typed)

    def do_palette(self) -> None:
        from shinbox.tui.screens.choose import ChooseScreen

        now = self.situation()
        choices = [
            _choice(action.id, action.label, action, now)
            for action in keymap_of(self).actions()
            if action.where in (Where.MAIN, Where.ANY) and action.id != "palette"
        ]

        def chosen(action_id: str | None) -> None:
            if action_id:
                self.call_later(self.action_act, action_id)

        self.app.push_screen(ChooseScreen("Do what?", choices), chosen)

    async def run_command(self, line: str) -> None:
        """Carry out a line, or say why not."""
        from shinbox.tui.commands import parse_command

        try:
            command = parse_command(line)
        except InvalidArguments as error:
            self.problem(error)
            return
        await self.action_act(command.action, command.argument)

    def _complete(self, kind: str) -> list[Choice]:
        """What may stand after a command; nothing for free words."""
        from shinbox.tui.screens.choose import Choice

        if kind == "place":
            return [Choice(choice.name, choice.name, off=choice.off) for choice in self.places()]
        if kind == "folder anywhere":
            return [
                Choice(name, name)
                for account in self.desk.accounts.values()
                for folder, _ in in_tree_order(account.folders)
                for name in [f"{account.name} / {path_of(folder, account.folders)}"]
            ]
        if kind == "kept search":
            return self.kept_choices()
        if kind == "theme":
            return self._themes()
        if kind == "label":
            return [Choice(label, label) for label in self.labels_here()]
        return []

    async def do_theme(self, name: str = "") -> None:
        from shinbox.tui.screens.choose import matching
        from shinbox.tui.screens.themes_box import ThemeScreen

        found = matching(self._themes(), name) if name else []
        if found:
            await self._keep_theme(found[0].id)
        elif name:
            self.notice.say(f"There is no theme “{name}”: choose one.", tone="warning", offers="theme")
        else:
            self.app.push_screen(ThemeScreen(), self._keep_theme)

    async def _keep_theme(self, theme: str | None) -> None:
        """It holds from now on, here and in the file, as one that is chosen in the settings."""
        if theme is None:
            return
        from shinbox.tui.settings_file import write_setting

        self.take_settings(replace(self.settings, theme=theme))
        try:
            await asyncio.to_thread(write_setting, self.settings_path, "theme", theme)
        except ConfigError as error:
            self.notice.say(f"{theme} holds until you leave: {error}", tone="warning", seconds=15)
        else:
            self.notice.say(f"Kept: theme = {theme}", offers="settings", counting=False)

    def _themes(self) -> list[Choice]:
        from shinbox.tui.screens.choose import Choice
        from shinbox.tui.screens.themes_box import in_order

        return [Choice(name, name) for name in in_order(self.app, self.app.theme)]

    def do_settings(self) -> None:
        """Show the settings; choosing one changes it, here and in the file."""
        from shinbox.tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self.settings_path, self.take_settings))


def _choice(id_: str, label: str, action: Action, now: Situation) -> Choice:
    """An action to choose, with its key; off where one cannot do it now, and says why."""
    from shinbox.tui.screens.choose import Choice

    off, short = why_not(action, now), why_not(action, now, briefly=True) or ""
    return Choice(id_, label, action.help, first_key(action), off, short=short)
