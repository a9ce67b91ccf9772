"""Where the client looks for a desk, and which addresses it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.errors import ConfigError, DeskProtocolError
from shinbox.jmap.client import Endpoint


@pytest.mark.parametrize("text", ["unix:/run/x.sock", "/run/x.sock", "unix:///run/x.sock"])
def test_a_socket_is_named_by_its_path(text: str) -> None:
    assert Endpoint.parse(text) == Endpoint(socket=Path("/run/x.sock"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "unix:desk.sock",
        "ftp://host",
        "https://",
        "http://example.org",
        "https://u:p@host",
        "https://h:x",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        Endpoint.parse(text)


def test_the_environment_comes_first(tmp_path: Path) -> None:
    environ = {"SHINBOX_DESK": "unix:/a", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert Endpoint.default(environ) == Endpoint(socket=Path("/a"))


def test_then_the_configuration_then_a_desk_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = tmp_path / "shinbox" / "desk.sock"
    own.parent.mkdir()
    own.touch()
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert Endpoint.default(environ) == Endpoint(socket=own)
    assert Endpoint.default({}) == Endpoint(socket=Path("/run/shinbox/desk.sock"))
    config = tmp_path / "config" / "shinbox" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('desk = "https://mail.example.org"')
    assert Endpoint.default(environ) == Endpoint(url="https://mail.example.org/")
    config.write_text("desk = 7")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        Endpoint.default(environ)


def test_over_a_socket_only_the_path_of_a_url_counts() -> None:
    desk = Endpoint(socket=Path("/a"))
    for url in ("/jmap/?x=1", "http://elsewhere/jmap/?x=1"):
        target = desk.target(url)
        assert (target.socket, target.host, target.path) == (Path("/a"), "desk", "/jmap/?x=1")


def test_a_server_cannot_lead_us_out_of_tls() -> None:
    server = Endpoint.parse("https://mail.example.org")
    assert server.session_url() == "https://mail.example.org/.well-known/jmap"
    assert server.target("/api").tls
    with pytest.raises(DeskProtocolError):
        server.target("http://mail.example.org/api")


def test_an_address_with_a_path_is_the_session_itself() -> None:
    assert Endpoint.parse("https://h/jmap/session").session_url() == "https://h/jmap/session"
