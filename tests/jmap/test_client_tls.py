"""Other JMAP servers, over TLS: verified, or not at all."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from shinbox.errors import DeskUnreachable
from shinbox.jmap.client import Client, Endpoint
from tests.jmap.tiny_server import Reply, Request, tiny_server
from tests.servers.certificates import make_certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def server_side(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    return context


async def test_a_server_with_a_trusted_certificate_is_talked_to(
    certificates: Path, server_side: ssl.SSLContext, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    async with tiny_server(tmp_path, server_side) as server:
        endpoint = Endpoint.parse(f"https://localhost:{server.port}")
        async with Client(endpoint, "tok", tls=trusting) as client:
            assert (await client.session()).username == "bob"
        assert server.requests[0].headers["host"] == f"localhost:{server.port}"


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    server_side: ssl.SSLContext, tmp_path: Path
) -> None:
    async with tiny_server(tmp_path, server_side) as server:
        async with Client(Endpoint.parse(f"https://localhost:{server.port}"), "tok") as client:
            with pytest.raises(DeskUnreachable, match="certificate"):
                await client.session()
        assert server.requests == []


async def test_the_token_does_not_follow_a_redirect_to_another_server(
    certificates: Path, server_side: ssl.SSLContext, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    async with tiny_server(tmp_path, server_side) as home, tiny_server(tmp_path, server_side) as other:

        async def moved(request: Request) -> Reply:
            return Reply(status=302, headers={"Location": f"https://localhost:{other.port}/.well-known/jmap"})

        home.on("/.well-known/jmap", moved)
        async with Client(Endpoint.parse(f"https://localhost:{home.port}"), "tok", tls=trusting) as client:
            await client.session()
        assert "authorization" in home.requests[0].headers
        assert "authorization" not in other.requests[0].headers
