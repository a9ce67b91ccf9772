"""Finds the strings of our source that can reach a screen: literals and f-strings that hold a blank.

Names, keys of protocols and style sheets have none, or are told apart by their form. Reads sources only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shinbox

SOURCE = Path(shinbox.__file__).parent
STYLES = re.compile(r"\{ [\w-]+:|^\s*/\*")


@dataclass(frozen=True)
class Found:
    """A string and where it stands. What an f-string fills in is `{}`."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text!r}"


def strings_of(*rooms: str) -> list[Found]:
    """The sentences of these rooms (folders or modules of shinbox)."""
    return [found for room in rooms for path in _modules(room) for found in _sentences(path)]


def raised_in(*rooms: str) -> list[Found]:
    """What is given to an error as it is raised."""
    return [
        found
        for room in rooms
        for path in _modules(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for found in _sentences_in(path, node.exc)
    ]


def _modules(room: str) -> list[Path]:
    path = SOURCE / room
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def _sentences(path: Path) -> Iterator[Found]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                statement.value.value = ""
    yield from _sentences_in(path, tree)


def _sentences_in(path: Path, root: ast.AST) -> Iterator[Found]:
    parts: set[int] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            text = "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            text = node.value
        else:
            continue
        if " " in text.strip() and not STYLES.search(text):
            yield Found(f"{path.relative_to(SOURCE)}:{node.lineno}", text)
