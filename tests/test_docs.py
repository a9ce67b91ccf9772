"""Every command in README.md and docs/ works: run in a scratch folder, or held against what it names.

A command that none of the checks below knows fails the test: whoever writes one down adds how it is checked.
What docs/cli.md says of the commands is checked by tests/cli/test_cli_reference.py.
"""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shinbox.cli.commands import Command, find
from shinbox.cli.running import parser
from shinbox.desk import __main__ as desk_program
from shinbox.desk import config
from shinbox.desk.service import KEY_NAME
from shinbox.terms import LEVEL_RIGHTS, Level
from shinbox.tui.screens.main import MainScreen

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DATA = config.Config().data_folder
OWN_MACHINE = ("/etc/", "/var/", "/usr/local/", "/opt/")


def blocks(page: Path) -> list[str]:
    """The fenced sh blocks of a page."""
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def commands(block: str) -> Iterator[str]:
    """The commands of a block, one by one: lines joined, remarks and `&&` taken out."""
    for line in block.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        yield from (part.strip() for part in line.split("&&") if part.strip())


EVERY_COMMAND = sorted({command for page in PAGES for block in blocks(page) for command in commands(block)})


def unit() -> dict[str, str]:
    """The service's settings."""
    found = configparser.RawConfigParser(strict=True, interpolation=None)
    found.optionxform = str  # type: ignore[method-assign,assignment]  # systemd's names keep their case
    found.read(ROOT / "packaging" / "shinbox.service")
    return dict(found["Service"])


# --- one check a program --------------------------------------------------------------------------------


def check_make(words: list[str]) -> None:
    for target in words[1:]:
        known = subprocess.run(
            ["make", "--dry-run", "--no-print-directory", target], cwd=ROOT, capture_output=True, check=False
        )
        assert known.returncode == 0, f"make {target}: {known.stderr.decode()}"


def check_shinbox(words: list[str]) -> None:
    """The command's own parser takes these words."""
    found = find(words[1:])
    assert found, f"{' '.join(words)}: no such command"
    entry, rest = found
    command = entry.load()
    if isinstance(command, Command):
        parser(entry, command).parse_args(rest)
    else:
        assert entry.words in ("admin init", "serve"), f"how is {entry.words} checked?"
        desk_program._parser().parse_args([entry.words.split()[-1], *rest])


def check_runuser(words: list[str]) -> None:
    assert words[1:4] == ["-u", unit()["User"], "--"], "as the service's user"
    check(words[4:])


def check_useradd(words: list[str]) -> None:
    assert words[-1] == unit()["User"]
    assert words[words.index("--home-dir") + 1] == str(DATA)


def check_group(words: list[str]) -> None:
    """The group is the one that the installed configuration and the unit name."""
    named = words[-1] if words[0] == "groupadd" else words[words.index("-aG") + 1]
    assert f"SupplementaryGroups={named}" in (ROOT / "packaging" / "shinbox.service").read_text()


def check_systemctl(words: list[str]) -> None:
    assert words[1] in ("daemon-reload", "enable", "restart", "stop", "start")
    assert words[1] == "daemon-reload" or words[-1] == "shinbox"


def check_ln(words: list[str]) -> None:
    """What is linked is what `make` puts there and the unit starts."""
    assert words[2] == unit()["ExecStart"].split()[0]
    assert words[2].endswith(".venv/bin/shinbox")


def check_credential(words: list[str]) -> None:
    source, sealed = words[2:4]
    assert source == str(DATA / KEY_NAME)
    line = f"LoadCredentialEncrypted={KEY_NAME}:{sealed}"
    assert line in (ROOT / "packaging" / "shinbox.service").read_text()


def check_shred(words: list[str]) -> None:
    assert words[-1] == str(DATA / KEY_NAME)


def check_sqlite(words: list[str]) -> None:
    assert words[1] == str(config.Config().database) and words[2].startswith(".backup ")


def check_rsync(words: list[str]) -> None:
    assert words[2] == f"{config.Config().blobs}/"


def check_apt(words: list[str]) -> None:
    """Only what makes `make` work, which fetches the rest itself, or what the backup is made with."""
    assert words[1] == "install"
    assert set(words[2:]) in ({"python3-venv", "make", "git"}, {"sqlite3", "rsync"})


def check_clone(words: list[str]) -> None:
    assert words[1] == "clone" and unit()["ExecStart"].startswith(words[3])


def check_cd(words: list[str]) -> None:
    assert unit()["ExecStart"].startswith(words[1])


def check_by_running(words: list[str]) -> None:
    """Run for real in test_the_installation_…, on a scratch folder."""


def check_tool(words: list[str]) -> None:
    """A module of ours that is there."""
    assert words[1] == "-m" and (ROOT / f"{words[2].replace('.', '/')}.py").exists()


CHECKS: dict[str, Callable[[list[str]], None]] = {
    ".venv/bin/python": check_tool,
    "apt": check_apt,
    "cd": check_cd,
    "git": check_clone,
    "groupadd": check_group,
    "install": check_by_running,
    "ln": check_ln,
    "make": check_make,
    "printf": check_by_running,
    "rsync": check_rsync,
    "runuser": check_runuser,
    "sed": check_by_running,
    "shinbox": check_shinbox,
    "shred": check_shred,
    "sqlite3": check_sqlite,
    "systemctl": check_systemctl,
    "systemd-creds": check_credential,
    "useradd": check_useradd,
    "usermod": check_group,
}


def check(words: list[str]) -> None:
    """Hold one command against what it names."""
    assert words[0] in CHECKS, f"{' '.join(words)}: say in CHECKS how this is checked"
    CHECKS[words[0]](words)


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_command_in_the_documentation_is_one_that_works(command: str) -> None:
    check(shlex.split(command))


def test_the_readme_begins_with_its_two_commands() -> None:
    assert list(commands(blocks(ROOT / "README.md")[0])) == ["make demo", "make test"]


def test_the_readme_installs_on_a_server_in_ten_lines() -> None:
    assert len(blocks(ROOT / "README.md")[1].splitlines()) <= 10


@pytest.mark.parametrize("page", ["README.md", "docs/admin-guide.md"])
def test_the_installation_leaves_a_configuration_and_a_unit_that_fit_together(
    page: str, tmp_path: Path
) -> None:
    """Its file commands are run as they stand, with another root and without owners."""
    [block] = [one for one in blocks(ROOT / page) if "packaging/desk.toml" in one]
    for folder in ("etc/systemd/system", "var/lib", "usr/local/bin", "opt"):
        (tmp_path / folder).mkdir(parents=True)
    ran = [command for command in commands(block) if CHECKS[shlex.split(command)[0]] is check_by_running]
    assert len(ran) >= 4
    for command in ran:
        here = re.sub(r"-[og] shinbox ", "", command)
        for prefix in OWN_MACHINE:
            here = re.sub(rf"(?<![\w.]){prefix}", f"{tmp_path}{prefix}", here)
        subprocess.run(["/bin/sh", "-eu", "-c", here], cwd=ROOT, check=True)
    data = tmp_path / str(DATA).lstrip("/")
    assert data.is_dir() and data.stat().st_mode & 0o077 == 0
    made = config.load(tmp_path / str(config.DEFAULT_FILE).lstrip("/"))
    service = (tmp_path / "etc/systemd/system/shinbox.service").read_text()
    assert made.socket.group and f"\nSupplementaryGroups={made.socket.group}\n" in service
    assert Path(made.socket.path).parent == Path("/run") / unit()["RuntimeDirectory"]


def test_what_the_pages_point_to_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_screenshot_was_made_by_the_program() -> None:
    picture = (ROOT / "docs" / "shinbox.svg").read_text("utf-8")
    assert picture.lstrip().startswith("<svg") and "support@halden.example" in picture.replace("&#160;", " ")


def test_the_architecture_names_every_room_and_none_that_is_gone() -> None:
    table = re.findall(r"^\| (`.+?) \|", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.MULTILINE)
    named = {room.rstrip("/") for cell in table for room in re.findall(r"`([^`]+)`", cell)}
    source = ROOT / "src" / "shinbox"
    there = {str(path.parent.relative_to(source)) for path in source.rglob("__init__.py")} - {"."}
    assert named == there | {"terms.py"}


def test_the_architecture_names_every_part_of_the_main_screen() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    told = re.findall(r"`([a-z_]+)`", page.partition("## The main screen\n")[2].partition("\n## ")[0])
    of_screens = [part for part in MainScreen.__mro__ if part.__module__.startswith("shinbox.tui.screens.")]
    parts = {part.__module__.rpartition(".")[2] for part in of_screens} - {"main"}
    assert sorted(told) == sorted(parts)


def test_the_words_give_each_level_the_rights_that_it_has() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (.*may.*) \|$", (ROOT / "docs" / "terms.md").read_text("utf-8"), re.MULTILINE
    )
    told = {level: set(re.findall(r"\bmay[A-Z]\w+", rights)) for level, rights in rows if level in set(Level)}
    below: frozenset[str] = frozenset()
    for level, rights in LEVEL_RIGHTS.items():
        assert told[level] == rights - below, level
        below = rights
