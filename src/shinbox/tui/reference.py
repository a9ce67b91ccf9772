"""The page about the terminal client's keys and settings, made from the table of actions and the settings.

`python -m shinbox.tui.reference` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator

from shinbox.tui.actions import ACTIONS, Action, Group
from shinbox.tui.keymap import PRESETS, Keymap
from shinbox.tui.keys import key_label
from shinbox.tui.settings import CHOICES, HELP, Settings, value_of

_HEAD = """\
# Keys and settings

Made from the program by `python -m shinbox.tui.reference`; a test keeps it true.

Three sets of keys come with shinbox: `gmail` (Gmail's letters and vim's motion), `aerc` and `mutt`. The
settings (`,`) change the set, and single keys; each says at once which action would lose its key. In shinbox
the help shows the keys that hold now and finds actions by words; the palette and the command line do every
action by name, as in `:move Archive` or `:theme light`.

The mouse works everywhere: a click goes to a message, a second one opens it; with Ctrl, or on the first cell,
it selects the message, with Shift a range. The footer's hints, the notice with its undo, the parts of the
title, fields, boxes, files and links are clicked; a click beside a box leaves it. `mouse = false` leaves the
mouse to the terminal, which selects text with it.

"""
_FILE = """\
## Settings

They are kept in `~/.config/shinbox/config.toml`; comments in it stay, and what you write into it by hand
while shinbox runs is not written over. A value that cannot be used is told at the start, and the rest holds.

"""
_TAIL = """
```toml
theme = "harbour"
keys = "aerc"

[labels]              # colours of labels
urgent = "red"

[open]                # programs by type of file
"application/pdf" = "zathura"

[bind]                # keys of your own: one, or a list; a sequence has spaces
"message.flag" = ["f5", "g x"]
```

Where `NO_COLOR` is set only shades of grey are sent. In a terminal whose locale is not UTF-8, or whose `TERM`
is `dumb`, lines and symbols are left out as with `plain`; there `>` stands before the line of the cursor and
`x` before what is selected. Over SSH no desktop is told; programs are opened there only if you say so.
"""


def page() -> str:
    """The page, as Markdown."""
    return _HEAD + "".join(_keys()) + _FILE + "".join(_settings()) + _TAIL


def _keys() -> Iterator[str]:
    for group in Group:
        actions = [action for action in ACTIONS if action.group is group]
        yield f"## {group.value}\n\n| | " + " | ".join(PRESETS) + " | |\n|---|---|---|---|---|\n"
        yield from (_row(action) for action in actions)
        yield "\n"


def _row(action: Action) -> str:
    columns = [
        " ".join(f"`{_escaped(key_label(keys))}`" for keys in Keymap(preset).of(action))
        for preset in PRESETS.values()
    ]
    return f"| {action.label} | {' | '.join(columns)} | {action.help} |\n"


def _escaped(key: str) -> str:
    return key.replace("|", "\\|")


def _settings() -> Iterator[str]:
    plain = Settings()
    for key, text in HELP.items():
        value = value_of(plain, key)
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        possible = f"; one of {', '.join(CHOICES[key])}" if key in CHOICES else ""
        without = f" Without it: `{shown}`." if isinstance(value, str | bool) and shown else ""
        yield f"* `{key}`: {text}{possible}.{without}\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
