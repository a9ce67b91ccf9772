"""Nothing of others reaches a widget except through the bridge: tried on it, and read in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.events import Paste

import shinbox.tui
from shinbox.tui.look import LookApp
from shinbox.tui.safe_text import block, joined, plain, shown
from shinbox.tui.widgets.fields import LineField, TextField
from tests.tui.person import until

SOURCE = Path(shinbox.tui.__file__).parent
HOSTILE = "a\x1b]52;c;aGk=\x07b\x9b2J\u202ec[/][@click=app.quit]d\x00e\u200bf"
RAW = set("\x1b\x07\x9b\u202e\x00\u200b")

TAKES_TEXT = {
    "Input",
    "TextArea",
    "Static",
    "Label",
    "Button",
    "Text",
    "Content",
    "Option",
    "Checkbox",
    "Collapsible",
}
TAKES_TEXT_METHODS = {"update"}
TAKES_TEXT_NAMES = {"text", "value", "border_title", "border_subtitle", "tooltip", "placeholder", "label"}
MAKES_SAFE = {"shown", "plain", "block", "joined", "stacked"}
READS_MARKUP = {"from_markup", "from_rich_text", "from_text"}


@pytest.mark.parametrize(
    "made", [plain(HOSTILE), shown(HOSTILE).plain, block(HOSTILE), joined(HOSTILE).plain]
)
def test_no_byte_that_a_terminal_acts_on_passes_and_the_text_does(made: str) -> None:
    assert not RAW & set(made)
    assert "[/][@click=app.quit]d" in made


def test_a_block_keeps_its_lines_and_a_line_has_none() -> None:
    assert block("a\r\nb") == "a\nb"
    assert "\n" not in plain("a\nb")


def test_joined_pieces_keep_their_styles() -> None:
    made = joined(shown("Bob", "bold"), " <bob@example.org>")
    assert made.plain == "Bob <bob@example.org>"
    assert [span.style for span in made.spans] == ["bold"]


async def test_a_note_with_markup_in_it_is_shown_as_it_is() -> None:
    app = LookApp()
    async with app.run_test() as pilot:
        app.notify(HOSTILE, title=HOSTILE)
        await pilot.pause()
        note = next(iter(app._notifications))
        assert not note.markup
        assert not RAW & set(note.message + note.title)


class FieldsApp(LookApp):
    def compose(self) -> ComposeResult:
        yield LineField(HOSTILE)
        yield TextField(HOSTILE)


async def test_no_field_takes_a_control_character_from_a_draft_a_fill_or_a_paste() -> None:
    app = FieldsApp()
    async with app.run_test() as pilot:
        line, text = app.query_one(LineField), app.query_one(TextField)
        line.focus()
        await until(pilot, lambda: line.has_focus)
        app.post_message(Paste(HOSTILE))
        await until(pilot, lambda: line.value.count("app.quit") == 2)
        text.focus()
        await until(pilot, lambda: text.has_focus)
        app.post_message(Paste(HOSTILE))
        await until(pilot, lambda: text.text.count("app.quit") == 2)
        assert not RAW & set(line.value + text.text)
        line.fill(HOSTILE)
        text.fill(HOSTILE)
        assert not RAW & set(line.value + text.text)


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_ours(value: ast.expr) -> bool:
    """A literal, or something that made a text safe; a name is followed no further than its annotation."""
    match value:
        case ast.Constant():
            return True
        case ast.Call():
            return _name(value) in MAKES_SAFE | {"Content"} or _name(value).endswith("_content")
        case ast.IfExp():
            return _is_ours(value.body) and _is_ours(value.orelse)
        case _:
            return False


def _is_widget_method(call: ast.Call) -> bool:
    """`widget.update(text)`; a dict's and a set's update are told apart by the name they are called on."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in TAKES_TEXT_METHODS:
        return False
    return not ast.unparse(call.func.value).startswith("self._")


def test_no_source_of_the_terminal_client_reads_markup() -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            _name(node) in READS_MARKUP
            or any(
                word.arg == "markup"
                and not (isinstance(word.value, ast.Constant) and word.value.value is False)
                for word in node.keywords
            )
        )
    ]
    assert found == []


def test_every_text_given_to_a_widget_is_a_literal_or_was_made_safe() -> None:
    found = []
    for path, tree in _modules():
        if path.name in ("safe_text.py", "look.py", "fields.py"):
            continue
        for node in ast.walk(tree):
            values: list[ast.expr] = []
            if isinstance(node, ast.Call) and (_name(node) in TAKES_TEXT or _is_widget_method(node)):
                values = node.args[:1]
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and target.attr in TAKES_TEXT_NAMES
                        and path.parent != SOURCE
                    ):
                        values.append(node.value)
            found += [f"{path.name}:{value.lineno}" for value in values if not _is_ours(value)]
    assert found == []
