"""docs/cli.md, made from the parsers: `python -m shinbox.cli.reference > docs/cli.md`.

A test compares the two. Owns the layout of that page. Knows only the table of commands and the parsers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from shinbox.cli.commands import COMMANDS, EXIT_CODES, Command, Entry
from shinbox.cli.running import parser

_EVERYWHERE = frozenset({"--desk", "--token-file", "--json", "--help"})

_HEAD = """# The command line

Made from the program by `python -m shinbox.cli.reference`; a test keeps it true.

`shinbox` alone starts the terminal client. `shinbox COMMAND --help` says what this page says.

* **Names, not ids**: a mailbox is `support@`, its whole address, or its name; a folder is its path
  (`Projects/2026`) or its role (`inbox`, `archive`, `trash`); people and teams go by name. Where a name fits
  several, the error lists them. Messages go by the id that `shinbox list` prints.
* **Every command takes** `--desk ADDRESS` (`unix:/path/desk.sock`, `ssh://[user@]host[:port][/path/desk.sock]`,
  `https://host`, or a name under `desks` in the user's `config.toml`; else `$SHINBOX_DESK`, then `desk` and
  the first of `desks` in `config.toml`, then `/run/shinbox/desk.sock`, then
  `$XDG_RUNTIME_DIR/shinbox/desk.sock`), `--token-file FILE` (sign in with the token in it) and `--json`.
  The terminal client takes `--desk` more than once and shows the desks side by side.
* **Secrets** are typed unseen, or read from a file or from standard input (`-`); never given as an argument.
* **Errors** are one sentence on standard error that says what to do.
"""


def reference() -> str:
    """The whole page."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [_HEAD, f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n"]
    parts += [_section(entry) for entry in COMMANDS]
    return "\n".join(parts)


def _section(entry: Entry) -> str:
    command = entry.load()
    if not isinstance(command, Command):
        words = f"`shinbox {entry.words} [OPTION …]` — its options: `shinbox {entry.words} --help`."
        return f"## shinbox {entry.words}\n\n{entry.summary}.\n\n{words}\n"
    made = parser(entry, command)
    own = [action for action in made._actions if not _EVERYWHERE & set(action.option_strings)]
    usage = " ".join(["shinbox", entry.words, *(_usage(action) for action in own)])
    rows = "".join(f"* `{_title(action)}`: {_said(action)}\n" for action in own if action.help)
    return f"## shinbox {entry.words}\n\n{entry.summary}.\n\n    {usage}\n" + (f"\n{rows}" if rows else "")


def _usage(action: argparse.Action) -> str:
    text = _title(action)
    if action.nargs == "+":
        return f"{text} …"
    if action.nargs == "*":
        return f"[{text} …]"
    return text if action.required else f"[{text}]"


def _title(action: argparse.Action) -> str:
    return " ".join(_words(action))


def _words(action: argparse.Action) -> Iterator[str]:
    if action.option_strings:
        yield action.option_strings[-1]
    if action.nargs != 0:
        choices = "|".join(map(str, action.choices)) if action.choices else None
        yield str(action.metavar or choices or action.dest.upper())


def _said(action: argparse.Action) -> str:
    return str(action.help).replace("%%", "%")


if __name__ == "__main__":
    print(reference(), end="")
