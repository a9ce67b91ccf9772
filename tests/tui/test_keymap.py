"""Presets, own keys, settings and their file, signals, plain mode, commands and labels: the pure parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.errors import ConfigError, InvalidArguments
from shinbox.jmap.objects import Email
from shinbox.tui.actions import ACTIONS, BY_ID
from shinbox.tui.changes import set_keyword
from shinbox.tui.commands import Command, command_names, offered_names, parse_command
from shinbox.tui.keymap import PRESETS, Keymap, make_keymap, taken_from
from shinbox.tui.labels import labelled, tone_of
from shinbox.tui.plain_mode import TABLE
from shinbox.tui.rows import Row
from shinbox.tui.settings import parse_settings
from shinbox.tui.settings_file import write_setting
from shinbox.tui.signals import notification, window_title
from shinbox.tui.themes import LABEL_COLOURS


@pytest.mark.parametrize("preset", PRESETS)
def test_in_no_preset_a_key_means_two_things(preset: str) -> None:
    keymap = Keymap(PRESETS[preset])
    lost = [line for action in ACTIONS for line in taken_from(action.id, keymap.of(action), keymap)]
    assert lost == []


def test_ones_own_key_wins_and_the_loss_is_a_sentence() -> None:
    keymap, problems = make_keymap("gmail", {"message.flag": ("e",), "nothing.such": ("x",)})
    assert keymap.of(BY_ID["message.flag"]) == ("e",)
    assert keymap.of(BY_ID["message.archive"]) == ()
    assert problems == [
        "bind: e now means “flag”, no longer “archive”.",
        "bind: there is no action “nothing.such”; the help (?) shows them.",
    ]


def test_a_setting_that_cannot_be_used_is_named_and_the_rest_holds() -> None:
    settings, problems = parse_settings(
        'keys = "emacs"\nplain = true\ncolour = 1\n[labels]\nUrgent = "error"\n[bind]\nundo = "u"\n'
    )
    assert (settings.keys, settings.plain, settings.labels) == ("gmail", True, {"urgent": "error"})
    assert settings.bind == {"undo": ("u",)}
    assert [problem.split(":")[0] for problem in problems] == ["keys", "colour"]


def test_writing_a_setting_keeps_the_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\nkeys = "mutt"  # for ever\n\n[labels]\nurgent = "error"\n')
    write_setting(path, "plain", True)
    write_setting(path, "keys", "aerc")
    text = path.read_text()
    assert "# mine" in text
    assert "# for ever" in text
    settings, problems = parse_settings(text)
    assert (settings.keys, settings.plain, settings.labels, problems) == (
        "aerc",
        True,
        {"urgent": "error"},
        [],
    )


def test_a_file_that_is_no_toml_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("keys = ")
    with pytest.raises(ConfigError, match="left as it is"):
        write_setting(path, "plain", True)
    assert path.read_text() == "keys = "


def test_no_text_of_others_ends_or_begins_a_control_sequence() -> None:
    hostile = "a\x1b\\b\x07;c\x9c"
    for made in (
        notification("osc9", "t", hostile),
        notification("osc777", "t", hostile),
        window_title(hostile),
    ):
        assert made.count("\x1b") == 2
        assert not {"\x07", "\x9c"} & set(made)
    assert notification("bell", "t", hostile) == "\a"
    assert notification("none", "t", hostile) == ""


def test_plain_mode_draws_no_lines_and_keeps_letters() -> None:
    assert "╭─●─╮ é 日".translate(TABLE) == "  *   é 日"


def test_a_command_is_an_action_and_what_it_takes() -> None:
    assert parse_command("move Archive") == Command("message.move", "Archive")
    assert parse_command("search is:unread from:ann") == Command("search", "is:unread from:ann")
    assert parse_command("go-archive") == Command("go.archive")
    with pytest.raises(InvalidArguments, match="no command"):
        parse_command("dance")
    with pytest.raises(InvalidArguments, match="takes nothing"):
        parse_command("undo now")
    assert {"theme", "mailbox", "archive", "label"} <= set(command_names())


def test_the_command_line_offers_each_action_once_and_takes_its_other_names() -> None:
    offered = offered_names()
    assert len({action.id for action in offered.values()}) == len(offered)
    assert set(offered.values()) == set(command_names().values())
    assert {"filter", "mailbox", "rename-search", "move"} <= offered.keys()
    assert parse_command("folder sales") == parse_command("mailbox sales")


def test_labels_are_shown_before_the_subject_each_in_its_colour() -> None:
    email = Email(keywords={"urgent": True, "billing": True, "$seen": True})
    row = labelled(Row("m", {}), [email], {"urgent": "violet", "billing": "error"})
    assert row.chips == (("[billing]", "error"), ("[urgent]", "label-violet"))


def test_a_label_without_a_chosen_colour_has_always_the_same() -> None:
    tones = [tone_of(label, {}) for label in ("urgent", "billing", "vip", "lamp", "refund")]
    assert tones == [tone_of(label, {}) for label in ("urgent", "billing", "vip", "lamp", "refund")]
    assert len(set(tones)) > 2
    assert all(tone.removeprefix("label-") in LABEL_COLOURS for tone in tones)


def test_a_label_is_put_only_on_those_without_it_and_undone_there() -> None:
    known = {"a": Email(keywords={"urgent": True}), "b": Email()}
    change = set_keyword("acc", "f", known, "urgent", True)
    assert change.patches == {"b": {"keywords/urgent": True}}
    assert change.undo == {"b": {"keywords/urgent": None}}
