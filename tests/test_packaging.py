"""What is installed beside the program: the service unit keeps what the desk relies on."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from shinbox.cli.commands import COMMANDS
from shinbox.desk.service import END_SECONDS

PACKAGING = Path(__file__).parents[1] / "packaging"


class Unit(configparser.RawConfigParser):
    """A unit file: names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def service() -> dict[str, str]:
    unit = Unit(strict=True, interpolation=None)
    unit.read(PACKAGING / "shinbox.service")
    return dict(unit["Service"])


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
