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
