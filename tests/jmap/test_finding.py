"""Which desks are meant: named ones, else the configuration, else a socket that is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shinbox.errors import ConfigError
from shinbox.jmap.endpoint import SYSTEM_SOCKET, Endpoint
from shinbox.jmap.finding import KnownDesk, find_desk, find_desks, is_found

Configure = Callable[[str], None]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "config" / "shinbox" / "config.toml"
    file.parent.mkdir(parents=True)
    return lambda text: (file.write_text(text), None)[1]


def names(desks: list[KnownDesk]) -> list[tuple[str, str]]:
    return [(desk.name, str(desk.endpoint)) for desk in desks]


def test_what_is_named_comes_first_then_the_environment(configure: Configure) -> None:
    configure('desk = "unix:/c"')
    environ = {"SHINBOX_DESK": "unix:/b"}
    assert names(find_desks(["unix:/a"], environ)) == [("/a", "unix:/a")]
    assert names(find_desks([], environ)) == [("/b", "unix:/b")]
    assert names(find_desks([], {})) == [("/c", "unix:/c")]


def test_then_a_desk_of_ones_own_that_runs_and_else_none(configure: Configure, tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert find_desks([], environ) == []
    assert find_desk(None, environ) == Endpoint(socket=SYSTEM_SOCKET), "what the error names"
    own = tmp_path / "shinbox" / "desk.sock"
    own.parent.mkdir()
    own.touch()
    assert find_desk(None, environ) == Endpoint(socket=own)


def test_a_command_that_is_told_no_desk_finds_the_first_alone(configure: Configure) -> None:
    first, second = Endpoint(socket=Path("/a")), Endpoint.parse("ssh://host")
    configure('desks = ["unix:/a", "ssh://host"]')
    assert is_found(first, {}) and not is_found(second, {})
    assert is_found(second.through(Path("/tmp/s")), {"SHINBOX_DESK": "ssh://host"})
    configure("desks = 7")
    assert not is_found(first, {})


def test_a_list_of_desks_is_named_after_their_hosts(configure: Configure) -> None:
    configure('desks = ["unix:/run/shinbox/desk.sock", "ssh://mia@north:2222", "https://jmap.example"]')
    assert names(find_desks([], {})) == [
        ("this machine", "unix:/run/shinbox/desk.sock"),
        ("north", "ssh://mia@north:2222"),
        ("jmap.example", "https://jmap.example/"),
    ]


def test_a_table_of_desks_names_them_and_a_name_stands_for_its_address(configure: Configure) -> None:
    configure('desk = "work"\n[desks]\nhome = "unix:/h"\nwork = "ssh://work.example"')
    assert names(find_desks([], {})) == [("work", "ssh://work.example"), ("home", "unix:/h")]
    assert names(find_desks(["home"], {})) == [("home", "unix:/h")]
    assert str(find_desk(None, {})) == "ssh://work.example", "a command talks with the first"


def test_each_desk_is_there_once_and_equal_names_become_addresses(configure: Configure) -> None:
    twice = ["ssh://a@host", "ssh://a@host", "ssh://b@host"]
    assert names(find_desks(twice, {})) == [
        ("ssh://a@host", "ssh://a@host"),
        ("ssh://b@host", "ssh://b@host"),
    ]


@pytest.mark.parametrize(
    "text", ["desk = 7", "desks = [7]", "desks = 7", 'desk = "ftp://x"', "[desks]\na = 1", "desk = "]
)
def test_a_configuration_that_cannot_be_used_names_its_file(configure: Configure, text: str) -> None:
    configure(text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        find_desks([], {})
