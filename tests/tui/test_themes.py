"""Themes: every packaged one is readable by people, a bad one is refused with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from shinbox.errors import ConfigError
from shinbox.tui.look import LookApp
from shinbox.tui.themes import LABEL_COLOURS, OURS, load_themes, packaged_folder, parse_theme

PACKAGED = load_themes([packaged_folder()])
GOOD = 'primary = "#336699"\nforeground = "#ffffff"\nbackground = "#000000"\n'
AA = 4.5

TEXT_ON_GROUND = [
    ("foreground", "background"),
    ("foreground", "surface"),
    ("foreground", "panel"),
    ("foreground", "fill-marked"),
    ("foreground", "fill-blurred"),
    ("block-cursor-foreground", "block-cursor-background"),
    *((f"ink-{name}", "background") for name in ("muted", "accent", "warning", "error", "success")),
    *((f"ink-{name}", "background") for name in ("quote", "link")),
    *((f"ink-{name}", "fill-marked") for name in ("muted", "accent", "warning")),
    *((name, "fill-bar") for name in ("ink-bar", "ink-bar-muted", "ink-bar-key", "ink-error", "ink-success")),
    *((f"label-{name}", ground) for name in LABEL_COLOURS for ground in ("background", "surface")),
    *((f"ink-{name}", "surface") for name in ("muted", "accent", "warning", "error")),
]


def colour(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2.1 defines it."""

    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_six_packaged_themes_are_found_and_without_fault() -> None:
    assert PACKAGED.problems == []
    assert set(PACKAGED.loaded) == {
        "shinbox-dark",
        "shinbox-light",
        "high-contrast",
        "ansi16",
        "amber",
        "harbour",
    }


@pytest.mark.parametrize("name", sorted(set(PACKAGED.loaded) - {"ansi16"}))
def test_every_text_stands_out_from_its_ground_as_wcag_aa_asks(name: str) -> None:
    theme = PACKAGED.loaded[name]
    least = 7.0 if name == "high-contrast" else AA
    faint = {
        f"{text} on {ground}": round(contrast(colour(theme, text), colour(theme, ground)), 2)
        for text, ground in TEXT_ON_GROUND
        if contrast(colour(theme, text), colour(theme, ground)) < least
    }
    assert faint == {}


def test_the_sixteen_colour_theme_uses_the_terminals_own_colours_only() -> None:
    theme = PACKAGED.loaded["ansi16"]
    values = [value for key, value in theme.variables.items() if not key.endswith("-style")]
    assert all(value.startswith("ansi_") for value in values)
    for text, ground in (
        ("block-cursor-foreground", "block-cursor-background"),
        ("ink-marked", "fill-marked"),
    ):
        assert theme.variables[text] != theme.variables[ground]


@pytest.mark.parametrize("name", sorted(PACKAGED.loaded))
async def test_every_theme_can_be_switched_to_while_running(name: str) -> None:
    app = LookApp()
    async with app.run_test() as pilot:
        app.theme = name
        await pilot.pause()
        assert app.current_theme.name == name


async def test_textuals_own_themes_can_be_switched_to_as_well() -> None:
    app = LookApp()
    async with app.run_test() as pilot:
        app.theme = "nord"
        await pilot.pause()
        assert app.get_css_variables()["ink-muted"] != ""


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ('accent = "blu"', "accent: 'blu' is not a colour"),
        ("accent = 3", "accent: 3 is not a colour"),
        ('dark = "yes"', "dark: must be true or false"),
        ('colour = "#fff"', "colour: a theme has no such key"),
        ('[variables]\nink-muted = "#12"', "variables.ink-muted: '#12' is not a colour"),
        ('[variables]\nblock-cursor-text-style = "fat"', "variables.block-cursor-text-style: 'fat'"),
        ("variables = 3", "variables: must be a table"),
        ("accent", "this is not TOML"),
    ],
)
def test_a_bad_file_is_refused_and_the_key_is_named(extra: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint.replace("[", r"\[")):
        parse_theme("mine", GOOD + extra)


def test_a_missing_colour_that_cannot_be_derived_is_named() -> None:
    with pytest.raises(ConfigError, match="primary: is missing"):
        parse_theme("mine", 'foreground = "#fff"\nbackground = "#000"')


def test_our_variables_are_derived_where_a_file_leaves_them_out() -> None:
    theme = parse_theme("mine", GOOD)
    assert set(OURS) <= set(theme.variables)
    assert theme.variables["ink-muted"] == "#ffffff"


def test_a_users_file_replaces_a_packaged_theme_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "amber.toml").write_text(GOOD)
    (tmp_path / "broken.toml").write_text(GOOD + 'accent = "blu"')
    (tmp_path / "notes.txt").write_text("no theme")
    found = load_themes([packaged_folder(), tmp_path])
    assert found.loaded["amber"].primary == "#336699"
    assert "broken" not in found.loaded
    assert found.problems == [
        f'{tmp_path / "broken.toml"}: accent: \'blu\' is not a colour (like "#5B9BD5" or "ansi_blue")'
    ]
