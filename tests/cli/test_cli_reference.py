"""What the command line promises: its page in docs, its exit codes, its speed, its doors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shinbox import errors
from shinbox.cli import demo
from shinbox.cli.commands import COMMANDS, EXIT_CODES, Command, Entry, beginning_with, find
from shinbox.cli.reference import reference
from shinbox.cli.running import main, parser
from shinbox.jmap.endpoint import Endpoint

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_about_the_command_line_is_what_the_program_does() -> None:
    assert DOCS.read_text("utf-8") == reference(), "run: python -m shinbox.cli.reference > docs/cli.md"


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.words)
def test_every_command_is_documented_with_every_option(entry: Entry) -> None:
    _, _, section = DOCS.read_text("utf-8").partition(f"\n## shinbox {entry.words}\n")
    section = section.partition("\n## ")[0]
    assert entry.summary in section
    command = entry.load()
    if isinstance(command, Command):
        for action in parser(entry, command)._actions:
            if "--help" not in action.option_strings:
                assert action.help, f"{entry.words}: {action.dest} has no help"


def _every_error(cls: type[errors.ShinboxError]) -> set[type[errors.ShinboxError]]:
    return {cls}.union(*(_every_error(below) for below in cls.__subclasses__()))


def test_every_exit_code_of_an_error_is_documented() -> None:
    assert {cls.exit_code for cls in _every_error(errors.ShinboxError)} <= set(EXIT_CODES)


def test_no_option_takes_a_secret_as_its_value() -> None:
    for entry in COMMANDS:
        command = entry.load()
        if not isinstance(command, Command):
            continue
        for action in parser(entry, command)._actions:
            for option in action.option_strings:
                if any(word in option for word in ("password", "secret", "token")):
                    assert action.nargs == 0 or option.endswith("-file"), option


def test_the_longest_command_wins() -> None:
    entry, rest = find(["audit", "verify", "--json"]) or pytest.fail("not found")
    assert (entry.words, rest) == ("audit verify", ["--json"])
    entry, rest = find(["audit", "--json"]) or pytest.fail("not found")
    assert entry.words == "audit"
    assert find(["admin", "user"]) is None
    assert [entry.words for entry in beginning_with(["admin", "user"])][:1] == ["admin user add"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nope"], 2, "“nope” is no command"),
        (["\x1b]52;c;eA==\x07"], 2, "␛]52"),
        (["admin", "user"], 2, "admin user add"),
        (["--desk"], 7, "--desk needs a value"),
        (["--desk", "ftp://x", "mailboxes"], 7, "is no desk's address"),
        (["mailboxes", "--desk", "unix:/nowhere/desk.sock"], 6, "/nowhere/desk.sock"),
        (["--desk", "unix:/nowhere/desk.sock"], 2, "shinbox needs a terminal"),
        (["mailboxes", "--token-file", "/nowhere"], 2, "/nowhere cannot be read: No such file or directory."),
        (
            ["mailboxes", "--desk", "https://127.0.0.1:1"],
            6,
            "127.0.0.1 cannot be reached (Connection refused)",
        ),
        (["list"], 2, "MAILBOX"),
        (["explain", "bob", "support@", "fly", "--desk", "unix:/nowhere"], 2, "is no action"),
        (["admin", "account", "set", "support@", "--undo-seconds", "-3"], 2, "--undo-seconds: give seconds"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    out, err = capsys.readouterr()
    assert (out, said in err, "Traceback" in err, "\x1b" in err) == ("", True, False, False)


@pytest.mark.parametrize("words", ["serve", "admin init", "admin grant add"])
def test_help_names_the_command_as_it_is_typed(words: str) -> None:
    command = [sys.executable, "-m", "shinbox", *words.split(), "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.startswith(f"usage: shinbox {words} [-h]")


def test_help_for_the_desk_names_no_option_that_only_a_program_says() -> None:
    ran = subprocess.run([sys.executable, "-m", "shinbox", "serve", "--help"], capture_output=True, text=True)
    assert re.findall(r"^  (--[\w-]+)", ran.stdout, re.M) == ["--config", "--data", "--socket"]


def test_a_desk_that_was_made_is_started_where_it_is(tmp_path: Path) -> None:
    data, config = tmp_path / "my desk", tmp_path / "desk.toml"
    config.write_text("")
    words = ["admin", "init", "--data", str(data), "--config", str(config), "--admin", "ada"]
    command = [sys.executable, "-m", "shinbox", *words, "--password-stdin"]
    ran = subprocess.run(command, input="correct horse", capture_output=True, text=True, check=True)
    assert ran.stdout.endswith(f". Start it: shinbox serve --config {config} --data '{data}'\n")


def test_who_is_nobody_in_the_demo_is_told_who_there_is() -> None:
    desk = demo.DemoDesk(Endpoint(socket=Path("/nowhere")), [("bob", "answers"), ("ada", "administers")], "x")
    with pytest.raises(errors.InvalidArguments, match="“eve” is none of the demo's people: bob, ada"):
        demo._terminal(desk, "eve")


def test_a_crash_leaves_a_private_log_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("as an example")

    monkeypatch.setattr("shinbox.cli.running.find", broken)
    assert main(["mailboxes"]) == 70
    err = capsys.readouterr().err
    [log] = (tmp_path / "shinbox").iterdir()
    assert str(log) in err and "Traceback" not in err
    assert "as an example" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_command_imports_no_screen_and_no_desk() -> None:
    script = (
        "import sys; from shinbox.cli import main; main(['mailboxes', '--desk', 'unix:/nowhere']);"
        "print(*sorted({name.split('.')[0] for name in sys.modules} | "
        "{'.'.join(name.split('.')[:2]) for name in sys.modules if name.startswith('shinbox.')}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    imported = set(run.stdout.split())
    heavy = {"textual", "rich", "starlette", "uvicorn", "sqlite3", "httpcore", "anyio", "ssl", "platformdirs"}
    assert "shinbox.jmap" in imported
    assert imported & (heavy - {"ssl", "platformdirs"}) == set()
    assert not {"shinbox.desk", "shinbox.mime", "shinbox.tui"} & imported
