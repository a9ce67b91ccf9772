"""What is installed: the wheel holds all that the program needs, the unit keeps what the desk relies on.

No wheel is built (its backend comes from the network): its files are laid out as pyproject.toml says.
"""

from __future__ import annotations

import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from shinbox import __version__
from shinbox.cli.commands import COMMANDS
from shinbox.desk.service import END_SECONDS

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
LOCKS = ("requirements.txt", "requirements-dev.txt")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with what the wheel holds, far from the source tree."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    for package in wheel["packages"]:
        shutil.copytree(
            ROOT / package, tmp_path / Path(package).name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for source, target in wheel["force-include"].items():
        shutil.copytree(ROOT / source, tmp_path / target)
    return tmp_path


def told(installed: Path, code: str) -> str:
    """What the installed program says."""
    code = f"import sys; sys.path.insert(0, {str(installed)!r})\n{code}"
    ran = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=installed
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_what_is_installed_says_its_version(installed: Path) -> None:
    assert told(installed, "from shinbox.cli import main; main(['--version'])") == f"shinbox {__version__}"


def test_what_is_installed_has_its_themes_its_styles_and_its_database(installed: Path) -> None:
    code = """
from importlib.resources import files
from shinbox.desk.store.migrations import SCRIPTS
from shinbox.tui.themes import load_themes, packaged_folder
print(packaged_folder(), len(load_themes([packaged_folder()]).loaded))
print(len(SCRIPTS), (files("shinbox.tui") / "main.tcss").is_file())
"""
    themes = len(list((ROOT / "themes").glob("*.toml")))
    scripts = len(list((ROOT / "src/shinbox/desk/store/sql").glob("*.sql")))
    assert told(installed, code) == f"{installed / 'shinbox' / 'themes'} {themes}\n{scripts} True"


class Unit(configparser.RawConfigParser):
    """A unit file: names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def service() -> dict[str, str]:
    unit = Unit(strict=True, interpolation=None)
    unit.read(PACKAGING / "shinbox.service")
    return dict(unit["Service"])


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def named(lines: Iterable[str]) -> set[str]:
    """The libraries that requirements name."""
    return {re.split(r"[^A-Za-z0-9_-]", line, maxsplit=1)[0].lower() for line in lines if line[:1].isalpha()}


def imported() -> set[str]:
    """What the source imports that is neither its own nor Python's."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "src").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    tops = {name.partition(".")[0] for name in names}
    return tops - {"shinbox", "_typeshed"} - sys.stdlib_module_names


def test_every_library_that_the_source_imports_is_asked_for_by_name() -> None:
    asked = named(project()["dependencies"]) | named(project()["optional-dependencies"]["images"])
    of = packages_distributions()
    assert {name: of[name] for name in imported() if not {each.lower() for each in of[name]} & asked} == {}


def test_every_library_that_is_asked_for_is_locked() -> None:
    locked = {file: named((ROOT / file).read_text("utf-8").splitlines()) for file in LOCKS}
    optional = project()["optional-dependencies"]
    assert named(project()["dependencies"]) <= locked["requirements.txt"]
    assert named([*optional["dev"], *optional["images"]]) <= locked["requirements-dev.txt"]


def test_people_keep_their_uids(service: dict[str, str]) -> None:
    """With PrivateUsers= every agent would be uid 65534."""
    assert "PrivateUsers" not in service


def test_the_service_is_hardened(service: dict[str, str]) -> None:
    wanted = {
        "User": "shinbox",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "StateDirectoryMode": "0700",
        "UMask": "0077",
        "SystemCallFilter": "@system-service",
    }
    assert {name: service.get(name) for name in wanted} == wanted


KNOWN = {
    "Unit": {"Description", "Documentation", "After", "Wants"},
    "Service": {
        *(
            "Type",
            "ExecStart",
            "User",
            "Group",
            "Restart",
            "RestartSec",
            "KillMode",
            "TimeoutStopSec",
            "UMask",
        ),
        *("RuntimeDirectory", "RuntimeDirectoryMode", "StateDirectory", "StateDirectoryMode"),
        *("ConfigurationDirectory", "LimitNOFILE", "LimitCORE", "TasksMax", "NoNewPrivileges"),
        *("CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem", "ProtectHome", "PrivateTmp"),
        *("PrivateDevices", "ProtectClock", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules"),
        *("ProtectKernelTunables", "ProtectControlGroups", "ProtectProc", "LockPersonality", "RemoveIPC"),
        *("RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "RestrictAddressFamilies"),
        *("SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"),
    },
    "Install": {"WantedBy"},
}
"""The directives of systemd.unit, systemd.service, systemd.exec, systemd.kill and systemd.resource-control
that the unit uses: systemd ignores an unknown one with a warning, and what it was to forbid is allowed."""


def test_every_directive_is_one_that_systemd_knows() -> None:
    unit = Unit(strict=True, interpolation=None)
    unit.read(PACKAGING / "shinbox.service")
    assert {name: set(unit[name]) for name in unit.sections()} == KNOWN


def test_systemd_itself_finds_no_fault_where_there_is_one_to_ask(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    text = (PACKAGING / "shinbox.service").read_text("utf-8")
    assert "ExecStart=/opt/shinbox/.venv/bin/shinbox serve" in text
    copy = tmp_path / "shinbox.service"
    copy.write_text(text.replace("/opt/shinbox/.venv/bin/shinbox", sys.executable), "utf-8")
    if program is not None:
        ran = subprocess.run(
            [program, "verify", "--man=no", str(copy)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        about_us = [line for line in ran.stderr.splitlines() if "shinbox.service" in line]
        assert about_us == []


def test_a_crash_writes_no_key_to_the_disk(service: dict[str, str]) -> None:
    assert service["LimitCORE"] == "0"


def test_a_hundred_mailboxes_have_threads_enough(service: dict[str, str]) -> None:
    """Each has three, a fourth while its first sync reads ahead; front has some forty."""
    assert int(service["TasksMax"]) > 100 * 4 + 100


def test_no_secret_is_handed_over_by_the_environment(service: dict[str, str]) -> None:
    assert not {"Environment", "EnvironmentFile", "PassEnvironment"} & service.keys()


def test_systemd_waits_longer_than_the_desk_takes_to_end(service: dict[str, str]) -> None:
    assert int(service["TimeoutStopSec"]) > 2 * END_SECONDS


def test_the_guide_names_no_command_that_does_not_exist() -> None:
    guide = (PACKAGING.parent / "docs" / "admin-guide.md").read_text("utf-8")
    known = {entry.words for entry in COMMANDS}
    first = {words.split()[0] for words in known}
    used = re.findall(r"\bshinbox ((?:[a-z]+ ?)+)", guide)
    used = [phrase.strip() for phrase in used if phrase.split()[0] in first]
    assert len(used) > 8
    assert [p for p in used if not any(p == k or p.startswith(k + " ") for k in known)] == []


def test_the_guide_shows_every_step_that_the_desk_refuses_to_start_without() -> None:
    guide = (PACKAGING.parent / "docs" / "admin-guide.md").read_text("utf-8")
    for step in (
        "-m 0700 /var/lib/shinbox",
        "admin init --admin ada --unix-name ada",
        "enable --now shinbox",
    ):
        assert step in guide
