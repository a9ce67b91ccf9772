"""The settings on the screen: changed at once, kept in the file with its comments, never over an editor."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from shinbox.tui.actions import BY_ID
from shinbox.tui.look import LookApp, keymap_of
from shinbox.tui.screens.ask import AskScreen
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.settings import SettingsScreen, split_keys
from shinbox.tui.screens.themes_box import ThemeScreen
from shinbox.tui.settings import HELP, read_settings
from tests.tui.person import Person, sitting

MINE = '# mine\nkeys = "gmail"  # for ever\n\n[labels]\nurgent = "error"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(MINE)
    return file


def text_of(path: Path) -> str:
    return path.read_text()


def write(path: Path, text: str) -> None:
    path.write_text(text)


async def at_settings(bob: Person, path: Path) -> SettingsScreen:
    bob.main.settings_path = path
    await bob.press("comma")
    await bob.until(lambda: isinstance(bob.app.screen, SettingsScreen) and bob.app.screen.query("#said"))
    assert isinstance(bob.app.screen, SettingsScreen)
    return bob.app.screen


async def pick(bob: Person, text: str) -> None:
    """Type into the box on top, take the first that fits."""
    box = bob.app.screen
    box.query_one(Input).value = text
    await bob.pilot.pause()
    await bob.press("enter")
    await bob.pilot.pause()


def said(screen: SettingsScreen) -> str:
    return str(screen.query_one("#said", Static).render())


async def test_every_setting_is_there_and_a_change_holds_at_once_and_is_kept(
    socket: Path, path: Path
) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await at_settings(bob, path)
        assert {choice.id for choice in screen._choices} == set(HELP)
        await pick(bob, "plain")
        await bob.until(lambda: bob.app.plain)
        assert "plain = yes" in said(screen)
        await pick(bob, "keys")
        await bob.until(lambda: bob.app.screen is not screen)
        assert bob.app.screen.query_one("#box").border_title == "The keys of gmail, aerc or mutt"
        await pick(bob, "mutt")
        await bob.until(lambda: keymap_of(bob.main).key("undo") == "u")
        text = text_of(path)
        assert "# mine" in text
        assert 'keys = "mutt"' in text
        assert "# for ever" in text
        assert 'urgent = "error"' in text


async def test_in_the_smallest_terminal_the_sentence_of_a_setting_is_there_whole(
    socket: Path, path: Path
) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await at_settings(bob, path)
        await bob.press("down", "down", "down")
        about = screen.query_one("#about", Static)
        await bob.until(lambda: HELP["mouse"] in str(about.render()))
        await bob.until(lambda: about.region.height == 2)
        assert about.region.bottom < screen.query_one("#box").region.bottom


async def test_the_colours_change_while_one_chooses_and_leaving_brings_the_old_back(
    socket: Path, path: Path
) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await at_settings(bob, path)
        before = bob.app.theme
        await pick(bob, "theme")
        await bob.until(lambda: isinstance(bob.app.screen, ThemeScreen))
        await bob.press("down", "down")
        await bob.until(lambda: bob.app.theme != before)
        await bob.press("escape")
        await bob.until(lambda: bob.app.theme == before)
        assert "theme" not in text_of(path)


async def test_a_wrong_value_is_said_at_the_field_and_not_kept(socket: Path, path: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await at_settings(bob, path)
        await pick(bob, "save_to")
        await bob.until(lambda: isinstance(bob.app.screen, AskScreen))
        await pick(bob, "/no/such/folder")
        assert isinstance(bob.app.screen, AskScreen)
        assert "There is no folder" in str(bob.app.screen.query_one("#problem", Static).render())
        assert "save_to" not in text_of(path)


async def test_whose_key_would_be_taken_is_said_while_one_types(socket: Path, path: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await at_settings(bob, path)
        await pick(bob, "bind")
        await bob.until(lambda: type(bob.app.screen) is ChooseScreen)
        await pick(bob, "flag")
        await bob.until(lambda: isinstance(bob.app.screen, AskScreen))
        box = bob.app.screen
        box.query_one(Input).value = "e"
        problem = box.query_one("#problem", Static)
        await bob.until(lambda: "e means “archive” now" in str(problem.render()))
        box.query_one(Input).value = "strg+x"
        await bob.until(lambda: "is no key" in str(problem.render()))
        await bob.press("enter")
        assert bob.app.screen is box
        box.query_one(Input).value = "f5, g x"
        await bob.press("enter")
        await bob.until(lambda: isinstance(bob.app.screen, SettingsScreen))
        assert keymap_of(bob.main).of(BY_ID["message.flag"]) == ("f5", "g x")
        assert '"message.flag" = ["f5", "g x"]' in text_of(path)


async def test_what_an_editor_wrote_meanwhile_is_not_written_over(socket: Path, path: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await at_settings(bob, path)
        write(path, 'keys = "aerc"\ntitle = false\n')
        await pick(bob, "keys")
        await bob.until(lambda: bob.app.screen is not screen)
        assert bob.app.screen.query_one("#box").border_title == "The keys of gmail, aerc or mutt"
        await pick(bob, "mutt")
        await bob.until(lambda: "by now" in said(screen))
        assert text_of(path) == 'keys = "aerc"\ntitle = false\n'
        assert keymap_of(bob.main).key("undo") == "u"
        assert bob.main.settings.title is False


async def test_a_label_gets_a_colour(socket: Path, path: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await at_settings(bob, path)
        await pick(bob, "labels")
        await bob.until(lambda: type(bob.app.screen) is ChooseScreen)
        labels = bob.app.screen
        await pick(bob, "urgent")
        await bob.until(lambda: type(bob.app.screen) is ChooseScreen and bob.app.screen is not labels)
        await pick(bob, "success")
        await bob.until(lambda: isinstance(bob.app.screen, SettingsScreen))
        assert bob.main.settings.labels == {"urgent": "success"}


async def test_a_file_that_cannot_be_used_is_told_with_its_key_and_what_is_possible(
    socket: Path, path: Path
) -> None:
    write(path, 'keys = "emacs"\n')
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await at_settings(bob, path)
        assert str(path) in said(screen)
        assert "keys: 'emacs' is not known; it is one of gmail, aerc, mutt." in said(screen)


async def test_a_theme_that_is_chosen_without_the_settings_is_kept_as_well(socket: Path, path: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        bob.main.settings_path = path
        await bob.main.action_act("theme")
        await bob.until(lambda: isinstance(bob.app.screen, ThemeScreen))
        await pick(bob, "amber")
        await bob.until(lambda: bob.notice == "Kept: theme = amber")
        assert read_settings(path)[0].theme == bob.app.theme == bob.main.settings.theme == "amber"
        assert "# for ever" in text_of(path)
        await bob.main.action_act("theme")
        await bob.until(lambda: isinstance(bob.app.screen, ThemeScreen))
        await bob.press("down", "escape")
        await bob.until(lambda: bob.app.screen is bob.main and bob.app.theme == "amber")
        assert read_settings(path)[0].theme == "amber"


async def test_a_theme_that_cannot_be_kept_holds_and_says_why(socket: Path, path: Path) -> None:
    write(path, "keys = ")
    async with sitting(socket, "bob", (120, 40)) as bob:
        bob.main.settings_path = path
        await bob.main.action_act("theme", "amber")
        said = "amber holds until you leave"
        await bob.until(lambda: bob.notice.startswith(said) and "is not TOML" in bob.notice)
        assert bob.app.theme == "amber"
        assert text_of(path) == "keys = "


async def test_the_box_for_a_theme_stands_alone_as_well() -> None:
    app = LookApp()
    async with app.run_test() as pilot:
        before = app.theme
        app.push_screen(ThemeScreen())
        await pilot.pause()
        await pilot.press("down", "enter")
        assert app.theme != before


def test_keys_are_typed_with_commas_between() -> None:
    assert split_keys("f5,  g  x , ,comma") == ["f5", "g x", "comma"]


async def test_the_file_is_named_from_home_so_that_its_name_is_seen(
    socket: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await at_settings(bob, path)
        assert screen.query_one(Input).placeholder == "Type to find; kept in ~/config.toml"
